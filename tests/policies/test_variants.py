"""Other ways of breaking a rule, with what it says of them, and what looks like a violation and is none."""

from __future__ import annotations

import json

import pytest

from policies.model import STACK
from policies.rules.pools import GROUP, POOL, TEMPLATE
from policies.rules.queues import CONFIG_MAP, QUEUE, RELEASE
from sizing.autoscaling_tags import NODE_TEMPLATE, Taint
from tests.policies.drafts import (
    UNKNOWN,
    Edit,
    add,
    draft,
    named,
    put,
    put_annotation,
    put_label,
    put_output,
    put_tag,
    put_value,
    rewrite,
    rewrite_statement,
)
from tests.policies.mutations import (
    CLUSTER,
    DATABASE,
    IN_QUEUE,
    INGRESS,
    JOB,
    KEY,
    NETWORK_POLICY,
    ROLE,
    ROLE_POLICY,
    jobs,
    with_action,
)
from tests.policies.ways_round import WAYS_ROUND, boots

LABEL = f"{NODE_TEMPLATE}/label/elastic-spark"
BY_HAND = "aws:ec2/securityGroupRule:SecurityGroupRule"
OPEN = ["0.0.0.0/0"]
DEPLOYMENT = "kubernetes:apps/v1:Deployment"


def _yunikorn_configs(partition: dict[str, object]) -> Edit:
    return add(
        CONFIG_MAP,
        metadata={"name": "yunikorn-configs", "namespace": "spark-system"},
        data={"queues.yaml": json.dumps({"partitions": [{"name": "default", **partition}]})},
    )


BROKEN: list[tuple[str, str, Edit, str]] = [
    ("group-is-resized-by-the-autoscaler-alone", "ads-dev", put(GROUP, "capacityRebalance", True), "capacityRebalance"),
    ("group-is-in-one-zone", "ads-dev", put(GROUP, "availabilityZones", ["a", "b"]), "availabilityZones names 2"),
    ("group-has-one-identity", "ads-dev", put_tag(GROUP, f"{LABEL}/pool", ...), "no tag for the label"),
    ("group-has-one-identity", "ads-dev", put(GROUP, "name", "spark-dev-other-eu-central-1a-a"), "the group is named"),
    (
        "group-has-one-identity",
        "ads-dev",
        put_tag(GROUP, f"{LABEL}/queue", "ads-other"),
        "not one of the queue ads-other",
    ),
    ("group-has-one-identity", "ads-dev", put_tag(GROUP, f"{LABEL}/purpose", "driver"), "the purpose is driver"),
    (
        "nodes-carry-their-pools-label-and-taint",
        "ads-dev",
        put(POOL, "nodeConfig/spec/kubelet/flags", ["--node-labels=a=b"]),
        "no label elastic-spark/pool=ads-batch-main",
    ),
    (
        "instance-types-of-a-group-are-alike",
        "ads-dev",
        put(GROUP, "mixedInstancesPolicy/launchTemplate/overrides/1/instanceType", "x9.large"),
        "x9.large is not in sizing/data",
    ),
    (
        "metadata-service-is-for-the-node-alone",
        "ads-dev",
        put(TEMPLATE, "metadataOptions", ...),
        "httpTokens is not set",
    ),
    (
        "disks-are-encrypted",
        "ads-dev",
        put(TEMPLATE, "blockDeviceMappings", ...),
        "the image's own, without a block device mapping",
    ),
    ("disks-are-encrypted", "ads-dev", add("aws:ebs/volume:Volume", size=10), "the volume is not"),
    ("nodes-have-no-ssh-key", "ads-dev", add("aws:ec2/keyPair:KeyPair", publicKey="ssh-ed25519 AAAA"), "a key pair"),
    ("nodes-have-no-public-address", "ads-dev", put(TEMPLATE, "networkInterfaces", ...), "the subnet decides"),
    ("nodes-have-no-public-address", "ads-dev", put(TEMPLATE, "networkInterfaces/0", {}), "the subnet decides"),
    (
        "nodes-have-no-public-address",
        "ads-dev",
        add("aws:ec2/instance:Instance", associatePublicIpAddress=True),
        "associatePublicIpAddress is on",
    ),
    (
        "queue-has-a-maximum",
        "ads-dev",
        put_annotation("yunikorn.apache.org/namespace.quota", '{"cpu": "9"}'),
        "not cpu and",
    ),
    (
        "queue-has-a-maximum",
        "ads-dev",
        put_annotation("yunikorn.apache.org/namespace.quota", '{"cpu": 9}'),
        "object of texts",
    ),
    (
        "queue-has-a-maximum",
        "ads-dev",
        put_annotation("yunikorn.apache.org/namespace.quota", '{"cpu": "0", "memory": "1Gi"}'),
        "the maximum of cpu is 0",
    ),
    ("queue-has-a-maximum", "ads-dev", put_annotation("yunikorn.apache.org/namespace.maxApps", "0"), "maxApps is 0"),
    (
        "queue-annotations-say-one-thing",
        "ads-dev",
        put_annotation("yunikorn.apache.org/namespace.guaranteed", '{"cpu": "1,5", "memory": "1Gi"}'),
        "is not a Kubernetes quantity",
    ),
    (
        "queue-annotations-say-one-thing",
        "ads-dev",
        put_annotation("elastic-spark/max-apps", "99"),
        "elastic-spark/max-apps 99",
    ),
    (
        "queue-annotations-say-one-thing",
        "ads-dev",
        put_annotation("yunikorn.apache.org/namespace.enableYuniKorn", ...),
        "enableYuniKorn is not true",
    ),
    (
        "queue-annotations-say-one-thing",
        "ads-dev",
        put_annotation("yunikorn.apache.org/parentqueue", "root.tenants.search"),
        "the tenant is ads, the parent queue root.tenants.search",
    ),
    (
        "queue-annotations-say-one-thing",
        "ads-dev",
        put_label("elastic-spark/queue", "search-etl"),
        "labelled as queue search-etl",
    ),
    ("queue-size-follows-from-its-nodes", "ads-dev", put(QUEUE, "size/maxApps", 99), "99 applications at once"),
    ("queue-size-follows-from-its-nodes", "ads-dev", put(QUEUE, "size/guaranteed/memory", 1), "guaranteed is"),
    ("queue-fits-its-groups", "ads-dev", put(GROUP, "minSize", 1), "guaranteed cpu is"),
    ("scheduler-takes-no-running-pod", "platform-kind", put_value("yunikorn", "yunikornDefaults", {}), "on by default"),
    (
        "scheduler-takes-no-running-pod",
        "platform-kind",
        _yunikorn_configs({"preemption": {"enabled": True}}),
        "partition default: enabled is on",
    ),
    ("scheduler-places-by-namespace", "platform-kind", _yunikorn_configs({}), "the first rule is none"),
    (
        "scheduler-places-by-namespace",
        "platform-kind",
        _yunikorn_configs(
            {
                "placementrules": [
                    {"name": "tag", "value": "namespace", "parent": {"name": "tag", "value": "namespace.parentqueue"}},
                    {"name": "provided"},
                ]
            }
        ),
        "1 more rules follow",
    ),
    (
        "autoscaler-knows-its-flags",
        "platform-dev",
        put_value("cluster-autoscaler", "image/tag", "v1.99.0"),
        "no list of the flags of version",
    ),
    (
        "autoscaler-knows-its-flags",
        "platform-dev",
        put_value("cluster-autoscaler", "image", ...),
        "that the chart chooses",
    ),
    (
        "roles-are-taken-by-known-services",
        "ads-dev",
        rewrite_statement(ROLE, "assumeRolePolicy", {"Principal": {"AWS": "arn:aws:iam::1:root"}}),
        "AWS arn",
    ),
    (
        "roles-are-taken-by-known-services",
        "ads-dev",
        rewrite_statement(ROLE, "assumeRolePolicy", {"Principal": "*"}),
        "* * may take it",
    ),
    (
        "roles-are-taken-by-known-services",
        "ads-dev",
        rewrite_statement(
            ROLE, "assumeRolePolicy", {"Principal": {"AWS": "arn:aws:iam::111122223333:root"}}, chooses=named(".logs")
        ),
        "root may take it",
    ),
    (
        "roles-are-taken-by-known-services",
        "ads-dev",
        rewrite_statement(
            ROLE, "assumeRolePolicy", {"Principal": {"AWS": "arn:aws:iam::111122223333:role/*"}}, chooses=named(".put")
        ),
        "role/* may take it",
    ),
    (
        "roles-keep-to-the-prefixes-of-their-queues",
        "ads-dev",
        put(ROLE_POLICY, "role", "spark-dev-q-ads-batch.put", lambda inputs: inputs["role"].endswith(".log")),
        "beyond ads/batch/uploads, ads/batch/skate",
    ),
    (
        "roles-keep-to-the-prefixes-of-their-queues",
        "search-dev",
        put(ROLE_POLICY, "role", "spark-dev-q-search-adhoc.put", lambda inputs: "scheduled.put" in inputs["role"]),
        "reaches arn:aws:s3:::spark-dev",
    ),
    (
        "roles-of-tenants-have-the-boundary",
        "ads-dev",
        put(ROLE, "permissionsBoundary", ..., named(".put")),
        "its boundary is missing, not arn:aws:iam::111122223333:policy/spark-dev-tenant-ads",
    ),
    (
        "tenant-lets-people-in-as-its-own",
        "ads-dev",
        put(
            "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
            "roleRef",
            {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "elastic-spark:owner"},
            lambda inputs: inputs["roleRef"]["name"] == "elastic-spark:submitter",
        ),
        "it gives elastic-spark:owner in ads-batch to elastic-spark:shared:airflow:ads-batch:submitter",
    ),
    (
        "tenant-lets-people-in-as-its-own",
        "ads-dev",
        put("aws:eks/accessEntry:AccessEntry", "kubernetesGroups", ["elastic-spark:shared:airflow:ads-batch:owner"]),
        "it lets in as elastic-spark:shared:airflow:ads-batch:owner",
    ),
    (
        "roles-keep-to-the-prefixes-of-their-queues",
        "search-dev",
        put(ROLE_POLICY, "role", "spark-dev-queue-search-scheduled", lambda inputs: "adhoc" in inputs["role"]),
        "reaches arn:aws:s3:::spark-dev",
    ),
    (
        "roles-keep-to-the-prefixes-of-their-queues",
        "ads-dev",
        rewrite(ROLE_POLICY, "policy", lambda document: document["Statement"][1].pop("Condition")),
        "reaches all of",
    ),
    (
        "roles-keep-to-the-prefixes-of-their-queues",
        "ads-dev",
        rewrite_statement(ROLE_POLICY, "policy", {"Resource": "arn:aws:s3:::*/*"}),
        "beyond ads/batch",
    ),
    (
        "policies-name-their-actions",
        "ads-dev",
        rewrite(ROLE_POLICY, "policy", lambda d: d["Statement"][0].update(NotAction=d["Statement"][0].pop("Action"))),
        "allows *",
    ),
    (
        "no-managed-policy-of-full-access",
        "ads-dev",
        put(ROLE, "managedPolicyArns", ["arn:aws:iam::aws:policy/AdministratorAccess"]),
        "AdministratorAccess",
    ),
    (
        "no-literal-secret-in-chart-values",
        "platform-kind",
        put_value("yunikorn", "env", [{"apiToken": "x"}]),
        "values.env[0].apiToken",
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
    (
        "versions-of-charts-and-add-ons-are-exact",
        "platform-dev",
        put("aws:eks/addon:Addon", "addonVersion", "latest"),
        "addonVersion is latest",
    ),
    ("images-have-a-version", "platform-kind", put_value("yunikorn", "image/tag", "latest"), "has the tag latest"),
    (
        "images-come-from-listed-registries",
        "platform-kind",
        put_value("yunikorn", "image", {"registry": "evil.example.com", "repository": "yunikorn", "tag": "1"}),
        "evil.example.com/yunikorn is not listed",
    ),
    (
        "images-come-from-listed-registries",
        "ads-dev",
        put(JOB, "spec/template/spec/initContainers", [{"image": "ghcr.io/x/y:1"}]),
        "ghcr.io/x/y",
    ),
    (
        "charts-say-what-their-pods-need",
        "platform-kind",
        put(RELEASE, "chart", "other"),
        "nothing is known of the chart",
    ),
    (
        "charts-say-what-their-pods-need",
        "platform-dev",
        put_value("cluster-autoscaler", "resources/limits", ...),
        "limits.memory is not set",
    ),
    (
        "charts-come-from-listed-repositories",
        "platform-kind",
        put(RELEASE, "chart", "oci://example.com/yunikorn"),
        "oci://",
    ),
    (
        "roles-of-tenants-have-the-boundary",
        "ads-dev",
        put(ROLE, "permissionsBoundary", ..., named(".logs")),
        "its boundary is missing, not arn:aws:iam::111122223333:policy/spark-dev-tenant-ads",
    ),
    (
        "nodes-and-volumes-allocate-cost",
        "ads-dev",
        put(TEMPLATE, "tagSpecifications/0/tags/elastic-spark:platform", ...),
        "of instances",
    ),
    *(
        (
            "roles-of-tenants-reach-listed-databases",
            "research-dev",
            rewrite(ROLE_POLICY, "policy", with_action("glue:CreateTable", {"Resource": [resource]}), jobs),
            said,
        )
        for resource, said in (
            ("*", "* is not listed for research"),
            (DATABASE.replace("/research", "/*"), "database/* is not listed"),
            (DATABASE.replace("/research", "/res*"), "database/res* is not listed"),
            (DATABASE.replace("1111", "2222"), "is not listed"),
            (DATABASE.replace("database/research", "table/reference/x"), "UpdateTable on arn:aws:glue:eu-central-1"),
            (DATABASE.replace("database/research", "connection/research"), "connection/research is not listed"),
        )
    ),
    *(
        (
            "roles-of-tenants-use-listed-keys",
            "research-dev",
            rewrite(ROLE_POLICY, "policy", with_action("kms:Decrypt", change), jobs),
            said,
        )
        for change, said in (
            ({"Resource": KEY.rpartition("/")[0] + "/*"}, "key/* is not listed for research"),
            ({"Resource": KEY.replace("1234abcd", "12345678")}, "12345678"),
            (
                {
                    "Resource": KEY.rpartition("/")[0] + "/*",
                    "Condition": {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/theirs"}},
                },
                "alias/theirs is not listed",
            ),
        )
    ),
]


@pytest.mark.parametrize(("rule", "stack", "edit", "said"), [*BROKEN, *WAYS_ROUND])
def test_a_rule_finds_what_breaks_it(rule: str, stack: str, edit: Edit, said: str) -> None:
    messages = [f.message for f in draft(stack, edit).findings({rule: "mandatory"}) if f.rule == rule and f.stops]
    assert any(said in message for message in messages), messages


KEPT: list[tuple[str, str, Edit]] = [
    ("roles-keep-to-the-prefixes-of-their-queues", "ads-dev", put(ROLE_POLICY, "role", "spark-dev-other")),
    (
        "roles-keep-to-the-prefixes-of-their-queues",
        "ads-dev",
        rewrite_statement(ROLE_POLICY, "policy", {"Resource": "arn:aws:logs:x:1:*"}),
    ),
    ("no-literal-secret-in-chart-values", "platform-kind", put_value("yunikorn", "url", UNKNOWN)),
    ("system-pool-is-static", "platform-dev", put(GROUP, "minSize", 0, named("-driver-"))),
    (
        "no-quota-on-cpu-or-memory",
        "ads-dev",
        add("kubernetes:core/v1:ResourceQuota", metadata={"namespace": "ads-batch"}, spec={"hard": {"pods": "10"}}),
    ),
    (
        "no-quota-on-cpu-or-memory",
        "platform-dev",
        add("kubernetes:core/v1:ResourceQuota", metadata={"namespace": "kube-system"}, spec={"hard": {"cpu": "10"}}),
    ),
    (
        "scheduler-takes-no-running-pod",
        "platform-kind",
        add(CONFIG_MAP, metadata={"name": "x"}, data={"queues.yaml": "-"}),
    ),
    ("nothing-is-open-to-the-internet", "platform-dev", add(BY_HAND, type="egress", cidrBlocks=OPEN)),
    (
        "no-public-load-balancer",
        "ads-dev",
        add(
            "kubernetes:core/v1:Service",
            metadata={"annotations": {"service.beta.kubernetes.io/aws-load-balancer-scheme": "internal"}},
            spec={"type": "LoadBalancer"},
        ),
    ),
    ("no-public-load-balancer", "ads-dev", add("aws:lb/loadBalancer:LoadBalancer", internal=True)),
    ("no-literal-secret-in-chart-values", "platform-kind", put_value("yunikorn", "existingSecret", "made-elsewhere")),
    ("no-literal-secret-in-chart-values", "platform-kind", put_value("yunikorn", "tokenPath", "/var/run/x")),
    ("versions-of-charts-and-add-ons-are-exact", "platform-kind", put(RELEASE, "chart", "charts/yunikorn-1.9.0.tgz")),
    (
        "images-have-a-version",
        "ads-dev",
        put(JOB, "spec/template/spec/containers/0/image", f"registry.k8s.io/pause@sha256:{'0' * 64}"),
    ),
    (
        "images-come-from-listed-registries",
        "ads-dev",
        put(JOB, "spec/template/spec/containers/0/image", "apache/spark:4.0.1"),
    ),
    (
        "images-come-from-listed-registries",
        "ads-dev",
        add(DEPLOYMENT, spec={"template": {"spec": {"containers": [{"image": "public.ecr.aws/x/y:1"}]}}}),
    ),
    ("group-has-no-desired-size", "ads-dev", put(GROUP, "desiredCapacityType", "units")),
    (
        "rights-in-kubernetes-are-named",
        "platform-dev",
        add(
            "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
            rules=[{"apiGroups": ["x"], "resources": ["x"], "verbs": ["bind"], "resourceNames": ["y"]}],
        ),
    ),
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
    ("nodes-have-no-public-address", "platform-dev", add("aws:ec2/eip:Eip", domain="vpc")),
    (
        "nodes-carry-their-pools-label-and-taint",
        "ads-dev",
        boots("ads-batch-main", Taint("elastic-spark/pool", "ads-batch-main", "NoSchedule")),
    ),
    (
        "data-is-shared-with-known-accounts",
        "platform-dev",
        add(
            "aws:s3/bucketPolicy:BucketPolicy",
            bucket="x",
            policy=json.dumps(
                {
                    "Statement": {
                        "Effect": "Allow",
                        "Principal": {"Service": "logging.s3.amazonaws.com"},
                        "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:iam::111122223333:*"}},
                    }
                }
            ),
        ),
    ),
    (
        "data-is-shared-with-known-accounts",
        "platform-dev",
        rewrite(
            "aws:kms/key:Key",
            "policy",
            lambda document: document["Statement"].append(
                {
                    "Effect": "Allow",
                    "Principal": "*",
                    "Action": "kms:Decrypt",
                    "Condition": {"StringEquals": {"kms:CallerAccount": "111122223333"}},
                }
            ),
        ),
    ),
    ("nothing-is-open-to-the-internet", "platform-prod", put(INGRESS, "cidrIpv4", "10.0.0.0/8")),
    (
        "roles-are-taken-by-known-services",
        "ads-dev",
        rewrite(
            ROLE,
            "assumeRolePolicy",
            lambda document: document["Statement"].append({"Effect": "Deny", "Principal": "*", "Action": "sts:*"}),
        ),
    ),
    ("instance-types-of-a-group-are-alike", "ads-dev", put(GROUP, "mixedInstancesPolicy", ...)),
    (
        "api-endpoint-is-private-in-production",
        "platform-prod",
        add("aws:eks/cluster:Cluster", vpcConfig={"endpointPublicAccess": False}),
    ),
    ("autoscaler-fits-its-cluster", "platform-dev", put_output(STACK, "contract", ...)),
    (
        "tenant-lets-people-in-as-its-own",
        "platform-dev",
        put("aws:eks/accessEntry:AccessEntry", "kubernetesGroups", ["x"]),
    ),
    ("no-literal-secret-in-chart-values", "platform-kind", put(RELEASE, "values/adminPassword", "")),
    (
        "charts-say-what-their-pods-need",
        "platform-dev",
        put_value("kube-prometheus-stack", "grafana", {"enabled": False}),
    ),
    ("images-have-a-version", "ads-dev", add(DEPLOYMENT, spec=None)),
    ("api-endpoint-is-private-in-production", "platform-dev", add("aws:eks/cluster:Cluster", vpcConfig={})),
    (
        "queue-lets-named-pods-in",
        "platform-dev",
        add(NETWORK_POLICY, metadata={"namespace": "spark-system"}, spec={"ingress": [{}]}),
    ),
    ("tenant-stays-in-its-own-namespaces", "platform-dev", add(JOB, metadata={"namespace": "elsewhere"})),
    (
        "tenant-stays-in-its-own-namespaces",
        "ads-dev",
        add(
            "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
            accessScope={"type": "namespace", "namespaces": ["ads-batch"]},
        ),
    ),
    ("no-literal-secret-in-kubernetes", "ads-dev", add(CONFIG_MAP, metadata=IN_QUEUE, data={"token_path": "/var/x"})),
    ("no-literal-secret-in-kubernetes", "ads-dev", add("kubernetes:core/v1:Secret", metadata=IN_QUEUE, data={"a": ""})),
    (
        "no-public-load-balancer",
        "ads-dev",
        add(
            "kubernetes:networking.k8s.io/v1:Ingress",
            metadata={"annotations": {"alb.ingress.kubernetes.io/scheme": "internal"}},
        ),
    ),
    ("data-is-shared-with-known-accounts", "platform-kind", add("aws:s3/bucketPolicy:BucketPolicy", policy="{}")),
    (
        "autoscaler-keeps-nodes-with-executors",
        "platform-dev",
        put_value("cluster-autoscaler", "extraArgs/skip-nodes-with-custom-controller-pods", True),
    ),
    ("spot-pool-falls-back-to-on-demand", "ads-dev", put_tag(GROUP, f"{LABEL}/x", "y")),
]


@pytest.mark.parametrize(("rule", "stack", "edit"), KEPT)
def test_a_rule_lets_pass_what_only_looks_like_a_violation(rule: str, stack: str, edit: Edit) -> None:
    assert [f for f in draft(stack, edit).findings({rule: "mandatory"}) if f.rule == rule] == []


@pytest.mark.parametrize(
    ("rule", "options", "stack", "edit"),
    [
        (
            "buckets-keep-versions",
            {"without": ["spark-dev-artifacts-111122223333-eu-central-1"]},
            "platform-dev",
            put("aws:s3/bucketVersioning:BucketVersioning", "versioningConfiguration/status", "Suspended"),
        ),
        (
            "images-come-from-listed-registries",
            {"registries": ["registry.k8s.io", "docker.io/apache", "docker.io/library"]},
            "ads-dev",
            put(JOB, "spec/template/spec/containers/0/image", "busybox:1.37.0"),
        ),
        ("tenant-stays-within-its-budget", {"sharePercent": 200}, "ads-prod", lambda _: None),
        ("resources-are-of-known-packages", {"others": ["example"]}, "ads-dev", add("example:index:Team")),
        (
            "data-is-shared-with-known-accounts",
            {"accounts": ["999988887777"]},
            "platform-dev",
            add(
                "aws:s3/bucketPolicy:BucketPolicy",
                bucket="x",
                policy=json.dumps({"Statement": [{"Effect": "Allow", "Principal": {"AWS": "999988887777"}}]}),
            ),
        ),
    ],
)
def test_an_option_of_the_configuration_moves_a_rules_limit(
    rule: str, options: dict[str, object], stack: str, edit: Edit
) -> None:
    assert [f for f in draft(stack, edit).findings({rule: options}) if f.rule == rule] == []


def test_a_share_of_the_budget_can_be_asked_for() -> None:
    found = draft("ads-dev").findings({"tenant-stays-within-its-budget": {"sharePercent": 50}})
    assert [f.message for f in found] == ["9511 USD a month at its maximum, 6000 allowed"]
