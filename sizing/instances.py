"""Facts and prices of EC2 instance types, read from the packaged data file and from nowhere else.

The file (`data/instances.json`) is dated and holds one instance type a line; its header says where each part comes
from. `fleet.commands.refresh_instances` rebuilds it from the AWS API; docs/sizing.md says how.
"""

import datetime
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from importlib.resources import files
from typing import Final

from sizing.values import Json

FORMAT: Final = 1
"""Version of the data file's layout."""


class UnknownInstanceType(LookupError):
    """No instance type of that name is in the data file; `remedy` says what there is."""

    def __init__(self, name: str) -> None:
        close = get_close_matches(name[:100], CATALOG.instances, n=3)
        hint = f"did you mean {' or '.join(close)}?" if close else "no known type has a like name."
        self.name = name
        self.remedy = (
            f"{hint} {len(CATALOG.instances)} are known as of {DATA_DATE}; docs/sizing.md says how to refresh them"
        )
        super().__init__(f"unknown instance type {name[:100]!r}: {self.remedy}")


@dataclass(frozen=True, slots=True)
class InstanceType:
    """What EC2's DescribeInstanceTypes says of one type; nominal figures, before anything is reserved."""

    name: str
    """As EC2 spells it: `m7g.4xlarge`."""
    vcpu: int
    """Default vCPUs: threads on Intel, cores on Graviton."""
    memory_mib: int
    """Nominal memory in MiB; a node shows less (see `sizing.nodes.real_memory`)."""
    architecture: str
    """`amd64` or `arm64`, as in the node label kubernetes.io/arch."""
    hypervisor: str
    """`nitro` on every type kept: prefix delegation needs it."""
    enis: int
    """Network interfaces on the default network card: the pods' addresses come from these."""
    ips_per_eni: int
    """IPv4 addresses per interface, its own included."""
    network_baseline_gbps: float
    """Guaranteed bandwidth of the default network card, Gbit/s."""
    network_burst_gbps: float
    """Peak bandwidth of the default network card, Gbit/s; equal to the baseline where there is no burst."""
    nvme_disks: int
    """Instance-store NVMe disks; 0 for EBS only."""
    nvme_gb: int
    """All of them together, in decimal GB; 0 for EBS only."""
    encrypts_in_transit: bool
    """Whether the hardware encrypts what goes to another instance that does so too, in one VPC."""

    @property
    def family(self) -> str:
        """`m7g` of `m7g.4xlarge`."""
        return self.name.partition(".")[0]

    @property
    def generation(self) -> int:
        """7 of `m7g.4xlarge`. ValueError when the family has no number."""
        number = re.search(r"\d+", self.family)
        if number is None:
            raise ValueError(f"instance type {self.name!r} has no generation in its family's name")
        return int(number[0])


@dataclass(frozen=True)
class Catalog:
    """The data file as values."""

    date: datetime.date
    """Day of the instance facts."""
    source: str
    """Where the file comes from."""
    currency: str
    """Of every price: USD."""
    instances: Mapping[str, InstanceType]
    """By name, sorted."""
    price_dates: Mapping[str, datetime.date]
    """Day of each region's on-demand prices: the regions with prices."""
    on_demand: Mapping[str, Mapping[str, Decimal]]
    """Linux on-demand price an hour, by region and instance type; a type not sold or not known there is absent."""
    unit_prices: Mapping[str, Mapping[str, Decimal]]
    """Other unit prices, by name and region; a region whose price is not known is absent."""


def instance(name: str) -> InstanceType:
    """The instance type of that name; `UnknownInstanceType`, with close matches, when the data file has none."""
    try:
        return CATALOG.instances[name]
    except KeyError:
        raise UnknownInstanceType(name) from None


def load(text: str) -> Catalog:
    """The catalog written in `text`; ValueError when it is not a data file of this format."""
    try:
        data = json.loads(text)
        if data["format"] != FORMAT:
            raise ValueError(f"format {data['format']}, expected {FORMAT}")
        regions = list(data["priceDates"])
        rows = data["instances"]
        return Catalog(
            date=datetime.date.fromisoformat(data["date"]),
            source=data["source"],
            currency=data["currency"],
            instances={name: _instance(name, row) for name, row in rows.items()},
            price_dates={region: datetime.date.fromisoformat(day) for region, day in data["priceDates"].items()},
            on_demand={
                region: {name: Decimal(row["usd"][i]) for name, row in rows.items() if row["usd"][i] is not None}
                for i, region in enumerate(regions)
            },
            unit_prices={
                name: {region: Decimal(price) for region, price in prices.items()}
                for name, prices in data["unitPrices"].items()
            },
        )
    except (KeyError, IndexError, TypeError, AttributeError, ArithmeticError, ValueError) as error:
        raise ValueError(f"not a data file of instance types: {type(error).__name__}: {error}") from error


def render(catalog: Catalog) -> str:
    """The data file of a catalog, such that `load(render(catalog)) == catalog`: sorted, one instance type a line."""
    regions = sorted(catalog.price_dates)
    header = {
        "format": FORMAT,
        "date": catalog.date.isoformat(),
        "source": catalog.source,
        "currency": catalog.currency,
        "priceDates": {region: catalog.price_dates[region].isoformat() for region in regions},
    }
    lines = [f"{json.dumps(key)}: {json.dumps(value)}," for key, value in header.items()]
    lines += ['"unitPrices": {', _rows({name: _plain(prices) for name, prices in catalog.unit_prices.items()}), "},"]
    rows = {
        name: {**_row(item), "usd": [_number(catalog.on_demand[region].get(name)) for region in regions]}
        for name, item in catalog.instances.items()
    }
    lines += ['"instances": {', _rows(rows), "}"]
    return "{\n" + "\n".join(lines) + "\n}\n"


def _instance(name: str, row: Mapping[str, Json]) -> InstanceType:
    baseline, burst = row["networkGbps"]
    disks, gigabytes = row["nvme"]
    return InstanceType(
        name=name,
        vcpu=row["vcpu"],
        memory_mib=row["memoryMiB"],
        architecture=row["arch"],
        hypervisor=row["hypervisor"],
        enis=row["enis"],
        ips_per_eni=row["ipsPerEni"],
        network_baseline_gbps=float(baseline),
        network_burst_gbps=float(burst),
        nvme_disks=disks,
        nvme_gb=gigabytes,
        encrypts_in_transit=row["encryptsInTransit"],
    )


def _row(item: InstanceType) -> dict[str, object]:
    return {
        "vcpu": item.vcpu,
        "memoryMiB": item.memory_mib,
        "arch": item.architecture,
        "hypervisor": item.hypervisor,
        "enis": item.enis,
        "ipsPerEni": item.ips_per_eni,
        "networkGbps": [item.network_baseline_gbps, item.network_burst_gbps],
        "nvme": [item.nvme_disks, item.nvme_gb],
        "encryptsInTransit": item.encrypts_in_transit,
    }


def _rows(rows: Mapping[str, object]) -> str:
    return ",\n".join(f"{json.dumps(key)}: {json.dumps(rows[key], separators=(',', ':'))}" for key in sorted(rows))


def _plain(prices: Mapping[str, Decimal]) -> dict[str, str | None]:
    return {region: _number(prices[region]) for region in sorted(prices)}


def _number(price: Decimal | None) -> str | None:
    """A price as text, so that it stays exact, without trailing zeros."""
    return None if price is None else f"{price.normalize():f}"


CATALOG: Final = load(files("sizing").joinpath("data", "instances.json").read_text(encoding="utf-8"))
DATA_DATE: Final = CATALOG.date
"""Day of the instance facts."""
