"""What AWS lets an account have unless it asks for more: the service quotas that a fleet can reach, and their defaults.

Names, codes and defaults are AWS's, as of November 2026:

- vCPUs of instances: "Amazon EC2 instance type quotas" of the EC2 Instance Types guide;
- the VPC's: "Amazon VPC quotas" of the VPC user guide; a test compares them with moto's data (`moto/servicequotas`);
- others: "Service endpoints and quotas" of the AWS General Reference; IAM's: "IAM and AWS STS quotas" of its guide.

A default is what AWS documents. What applies to an account may be lower in a new one, and grows with use.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from sizing.arns import partition


@dataclass(frozen=True, kw_only=True)
class Quota:
    """A quota of an AWS service.

    Attributes:
        service: the service's code in Service Quotas, such as `ec2`.
        code: the quota's code there, such as `L-1216C47A`.
        name: its name there.
        default: of an account that has asked for nothing.
        counted: how many of what a stack registers make one unit of the quota: 1,024 GiB of a quota in TiB.
    """

    service: str
    code: str
    name: str
    default: int
    counted: int = 1

    def region(self, region: str) -> str:
        """The region that is asked about it: IAM's quotas are the whole account's, and one region of AWS keeps them.

        Args:
            region: the stack's.
        """
        return IAM_REGIONS[partition(region)] if self.service == "iam" else region


IAM_REGIONS: Final[Mapping[str, str]] = {
    "aws": "us-east-1",
    "aws-cn": "cn-north-1",
    "aws-eusc": "eusc-de-east-1",
    "aws-iso": "us-iso-east-1",
    "aws-iso-b": "us-isob-east-1",
    "aws-iso-e": "eu-isoe-west-1",
    "aws-iso-f": "us-isof-south-1",
    "aws-us-gov": "us-gov-west-1",
}
"""Where IAM is, by partition. Source: botocore's endpoints.json, else partitions.json; the tests compare them."""


def _vcpus(code: str, name: str, default: int = 0) -> Quota:
    return Quota(service="ec2", code=code, name=name, default=default)


_STANDARD: Final = "Standard (A, C, D, H, I, M, R, T, Z)"
_STANDARD_FAMILIES: Final = ("a", "c", "d", "h", "i", "im", "is", "m", "r", "t", "z")
_ON_DEMAND: Final[Mapping[tuple[str, ...], Quota]] = {
    _STANDARD_FAMILIES: _vcpus("L-1216C47A", f"Running On-Demand {_STANDARD} instances", 5),
    ("dl",): _vcpus("L-6E869C2A", "Running On-Demand DL instances"),
    ("f",): _vcpus("L-74FC7D96", "Running On-Demand F instances"),
    ("g", "gr", "vt"): _vcpus("L-DB2E81BA", "Running On-Demand G and VT instances"),
    ("hpc",): _vcpus("L-F7808C92", "Running On-Demand HPC instances"),
    ("inf",): _vcpus("L-1945791B", "Running On-Demand Inf instances"),
    ("p",): _vcpus("L-417A185B", "Running On-Demand P instances"),
    ("trn",): _vcpus("L-2C3B7624", "Running On-Demand Trn instances"),
    ("x",): _vcpus("L-7295265B", "Running On-Demand X instances"),
}
_SPOT: Final[Mapping[tuple[str, ...], Quota]] = {
    _STANDARD_FAMILIES: _vcpus("L-34B43A08", f"All {_STANDARD} Spot Instance Requests", 5),
    ("dl",): _vcpus("L-85EED4F7", "All DL Spot Instance Requests"),
    ("f",): _vcpus("L-88CF9481", "All F Spot Instance Requests"),
    ("g", "gr", "vt"): _vcpus("L-3819A6DF", "All G and VT Spot Instance Requests"),
    ("inf",): _vcpus("L-B5D1601B", "All Inf Spot Instance Requests"),
    ("p2", "p3", "p4"): _vcpus("L-7212CCBC", "All P4, P3 and P2 Spot Instance Requests"),
    ("p5",): _vcpus("L-C4BD4855", "All P5 Spot Instance Requests"),
    ("trn",): _vcpus("L-6B0D517C", "All Trn Spot Instance Requests"),
    ("x",): _vcpus("L-E3A00192", "All X Spot Instance Requests"),
}
ELASTIC_IPS: Final = Quota(service="ec2", code="L-0263D0A3", name="EC2-VPC Elastic IPs", default=5)
VPCS: Final = Quota(service="vpc", code="L-F678F1CE", name="VPCs per Region", default=5)
NAT_GATEWAYS: Final = Quota(service="vpc", code="L-FE5A380F", name="NAT gateways per Availability Zone", default=5)
INTERFACE_ENDPOINTS: Final = Quota(service="vpc", code="L-29B6F2EB", name="Interface VPC endpoints per VPC", default=50)
GATEWAY_ENDPOINTS: Final = Quota(service="vpc", code="L-1B52E74A", name="Gateway VPC endpoints per Region", default=20)
GP3_STORAGE: Final = Quota(
    service="ebs",
    code="L-7A658B76",
    name="Storage for General Purpose SSD (gp3) volumes, in TiB",
    default=50,
    counted=1024,
)
GROUPS: Final = Quota(service="autoscaling", code="L-CDE20ADC", name="Auto Scaling groups per region", default=500)
LAUNCH_TEMPLATES: Final = Quota(service="ec2", code="L-FB451C26", name="Launch templates", default=5000)
CLUSTERS: Final = Quota(service="eks", code="L-1194D53C", name="Clusters", default=100)
ROLES: Final = Quota(service="iam", code="L-FE177D64", name="Roles per account", default=1000)
POLICIES: Final = Quota(service="iam", code="L-E95E4862", name="Customer managed policies per account", default=1500)

QUOTAS: Final = (
    *_ON_DEMAND.values(),
    *_SPOT.values(),
    ELASTIC_IPS,
    GP3_STORAGE,
    VPCS,
    NAT_GATEWAYS,
    INTERFACE_ENDPOINTS,
    GATEWAY_ENDPOINTS,
    GROUPS,
    LAUNCH_TEMPLATES,
    CLUSTERS,
    ROLES,
    POLICIES,
)
"""All of them, those first that a first deployment meets first."""


def vcpu_quota(instance_type: str, capacity: Literal["on-demand", "spot"]) -> Quota:
    """The quota that counts the vCPUs of an instance type, by its family's letters.

    Args:
        instance_type: as EC2 spells it.
        capacity: how it is bought.

    Raises:
        LookupError: none is known.
    """
    for families, quota in (_SPOT if capacity == "spot" else _ON_DEMAND).items():
        if any(_of_family(instance_type, family) for family in families):
            return quota
    raise LookupError(f"no quota is known for the vCPUs of {capacity} {instance_type}")


def _of_family(instance_type: str, family: str) -> bool:
    """Whether the letters are all that come before the generation, or the generation is named too."""
    rest = instance_type.removeprefix(family)
    return rest != instance_type and (family[-1].isdigit() or rest[:1].isdigit())
