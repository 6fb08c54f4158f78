import json
from importlib.resources import files

import pytest

from sizing.instances import CATALOG, DATA_DATE, UnknownInstanceType, instance, load, render

TEXT = files("sizing").joinpath("data", "instances.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "vcpu", "memory_gib", "architecture", "enis", "ips", "nvme"),
    [
        ("m5.xlarge", 4, 16, "amd64", 4, 15, (0, 0)),
        ("r7g.4xlarge", 16, 128, "arm64", 8, 30, (0, 0)),
        ("i4i.2xlarge", 8, 64, "amd64", 4, 15, (1, 1875)),
        ("m6id.32xlarge", 128, 512, "amd64", 15, 50, (4, 7600)),
        ("t4g.medium", 2, 4, "arm64", 3, 6, (0, 0)),
    ],
)
def test_facts_of_well_known_types(
    name: str, vcpu: int, memory_gib: int, architecture: str, enis: int, ips: int, nvme: tuple[int, int]
) -> None:
    item = instance(name)
    assert (item.vcpu, item.memory_mib, item.architecture) == (vcpu, memory_gib * 1024, architecture)
    assert (item.enis, item.ips_per_eni, (item.nvme_disks, item.nvme_gb)) == (enis, ips, nvme)


def test_family_and_generation_come_from_the_name() -> None:
    assert (instance("m7i-flex.large").family, instance("m7i-flex.large").generation) == ("m7i-flex", 7)
    assert instance("t3a.medium").generation == 3


def test_every_type_is_complete_and_plausible() -> None:
    assert len(CATALOG.instances) > 300
    for name, item in CATALOG.instances.items():
        assert item.name == name
        assert item.architecture in {"amd64", "arm64"}
        assert item.hypervisor == "nitro"
        assert min(item.vcpu, item.enis, item.ips_per_eni) >= 2
        assert 1024 <= item.memory_mib / item.vcpu <= 64 * 1024
        assert 0 < item.network_baseline_gbps <= item.network_burst_gbps
        assert (item.nvme_disks == 0) == (item.nvme_gb == 0)


def test_an_unknown_type_is_refused_with_close_matches() -> None:
    with pytest.raises(
        UnknownInstanceType, match=r"unknown instance type 'm5\.xlrge': did you mean m5\.xlarge"
    ) as error:
        instance("m5.xlrge")
    assert isinstance(error.value, LookupError)
    assert error.value.name == "m5.xlrge"
    assert str(DATA_DATE) in str(error.value)


def test_a_type_like_no_other_is_refused_too() -> None:
    with pytest.raises(UnknownInstanceType, match="no known type has a like name"):
        instance("?")


def test_the_file_is_what_would_be_written_of_it() -> None:
    assert render(CATALOG) == TEXT
    assert load(TEXT) == CATALOG


def test_the_file_has_one_sorted_line_for_each_type() -> None:
    lines = [line for line in TEXT.splitlines() if '"vcpu"' in line]
    names = [line.split('"')[1] for line in lines]
    assert names == sorted(CATALOG.instances)


@pytest.mark.parametrize("key", ["format", "date", "source", "currency", "priceDates", "unitPrices", "instances"])
def test_a_file_that_lacks_a_part_is_refused(key: str) -> None:
    data = json.loads(TEXT)
    del data[key]
    with pytest.raises(ValueError, match=f"not a data file of instance types: KeyError: '{key}'"):
        load(json.dumps(data))


@pytest.mark.parametrize("text", ["", "[]", "null", '{"format": 2}', "\0", '{"format": 1, "priceDates": 3}'])
def test_a_file_that_is_something_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a data file of instance types"):
        load(text)
