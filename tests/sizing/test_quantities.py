import pytest
from hypothesis import given
from hypothesis import strategies as st

from sizing.quantities import format_bytes, format_cpu, parse_bytes, parse_cpu


@pytest.mark.parametrize(
    ("text", "millicores"),
    [("500m", 500), ("1.5", 1500), ("0", 0), ("4", 4000), (".5", 500), ("1.", 1000), ("2e3m", None), ("1e1", 10000)],
)
def test_cpu_is_read_in_millicores(text: str, millicores: int | None) -> None:
    if millicores is None:
        with pytest.raises(ValueError, match="not a Kubernetes quantity"):
            parse_cpu(text)
    else:
        assert parse_cpu(text) == millicores


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("10Gi", 10 * 2**30),
        ("1.5Gi", 3 * 2**29),
        ("128974848", 128974848),
        ("129e6", 129_000_000),
        ("129M", 129_000_000),
        ("128974848000m", 128974848),
        ("123Mi", 123 * 2**20),
        ("1E", 10**18),
        ("1E3", 1000),
        ("8Ei", 2**63),
        ("+1k", 1000),
    ],
)
def test_bytes_are_read_exactly(text: str, count: int) -> None:
    assert parse_bytes(text) == count


@pytest.mark.parametrize("text", ["", " 1", "1 Gi", "1gi", "-1", "1KB", "Gi", ".", "1,5", "1e", "٣", "1Gi\n", "0x10"])
def test_what_kubernetes_would_not_read_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a Kubernetes quantity, such as"):
        parse_bytes(text)


def test_fractions_finer_than_the_unit_are_refused() -> None:
    with pytest.raises(ValueError, match=r"'0\.0001' is not a whole number of millicores"):
        parse_cpu("0.0001")
    with pytest.raises(ValueError, match=r"'1500m' is not a whole number of bytes"):
        parse_bytes("1500m")
    with pytest.raises(ValueError, match="whole number of bytes"):
        parse_bytes("1000000000000000000.0000000000000000001")


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0"), (1000, "1000"), (1024, "1Ki"), (3 * 2**29, "1536Mi"), (2**60, "1Ei")]
)
def test_bytes_are_written_with_the_largest_exact_suffix(count: int, text: str) -> None:
    assert format_bytes(count) == text


def test_whole_cores_are_written_without_the_suffix() -> None:
    assert (format_cpu(4000), format_cpu(3920), format_cpu(0)) == ("4", "3920m", "0")


def test_negative_amounts_are_not_written() -> None:
    with pytest.raises(ValueError, match="-1 is negative"):
        format_cpu(-1)
    with pytest.raises(ValueError, match="-1 is negative"):
        format_bytes(-1)


@given(st.integers(0, 2**63))
def test_what_is_written_is_read_back_the_same(value: int) -> None:
    assert parse_bytes(format_bytes(value)) == value
    assert parse_cpu(format_cpu(value)) == value
