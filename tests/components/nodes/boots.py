"""The boot facts of a platform that no stack file describes."""

from __future__ import annotations

from components.nodes.boot import NodeBoot

BOOT = NodeBoot(
    platform="prod",
    kubernetes_version="1.36",
    ami_release="v20261110",
    endpoint="https://api.example.com",
    certificate_authority="Y2E=",
    service_cidr="172.20.0.0/16",
    instance_profile="prod-node",
    security_group_ids=("sg-1",),
    volume_key_arn=None,
    startup_taints=(),
)
