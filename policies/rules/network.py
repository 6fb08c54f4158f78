"""Rules for networks: who gets in from outside, and what a queue's pods may reach."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from policies.model import Resource, Severity, Stack, Violation, resource_rule, stack_rule
from policies.rules.data import CLUSTERS
from policies.rules.queues import RELEASE, queue_namespaces
from policies.values import Json, Properties

ANYWHERE: Final = frozenset({"0.0.0.0/0", "::/0"})
CLUSTER_COMPONENT: Final = "elastic-spark:cluster:Cluster"
INTERNAL_MARKS: Final[Mapping[str, str]] = {
    "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal",
    "service.beta.kubernetes.io/aws-load-balancer-internal": "true",
}
"""Annotations of a Service that keep its load balancer off the internet.

Source: https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/#lb-scheme
"""


@resource_rule(
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    "aws:ec2/securityGroupRule:SecurityGroupRule",
    "aws:ec2/securityGroup:SecurityGroup",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    *CLUSTERS,
    severity=Severity.CRITICAL,
    remedy="Name the networks that need to get in.",
)
def nothing_is_open_to_the_internet(resource: Resource) -> Iterator[str]:
    """No security group and no API endpoint lets the whole internet in.

    Whatever listens there is found within hours.
    """
    props = resource.props
    if "cidrIpv4" in props or "cidrIpv6" in props:
        ranges = [props.get("cidrIpv4"), props.get("cidrIpv6")]
    elif resource.type == "aws:ec2/securityGroupRule:SecurityGroupRule":
        ingress = props.get("type") == "ingress"
        ranges = [*(props.get("cidrBlocks") or ()), *(props.get("ipv6CidrBlocks") or ())] if ingress else []
    elif resource.type in CLUSTERS:
        ranges = list(props.get("publicAccessCidrs") or ())
        # EKS opens a public endpoint to everybody where nobody is named.
        if props.get("endpointPublicAccess") and not ranges:
            ranges = ["0.0.0.0/0"]
    else:
        ranges = [
            block
            for rule in props.get("ingress") or ()
            for block in (*(rule.get("cidrBlocks") or ()), *(rule.get("ipv6CidrBlocks") or ()))
        ]
    yield from (f"{block} may come in" for block in sorted(ANYWHERE.intersection(ranges)))


@stack_rule(
    severity=Severity.HIGH,
    remedy="Remove cluster.publicAccessCidrs; deploy from a runner inside the VPC.",
)
def api_endpoint_is_private_in_production(stack: Stack) -> Iterator[Violation]:
    """In production, the cluster's API is reachable from inside the VPC only.

    A list of addresses ages: whoever gets one of them later is let through to the sign-in.
    """
    if stack.production:
        for cluster in stack.of_type(CLUSTER_COMPONENT):
            if cluster.props["publicAccessCidrs"]:
                yield Violation(f"open to {', '.join(cluster.props['publicAccessCidrs'])}", cluster.urn)


@stack_rule(
    severity=Severity.CRITICAL,
    remedy="Let components/queue.py make the queue; it denies by default and then allows.",
)
def queue_denies_traffic_by_default(stack: Stack) -> Iterator[Violation]:
    """Every queue's namespace has a network policy that denies all traffic of all its pods.

    Without it a pod that no other policy selects reaches every queue, and the nodes' metadata service.
    """
    denied = {
        policy.props["metadata"]["namespace"]
        for policy in stack.known("kubernetes:networking.k8s.io/v1:NetworkPolicy")
        if _denies_all(policy.props["spec"])
    }
    for namespace in queue_namespaces(stack):
        if namespace.props["metadata"]["name"] not in denied:
            yield Violation(f"{namespace.props['metadata']['name']} has none", namespace.urn)


@resource_rule(
    "kubernetes:core/v1:Service",
    "aws:lb/loadBalancer:LoadBalancer",
    "aws:alb/loadBalancer:LoadBalancer",
    "aws:elb/loadBalancer:LoadBalancer",
    RELEASE,
    severity=Severity.CRITICAL,
    remedy="Make it internal, or use a port-forward.",
)
def no_public_load_balancer(resource: Resource) -> Iterator[str]:
    """Nothing stands behind a public load balancer.

    The platform's pages and APIs have no sign-in of their own that would stand the internet.
    """
    if resource.type.startswith("aws:"):
        if resource.props.get("internal") is not True:
            yield "internal is not true"
    elif resource.type == RELEASE:
        yield from _public_services(resource.props.get("values"), "values")
    elif resource.props["spec"].get("type") == "LoadBalancer":
        annotations = resource.props["metadata"].get("annotations") or {}
        if not _is_internal(annotations):
            yield f"service {resource.props['metadata'].get('name')} is public"


def _denies_all(spec: Mapping[str, Json]) -> bool:
    everybody = not (spec.get("podSelector") or {})
    both = set(spec.get("policyTypes") or ()) == {"Egress", "Ingress"}
    return everybody and both and not spec.get("ingress") and not spec.get("egress")


def _is_internal(annotations: Mapping[str, str]) -> bool:
    return any(annotations.get(key) == value for key, value in INTERNAL_MARKS.items())


def _public_services(value: Json, path: str) -> Iterator[str]:
    """Where a chart's values ask for a Service of type LoadBalancer that isn't internal."""
    if isinstance(value, Properties):
        if value.get("type") == "LoadBalancer" and not _is_internal(value.get("annotations") or {}):
            yield path
        for key, item in value.known_items():
            yield from _public_services(item, f"{path}.{key}")
