"""Rules for networks: who gets in from outside, and what a queue's pods may reach."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_network
from typing import Final

from policies.model import Resource, Severity, Stack, Violation, resource_rule, stack_rule
from policies.rules.data import CLUSTERS
from policies.rules.pools import GROUP, is_retiring, node_label, overrides_of
from policies.rules.queues import RELEASE, annotations_of, queue_namespaces
from policies.values import Properties
from sizing import names
from sizing.instances import CATALOG
from sizing.spark.defaults import ENCRYPTION
from sizing.values import Json

LONGEST_ANYWHERE: Final = {4: 7, 6: 15}
"""Bits of a prefix, by the version of IP, up to which a range is a part of the internet rather than a network; the
largest private one, 10.0.0.0/8, has 8, and no provider has an IPv6 range shorter than 16.

Source: https://www.iana.org/assignments/ipv6-unicast-address-assignments/
"""
AWS_CLUSTER: Final = "aws:eks/cluster:Cluster"
CLUSTER_COMPONENT: Final = "elastic-spark:cluster:Cluster"
INGRESS_RULE: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
API_PORT: Final = 443
NETWORK_POLICY: Final = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
CILIUMS_OWN: Final = (
    "kubernetes:cilium.io/v2:CiliumClusterwideNetworkPolicy",
    "kubernetes:cilium.io/v2:CiliumNetworkPolicy",
)
INGRESS: Final = "kubernetes:networking.k8s.io/v1:Ingress"
CILIUM_SWITCHES: Final = ("enable-policy", "policy-audit-mode")
"""What the chart's `extraConfig` writes into the agent's configuration, past the values of these names.

Source: https://docs.cilium.io/en/v1.19/cmdref/cilium-agent/
"""
PUBLIC_INGRESS: Final = ("alb.ingress.kubernetes.io/scheme", "internet-facing")
"""The annotation by which the load balancer of an Ingress is public.

Source: https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/#scheme
"""
INTERNAL_MARKS: Final[Mapping[str, str]] = {
    "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal",
    "service.beta.kubernetes.io/aws-load-balancer-internal": "true",
}
"""Annotations of a Service that keep its load balancer off the internet.

Source: https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/#lb-scheme
"""


@resource_rule(
    INGRESS_RULE,
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
        endpoint = props.get("vpcConfig") or {} if resource.type == AWS_CLUSTER else props
        ranges = list(endpoint.get("publicAccessCidrs") or ())
        # EKS makes an endpoint public, and opens it to everybody, where nothing else is said.
        if endpoint.get("endpointPublicAccess", True) and not ranges:
            ranges = ["0.0.0.0/0"]
    else:
        ranges = [
            block
            for rule in props.get("ingress") or ()
            for block in (*(rule.get("cidrBlocks") or ()), *(rule.get("ipv6CidrBlocks") or ()))
        ]
    yield from (f"{block} may come in" for block in _anywhere(ranges))


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
        for cluster in stack.of_type(AWS_CLUSTER):
            if cluster.props["vpcConfig"].get("endpointPublicAccess", True):
                yield Violation("endpointPublicAccess is on", cluster.urn)


@stack_rule(
    severity=Severity.HIGH,
    remedy="Choose instance types whose network encrypts, also for drivers, or leave the annotation to the stack.",
)
def traffic_of_jobs_is_encrypted_in_production(stack: Stack) -> Iterator[Violation]:
    """In production, what a job's driver and executors say to each other is encrypted: by the network, or by Spark.

    A shuffle is the data itself.
    """
    if not stack.production:
        return
    groups = stack.known(GROUP)
    for namespace in queue_namespaces(stack):
        name = namespace.props["metadata"]["name"]
        settings = annotations_of(namespace).get(names.SPARK_CONF_ANNOTATION, "").splitlines()
        missing = [line for key, value in ENCRYPTION.items() if (line := f"{key}={value}") not in settings]
        nodes = [group for group in groups if node_label(group, names.QUEUE_LABEL) == name]
        if missing and not (_drivers_encrypt(stack) and nodes and all(map(_network_encrypts, nodes))):
            yield Violation(f"{name}: the network doesn't, and Spark isn't told {', '.join(missing)}", namespace.urn)


def _drivers_encrypt(stack: Stack) -> bool:
    return stack.contract is not None and stack.contract["driver"].get("encryptsInTransit") is True


def _network_encrypts(group: Resource) -> bool:
    known = [CATALOG.instances.get(override.get("instanceType", "")) for override in overrides_of(group)]
    return not is_retiring(group) and bool(known) and all(one is not None and one.encrypts_in_transit for one in known)


@stack_rule(
    remedy="Name networks or security groups of whoever deploys and looks under cluster.privateAccess.",
)
def private_api_endpoint_lets_somebody_in(stack: Stack) -> Iterator[Violation]:
    """Somebody beside the nodes may reach an API endpoint that is inside the VPC only.

    Otherwise the next deployment waits for an answer that never comes, and so does whoever is on call.
    """
    ways_in = [rule for rule in stack.of_type(INGRESS_RULE) if _is_the_clusters(rule) and _may_reach(rule, API_PORT)]
    for cluster in stack.of_type(CLUSTER_COMPONENT):
        if not cluster.props["publicAccessCidrs"] and not ways_in:
            yield Violation("only nodes reach it", cluster.urn)


@stack_rule(
    severity=Severity.CRITICAL,
    remedy="Let components/queue/queue.py make the queue; it denies by default and then allows.",
)
def queue_denies_traffic_by_default(stack: Stack) -> Iterator[Violation]:
    """Every queue's namespace has a network policy that denies all traffic of all its pods.

    Without it a pod that no other policy selects reaches every queue, and the nodes' metadata service.
    """
    denied = {
        policy.props["metadata"]["namespace"]
        for policy in stack.known(NETWORK_POLICY)
        if _denies_all(policy.props["spec"])
    }
    for namespace in queue_namespaces(stack):
        if namespace.props["metadata"]["name"] not in denied:
            yield Violation(f"{namespace.props['metadata']['name']} has none", namespace.urn)


@stack_rule(
    severity=Severity.CRITICAL,
    remedy="Name the pods, and the namespaces, that come in.",
)
def queue_lets_named_pods_in(stack: Stack) -> Iterator[Violation]:
    """A network policy of a queue lets named pods in, not those of every namespace and not the internet.

    Policies add up: one that names nobody undoes every other one of its pods.
    """
    queues = {namespace.props["metadata"]["name"] for namespace in queue_namespaces(stack)}
    for policy in stack.known(NETWORK_POLICY):
        if policy.props["metadata"].get("namespace") in queues:
            yield from (Violation(message, policy.urn) for message in _lets_anybody_in(policy.props["spec"]))
    for policy in stack.known(*CILIUMS_OWN):
        specs = [policy.props.get("spec") or {}, *(policy.props.get("specs") or ())]
        if policy.props["metadata"].get("namespace") in {*queues, None} and any(spec.get("ingress") for spec in specs):
            yield Violation("it lets pods in by a policy of Cilium's own", policy.urn)


@resource_rule(
    RELEASE,
    severity=Severity.CRITICAL,
    remedy="Leave policyEnforcementMode and policyAuditMode of Cilium's chart as they are by default.",
)
def network_policies_are_enforced(chart: Resource) -> Iterator[str]:
    """Cilium enforces network policies.

    Switched off, or with audit on, every policy stays in place and holds nobody back.
    """
    if not str(chart.props["chart"]).rpartition("/")[2].startswith("cilium"):
        return
    values = chart.props.get("values") or {}
    if values.get("policyEnforcementMode", "default") not in ("always", "default"):
        yield f"policyEnforcementMode is {values['policyEnforcementMode']}"
    if values.get("policyAuditMode"):
        yield "policyAuditMode is on"
    if values.get("extraConfig"):
        yield from (f"extraConfig sets {key}" for key in values["extraConfig"] if key in CILIUM_SWITCHES)


@resource_rule(
    "kubernetes:core/v1:Service",
    INGRESS,
    "aws:lb/loadBalancer:LoadBalancer",
    "aws:alb/loadBalancer:LoadBalancer",
    "aws:elb/loadBalancer:LoadBalancer",
    RELEASE,
    severity=Severity.CRITICAL,
    remedy="Make it internal, or use a port-forward.",
)
def no_public_load_balancer(resource: Resource) -> Iterator[str]:
    """Nothing stands behind a public load balancer or an address of its own.

    The platform's pages and APIs have no sign-in of their own that would stand the internet.
    """
    if resource.type.startswith("aws:"):
        if resource.props.get("internal") is not True:
            yield "internal is not true"
    elif resource.type == RELEASE:
        yield from _public_services(resource.props.get("values"), "values")
    elif resource.type == INGRESS:
        annotations = resource.props["metadata"].get("annotations") or {}
        if annotations.get(PUBLIC_INGRESS[0]) == PUBLIC_INGRESS[1]:
            yield f"ingress {resource.props['metadata'].get('name')} is public"
    else:
        metadata, spec = resource.props["metadata"], resource.props["spec"]
        if spec.get("type") == "LoadBalancer" and not _is_internal(metadata.get("annotations") or {}):
            yield f"service {metadata.get('name')} is public"
        if spec.get("externalIPs"):
            yield f"service {metadata.get('name')} takes addresses of its own"


def _anywhere(ranges: Iterable[str | None]) -> list[str]:
    """The ranges that are a part of the internet."""
    networks = (ip_network(one, strict=False) for one in ranges if one)
    return sorted(str(one) for one in networks if one.prefixlen <= LONGEST_ANYWHERE[one.version])


def _is_the_clusters(rule: Resource) -> bool:
    """Whether a rule is of the cluster's component: its security group has no identifier before it is there."""
    return f"::{CLUSTER_COMPONENT}${INGRESS_RULE}::" in rule.urn


def _may_reach(rule: Resource, port: int) -> bool:
    """Whether a rule lets TCP in on a port, as one may of which the engine knows nothing yet."""
    if not rule.props or rule.props["ipProtocol"] == "-1":
        return True
    return rule.props["ipProtocol"] == "tcp" and port in range(rule.props["fromPort"], rule.props["toPort"] + 1)


def _lets_anybody_in(spec: Mapping[str, Json]) -> Iterator[str]:
    for rule in spec.get("ingress") or ():
        if not rule.get("from"):
            yield "a rule lets everybody in"
        for peer in rule.get("from") or ():
            if "ipBlock" in peer:
                yield from (f"{block} may come in" for block in _anywhere([peer["ipBlock"]["cidr"]]))
            elif "namespaceSelector" in peer and not _names_some(peer["namespaceSelector"]):
                yield "a rule lets pods of every namespace in"


def _names_some(selector: Mapping[str, Json]) -> bool:
    """Whether a selector names values; by what a label isn't, or that it is there, it selects what comes later too."""
    expressions = selector.get("matchExpressions") or ()
    return bool(selector.get("matchLabels")) or any(one["operator"] == "In" for one in expressions)


def _denies_all(spec: Mapping[str, Json]) -> bool:
    everybody = not (spec.get("podSelector") or {})
    both = set(spec.get("policyTypes") or ()) == {"Egress", "Ingress"}
    return everybody and both and not spec.get("ingress") and not spec.get("egress")


def _is_internal(annotations: Mapping[str, str]) -> bool:
    return any(annotations.get(key) == value for key, value in INTERNAL_MARKS.items())


def _public_services(value: Json, path: str) -> Iterator[str]:
    """Where a chart's values ask for a Service of type LoadBalancer that isn't internal, or for a public Ingress."""
    if isinstance(value, Properties):
        public_service = value.get("type") == "LoadBalancer" and not _is_internal(value.get("annotations") or {})
        if public_service or value.get(PUBLIC_INGRESS[0]) == PUBLIC_INGRESS[1]:
            yield path
        for key, item in value.known_items():
            yield from _public_services(item, f"{path}.{key}")
