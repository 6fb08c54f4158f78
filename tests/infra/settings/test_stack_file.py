import json
from pathlib import Path

import pytest

from infra.settings.findings import SettingsError
from infra.settings.stack_file import read_config, stack_names
from tests.samples import ROOT


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "stacks").mkdir()
    return tmp_path


def write(root: Path, content: str | bytes, stack: str = "test") -> None:
    data = content if isinstance(content, bytes) else content.encode()
    (root / "stacks" / f"Pulumi.{stack}.yaml").write_bytes(data)


def error_of(root: Path, stack: str = "test") -> SettingsError:
    with pytest.raises(SettingsError) as error:
        read_config(root, stack)
    assert error.value.file == f"stacks/Pulumi.{stack}.yaml"
    return error.value


def test_a_configuration_is_text_by_key_and_objects_are_json(root: Path) -> None:
    write(root, 'config:\n  aws:region: eu-central-1\n  a:flag: true\n  platform: {name: x, n: 1.0, m: ["1.36"]}\n')
    assert read_config(root, "test") == {
        "aws:region": "eu-central-1",
        "a:flag": "true",
        "elastic-spark:platform": '{"m":["1.36"],"n":1,"name":"x"}',
    }


@pytest.mark.parametrize(
    ("content", "where", "found"),
    [
        ("", "(file)", "an empty file"),
        ("- a\n- b\n", "(file)", "a list"),
        ("just text", "(file)", "a str"),
        (bytes(range(256)), "(file)", "bytes that are not text"),
        ("config:\n\taws:region: x\n", "line 2, column 1", "cannot start any token"),
        ("config:\n  a:b: 1\n  a:b: 2\n", "line 3, column 3", "the key a:b for the second time"),
        ("config:\n", "config", "nothing"),
        ("config: [1]\n", "config", "[1]"),
        ("config: {a:b: 1}\nother: 1\n", "other", "an unknown key"),
        ("config: {a:b: 1}\nenvironment: [dev]\n", "environment", "an unknown key"),
        ("config:\n  a:b: {c: [{secure: xyz}]}\n", "a:b.c[0]", "an encrypted value"),
        ("config:\n  platform: {}\n  elastic-spark:platform: {}\n", "config.platform", "the same key twice"),
        ("config:\n  a:b:c: 1\n", "config.a:b:c", "a key of more than two parts"),
    ],
)
def test_a_file_that_is_no_stack_file_gives_one_clear_error(
    root: Path, content: str | bytes, where: str, found: str
) -> None:
    write(root, content)
    (finding,) = error_of(root).findings
    assert finding.path == where
    assert found in finding.found


def test_a_missing_file_names_the_stacks_that_there_are(root: Path) -> None:
    write(root, "config: {}", "other")
    assert error_of(root, "nobody").findings[0].allowed == "a stack that has one, such as other"


def test_a_file_of_megabytes_is_not_read(root: Path) -> None:
    write(root, "# " + "x" * 2**20 + "\nconfig: {}\n")
    assert error_of(root).findings[0].found == "more than 1 MiB"


def test_a_link_to_nothing_is_told_as_one(root: Path) -> None:
    (root / "stacks" / "Pulumi.test.yaml").symlink_to(root / "gone")
    assert error_of(root).findings[0].found == "a link to nothing"


def test_what_the_engine_writes_into_the_file_is_ignored(root: Path) -> None:
    write(root, "config: {aws:region: x}\nencryptionsalt: v1:abc\nsecretsprovider: awskms://alias/x\n")
    assert read_config(root, "test") == {"aws:region": "x"}


def test_only_stack_files_are_stacks(root: Path) -> None:
    for name in ("Pulumi.b.yaml", "Pulumi.a.yaml", "Pulumi.yaml", "schema.json", "Pulumi.c.yml"):
        (root / "stacks" / name).write_text("")
    assert stack_names(root) == ["a", "b"]


@pytest.mark.parametrize("stack", stack_names(ROOT))
def test_a_sample_names_the_schema_and_is_valid_by_it(stack: str) -> None:
    import jsonschema

    from fleet.formats.schema import stack_file_schema
    from infra.settings.yaml_reader import read_yaml

    text = (ROOT / "stacks" / f"Pulumi.{stack}.yaml").read_text()
    assert text.startswith("# yaml-language-server: $schema=schema.json\n")
    jsonschema.Draft202012Validator(stack_file_schema()).validate(read_yaml(text))


def test_published_schemas_are_current() -> None:
    from fleet.formats.schema import (
        CHECK_SCHEMA,
        PREVIEW_SCHEMA,
        STACK_SCHEMA,
        check_schema,
        preview_schema,
        stack_file_schema,
        written,
    )

    assert (ROOT / STACK_SCHEMA).read_text() == written(stack_file_schema()), "run make schema"
    assert (ROOT / PREVIEW_SCHEMA).read_text() == written(preview_schema()), "run make schema"
    assert (ROOT / CHECK_SCHEMA).read_text() == written(check_schema()), "run make schema"
    assert json.loads((ROOT / STACK_SCHEMA).read_text())["$defs"]["AwsPlatform"]["additionalProperties"] is False
