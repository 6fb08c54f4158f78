"""What cases are made of, and the program that has them all."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s
from pulumi import ResourceOptions

KUBECONFIG = json.dumps({"apiVersion": "v1", "kind": "Config", "clusters": []})

Case = Callable[[str, bool], Any]
"""Registers resources as they are before a change, or after it if the second argument is true.

Their names start with the first argument, and they use no other case's.
"""

_cases: dict[str, Case] = {}
CASES: Mapping[str, Case] = MappingProxyType(_cases)
"""The cases by name."""


def case(function: Case) -> Case:
    """Make a function one of the cases, under its own name."""
    _cases[function.__name__] = function
    return function


def program(*, after: bool) -> None:
    """Register all cases."""
    for name, function in _cases.items():
        function(name.replace("_", "-"), after)


class Group(pulumi.ComponentResource):
    """A component of one bucket and, on demand, a component of its own kind."""

    def __init__(
        self,
        name: str,
        opts: ResourceOptions | None = None,
        kind: str = "Group",
        *,
        size: int = 1,
        within: bool = False,
    ) -> None:
        super().__init__(f"elastic-spark:test:{kind}", name, {"size": size}, opts)
        aws.s3.Bucket(f"{name}-bucket", force_destroy=True, opts=ResourceOptions(parent=self))
        if within:
            Group(f"{name}-inner", ResourceOptions(parent=self))
        self.register_outputs({"size": size})


def bucket(name: str, tags: Mapping[str, str] | None = None, **options: Any) -> aws.s3.Bucket:  # noqa: ANN401
    """A bucket with a name of its own in AWS."""
    return aws.s3.Bucket(name, bucket=f"{name}-data", tags=tags, opts=ResourceOptions(**options))


def parameter(name: str, text: pulumi.Input[str], **options: Any) -> aws.ssm.Parameter:  # noqa: ANN401
    """A parameter described by any text; its value would be secret to the SDK, whatever it is."""
    return aws.ssm.Parameter(
        name, name=f"/{name}", type="String", value="x", description=text, opts=ResourceOptions(**options)
    )


def security_group(name: str, blocks: list[str], **options: Any) -> aws.ec2.SecurityGroup:  # noqa: ANN401
    """A security group that lets these address ranges in."""
    return aws.ec2.SecurityGroup(
        name,
        ingress=[{"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_blocks": blocks}],
        opts=ResourceOptions(**options),
    )


def on_kubernetes(name: str) -> ResourceOptions:
    """Options of an object in Kubernetes, with a provider of its own."""
    return ResourceOptions(provider=k8s.Provider(f"{name}-provider", kubeconfig=KUBECONFIG))
