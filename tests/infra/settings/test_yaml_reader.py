import pytest

from infra.settings.yaml_reader import YamlError, read_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7:30", "7:30"),
        ("on", "on"),
        ("yes", "yes"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("", None),
        ("''", ""),
        ("'017'", "017"),
        ('"1.36"', "1.36"),
        ("1.36", 1.36),
        ("1e3", 1000),
        ("4.0", 4),
        ("-0", 0),
        ("1e400", "1e400"),
        ("nan", "nan"),
        ("10.0.0.0/16", "10.0.0.0/16"),
        ("9223372036854775807", 9223372036854775807),
        ("[a, ~, 1]", ["a", None, 1]),
        ("{1: a, true: b, on: c}", {"1": "a", "true": "b", "on": "c"}),
        ("{x: &z {b: 1, c: 2}, y: {<<: *z, c: 3}}", {"x": {"b": 1, "c": 2}, "y": {"b": 1, "c": 3}}),
    ],
)
def test_values_are_read_as_the_engine_reads_them(text: str, value: object) -> None:
    assert read_yaml(f"a: {text}\n") == {"a": value}


@pytest.mark.parametrize(
    "text",
    [
        "0123",
        "012345678901",
        "08",
        "0x1F",
        "0o17",
        "0b1",
        "1_000",
        "2026-11-22",
        "2026-11-22T10:00:00Z",
        ".inf",
        ".nan",
    ],
)
def test_values_that_the_engine_would_change_are_refused_with_the_remedy(text: str) -> None:
    with pytest.raises(YamlError, match="in quotes") as error:
        read_yaml(f"a: {text}\n")
    assert error.value.where == "line 1, column 4"


@pytest.mark.parametrize(
    ("text", "where", "problem"),
    [
        ("a: 1\na: 2", "line 2, column 1", "the key a for the second time"),
        ("{1: a, '1': b}", "line 1, column 8", "the key 1 for the second time"),
        ("a:\n\tb: 1", "line 2, column 1", "cannot start any token"),
        ("a: !!str 17", "line 1, column 4", "the tag"),
        ("a: !Ref x", "line 1, column 4", "the tag !Ref"),
        ("a: &x [*x]", "line 1, column 4", "nesting without end"),
        ("a: 1\n---\nb: 2", "line 2, column 1", "another document"),
        ("%YAML 1.2\n---\na: 1", "line 1, column 1", "a YAML directive"),
        ("? [a]\n: 1", "line 1, column 3", "as a key"),
        ("<<: 3", "line 1, column 5", "a merge"),
        ("a: *nobody", "line 1, column 4", "undefined alias"),
        ("a: [1, 2", "line 1, column 9", "expected"),
        ("a: 9223372036854775808", "line 1, column 4", "9223372036854775808"),
        ("a: \x00", "(file)", "special characters"),
        ('a: "\\ud800"', "line 1, column 4", "half of a character"),
        ("[" * 5000, "line 1, column 65", "nesting without end"),
        ("{a: " * 900, "line 1, column 257", "nesting without end"),
    ],
)
def test_what_is_not_one_plain_document_is_refused_where_it_stands(text: str, where: str, problem: str) -> None:
    with pytest.raises(YamlError) as error:
        read_yaml(text)
    assert error.value.where == where
    assert problem in error.value.problem


def test_an_empty_document_is_nothing() -> None:
    assert read_yaml("# only a comment\n") is None


def test_aliases_of_aliases_do_not_multiply_without_end() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    with pytest.raises(YamlError, match="values without end"):
        read_yaml("\n".join(lines))


def test_tabs_are_named_as_what_is_wrong() -> None:
    with pytest.raises(YamlError, match="indented by spaces, not tabs"):
        read_yaml("a:\n\tb: 1")
