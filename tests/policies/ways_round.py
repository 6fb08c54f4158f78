"""Ways round a rule: what breaks its sentence by another property, another type, or another way of writing it."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from components.nodes.user_data import node_config, user_data
from policies.rules.access import ACCESS_ENTRY, POD_ROLE
from policies.rules.cost import PROVIDER
from policies.rules.pools import GROUP, TEMPLATE
from policies.rules.queues import CONFIG_MAP, NAMESPACE, RELEASE
from sizing import names
from sizing.autoscaling_tags import NODE_TEMPLATE, Taint
from tests.components.nodes.boots import BOOT
from tests.policies.drafts import (
    Draft,
    Edit,
    add,
    put,
    put_annotation,
    put_label,
    put_tag,
    put_value,
    rewrite,
    rewrite_statement,
)
from tests.policies.mutations import (
    BUCKET,
    CLUSTER,
    CLUSTER_ROLE_BINDING,
    ENCRYPTION,
    IN_QUEUE,
    INGRESS,
    NETWORK_POLICY,
    ROLE,
    ROLE_POLICY,
    both,
    to_the_api,
)

BUCKET_POLICY: Final = "aws:s3/bucketPolicy:BucketPolicy"
SERVICE: Final = "kubernetes:core/v1:Service"
ACCOUNT: Final = "111122223333"
CLUSTER_ARN: Final = f"arn:aws:eks:eu-central-1:{ACCOUNT}:cluster/spark-dev"
LOADED: Final = "alb.ingress.kubernetes.io/scheme"
Way = tuple[str, str, Edit, str]


def _allow(token: str = ROLE_POLICY, prop: str = "policy", **statement: Any) -> Edit:  # noqa: ANN401
    """Adds a resource whose policy has one statement that allows."""
    document = {"Statement": {"Effect": "Allow", **statement}}
    return add(token, role="by-hand", bucket="by-hand", name="by-hand", **{prop: json.dumps(document)})


def _narrow(made: Draft) -> None:
    """Lets a bucket refuse plain HTTP of some requests only."""

    def change(document: Any) -> None:  # noqa: ANN401
        for statement in document["Statement"]:
            statement["Condition"]["StringEquals"] = {"aws:PrincipalAccount": ACCOUNT}

    rewrite(BUCKET_POLICY, "policy", change)(made)


def _except_some_actions(made: Draft) -> None:
    """Lets a bucket refuse plain HTTP for what isn't named."""

    def change(document: Any) -> None:  # noqa: ANN401
        for statement in document["Statement"]:
            statement["NotAction"] = statement.pop("Action")

    rewrite(BUCKET_POLICY, "policy", change)(made)


def _other_ports_alone(made: Draft) -> None:
    """Lets the endpoint's rules be about another port."""
    for one in made.registrations:
        if one.type == INGRESS and to_the_api(one.inputs):
            one.inputs.update(fromPort=444, toPort=8443)  # type: ignore[attr-defined]  # a copy of ours


def _another_tenants_queue(made: Draft) -> None:
    """Adds a namespace that looks like a queue of another tenant."""
    labels = {"elastic-spark/queue": "search-adhoc", "elastic-spark/tenant": "search"}
    add(NAMESPACE, metadata={"name": "search-adhoc", "labels": labels})(made)


def _small_and_unnamed(made: Draft) -> None:
    """Makes the groups of a queue small, and lets the queue name no pools."""
    put_annotation("elastic-spark/pools", ...)(made)
    put(GROUP, "maxSize", 5)(made)


def _drivers_in_the_open(made: Draft) -> None:
    """Lets the platform have driver nodes of types whose network doesn't encrypt."""
    exports = copy.deepcopy(dict(made.exports))
    exports["platform-prod"]["contract"]["driver"]["encryptsInTransit"] = False
    made.exports = exports


def _ingress(*rules: Mapping[str, Any]) -> Edit:
    return add(NETWORK_POLICY, metadata=IN_QUEUE, spec={"policyTypes": ["Ingress"], "ingress": list(rules)})


def _to(cidr: str, port: int = 5432) -> Mapping[str, Any]:
    return {"to": [{"ipBlock": {"cidr": cidr}}], "ports": [{"port": port, "protocol": "TCP"}]}


def _to_hosts(*hosts: Mapping[str, str]) -> Mapping[str, Any]:
    return {"toFQDNs": list(hosts), "toPorts": [{"ports": [{"port": "5432", "protocol": "TCP"}]}]}


def _in_kube_system(labels: Mapping[str, str]) -> Mapping[str, Any]:
    return {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
        "podSelector": {"matchLabels": labels},
    }


def _pods(container: Mapping[str, Any]) -> Edit:
    pods = {"spec": {"containers": [{"name": "x", "image": "registry.k8s.io/pause:3.10", **container}]}}
    return add("kubernetes:apps/v1:Deployment", metadata=IN_QUEUE, spec={"template": pods})


def boots(pool: str, *taints: Taint) -> Edit:
    """Lets a launch template start nodes that join with this pool's label and these taints."""
    config = node_config(
        replace(BOOT, platform="spark-dev"),
        labels={"elastic-spark/pool": pool, "elastic-spark/purpose": "executor"},
        taints=taints,
        max_pods=16,
        instance_store=False,
    )
    return put(TEMPLATE, "userData", user_data(config))


POOLS: Final[tuple[Way, ...]] = (
    *(
        ("nodes-carry-their-pools-label-and-taint", "ads-dev", edit, said)
        for edit, said in (
            (boots("ads-batch-main"), "no taint elastic-spark/pool=ads-batch-main:NoSchedule"),
            (
                boots("search-adhoc-main", Taint("elastic-spark/pool", "search-adhoc-main", "NoSchedule")),
                "starts nodes of search-adhoc-main",
            ),
            (put(TEMPLATE, "userData", ...), "userData is not set"),
            (put(TEMPLATE, "userData", "IyEvYmluL3No"), "the rule can't read it"),
        )
    ),
    *(
        ("group-is-resized-by-the-autoscaler-alone", "ads-dev", put(GROUP, switch, value), f"{switch} is on")
        for switch, value in (
            ("maxInstanceLifetime", 86400),
            ("instanceRefresh", {"strategy": "Rolling"}),
            ("warmPool", {}),
            ("forceDelete", True),
        )
    ),
    ("group-is-resized-by-the-autoscaler-alone", "ads-dev", put(GROUP, "healthCheckType", "ELB"), "is ELB"),
    *(
        ("nodes-are-in-groups-of-our-own", "platform-dev", edit, said)
        for edit, said in (
            (add("aws:eks/fargateProfile:FargateProfile"), "FargateProfile by-hand"),
            (add("aws:ec2/fleet:Fleet"), "Fleet by-hand"),
            (put(GROUP, "launchConfiguration", "x"), "launchConfiguration is set"),
            (put(CLUSTER, "skipDefaultNodeGroup", ...), "skipDefaultNodeGroup is not true"),
            (put(CLUSTER, "autoMode", {"enabled": True}), "autoMode is set"),
        )
    ),
    (
        "spot-group-has-no-minimum",
        "ads-dev",
        put(GROUP, "mixedInstancesPolicy/instancesDistribution/onDemandPercentageAboveBaseCapacity", 60),
        "40 % of it is Spot, its label on-demand",
    ),
    (
        "spot-group-has-no-minimum",
        "ads-dev",
        put(TEMPLATE, "instanceMarketOptions", {"marketType": "spot"}),
        "instanceMarketOptions is set",
    ),
    (
        "spot-group-has-no-minimum",
        "ads-dev",
        put_tag(GROUP, f"{NODE_TEMPLATE}/label/elastic-spark/capacity", "spot"),
        "it is labelled spot and buys on-demand nodes",
    ),
    ("no-scaling-policies", "platform-dev", add("aws:autoscalingplans/scalingPlan:ScalingPlan"), "it scales a group"),
    *(
        ("nodes-have-no-public-address", "platform-dev", edit, said)
        for edit, said in (
            (add("aws:ec2/instance:Instance"), "the subnet decides"),
            (add("aws:ec2/eipAssociation:EipAssociation", instanceId="i-0"), "instanceId is set"),
            (add("aws:ec2/eip:Eip", networkInterface="eni-0"), "networkInterface is set"),
        )
    ),
    (
        "instance-types-of-a-group-are-alike",
        "ads-dev",
        put(GROUP, "mixedInstancesPolicy/launchTemplate/overrides/1", {"instanceRequirements": {}}),
        "by what they have",
    ),
    ("metadata-service-is-for-the-node-alone", "ads-dev", add("aws:ec2/instance:Instance"), "httpTokens is not set"),
    ("disks-are-encrypted", "ads-dev", add("aws:ec2/instance:Instance"), "rootBlockDevice is not"),
    (
        "disks-are-encrypted",
        "ads-dev",
        add("aws:ec2/instance:Instance", ebsBlockDevices=[{"deviceName": "/dev/xvdb"}]),
        "/dev/xvdb is not",
    ),
    ("group-has-one-identity", "ads-dev", put(GROUP, "name", ...), "name is not set, and the rule needs it"),
)

QUEUES: Final[tuple[Way, ...]] = (
    (
        "queue-has-a-maximum",
        "ads-dev",
        add(NAMESPACE, metadata={"name": "x", "annotations": {"yunikorn.apache.org/parentqueue": "root.tenants.ads"}}),
        "namespace.quota",
    ),
    ("queue-annotations-say-one-thing", "ads-dev", put_label("elastic-spark/queue", ...), "labelled as queue None"),
    (
        "queue-enforces-restricted-pods",
        "ads-dev",
        put_label("pod-security.kubernetes.io/enforce-version", "v1.20"),
        "enforce-version is v1.20",
    ),
    ("queue-fits-its-groups", "ads-dev", _small_and_unnamed, "maximum cpu is"),
    (
        "scheduler-takes-no-running-pod",
        "platform-kind",
        add(CONFIG_MAP, metadata={"name": "yunikorn-configs"}, data={"queues.yaml": "{: ["}),
        "queues.yaml is no YAML",
    ),
    *(
        ("scheduler-takes-no-running-pod", "platform-kind", edit, said)
        for edit, said in (
            (
                add(CONFIG_MAP, metadata={"name": "yunikorn-configs"}, binaryData={"queues.yaml.gz": "H4s="}),
                "binaryData is set",
            ),
            (
                add(
                    CONFIG_MAP,
                    metadata={"name": "yunikorn-configs"},
                    data={"service.policyGroup": "x", "x.yaml": "partitions: []"},
                ),
                "names another file than queues.yaml",
            ),
        )
    ),
)

AUTOSCALER: Final[tuple[Way, ...]] = (
    (
        "autoscaler-waits-for-the-scheduler",
        "platform-dev",
        put_value("cluster-autoscaler", "customArgs", ["--bypassed-scheduler-names=yunikorn"]),
        "bypassed-scheduler-names is yunikorn",
    ),
    (
        "autoscaler-keeps-nodes-with-executors",
        "platform-dev",
        put_value("cluster-autoscaler", "customArgs", ["--skip-nodes-with-custom-controller-pods=false"]),
        "is false",
    ),
    (
        "scaling-is-bound-to-the-clusters-groups",
        "platform-dev",
        _allow(Action=["autoscaling:DeleteAutoScalingGroup", "ec2:TerminateInstances"], Resource="*"),
        "autoscaling:DeleteAutoScalingGroup, ec2:TerminateInstances of any group",
    ),
    (
        "scaling-is-bound-to-the-clusters-groups",
        "platform-dev",
        _allow(
            Action="autoscaling:SetDesiredCapacity",
            Condition={"ForAllValues:StringEquals": {"aws:ResourceTag/k8s.io/cluster-autoscaler/spark-dev": "owned"}},
        ),
        "of any group",
    ),
)


EVERYTHING: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("arn:*", {}),
    ("arn:aws:s3:::*/*", {}),
    (f"arn:aws:iam::{ACCOUNT}:role/*", {}),
    (f"arn:aws:secretsmanager:eu-central-1:{ACCOUNT}:secret:*", {}),
    ("arn:aws:kms:*:*:key/*", {"Condition": {"ForAllValues:StringEquals": {"kms:ResourceAliases": "alias/x"}}}),
    ("*", {"Condition": {"StringEquals": {"aws:RequestedRegion": "eu-central-1"}}}),
    ("arn:aws:s3:::*", {"Condition": {"StringEquals": {"aws:RequestedRegion": "eu-central-1"}}}),
    ("arn:aws:s3:::*", {"Condition": {"StringLike": {"aws:ResourceTag/elastic-spark:platform": "*"}}}),
    ("arn:aws:s3:::*-*/*", {}),
    ("arn:aws:s3:*:*:accesspoint/*", {}),
    ("arn:aws:s3:*:*:accesspoint/*/object/*", {}),
    ("arn:aws:ec2:*:*:instance/i-*", {}),
    ("arn:aws:ec2:*:*:volume/vol-0*", {}),
    ("arn:aws:ec2:*:*:security-group-rule/sgr-*", {}),
    ("arn:aws:elasticloadbalancing:*:*:loadbalancer/app/*/*", {}),
    ("arn:aws:dynamodb:*:*:table/*/index/*", {}),
    ("arn:aws:autoscaling:*:*:autoScalingGroup:*:autoScalingGroupName/*", {}),
    ("arn:aws:logs:*:*:log-group:*:log-stream:*", {}),
    ("arn:aws:kms:*:*:key/mrk-*", {}),
)
IDENTITY: Final[tuple[Way, ...]] = (
    *(
        (rule, "ads-dev", put(ROLE, "inlinePolicies", [{"name": "x", "policy": json.dumps(document)}]), said)
        for document in ({"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]},)
        for rule, said in (
            ("policies-name-their-actions", "allows s3:*"),
            ("policies-name-their-resources", "on *"),
            ("roles-keep-to-the-prefixes-of-their-queues", "reaches all of *"),
        )
    ),
    (
        "roles-keep-to-the-prefixes-of-their-queues",
        "ads-dev",
        rewrite_statement(ROLE_POLICY, "policy", {"Resource": "arn:aws:s3:*:*:spark-dev-events-*/*"}),
        "beyond ads/batch",
    ),
    ("policies-name-their-actions", "platform-dev", _allow(Action="s3:Get?bject"), "allows s3:Get?bject"),
    *(
        ("policies-name-their-resources", "platform-dev", _allow(Action="x:Y", Resource=arn, **condition), f"on {arn}")
        for arn, condition in EVERYTHING
    ),
    (
        "policies-name-their-resources",
        "platform-dev",
        _allow(Action="s3:GetObject", NotResource="arn:aws:s3:::x"),
        "on *",
    ),
    (
        "policies-name-their-actions",
        "platform-dev",
        add(ROLE_POLICY, role="by-hand", policy="{"),
        "the rule can't read it: JSONDecodeError",
    ),
    (
        "no-managed-policy-of-full-access",
        "platform-dev",
        add(
            "aws:iam/policyAttachment:PolicyAttachment", roles=["x"], policyArn="arn:aws:iam::aws:policy/ReadOnlyAccess"
        ),
        "ReadOnlyAccess",
    ),
    *(
        ("roles-keep-to-the-prefixes-of-their-queues", "ads-dev", edit, "AmazonS3ReadOnlyAccess beside its own policy")
        for arn in ("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",)
        for edit in (
            put(ROLE, "managedPolicyArns", [arn]),
            add(
                "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
                roleName="spark-dev-queue-ads-batch",
                policyArns=[arn],
            ),
            add("aws:iam/policyAttachment:PolicyAttachment", roles=["spark-dev-queue-ads-batch"], policyArn=arn),
        )
    ),
    *(
        (
            "roles-keep-to-the-prefixes-of-their-queues",
            "ads-dev",
            rewrite_statement(ROLE_POLICY, "policy", {"Condition": {operator: condition}}, index=1),
            "reaches all of",
        )
        for condition in ({"s3:prefix": "ads/batch/*"},)
        for operator in ("StringNotLike", "StringLikeIfExists", "ForAllValues:StringLike")
    ),
    (
        "roles-are-taken-by-known-services",
        "ads-dev",
        _allow(ROLE, "assumeRolePolicy", NotPrincipal={"AWS": "x"}, Action="sts:AssumeRole"),
        "* * may take it",
    ),
    (
        "pod-roles-trust-their-own-cluster",
        "ads-dev",
        rewrite(
            ROLE,
            "assumeRolePolicy",
            lambda document: document["Statement"][0]["Condition"]["StringEquals"].update(
                {"aws:RequestTag/kubernetes-namespace": "*"}
            ),
        ),
        "aws:RequestTag/kubernetes-namespace is *",
    ),
    *(
        (rule, "ads-dev", rewrite_statement(ROLE, "assumeRolePolicy", {"Condition": condition}), said)
        for condition in (
            {"StringNotEquals": {"aws:SourceAccount": ACCOUNT, "aws:SourceArn": CLUSTER_ARN}},
            {"StringEqualsIfExists": {"aws:SourceAccount": ACCOUNT, "aws:SourceArn": CLUSTER_ARN}},
        )
        for rule, said in (
            ("roles-are-taken-by-known-services", "for any account"),
            ("pod-roles-trust-their-own-cluster", "aws:SourceArn is not asked"),
        )
    ),
)

ACCESS: Final[tuple[Way, ...]] = (
    *(
        ("people-come-in-by-access-entries", "platform-dev", edit, said)
        for edit, said in (
            (add("aws:eks/cluster:Cluster", vpcConfig={}), "authenticationMode is not set"),
            (put(CLUSTER, "roleMappings", [{"groups": ["system:masters"]}]), "roleMappings is set"),
        )
    ),
    *(
        ("tenant-lets-people-in-as-its-own", "ads-dev", put(ACCESS_ENTRY, "kubernetesGroups/0", group), f"as {group}")
        for group in (names.TENANT_DEPLOYERS, names.deployers_group("ads"), names.deployers_group("search"))
    ),
    ("tenant-lets-people-in-as-its-own", "ads-dev", put(ACCESS_ENTRY, "type", "EC2_LINUX"), "it lets in EC2_LINUX"),
    *(
        (
            "rights-in-kubernetes-are-named",
            "platform-dev",
            add(
                "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
                rules=[{"apiGroups": [""], "resources": ["groups"], "verbs": ["get", verb]}],
            ),
            f"lets {verb} without names",
        )
        for verb in ("bind", "escalate", "impersonate")
    ),
    *(
        ("rights-in-kubernetes-are-named", "platform-dev", edit, said)
        for edit, said in (
            (
                add(
                    "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole", rules=[{"verbs": ["get"], "resources": "*"}]
                ),
                "* for resources",
            ),
            (put(CLUSTER_ROLE_BINDING, "roleRef/name", "edit"), "it gives edit in every namespace"),
            (put(CLUSTER_ROLE_BINDING, "subjects/0/name", "system:authenticated"), "is for system:authenticated"),
            (
                put(CLUSTER_ROLE_BINDING, "subjects/0/name", "system:serviceaccounts:ads-batch"),
                "is for system:serviceaccounts:ads-batch",
            ),
        )
    ),
    *(
        ("tenant-stays-in-its-own-namespaces", "ads-dev", edit, said)
        for edit, said in (
            (add(CLUSTER_ROLE_BINDING, metadata={"name": "x"}, roleRef={"name": "view"}), "is in no namespace"),
            (add(NAMESPACE, metadata={"name": "x"}), "Namespace by-hand is in no namespace"),
            (add(RELEASE, chart="x", namespace="spark-system"), "is in spark-system"),
            (add(POD_ROLE, namespace="search-adhoc"), "it gives a role to pods in search-adhoc"),
            (_another_tenants_queue, "it makes queues of ads, search"),
            *(
                (
                    add("aws:eks/accessPolicyAssociation:AccessPolicyAssociation", accessScope=scope),
                    f"it gives rights in {where}",
                )
                for scope, where in (
                    ({"type": "cluster"}, "the whole cluster"),
                    ({"type": "namespace", "namespaces": ["ads-batch", "search-adhoc"]}, "search-adhoc"),
                )
            ),
        )
    ),
)

SECRETS: Final[tuple[Way, ...]] = (
    *(
        ("no-literal-secret-in-kubernetes", "ads-dev", edit, said)
        for edit, said in (
            (add(CONFIG_MAP, metadata=IN_QUEUE, data={"db_password": "hunter2"}), "data.db_password"),
            (add(CONFIG_MAP, metadata=IN_QUEUE, data={"tls": "-----BEGIN RSA PRIVATE KEY-----\nMII"}), "data.tls"),
            (_pods({"env": [{"name": "DB_PASSWORD", "value": "hunter2"}]}), "containers[0].env[0].value"),
        )
    ),
    *(
        ("no-literal-secret-in-chart-values", "platform-kind", put(RELEASE, f"values/{key}", value), f"values.{key}")
        for key, value in (("refreshToken", "hunter2"), ("keystorePassword", "hunter2"), ("note", "AKIA" + "A" * 16))
    ),
)

DATA: Final[tuple[Way, ...]] = (
    *(
        (
            "data-is-shared-with-known-accounts",
            "platform-dev",
            _allow(BUCKET_POLICY, Action="s3:GetObject", **who),
            said,
        )
        for who, said in (
            ({"Principal": "*"}, "lets * in"),
            ({"Principal": {"AWS": "999988887777"}}, "lets 999988887777 in"),
            ({"Principal": {"CanonicalUser": "79a5"}}, "lets 79a5 in"),
            ({"Principal": {"Service": "cloudtrail.amazonaws.com"}}, "lets cloudtrail.amazonaws.com in"),
            (
                {
                    "Principal": {"Service": "cloudtrail.amazonaws.com"},
                    "Condition": {"StringEquals": {"aws:SourceAccount": [ACCOUNT, "9"]}},
                },
                "lets cloudtrail.amazonaws.com in",
            ),
            ({"NotPrincipal": {"AWS": ACCOUNT}}, "lets * in"),
            ({"Principal": "*", "Condition": {"StringEquals": {"aws:SourceAccount": [ACCOUNT, "9"]}}}, "lets * in"),
            ({"Principal": "*", "Condition": {"StringNotEquals": {"aws:PrincipalAccount": ACCOUNT}}}, "lets * in"),
        )
    ),
    ("buckets-take-tls-alone", "platform-dev", _narrow, "takes requests without TLS"),
    ("buckets-take-tls-alone", "platform-dev", _except_some_actions, "takes requests without TLS"),
    (
        "buckets-are-encrypted-by-a-key",
        "platform-dev",
        put(ENCRYPTION, "rules/0/applyServerSideEncryptionByDefault/kmsMasterKeyId", ...),
        "AWS's own key",
    ),
    ("buckets-are-private", "platform-dev", add(BUCKET), "bucket is not set, and the rule needs it"),
    (
        "cluster-encrypts-secrets-and-logs-its-audit",
        "platform-dev",
        put(CLUSTER, "encryptionConfigKeyArn", ...),
        "no KMS key",
    ),
)

_TCP: Final = {"port": 5432, "protocol": "TCP"}
_HOST: Final = {"matchName": "db.example.com"}
_ANYWHERE: Final = {"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["169.254.169.254/32"]}}]}
REACH: Final[tuple[Way, ...]] = (
    *(
        (
            "queue-reaches-named-places-only",
            "ads-dev",
            add(NETWORK_POLICY, metadata=IN_QUEUE, spec={"policyTypes": ["Egress"], "egress": [rule]}),
            said,
        )
        for rule, said in (
            ({"to": [], "ports": [_TCP]}, "opens everything"),
            (_ANYWHERE, "more than single ports"),
            ({**_ANYWHERE, "ports": [{"protocol": "TCP"}]}, "more than single ports"),
            ({**_ANYWHERE, "ports": [{**_TCP, "endPort": 9000}]}, "more than single ports"),
            ({**_ANYWHERE, "ports": [{"port": 443}, _TCP]}, "open on 443, 5432"),
            (_to("0.0.0.0/0", 443), "metadata service"),
            (_to("::/0", 443), "metadata service"),
            (_to("2001:db8::/64"), "no IPv6"),
            (_to("169.254.169.254/32", 80), "outside of 169.254.0.0/16"),
            (_to("169.254.170.23/32", 8080), "outside of 169.254.0.0/16"),
            (_to("128.0.0.0/1"), "/24 or narrower"),
            (_to("10.0.0.0/8"), "/16 or narrower"),
            (_to("10.40.7.0/24"), "outside of 10.40.0.0/18"),
            (_to("172.20.0.1/32"), "outside of 172.20.0.0/16"),
            ({"to": [{"namespaceSelector": {}}]}, "pods of other namespaces"),
            ({"to": [_in_kube_system({"k8s-app": "kube-dns"})]}, "pods of other namespaces"),
            ({"to": [_in_kube_system({})], "ports": [{"port": 53}]}, "pods of other namespaces"),
        )
    ),
    *(
        (
            "queue-reaches-named-places-only",
            "ads-dev",
            add(
                "kubernetes:cilium.io/v2:CiliumNetworkPolicy",
                metadata=IN_QUEUE,
                spec={"endpointSelector": {}, "egress": [rule]},
            ),
            said,
        )
        for rule, said in (
            ({}, "more than hosts"),
            ({"toEntities": ["world"]}, "more than hosts"),
            ({"toCIDR": ["10.60.0.0/24"], "toPorts": [{"ports": [{"port": "5432"}]}]}, "more than hosts"),
            ({"toFQDNs": [_HOST]}, "more than hosts"),
            ({"toFQDNs": [_HOST], "toPorts": [{"ports": [{"port": "5432"}]}]}, "more than single TCP ports"),
            (_to_hosts({"matchName": "kubernetes.default.svc"}), "kubernetes.default.svc"),
            (_to_hosts({"matchPattern": "*"}), "the host *"),
            (_to_hosts(_HOST, {"matchPattern": "*.com"}), "the host *.com"),
            (_to_hosts({**_HOST, "matchPattern": "*.rds.amazonaws.com"}), "the host *.rds.amazonaws.com"),
            (
                {
                    "toEndpoints": [{"matchLabels": {"k8s:io.kubernetes.pod.namespace": "kube-system"}}],
                    "toPorts": [{"ports": [{"port": "53"}]}],
                },
                "more than hosts",
            ),
        )
    ),
    *(
        (
            "queue-reaches-named-places-only",
            "platform-dev",
            add("kubernetes:cilium.io/v2:CiliumClusterwideNetworkPolicy", metadata={"name": "x"}, **{kind: spec}),
            "to every queue",
        )
        for kind, spec in (
            ("spec", {"endpointSelector": {}, "egress": [{"toEntities": ["host"]}]}),
            ("specs", [{"endpointSelector": {}, "egress": [{"toCIDR": ["169.254.169.254/32"]}]}]),
        )
    ),
)

NETWORK: Final[tuple[Way, ...]] = (
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
    ("cilium-reads-no-secrets", "platform-dev", put_value("cilium", "tls", ...), "is not false"),
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
)

RESOURCES: Final[tuple[Way, ...]] = tuple(
    ("resources-are-of-known-packages", "platform-dev", add(token), token)
    for token in ("pulumi:providers:command", "aws-native:s3:Bucket", "aws:cloudformation/stack:Stack")
)

SOFTWARE: Final[tuple[Way, ...]] = (
    *(
        ("software-is-installed-by-values-alone", "platform-kind", edit, said)
        for edit, said in (
            (add("kubernetes:helm.sh/v4:Chart", chart="x"), "helm.sh/v4:Chart"),
            (add("kubernetes:yaml/v2:ConfigGroup", yaml="x"), "yaml/v2:ConfigGroup"),
            (put(RELEASE, "postrender", "sed s/a/b/"), "postrender is set"),
        )
    ),
    (
        "images-come-from-listed-registries",
        "platform-dev",
        add("kubernetes:core/v1:PodTemplate", template={"spec": {"containers": [{"image": "evil.example.com/x:1"}]}}),
        "evil.example.com/x is not listed",
    ),
    (
        "images-have-a-version",
        "platform-kind",
        put(RELEASE, "values/images", {"web": {"repository": "quay.io/cilium/x", "tag": "latest"}}),
        "has the tag latest",
    ),
)

COST: Final[tuple[Way, ...]] = (
    ("tenant-stays-within-its-budget", "ads-dev", put(PROVIDER, "region", "eu-nowhere-1"), "the sum is too low"),
    (
        "tenant-is-named-on-what-it-pays-for",
        "ads-dev",
        rewrite(PROVIDER, "defaultTags", lambda tags: tags["tags"].pop("elastic-spark:tenant")),
        "no tag elastic-spark:tenant",
    ),
)

WAYS_ROUND: Final = (
    *POOLS,
    *QUEUES,
    *AUTOSCALER,
    *IDENTITY,
    *ACCESS,
    *SECRETS,
    *DATA,
    *NETWORK,
    *REACH,
    *SOFTWARE,
    *RESOURCES,
    *COST,
)
