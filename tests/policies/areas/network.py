"""Rows on the rules about traffic."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Final

from policies.rules.pools import GROUP
from policies.rules.queues import RELEASE
from tests.policies.drafts import (
    UNKNOWN,
    Draft,
    Edit,
    add,
    both,
    put,
    put_annotation,
    put_output,
    put_value,
    remove,
)
from tests.policies.rows import Kept, Mutation, Way
from tests.policies.tokens import CLUSTER, IN_QUEUE, INGRESS, NETWORK_POLICY, SERVICE

LOADED: Final = "alb.ingress.kubernetes.io/scheme"
BY_HAND: Final = "aws:ec2/securityGroupRule:SecurityGroupRule"
OPEN: Final = ["0.0.0.0/0"]


def to_the_api(inputs: Mapping[str, Any]) -> bool:
    """Whether a rule lets somebody in to the API endpoint."""
    return str(inputs["description"]).startswith("Kubernetes API")


def _other_ports_alone(made: Draft) -> None:
    """Lets the endpoint's rules be about another port."""
    for one in made.registrations:
        if one.type == INGRESS and to_the_api(one.inputs):
            one.inputs.update(fromPort=444, toPort=8443)  # type: ignore[attr-defined]  # a copy of ours


def _drivers_in_the_open(made: Draft) -> None:
    """Lets the platform have driver nodes of types whose network doesn't encrypt."""
    exports = copy.deepcopy(dict(made.exports))
    exports["platform-prod"]["contract"]["driver"]["encryptsInTransit"] = False
    made.exports = exports


def _ingress(*rules: Mapping[str, Any]) -> Edit:
    return add(NETWORK_POLICY, metadata=IN_QUEUE, spec={"policyTypes": ["Ingress"], "ingress": list(rules)})


MUTATIONS: Final[tuple[Mutation, ...]] = (
    Mutation(
        rule="network-policies-are-enforced",
        stack="platform-dev",
        breaks=put_value("cilium", "policyEnforcementMode", "never"),
    ),
    Mutation(
        rule="nothing-is-open-to-the-internet",
        stack="platform-prod",
        breaks=put(INGRESS, "cidrIpv4", "0.0.0.0/0"),
    ),
    Mutation(
        rule="api-endpoint-is-private-in-production",
        stack="platform-prod",
        breaks=put_output("elastic-spark:cluster:Cluster", "publicAccessCidrs", ["203.0.113.0/24"]),
    ),
    Mutation(
        rule="traffic-of-jobs-is-encrypted-in-production",
        stack="ads-prod",
        breaks=put(GROUP, "mixedInstancesPolicy/launchTemplate/overrides/0/instanceType", "r5.8xlarge"),
    ),
    Mutation(
        rule="private-api-endpoint-lets-somebody-in",
        stack="platform-prod",
        breaks=lambda made: made.remove_all(INGRESS, to_the_api),
        unknown=put_output("elastic-spark:cluster:Cluster", "publicAccessCidrs", UNKNOWN),
    ),
    Mutation(
        rule="queue-denies-traffic-by-default",
        stack="ads-dev",
        breaks=remove(
            NETWORK_POLICY,
            lambda inputs: inputs["metadata"]["name"] == "default-deny",
        ),
        unknown=put(NETWORK_POLICY, "spec", UNKNOWN),
    ),
    Mutation(
        rule="queue-lets-named-pods-in",
        stack="ads-dev",
        breaks=add(
            NETWORK_POLICY,
            metadata=IN_QUEUE,
            spec={"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{"from": [{"namespaceSelector": {}}]}]},
        ),
        unknown=add(NETWORK_POLICY, metadata=IN_QUEUE, spec={"policyTypes": ["Ingress"], "ingress": UNKNOWN}),
    ),
    Mutation(
        rule="no-public-load-balancer",
        stack="ads-dev",
        breaks=add(SERVICE, metadata=IN_QUEUE, spec={"type": "LoadBalancer"}),
        unknown=add(SERVICE, metadata=IN_QUEUE, spec={"type": UNKNOWN}),
    ),
)

WAYS_ROUND: Final[tuple[Way, ...]] = (
    *(
        ("traffic-of-jobs-is-encrypted-in-production", "ads-prod", edit, "Spark isn't told spark.authenticate=true")
        for edit in (
            put(GROUP, "mixedInstancesPolicy", ...),
            put(GROUP, "mixedInstancesPolicy/launchTemplate/overrides/1", {"instanceRequirements": {}}),
            put(GROUP, "mixedInstancesPolicy/launchTemplate/overrides/1/instanceType", "r4.8xlarge"),
            put(GROUP, "suspendedProcesses", ["Launch", "AZRebalance", "AlarmNotification", "InstanceRefresh"]),
            _drivers_in_the_open,
        )
    ),
    (
        "traffic-of-jobs-is-encrypted-in-production",
        "ads-prod",
        both(
            put(GROUP, "mixedInstancesPolicy/launchTemplate/overrides/0/instanceType", "r5.8xlarge"),
            put_annotation("elastic-spark/spark-conf", "spark.authenticate=true\nspark.network.crypto.enabled=true"),
        ),
        "isn't told spark.network.crypto.authEngineVersion=2",
    ),
    ("nothing-is-open-to-the-internet", "platform-prod", put(INGRESS, "cidrIpv4", "128.0.0.0/1"), "128.0.0.0/1"),
    ("nothing-is-open-to-the-internet", "platform-prod", put(INGRESS, "cidrIpv6", "2000::/3"), "2000::/3"),
    ("nothing-is-open-to-the-internet", "platform-prod", put(CLUSTER, "endpointPublicAccess", ...), "0.0.0.0/0"),
    (
        "nothing-is-open-to-the-internet",
        "platform-prod",
        put(INGRESS, "cidrIpv4", "0.0.0.0/0", to_the_api),
        "0.0.0.0/0",
    ),
    ("private-api-endpoint-lets-somebody-in", "platform-prod", _other_ports_alone, "only nodes reach it"),
    (
        "nothing-is-open-to-the-internet",
        "platform-prod",
        add("aws:eks/cluster:Cluster", vpcConfig={"endpointPublicAccess": True}),
        "0.0.0.0/0",
    ),
    (
        "api-endpoint-is-private-in-production",
        "platform-prod",
        add("aws:eks/cluster:Cluster", vpcConfig={"publicAccessCidrs": ["203.0.113.0/24"]}),
        "endpointPublicAccess is on",
    ),
    *(
        ("queue-lets-named-pods-in", "ads-dev", _ingress(rule), said)
        for rule, said in (
            ({}, "lets everybody in"),
            ({"from": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}, "0.0.0.0/0 may come in"),
            (
                {"from": [{"namespaceSelector": {"matchExpressions": [{"key": "x", "operator": "DoesNotExist"}]}}]},
                "pods of every namespace",
            ),
            (
                {"from": [{"namespaceSelector": {"matchLabels": {}}, "podSelector": {"matchLabels": {"a": "b"}}}]},
                "pods of every namespace",
            ),
        )
    ),
    *(
        (
            "queue-lets-named-pods-in",
            stack,
            add(f"kubernetes:cilium.io/v2:{kind}", metadata=where, **rules),
            "Cilium's own",
        )
        for stack, kind, where, rules in (
            ("ads-dev", "CiliumNetworkPolicy", IN_QUEUE, {"spec": {"ingress": [{"fromEntities": ["all"]}]}}),
            ("platform-dev", "CiliumClusterwideNetworkPolicy", {"name": "x"}, {"specs": [{"ingress": [{}]}]}),
        )
    ),
    *(
        ("network-policies-are-enforced", "platform-dev", put_value("cilium", path, value), said)
        for path, value, said in (
            ("policyAuditMode", True, "policyAuditMode is on"),
            ("extraConfig", {"enable-policy": "never"}, "extraConfig sets enable-policy"),
        )
    ),
    *(
        ("no-public-load-balancer", "platform-dev", edit, said)
        for edit, said in (
            (
                add(
                    "kubernetes:networking.k8s.io/v1:Ingress",
                    metadata={"name": "x", "annotations": {LOADED: "internet-facing"}},
                ),
                "ingress x is public",
            ),
            (add(SERVICE, metadata={"name": "x"}, spec={"externalIPs": ["203.0.113.1"]}), "addresses of its own"),
            (
                put(RELEASE, "values/ingress", {"annotations": {LOADED: "internet-facing"}}),
                "values.ingress.annotations",
            ),
        )
    ),
    ("nothing-is-open-to-the-internet", "platform-dev", add(BY_HAND, type="ingress", cidrBlocks=OPEN), "0.0.0.0/0"),
    (
        "nothing-is-open-to-the-internet",
        "platform-dev",
        add("aws:ec2/securityGroup:SecurityGroup", ingress=[{"ipv6CidrBlocks": ["::/0"]}]),
        "::/0",
    ),
    ("nothing-is-open-to-the-internet", "platform-prod", put(CLUSTER, "endpointPublicAccess", True), "0.0.0.0/0"),
    ("nothing-is-open-to-the-internet", "platform-prod", put(INGRESS, "cidrIpv6", "::/0"), "::/0"),
    (
        "no-public-load-balancer",
        "platform-kind",
        put_value("yunikorn", "web/service", {"type": "LoadBalancer"}),
        "values.web.service",
    ),
    (
        "no-public-load-balancer",
        "platform-dev",
        add("aws:lb/loadBalancer:LoadBalancer", name="x"),
        "internal is not true",
    ),
)

KEPT: Final[tuple[Kept, ...]] = (
    ("nothing-is-open-to-the-internet", "platform-dev", add(BY_HAND, type="egress", cidrBlocks=OPEN)),
    (
        "no-public-load-balancer",
        "ads-dev",
        add(
            SERVICE,
            metadata={"annotations": {"service.beta.kubernetes.io/aws-load-balancer-scheme": "internal"}},
            spec={"type": "LoadBalancer"},
        ),
    ),
    ("no-public-load-balancer", "ads-dev", add("aws:lb/loadBalancer:LoadBalancer", internal=True)),
    (
        "queue-lets-named-pods-in",
        "platform-dev",
        add("kubernetes:cilium.io/v2:CiliumClusterwideNetworkPolicy", metadata={"name": "x"}, spec={"egress": [{}]}),
    ),
    (
        "queue-lets-named-pods-in",
        "ads-dev",
        add(
            NETWORK_POLICY,
            metadata=IN_QUEUE,
            spec={
                "ingress": [
                    {
                        "from": [
                            {
                                "namespaceSelector": {
                                    "matchExpressions": [{"key": "x", "operator": "In", "values": ["y"]}]
                                }
                            }
                        ]
                    }
                ]
            },
        ),
    ),
    ("nothing-is-open-to-the-internet", "platform-prod", put(INGRESS, "cidrIpv4", "10.0.0.0/8")),
    (
        "api-endpoint-is-private-in-production",
        "platform-prod",
        add("aws:eks/cluster:Cluster", vpcConfig={"endpointPublicAccess": False}),
    ),
    ("api-endpoint-is-private-in-production", "platform-dev", add("aws:eks/cluster:Cluster", vpcConfig={})),
    (
        "queue-lets-named-pods-in",
        "platform-dev",
        add(NETWORK_POLICY, metadata={"namespace": "spark-system"}, spec={"ingress": [{}]}),
    ),
    (
        "no-public-load-balancer",
        "ads-dev",
        add(
            "kubernetes:networking.k8s.io/v1:Ingress",
            metadata={"annotations": {"alb.ingress.kubernetes.io/scheme": "internal"}},
        ),
    ),
)
