"""HTTPS from networks into a security group."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import pulumi
import pulumi_aws as aws

HTTPS: Final = 443


def let_in_https(name: str, group: aws.ec2.SecurityGroup, cidrs: Iterable[str], opts: pulumi.ResourceOptions) -> None:
    """Register a rule for each network that may connect, in their order.

    Args:
        name: with which the rules' names begin.
        group: that lets them in.
        cidrs: of IPv4.
        opts: of each rule.
    """
    for cidr in sorted(cidrs):
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-https-{cidr.replace('.', '-').replace('/', '-')}",
            security_group_id=group.id,
            description=f"HTTPS from {cidr}",
            cidr_ipv4=cidr,
            ip_protocol="tcp",
            from_port=HTTPS,
            to_port=HTTPS,
            opts=opts,
        )
