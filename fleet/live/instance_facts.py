"""Facts and prices of instance types, from the AWS API.

The facts come from EC2's DescribeInstanceTypes, the prices from the Price List Query API (GetProducts). Both need
credentials with `ec2:DescribeInstanceTypes` and `pricing:GetProducts`, and boto3 (the `aws` extra).
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final, Protocol

from fleet.errors import FleetError
from sizing.instances import Catalog, InstanceType
from sizing.values import Json

PRICING_REGION: Final = "us-east-1"
"""The Price List Query API answers for all regions and lives in a few of them only."""
SOURCE: Final = "AWS API: EC2 DescribeInstanceTypes, Price List GetProducts"

KEPT: Final = re.compile(
    r"(?:[cmr]5(?:a|d)?|[cmr]6(?:a|g|gd|gn|i|id|in|idn)|[cmr]7(?:a|g|gd|gn|i|i-flex)|[cmr]8(?:a|g|gd|gn|i|i-flex|id)"
    r"|i3en|i4[gi]|i7ie?|i8ge?|x2(?:idn|iedn)|x8g)\.(?:large|\d*xlarge)"
    r"|t(?:3a?|4g)\.(?:medium|large|2?xlarge)"
)
"""Types worth keeping: general, compute, memory and storage families from generation 5 on, and small burstable ones for
`system` pools of test platforms. No bare metal, no accelerators, no rare variants."""
LEFT_OUT: Final = frozenset({"i7ie.48xlarge", "i8ge.48xlarge"})
"""EC2 and nodeadm's own table disagree about their interfaces (several network cards), hence about reserved memory."""
ARCHITECTURES: Final = {"x86_64": "amd64", "arm64": "arm64"}
"""EC2's names -> kubernetes.io/arch."""


@dataclass(frozen=True)
class _Product:
    """Where the price list has a unit price: service, filters, and the usage type after its region's prefix."""

    service: str
    usage: re.Pattern[str]
    filters: Mapping[str, str]


def _product(service: str, usage: str, **filters: str) -> _Product:
    return _Product(service, re.compile(rf"(?:[A-Z0-9]+-)?{usage}"), filters)


UNIT_PRICES: Final[Mapping[str, _Product]] = {
    "alarm-month": _product("AmazonCloudWatch", "CW:AlarmMonitorUsage", productFamily="Alarm"),
    "eks-cluster-hour": _product("AmazonEKS", "AmazonEKS-Hours:perCluster"),
    "gp3-gb-month": _product("AmazonEC2", r"EBS:VolumeUsage\.gp3", productFamily="Storage", volumeApiName="gp3"),
    "interface-endpoint-hour": _product("AmazonVPC", "VpcEndpoint-Hours", productFamily="VpcEndpoint"),
    # its prefix is the region's name, where others have a code such as EUC1
    "kms-key-month": _product("awskms", "(?:[a-z0-9-]+-)?KMS-Keys", productFamily="Encryption Key"),
    "load-balancer-hour": _product("AWSELB", "LoadBalancerUsage", operation="LoadBalancing:Network"),
    "load-balancer-unit-hour": _product("AWSELB", "LCUUsage", operation="LoadBalancing:Network"),
    "nat-gateway-gb": _product("AmazonEC2", "NatGateway-Bytes", productFamily="NAT Gateway"),
    "nat-gateway-hour": _product("AmazonEC2", "NatGateway-Hours", productFamily="NAT Gateway"),
    "public-ipv4-hour": _product("AmazonVPC", "PublicIPv4:InUseAddress"),
}
ON_DEMAND_FILTERS: Final = {
    "operatingSystem": "Linux",
    "preInstalledSw": "NA",
    "tenancy": "Shared",
    "capacitystatus": "Used",
    "marketoption": "OnDemand",
}


class _Paginator(Protocol):
    def paginate(self, **parameters: object) -> Iterable[Mapping[str, Json]]: ...


class Client(Protocol):
    """What is used of a boto3 client."""

    def get_paginator(self, operation: str, /) -> _Paginator: ...


Clients = Callable[[str, str], Client]
"""(service, region) -> client."""
Progress = Callable[[str], None]


class RefreshError(FleetError):
    """The AWS API could not be asked, or answered with something unexpected; the message is one line."""


@dataclass(frozen=True)
class Changes:
    """Instance types by what happened to their line."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]

    def __str__(self) -> str:
        return f"{len(self.added)} added, {len(self.removed)} removed, {len(self.changed)} changed"


def refresh(old: Catalog, regions: Iterable[str], today: date, clients: Clients, progress: Progress) -> Catalog:
    """The catalog with the facts and prices of `regions` asked anew.

    Other regions keep their prices; a type that no asked region lists is kept while another region has its price.
    A unit price that the price list doesn't name is kept and reported. Raises RefreshError when a region lists nothing.
    """
    asked = list(regions)
    described: dict[str, InstanceType] = {}
    on_demand = dict(old.on_demand)
    unit_prices = {name: dict(old.unit_prices.get(name, {})) for name in UNIT_PRICES}
    pricing = clients("pricing", PRICING_REGION)
    for region in asked:
        here = {item.name: item for item in _described(clients("ec2", region))}
        if not here:
            raise RefreshError(f"{region} lists none of the instance types kept")
        prices = _on_demand(pricing, region)
        progress(f"{region}: {len(here)} instance types, {len(prices)} with a price")
        described = here | described
        on_demand[region] = prices
        for name, product in UNIT_PRICES.items():
            price = _unit_price(pricing, product, region)
            if price is None:
                progress(f"{region}: the price list has no {name}; what the file has is kept")
            else:
                unit_prices[name][region] = price
    elsewhere = {name for region, prices in old.on_demand.items() if region not in asked for name in prices}
    kept = {name: item for name, item in old.instances.items() if name in elsewhere}
    instances = dict(sorted((kept | described).items()))
    return replace(
        old,
        date=today,
        source=SOURCE,
        instances=instances,
        price_dates=dict(old.price_dates) | dict.fromkeys(asked, today),
        on_demand={
            region: {name: prices[name] for name in instances if name in prices} for region, prices in on_demand.items()
        },
        unit_prices=unit_prices,
    )


def compare(old: Catalog, new: Catalog) -> Changes:
    """The instance types whose line a new catalog adds, removes or changes, each sorted."""
    both = old.instances.keys() & new.instances.keys()
    regions = old.on_demand.keys() | new.on_demand.keys()

    def differs(name: str) -> bool:
        return old.instances[name] != new.instances[name] or any(
            old.on_demand.get(region, {}).get(name) != new.on_demand.get(region, {}).get(name) for region in regions
        )

    return Changes(
        added=tuple(sorted(new.instances.keys() - old.instances.keys())),
        removed=tuple(sorted(old.instances.keys() - new.instances.keys())),
        changed=tuple(sorted(filter(differs, both))),
    )


def instance_type(info: Mapping[str, Json]) -> InstanceType | None:
    """One entry of DescribeInstanceTypes, or None when it isn't one to keep."""
    name = info["InstanceType"]
    if not KEPT.fullmatch(name) or name in LEFT_OUT:
        return None
    network = info["NetworkInfo"]
    card = network["NetworkCards"][network["DefaultNetworkCardIndex"]]
    storage = info.get("InstanceStorageInfo", {})
    return InstanceType(
        name=name,
        vcpu=info["VCpuInfo"]["DefaultVCpus"],
        memory_mib=info["MemoryInfo"]["SizeInMiB"],
        architecture=ARCHITECTURES[info["ProcessorInfo"]["SupportedArchitectures"][0]],
        hypervisor=info["Hypervisor"],
        enis=card["MaximumNetworkInterfaces"],
        ips_per_eni=network["Ipv4AddressesPerInterface"],
        network_baseline_gbps=float(card["BaselineBandwidthInGbps"]),
        network_burst_gbps=float(card["PeakBandwidthInGbps"]),
        nvme_disks=sum(disk["Count"] for disk in storage.get("Disks", [])),
        nvme_gb=storage.get("TotalSizeInGB", 0),
        encrypts_in_transit=network["EncryptionInTransitSupported"],
    )


def fetch(old: Catalog, regions: Sequence[str], today: date, progress: Progress) -> Catalog:
    """`refresh` with AWS as boto3 reaches it.

    Raises:
        RefreshError: it can't be asked, or answers with something unexpected.
    """
    try:
        import boto3  # type: ignore[import-untyped]
        from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]
    except ImportError:
        raise RefreshError("boto3 is not installed: make aws") from None
    try:
        session = boto3.Session()
        return refresh(
            old,
            regions,
            today,
            clients=lambda service, region: session.client(service, region_name=region),
            progress=progress,
        )
    except (BotoCoreError, ClientError) as error:
        raise RefreshError(f"AWS: {' '.join(str(error).split())}") from None
    except (LookupError, TypeError, ValueError, ArithmeticError) as error:
        raise RefreshError(f"AWS answered in an unexpected form: {type(error).__name__}: {error}") from error


def _described(ec2: Client) -> Iterator[InstanceType]:
    for page in ec2.get_paginator("describe_instance_types").paginate():
        for info in page["InstanceTypes"]:
            if item := instance_type(info):
                yield item


def _on_demand(pricing: Client, region: str) -> dict[str, Decimal]:
    prices = {}
    for product in _products(pricing, "AmazonEC2", region, ON_DEMAND_FILTERS):
        name = product["product"]["attributes"].get("instanceType", "")
        price = _first_tier(product)
        if KEPT.fullmatch(name) and price:
            prices[name] = price
    return prices


def _unit_price(pricing: Client, wanted: _Product, region: str) -> Decimal | None:
    for product in _products(pricing, wanted.service, region, wanted.filters):
        if wanted.usage.fullmatch(product["product"]["attributes"].get("usagetype", "")):
            return _first_tier(product)
    return None


def _products(pricing: Client, service: str, region: str, filters: Mapping[str, str]) -> Iterator[Mapping[str, Json]]:
    terms = [{"Type": "TERM_MATCH", "Field": k, "Value": v} for k, v in {"regionCode": region, **filters}.items()]
    for page in pricing.get_paginator("get_products").paginate(ServiceCode=service, Filters=terms):
        yield from map(json.loads, page["PriceList"])


def _first_tier(product: Mapping[str, Json]) -> Decimal | None:
    """USD of one unit on demand, at the first tier where there are several; None when there is no such term."""
    for term in product["terms"].get("OnDemand", {}).values():
        for dimension in term["priceDimensions"].values():
            if dimension.get("beginRange", "0") == "0":
                return Decimal(dimension["pricePerUnit"]["USD"])
    return None
