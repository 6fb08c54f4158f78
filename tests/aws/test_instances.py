"""Facts of instance types against what EC2 answered to moto's maintainers."""

from __future__ import annotations

from typing import Any

from moto.ec2.models.instance_types import INSTANCE_TYPES

from sizing.instances import CATALOG, InstanceType

MACHINES = {"amd64": "x86_64", "arm64": "arm64"}


def facts(item: dict[str, Any]) -> tuple[object, ...]:
    network = item["NetworkInfo"]
    card = next(c for c in network["NetworkCards"] if c["NetworkCardIndex"] == network["DefaultNetworkCardIndex"])
    disks = item.get("InstanceStorageInfo", {})
    return (
        item["VCpuInfo"]["DefaultVCpus"],
        item["MemoryInfo"]["SizeInMiB"],
        item["Hypervisor"],
        card["MaximumNetworkInterfaces"],
        network["Ipv4AddressesPerInterface"],
        card["BaselineBandwidthInGbps"],
        card["PeakBandwidthInGbps"],
        sum(disk["Count"] for disk in disks.get("Disks", ())),
        disks.get("TotalSizeInGB", 0),
        network["EncryptionInTransitSupported"],
    )


def ours(item: InstanceType) -> tuple[object, ...]:
    return (
        item.vcpu,
        item.memory_mib,
        item.hypervisor,
        item.enis,
        item.ips_per_eni,
        item.network_baseline_gbps,
        item.network_burst_gbps,
        item.nvme_disks,
        item.nvme_gb,
        item.encrypts_in_transit,
    )


def test_facts_of_every_type_are_those_of_ec2() -> None:
    different = {
        name: (ours(item), facts(INSTANCE_TYPES[name]))
        for name, item in CATALOG.instances.items()
        if ours(item) != facts(INSTANCE_TYPES[name])
        or MACHINES[item.architecture] not in INSTANCE_TYPES[name]["ProcessorInfo"]["SupportedArchitectures"]
    }
    assert not different
