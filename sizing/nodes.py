"""What a node offers: nominal -> real -> allocatable -> usable, by the rules of EKS's AL2023 nodes (nodeadm).

Every rule errs on the side of the smaller node, so that what fills a computed node also fits a real one; docs/sizing.md
has the rules in a table with the evidence. Upstream: awslabs/amazon-eks-ami v20260724, where not said otherwise.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sizing.instances import InstanceType
from sizing.quantities import GIB, MIB, format_bytes, format_cpu

IPS_PER_PREFIX: Final = 16
"""Addresses of the /28 prefix that takes a secondary address's place (EKS's max-pods-calculator.sh, v20240703)."""
HOST_NETWORK_PODS: Final = 2
"""Pods on the host's network, which EKS's formula adds: aws-node and kube-proxy (nodeadm, CalcMaxPods)."""
MANY_VCPUS: Final = 30
"""Above so many vCPUs the higher ceiling of pods holds (max-pods-calculator.sh: `-gt 30`)."""
MAXIMUM_PODS_FEW_VCPUS: Final = 110
MAXIMUM_PODS_MANY_VCPUS: Final = 250
"""Ceilings of pods per node (max-pods-calculator.sh)."""

CPU_RESERVED: Final = ((0, 1000, 600), (1000, 2000, 100), (2000, 4000, 50), (4000, None, 25))
"""kube-reserved cpu: (from, to, hundredths of a percent) in millicores (nodeadm, getCPUMillicoresToReserve)."""
MEMORY_RESERVED_MIB: Final = 255
MEMORY_RESERVED_PER_POD_MIB: Final = 11
"""kube-reserved memory (nodeadm, getMemoryMebibytesToReserve)."""
MEMORY_EVICTION: Final = 100 * MIB
"""evictionHard memory.available (nodeadm, defaultKubeletSubConfig); the kubelet takes it off allocatable."""
STORAGE_RESERVED: Final = GIB
"""kube-reserved ephemeral-storage (nodeadm, withDefaultReservedResources)."""
STORAGE_EVICTION_PER_1E9: Final = 100_000_002
"""evictionHard nodefs.available 10 % (nodeadm), which the kubelet keeps as a 32-bit float: a little more than 10 %."""

OVERHEAD_BASE_MIB: Final = 300
OVERHEAD_PER_10K: Final = 475
"""Gap between nominal and real memory: under 300 MiB + 4.75 % on each of the 522 Nitro types that Karpenter measured
in 2023 (aws/karpenter-provider-aws 15e87699c and 33450d8f8, zz_generated.memory_overhead.go), by 61 MiB at least."""
MEASURED_GENERATION: Final = 7
OVERHEAD_UNMEASURED_PER_10K: Final = 750
"""Later generations weren't measured: Karpenter's default of 7.5 % for what it doesn't know, where that is more
(VM_MEMORY_OVERHEAD_PERCENT)."""

ROOT_OVERHEAD: Final = 128 * MIB
"""Boot partitions and XFS log of the root volume: 76 MiB on AL2023 (node status of 20 GiB volumes: 20893676Ki)."""
RAID_OVERHEAD_PERCENT: Final = 1
"""mdadm's data offset and the XFS log of a RAID 0 (their defaults stay under 0.5 % from 50 GB on; inferred)."""

AUTOSCALER_KUBE_PROXY_MILLICORES: Final = 100
"""kubernetes/autoscaler 1.36.1, cloudprovider/utils.go: KubeProxyCpuRequestMillis."""


@dataclass(frozen=True, slots=True)
class Resources:
    """Amounts of a node's resources. Adding, subtracting and multiplying by a count go field by field."""

    cpu: int = 0
    """Millicores."""
    memory: int = 0
    """Bytes."""
    ephemeral_storage: int = 0
    """Bytes."""
    pods: int = 0

    def __add__(self, other: "Resources") -> "Resources":
        return Resources(
            self.cpu + other.cpu,
            self.memory + other.memory,
            self.ephemeral_storage + other.ephemeral_storage,
            self.pods + other.pods,
        )

    def __sub__(self, other: "Resources") -> "Resources":
        return self + other * -1

    def __mul__(self, count: int) -> "Resources":
        return Resources(self.cpu * count, self.memory * count, self.ephemeral_storage * count, self.pods * count)

    __rmul__ = __mul__

    def fits_in(self, other: "Resources") -> bool:
        """Whether no field exceeds the other's."""
        return (
            self.cpu <= other.cpu
            and self.memory <= other.memory
            and self.ephemeral_storage <= other.ephemeral_storage
            and self.pods <= other.pods
        )


@dataclass(frozen=True, slots=True)
class DaemonSetOverhead:
    """What one DaemonSet's pod requests on every node."""

    name: str
    cpu: int
    """Millicores."""
    memory: int
    """Bytes."""
    ephemeral_storage: int = 0
    """Bytes."""

    @property
    def resources(self) -> Resources:
        return Resources(self.cpu, self.memory, self.ephemeral_storage, pods=1)


def max_pods(instance: InstanceType, *, prefix_delegation: bool = True) -> int:
    """Pods that EKS recommends at most on one node: addresses of the default network card, and never above the ceiling.

    nodeadm knows neither prefix delegation nor the ceilings: with prefix delegation the number must be given to it, as
    `spec.kubelet.maxPodsExpression` (a number is a valid expression), else it takes `eni_max_pods`.
    """
    addresses = instance.ips_per_eni - 1
    per_eni = addresses * IPS_PER_PREFIX if prefix_delegation and instance.hypervisor == "nitro" else addresses
    ceiling = MAXIMUM_PODS_MANY_VCPUS if instance.vcpu > MANY_VCPUS else MAXIMUM_PODS_FEW_VCPUS
    return min(instance.enis * per_eni + HOST_NETWORK_PODS, ceiling)


def eni_max_pods(instance: InstanceType) -> int:
    """Pods that nodeadm sets when told nothing: one address each, without a ceiling (CalcMaxPods)."""
    return instance.enis * (instance.ips_per_eni - 1) + HOST_NETWORK_PODS


def real_memory(instance: InstanceType) -> int:
    """Bytes of memory that a node will show at least (`status.capacity.memory`, MemTotal), in whole MiB.

    The firmware, the hypervisor and the kernel's page structures take the rest. An upper bound of their share is taken
    off: 300 MiB + 4.75 %, and for generations that nobody measured at least 7.5 %.
    """
    nominal = instance.memory_mib
    overhead = OVERHEAD_BASE_MIB + _share(nominal, OVERHEAD_PER_10K)
    if instance.generation > MEASURED_GENERATION:
        overhead = max(overhead, _share(nominal, OVERHEAD_UNMEASURED_PER_10K))
    return max(nominal - overhead, 0) * MIB


def storage_capacity(instance: InstanceType, root_volume_gib: int, *, raid0: bool = True) -> int:
    """Bytes of the file system under /var/lib/kubelet and /var/lib/containerd.

    With local storage as RAID 0 (nodeadm `instance.localStorage.strategy: RAID0`) that is the array of all NVMe disks
    on types that have them; otherwise the root volume.
    """
    if raid0 and instance.nvme_disks:
        return instance.nvme_gb * 10**9 * (100 - RAID_OVERHEAD_PERCENT) // 100
    return root_volume_gib * GIB - ROOT_OVERHEAD


def allocatable(
    instance: InstanceType,
    max_pods: int,
    root_volume_gib: int,
    *,
    reserved_for_pods: int | None = None,
    raid0: bool = True,
    memory_capacity: int | None = None,
) -> Resources:
    """What Kubernetes offers of a node; memory and storage in whole MiB, rounded down.

    max_pods: the kubelet's, see `max_pods`.
    root_volume_gib: size of the root volume.
    reserved_for_pods: pods that nodeadm reserves memory for. It takes them from `maxPodsExpression`, or else from the
        interfaces; a `maxPods` in the kubelet's own configuration changes the limit and not the reservation: pass
        `eni_max_pods` then. Default: max_pods, right with `maxPodsExpression`.
    raid0: instance-store disks carry the kubelet's and containerd's state (see `storage_capacity`).
    memory_capacity: bytes of a real node's `status.capacity.memory`, where known; default `real_memory`.

    Raises ValueError when nothing is left of a resource.
    """
    pods = max_pods if reserved_for_pods is None else reserved_for_pods
    memory = real_memory(instance) if memory_capacity is None else memory_capacity
    storage = storage_capacity(instance, root_volume_gib, raid0=raid0)
    result = Resources(
        cpu=instance.vcpu * 1000 - reserved_cpu(instance.vcpu * 1000),
        memory=_whole_mib(memory - reserved_memory(pods) - MEMORY_EVICTION),
        ephemeral_storage=_whole_mib(storage - STORAGE_RESERVED - eviction_storage(storage)),
        pods=max_pods,
    )
    if not Resources(1, 1, 1, 1).fits_in(result):
        raise ValueError(
            f"nothing is left of a node of {instance.name} with {max_pods} pods and a root volume of {root_volume_gib} "
            f"GiB after the kubelet's share: {_describe(result)}"
        )
    return result


def reserved_cpu(millicores: int) -> int:
    """Millicores that nodeadm reserves for the system: 6 % of the first core, 1 % of the second, 0.5 % of the next two,
    0.25 % of the rest."""
    return sum(
        (min(millicores, end or millicores) - start) * share // 10_000
        for start, end, share in CPU_RESERVED
        if millicores > start
    )


def reserved_memory(pods: int) -> int:
    """Bytes that nodeadm reserves for the system: 255 MiB and 11 MiB for each pod of the limit."""
    return (MEMORY_RESERVED_MIB + MEMORY_RESERVED_PER_POD_MIB * pods) * MIB


def eviction_storage(capacity: int) -> int:
    """Bytes that the kubelet keeps free of a file system of that capacity: 10 %, rounded up."""
    return -(-capacity * STORAGE_EVICTION_PER_1E9 // 10**9)


def usable(allocatable: Resources, daemonsets: Iterable[DaemonSetOverhead]) -> Resources:
    """What executors can fill: allocatable less one pod of each DaemonSet.

    Raises ValueError, with the list, when nothing is left.
    """
    overheads = list(daemonsets)
    result = sum((overhead.resources * -1 for overhead in overheads), start=allocatable)
    if not Resources(1, 1, 0, 1).fits_in(result):
        listed = ", ".join(f"{o.name} {format_cpu(o.cpu)}/{format_bytes(o.memory)}" for o in overheads)
        raise ValueError(f"the node's {_describe(allocatable)} leave nothing beside its DaemonSets: {listed}")
    return result


def scale_from_zero_resources(allocatable: Resources) -> Resources:
    """What a group's `node-template/resources/...` tags must say, so that a node-filling pod scales it from zero.

    cluster-autoscaler takes the tags for allocatable and puts on its template, besides the DaemonSets that it sees, a
    kube-proxy of its own: one pod with 100m cpu. Both are added here.
    """
    return allocatable + Resources(cpu=AUTOSCALER_KUBE_PROXY_MILLICORES, pods=1)


def _share(value: int, per_10k: int) -> int:
    return -(-value * per_10k // 10_000)


def _whole_mib(count: int) -> int:
    return count // MIB * MIB


def _describe(amount: Resources) -> str:
    return (
        f"{amount.cpu}m cpu, {amount.memory // MIB} MiB memory, {amount.ephemeral_storage // MIB} MiB ephemeral "
        f"storage, {amount.pods} pods"
    )
