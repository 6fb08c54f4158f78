"""For each rule a change to a sample stack that breaks it, and one that leaves it without the value it needs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import EllipsisType
from typing import Any, Final

from policies.rules.access import ACCESS_ENTRY
from policies.rules.cost import PROVIDER
from policies.rules.pools import GROUP, POOL, TEMPLATE
from policies.rules.queues import NAMESPACE, QUEUE, RELEASE
from sizing.autoscaling_tags import NODE_TEMPLATE, OPTIONS
from tests.policies.drafts import (
    UNKNOWN,
    Draft,
    Edit,
    EditAt,
    add,
    named,
    of_chart,
    put,
    put_annotation,
    put_label,
    put_output,
    put_tag,
    put_value,
    remove,
    rewrite,
    rewrite_statement,
)

ROLE_POLICY: Final = "aws:iam/rolePolicy:RolePolicy"
ROLE: Final = "aws:iam/role:Role"
JOB: Final = "kubernetes:batch/v1:Job"
CLUSTER: Final = "eks:index:Cluster"
BUCKET: Final = "aws:s3/bucket:Bucket"
ENCRYPTION: Final = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
IN_QUEUE: Final = {"name": "by-hand", "namespace": "ads-batch"}
CLUSTER_ROLE_BINDING: Final = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding"
NETWORK_POLICY: Final = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
INGRESS: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """A change that breaks a rule.

    Attributes:
        rule: the rule's name.
        stack: the sample that is changed.
        breaks: the change.
        unknown: a change after which the rule lacks a value that it needs, where that isn't the one that `breaks`
            changes; None where it needs none.
        also: related rules that the same change breaks.
        config: of the policies.
    """

    rule: str
    stack: str
    breaks: Edit
    unknown: Edit | EllipsisType | None = ...
    also: frozenset[str] = frozenset()
    config: Mapping[str, Any] = field(default_factory=dict)

    @property
    def lacks(self) -> Edit | None:
        """The change after which the rule lacks a value that it needs, if it needs any."""
        if self.unknown is not ...:
            return self.unknown
        assert isinstance(self.breaks, EditAt), f"{self.rule}: it isn't said which value is unknown"
        return self.breaks.unknown


DATABASE: Final = "arn:aws:glue:eu-central-1:111122223333:database/research"
KEY: Final = "arn:aws:kms:eu-central-1:999988887777:key/1234abcd-12ab-34cd-56ef-1234567890ab"
"""Of the tenant research of a development platform, as the platform lists them."""


def jobs(inputs: Mapping[str, Any]) -> bool:
    """Whether a policy is the one of a queue's jobs."""
    return "-queue-" in inputs["role"] and not inputs["role"].endswith(".logs")


def with_action(action: str, change: Mapping[str, Any]) -> Callable[[Any], None]:
    """Changes parts of the first statement of a policy that allows an action."""

    def edit(document: Any) -> None:  # noqa: ANN401 - JSON
        next(one for one in document["Statement"] if action in one["Action"]).update(change)

    return edit


def to_the_api(inputs: Mapping[str, Any]) -> bool:
    """Whether a rule lets somebody in to the API endpoint."""
    return str(inputs["description"]).startswith("Kubernetes API")


def _partition(change: Mapping[str, Any]) -> EditAt:
    """Changes YuniKorn's partition in its chart's values."""

    def edit(made: Draft) -> None:
        defaults = made.inputs(RELEASE, of_chart("yunikorn"))["values"]["yunikornDefaults"]
        queues = json.loads(defaults["queues.yaml"])
        queues["partitions"][0].update(change)
        defaults["queues.yaml"] = json.dumps(queues)

    return EditAt(edit, put(RELEASE, "values", UNKNOWN, of_chart("yunikorn")))


def both(*edits: Edit) -> Edit:
    def edit(made: Draft) -> None:
        for one in edits:
            one(made)

    return edit


def _schedule(group: str, **sizes: int) -> Edit:
    return add("aws:autoscaling/schedule:Schedule", autoscalingGroupName=group, scheduledActionName="x", **sizes)


DRIVERS: Final = named("-driver-")
SYSTEM: Final = named("-system-")
TAINT: Final = f"{NODE_TEMPLATE}/taint/elastic-spark/pool"
THRESHOLD: Final = f"{OPTIONS}/scaledownutilizationthreshold"

POOLS: Final = (
    Mutation(
        rule="group-has-no-desired-size",
        stack="ads-dev",
        breaks=put(GROUP, "desiredCapacity", UNKNOWN),
        unknown=None,
    ),
    Mutation(
        rule="group-is-protected-from-scale-in",
        stack="ads-dev",
        breaks=put(GROUP, "protectFromScaleIn", False),
    ),
    Mutation(
        rule="group-is-resized-by-the-autoscaler-alone",
        stack="ads-dev",
        breaks=put(GROUP, "suspendedProcesses", ["AlarmNotification", "InstanceRefresh"]),
        unknown=put(GROUP, "suspendedProcesses/0", UNKNOWN),
    ),
    Mutation(
        rule="no-scaling-policies",
        stack="ads-dev",
        breaks=add("aws:autoscaling/policy:Policy", autoscalingGroupName="spark-dev-driver-eu-central-1a-a"),
        unknown=None,
    ),
    Mutation(
        rule="schedule-moves-the-minimum-alone",
        stack="search-dev",
        breaks=put("aws:autoscaling/schedule:Schedule", "maxSize", ...),
    ),
    Mutation(
        rule="driver-group-is-never-scaled-in",
        stack="platform-dev",
        breaks=put_tag(GROUP, THRESHOLD, "0", DRIVERS),
    ),
    Mutation(
        rule="groups-have-no-tags-from-elsewhere",
        stack="platform-dev",
        breaks=add(
            "aws:autoscaling/tag:Tag",
            autoscalingGroupName="spark-dev-driver-eu-central-1a-a",
            tag={"key": THRESHOLD, "value": "0.5"},
        ),
        unknown=None,
    ),
    Mutation(
        rule="driver-group-has-no-schedule",
        stack="platform-dev",
        breaks=_schedule("spark-dev-driver-eu-central-1a-a", minSize=3, maxSize=-1, desiredCapacity=-1),
        unknown=both(
            _schedule("x", minSize=3, maxSize=-1, desiredCapacity=-1),
            put("aws:autoscaling/schedule:Schedule", "autoscalingGroupName", UNKNOWN),
        ),
    ),
    Mutation(
        rule="nodes-are-in-groups-of-our-own",
        stack="platform-dev",
        breaks=add("aws:eks/nodeGroup:NodeGroup", clusterName="spark-dev"),
        unknown=None,
    ),
    Mutation(
        rule="group-is-in-one-zone",
        stack="ads-dev",
        breaks=put(GROUP, "vpcZoneIdentifiers", ["subnet-1", "subnet-2"]),
    ),
    Mutation(
        rule="group-has-one-identity",
        stack="ads-dev",
        breaks=put_tag(GROUP, TAINT, "search-etl-main:NoSchedule"),
    ),
    Mutation(
        rule="nodes-carry-their-pools-label-and-taint",
        stack="platform-dev",
        breaks=put(POOL, "nodeConfig/spec/kubelet/config/registerWithTaints", []),
    ),
    Mutation(
        rule="spot-group-has-no-minimum",
        stack="research-dev",
        breaks=put(GROUP, "minSize", 2, named("-spot-")),
    ),
    Mutation(
        rule="spot-pool-falls-back-to-on-demand",
        stack="research-dev",
        breaks=lambda made: made.remove_all(GROUP, lambda inputs: "-spot-" not in inputs["name"]),
        unknown=put(GROUP, "tags/0/value", UNKNOWN),
    ),
    Mutation(
        rule="system-pool-is-static",
        stack="platform-dev",
        breaks=put(GROUP, "maxSize", 9, SYSTEM),
    ),
    Mutation(
        rule="instance-types-of-a-group-are-alike",
        stack="ads-dev",
        breaks=put(GROUP, "mixedInstancesPolicy/launchTemplate/overrides/1/instanceType", "r6i.4xlarge"),
    ),
    Mutation(
        rule="metadata-service-is-for-the-node-alone",
        stack="ads-dev",
        breaks=put(TEMPLATE, "metadataOptions/httpPutResponseHopLimit", 2),
        unknown=put(TEMPLATE, "metadataOptions/httpTokens", UNKNOWN),
    ),
    Mutation(
        rule="disks-are-encrypted",
        stack="ads-dev",
        breaks=put(TEMPLATE, "blockDeviceMappings/0/ebs/encrypted", "false"),
    ),
    Mutation(
        rule="disks-have-the-platforms-key",
        stack="ads-prod",
        breaks=put(TEMPLATE, "blockDeviceMappings/0/ebs/kmsKeyId", ...),
    ),
    Mutation(
        rule="nodes-have-no-ssh-key",
        stack="ads-dev",
        breaks=put(TEMPLATE, "keyName", UNKNOWN),
        unknown=None,
    ),
    Mutation(
        rule="nodes-have-no-public-address",
        stack="ads-dev",
        breaks=put(TEMPLATE, "networkInterfaces/0/associatePublicIpAddress", "true"),
    ),
)

QUEUES: Final = (
    Mutation(
        rule="queue-has-a-maximum",
        stack="ads-dev",
        breaks=put_annotation("yunikorn.apache.org/namespace.quota", ...),
        unknown=put(NAMESPACE, "metadata/annotations", UNKNOWN),
        also=frozenset({"queue-annotations-say-one-thing"}),
    ),
    Mutation(
        rule="queue-annotations-say-one-thing",
        stack="ads-dev",
        breaks=put_annotation("elastic-spark/guaranteed-cpu-millicores", "15299"),
    ),
    Mutation(
        rule="queue-enforces-restricted-pods",
        stack="ads-dev",
        breaks=put_label("pod-security.kubernetes.io/enforce", "baseline"),
    ),
    Mutation(
        rule="queue-size-follows-from-its-nodes",
        stack="ads-dev",
        breaks=put(QUEUE, "size/maximum/cpu", 10**6),
    ),
    Mutation(
        rule="queue-fits-its-groups",
        stack="ads-dev",
        breaks=put(GROUP, "maxSize", 5),
    ),
    Mutation(
        rule="no-quota-on-cpu-or-memory",
        stack="ads-dev",
        breaks=add(
            "kubernetes:core/v1:ResourceQuota",
            metadata={"name": "q", "namespace": "ads-batch"},
            spec={"hard": {"requests.cpu": "10"}},
        ),
        unknown=add("kubernetes:core/v1:ResourceQuota", metadata={"namespace": "ads-batch"}, spec=UNKNOWN),
    ),
    Mutation(
        rule="scheduler-takes-no-running-pod",
        stack="platform-kind",
        breaks=_partition({"preemption": {"enabled": False, "quotapreemptionenabled": True}}),
    ),
    Mutation(
        rule="scheduler-places-by-namespace",
        stack="platform-kind",
        breaks=_partition({"placementrules": [{"name": "provided", "create": True}]}),
    ),
)

AUTOSCALER: Final = (
    Mutation(
        rule="autoscaler-waits-for-the-scheduler",
        stack="platform-dev",
        breaks=put_value("cluster-autoscaler", "extraArgs/bypassed-scheduler-names", "yunikorn"),
        unknown=put_value("cluster-autoscaler", "extraArgs", UNKNOWN),
    ),
    Mutation(
        rule="autoscaler-keeps-nodes-with-executors",
        stack="platform-dev",
        breaks=put_value("cluster-autoscaler", "extraArgs/skip-nodes-with-custom-controller-pods", "false"),
        unknown=put_value("cluster-autoscaler", "extraArgs", UNKNOWN),
    ),
    Mutation(
        rule="autoscaler-knows-its-flags",
        stack="platform-dev",
        breaks=put_value("cluster-autoscaler", "extraArgs/max-empty-bulk-delete", "10"),
        unknown=put_value("cluster-autoscaler", "image/tag", UNKNOWN),
    ),
    Mutation(
        rule="autoscaler-fits-its-cluster",
        stack="platform-dev",
        breaks=put_output("elastic-spark:autoscaler:Autoscaler", "imageTag", "v1.35.2"),
    ),
    Mutation(
        rule="scaling-is-bound-to-the-clusters-groups",
        stack="platform-dev",
        breaks=rewrite(
            ROLE_POLICY,
            "policy",
            lambda document: document["Statement"][1].pop("Condition"),
            named("cluster-autoscaler"),
        ),
        also=frozenset({"policies-name-their-resources"}),
    ),
)

IDENTITY: Final = (
    Mutation(
        rule="policies-name-their-actions",
        stack="ads-dev",
        breaks=rewrite_statement(ROLE_POLICY, "policy", {"Action": ["s3:*"]}),
    ),
    Mutation(
        rule="policies-name-their-resources",
        stack="ads-dev",
        breaks=rewrite_statement(ROLE_POLICY, "policy", {"Resource": ["*"]}),
        also=frozenset({"roles-keep-to-the-prefixes-of-their-queues"}),
    ),
    Mutation(
        rule="no-managed-policy-of-full-access",
        stack="platform-dev",
        breaks=put(
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
            "policyArn",
            "arn:aws:iam::aws:policy/AmazonS3FullAccess",
        ),
    ),
    Mutation(
        rule="roles-keep-to-the-prefixes-of-their-queues",
        stack="ads-dev",
        breaks=rewrite_statement(
            ROLE_POLICY,
            "policy",
            {"Resource": ["arn:aws:s3:::spark-dev-events-111122223333-eu-central-1/search/*"]},
        ),
    ),
    Mutation(
        rule="roles-of-tenants-reach-listed-databases",
        stack="research-dev",
        breaks=rewrite(
            ROLE_POLICY,
            "policy",
            with_action("glue:GetTable", {"Resource": [DATABASE.replace("/research", "/search")]}),
            jobs,
        ),
    ),
    Mutation(
        rule="roles-of-tenants-use-listed-keys",
        stack="research-dev",
        breaks=rewrite(
            ROLE_POLICY, "policy", with_action("kms:Decrypt", {"Resource": [KEY.replace("1234", "4321")]}), jobs
        ),
    ),
    Mutation(
        rule="roles-of-tenants-have-the-boundary",
        stack="ads-dev",
        breaks=put(ROLE, "permissionsBoundary", "arn:aws:iam::111122223333:policy/spark-dev-tenant-search"),
    ),
    Mutation(
        rule="roles-are-taken-by-known-services",
        stack="platform-dev",
        breaks=rewrite_statement(
            ROLE, "assumeRolePolicy", {"Condition": {}}, chooses=lambda inputs: inputs["name"] == "spark-dev-cluster"
        ),
        unknown=put(ROLE, "assumeRolePolicy", UNKNOWN),
    ),
    Mutation(
        rule="pod-roles-trust-their-own-cluster",
        stack="ads-dev",
        breaks=rewrite(
            ROLE,
            "assumeRolePolicy",
            lambda document: document["Statement"][0]["Condition"]["ArnEquals"].update(
                {"aws:SourceArn": "arn:aws:eks:eu-central-1:111122223333:cluster/other"}
            ),
        ),
    ),
    Mutation(
        rule="no-users-and-no-access-keys",
        stack="ads-dev",
        breaks=add("aws:iam/accessKey:AccessKey", user="airflow"),
        unknown=None,
    ),
    Mutation(
        rule="no-literal-secret-in-kubernetes",
        stack="ads-dev",
        breaks=add("kubernetes:core/v1:Secret", metadata=IN_QUEUE, stringData={"password": "hunter2"}),
        unknown=add("kubernetes:core/v1:Secret", metadata=IN_QUEUE, stringData={"password": UNKNOWN}),
    ),
    Mutation(
        rule="no-literal-secret-in-chart-values",
        stack="platform-kind",
        breaks=put_value("yunikorn", "adminPassword", "hunter2"),
    ),
)

ACCESS: Final = (
    Mutation(
        rule="people-come-in-by-access-entries",
        stack="platform-dev",
        breaks=put(CLUSTER, "authenticationMode", "API_AND_CONFIG_MAP"),
    ),
    Mutation(
        rule="rights-in-kubernetes-are-named",
        stack="platform-dev",
        breaks=put(CLUSTER_ROLE_BINDING, "roleRef/name", "cluster-admin"),
    ),
    Mutation(
        rule="tenant-lets-people-in-as-its-own",
        stack="ads-dev",
        breaks=put(ACCESS_ENTRY, "kubernetesGroups/0", "elastic-spark:search:owner"),
    ),
    Mutation(
        rule="tenant-stays-in-its-own-namespaces",
        stack="ads-dev",
        breaks=put(JOB, "metadata/namespace", "search-adhoc"),
    ),
)

DATA: Final = (
    Mutation(
        rule="buckets-are-private",
        stack="platform-dev",
        breaks=put("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "restrictPublicBuckets", False),
    ),
    Mutation(
        rule="buckets-take-tls-alone",
        stack="platform-dev",
        breaks=remove("aws:s3/bucketPolicy:BucketPolicy"),
        unknown=put("aws:s3/bucketPolicy:BucketPolicy", "policy", UNKNOWN),
    ),
    Mutation(
        rule="buckets-are-encrypted-by-a-key",
        stack="platform-dev",
        breaks=put(ENCRYPTION, "rules/0/applyServerSideEncryptionByDefault/sseAlgorithm", "AES256"),
    ),
    Mutation(
        rule="buckets-keep-versions",
        stack="platform-dev",
        breaks=put("aws:s3/bucketVersioning:BucketVersioning", "versioningConfiguration/status", "Suspended"),
    ),
    Mutation(
        rule="buckets-are-not-emptied-for-deletion",
        stack="platform-dev",
        breaks=put(BUCKET, "forceDestroy", True),
    ),
    Mutation(
        rule="keys-rotate",
        stack="platform-dev",
        breaks=put("aws:kms/key:Key", "enableKeyRotation", ...),
    ),
    Mutation(
        rule="logs-are-not-kept-for-ever",
        stack="platform-dev",
        breaks=put("aws:cloudwatch/logGroup:LogGroup", "retentionInDays", 0),
    ),
    Mutation(
        rule="data-is-shared-with-known-accounts",
        stack="platform-dev",
        breaks=rewrite(
            "aws:kms/key:Key",
            "policy",
            lambda document: document["Statement"].append(
                {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999988887777:root"}, "Action": "kms:Decrypt"}
            ),
        ),
    ),
    Mutation(
        rule="cluster-encrypts-secrets-and-logs-its-audit",
        stack="platform-dev",
        breaks=put(CLUSTER, "enabledClusterLogTypes", ["api"]),
    ),
    Mutation(
        rule="what-holds-data-is-protected-in-production",
        stack="platform-prod",
        breaks=lambda made: made.unprotect("aws:kms/key:Key"),
        unknown=put_output("pulumi:pulumi:Stack", "contract", UNKNOWN),
    ),
)

RESOURCES: Final = (
    Mutation(
        rule="resources-are-of-known-packages",
        stack="platform-dev",
        breaks=add("command:local:Command", create="aws s3 mb s3://x"),
        unknown=None,
    ),
    Mutation(
        rule="objects-in-kubernetes-are-not-patched",
        stack="platform-dev",
        breaks=add("kubernetes:core/v1:NamespacePatch", metadata={"name": "ads-batch"}),
        unknown=None,
    ),
)

NETWORK: Final = (
    Mutation(
        rule="cilium-reads-no-secrets",
        stack="platform-dev",
        breaks=put_value("cilium", "tls/secretSync/enabled", True),
    ),
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
            "kubernetes:networking.k8s.io/v1:NetworkPolicy",
            lambda inputs: inputs["metadata"]["name"] == "default-deny",
        ),
        unknown=put("kubernetes:networking.k8s.io/v1:NetworkPolicy", "spec", UNKNOWN),
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
        rule="queue-reaches-named-places-only",
        stack="ads-dev",
        breaks=add(NETWORK_POLICY, metadata=IN_QUEUE, spec={"policyTypes": ["Egress"], "egress": [{}]}),
        unknown=add(NETWORK_POLICY, metadata=IN_QUEUE, spec={"policyTypes": ["Egress"], "egress": UNKNOWN}),
    ),
    Mutation(
        rule="no-public-load-balancer",
        stack="ads-dev",
        breaks=add("kubernetes:core/v1:Service", metadata=IN_QUEUE, spec={"type": "LoadBalancer"}),
        unknown=add("kubernetes:core/v1:Service", metadata=IN_QUEUE, spec={"type": UNKNOWN}),
    ),
)

SOFTWARE: Final = (
    Mutation(
        rule="versions-of-charts-and-add-ons-are-exact",
        stack="platform-kind",
        breaks=put(RELEASE, "version", "^1.9.0"),
    ),
    Mutation(
        rule="software-is-installed-by-values-alone",
        stack="platform-kind",
        breaks=put(RELEASE, "valueYamlFiles", ["values.yaml"]),
    ),
    Mutation(
        rule="nodes-boot-one-release",
        stack="ads-dev",
        breaks=put(
            TEMPLATE,
            "imageId",
            "resolve:ssm:/aws/service/eks/optimized-ami/1.36/amazon-linux-2023/x86_64/standard/recommended/image_id",
        ),
    ),
    Mutation(
        rule="images-have-a-version",
        stack="ads-dev",
        breaks=put(JOB, "spec/template/spec/containers/0/image", "registry.k8s.io/pause"),
    ),
    Mutation(
        rule="images-come-from-listed-registries",
        stack="ads-dev",
        breaks=put(JOB, "spec/template/spec/containers/0/image", "busybox:1.37.0"),
    ),
    Mutation(
        rule="charts-come-from-listed-repositories",
        stack="platform-kind",
        breaks=put(RELEASE, "repositoryOpts/repo", "https://charts.example.com"),
    ),
    Mutation(
        rule="charts-say-what-their-pods-need",
        stack="platform-dev",
        breaks=put_value("cluster-autoscaler", "podDisruptionBudget", ...),
    ),
)

COST: Final = (
    Mutation(
        rule="tenant-stays-within-its-budget",
        stack="ads-dev",
        breaks=put_output("pulumi:pulumi:Stack", "budget/monthlyUsd", 9000),
    ),
    Mutation(
        rule="default-tags-allocate-cost",
        stack="ads-dev",
        breaks=rewrite(PROVIDER, "defaultTags", lambda tags: tags["tags"].pop("elastic-spark:platform")),
    ),
    Mutation(
        rule="tenant-is-named-on-what-it-pays-for",
        stack="ads-dev",
        breaks=put(TEMPLATE, "tagSpecifications/0/tags/elastic-spark:tenant", ...),
        unknown=put(TEMPLATE, "tagSpecifications", UNKNOWN),
    ),
    Mutation(
        rule="nodes-and-volumes-allocate-cost",
        stack="ads-dev",
        breaks=put_tag(GROUP, "elastic-spark:tenant", ...),
    ),
)

MUTATIONS: Final = (*POOLS, *QUEUES, *AUTOSCALER, *IDENTITY, *ACCESS, *DATA, *NETWORK, *SOFTWARE, *RESOURCES, *COST)
