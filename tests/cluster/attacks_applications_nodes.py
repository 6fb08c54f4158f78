"""Applications whose pods would run where they may not, or where no node is."""

from __future__ import annotations

from typing import Any, Final

from tests.cluster.api import Object
from tests.cluster.application_shapes import application, connect, scheduled
from tests.cluster.attacks_applications import submitting
from tests.cluster.attempts import Case
from tests.cluster.pod_shapes import OTHER_POOL, POOL

POOL_LABEL: Final = "elastic-spark/pool"
ZONE: Final = "topology.kubernetes.io/zone"
OWN_TAINT: Final = {"key": POOL_LABEL, "operator": "Equal", "value": POOL, "effect": "NoSchedule"}


def template(**spec: Any) -> Object:  # noqa: ANN401
    """A pod template with Spark's container and more."""
    limits = {"cpu": "1", "memory": "1Gi"}
    container = {"name": "spark-kubernetes-driver", "resources": {"requests": limits, "limits": {"memory": "1Gi"}}}
    return {"template": {"spec": {"containers": [container], **spec}}}


def node_affinity(key: str, operator: str, *values: str, required: bool = True) -> Object:
    """Affinity to nodes by one expression."""
    term = {"matchExpressions": [{"key": key, "operator": operator, **({"values": list(values)} if values else {})}]}
    if required:
        return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}}
    return {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1, "preference": term}]}}


def pods_apart(**where: Any) -> Object:  # noqa: ANN401
    """Affinity that keeps pods apart."""
    term = {"labelSelector": {"matchLabels": {"app": "pi"}}, "topologyKey": "kubernetes.io/hostname", **where}
    return {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}


CASES: Final[tuple[Case, ...]] = (
    submitting(
        "executors on another tenant's pool",
        "application-pools",
        application(executor={"nodeSelector": {POOL_LABEL: OTHER_POOL}}),
        application(executor={"nodeSelector": {POOL_LABEL: POOL}}),
    ),
    submitting(
        "executors on another tenant's pool by a label",
        "application-pools",
        scheduled(sparkConf={f"spark.kubernetes.executor.label.{POOL_LABEL}": OTHER_POOL}),
        scheduled(sparkConf={f"spark.kubernetes.executor.label.{POOL_LABEL}": POOL}),
    ),
    submitting(
        "a driver on executors' nodes, with all else",
        "application-pools",
        application(nodeSelector={POOL_LABEL: POOL}),
        application(executor={"labels": {POOL_LABEL: POOL}}),
    ),
    submitting(
        "a Spark Connect server on executors' nodes",
        "application-pools",
        connect(server=template(nodeSelector={POOL_LABEL: POOL})),
        connect(server=template(nodeSelector={POOL_LABEL: "driver"})),
    ),
    submitting(
        "a driver on nodes of another autoscaler",
        "application-selectors",
        application(driver={"nodeSelector": {"karpenter.sh/capacity-type": "on-demand"}}),
        application(driver={"nodeSelector": {"elastic-spark/capacity": "on-demand"}}),
    ),
    submitting(
        "executors on another kind of processor",
        "application-selectors",
        application(executor={"nodeSelector": {"kubernetes.io/arch": "arm64"}}),
        application(executor={"nodeSelector": {"kubernetes.io/arch": "amd64"}}),
    ),
    submitting(
        "executors in a zone without nodes",
        "application-selectors",
        scheduled(sparkConf={f"spark.kubernetes.executor.node.selector.{ZONE}": "eu-central-1b"}),
        scheduled(sparkConf={f"spark.kubernetes.executor.node.selector.{ZONE}": "eu-central-1a"}),
    ),
    submitting(
        "everything on a type of instance that only executors have",
        "application-selectors",
        application(nodeSelector={"node.kubernetes.io/instance-type": "r7i.2xlarge"}),
        application(executor={"nodeSelector": {"node.kubernetes.io/instance-type": "r6i.2xlarge"}}),
    ),
    submitting(
        "a Spark Connect server's executors on nodes of a node group",
        "application-selectors",
        connect(executor={"template": {"spec": {"nodeSelector": {"eks.amazonaws.com/nodegroup": "spark"}}}}),
        connect(executor={"template": {"spec": {"nodeSelector": {"kubernetes.io/hostname": "ip-10-0-0-1"}}}}),
    ),
    submitting(
        "executors that tolerate another's taint",
        "application-tolerations",
        application(executor={"tolerations": [{"key": "team-a", "operator": "Exists"}]}),
        application(executor={"tolerations": [OWN_TAINT]}),
    ),
    submitting(
        "a driver that tolerates everything",
        "application-tolerations",
        scheduled(driver={"tolerations": [{"operator": "Exists"}]}),
        scheduled(driver={"tolerations": [{**OWN_TAINT, "value": "driver"}]}),
    ),
    submitting(
        "a Spark Connect server that tolerates its executors' taint",
        "application-tolerations",
        connect(server=template(tolerations=[OWN_TAINT])),
        connect(server=template(tolerations=[{**OWN_TAINT, "value": "driver"}])),
    ),
    submitting(
        "executors near another tenant's nodes",
        "application-affinity",
        application(executor={"affinity": node_affinity(POOL_LABEL, "In", OTHER_POOL)}),
        application(executor={"affinity": node_affinity(POOL_LABEL, "In", POOL)}),
    ),
    submitting(
        "executors that would like to be near another tenant's nodes",
        "application-affinity",
        application(executor={"affinity": node_affinity(POOL_LABEL, "In", OTHER_POOL, required=False)}),
        application(executor={"affinity": node_affinity("example.com/any", "Exists", required=False)}),
    ),
    submitting(
        "executors that need a label that no node has",
        "application-affinity",
        application(executor={"affinity": node_affinity("karpenter.sh/capacity-type", "In", "spot")}),
        application(executor={"affinity": node_affinity(ZONE, "In", "eu-central-1b", "eu-central-1a")}),
    ),
    submitting(
        "executors that need the absence of what all nodes have",
        "application-affinity",
        scheduled(executor={"affinity": node_affinity("kubernetes.io/arch", "NotIn", "amd64")}),
        scheduled(executor={"affinity": node_affinity("kubernetes.io/arch", "NotIn", "arm64")}),
    ),
    submitting(
        "a driver that keeps other tenants' drivers away",
        "application-affinity",
        application(driver={"affinity": pods_apart(namespaceSelector={})}),
        application(driver={"affinity": pods_apart()}),
    ),
    submitting(
        "executors spread over what no node is labelled with",
        "application-affinity",
        connect(
            executor={"template": {"spec": {"topologySpreadConstraints": [{"topologyKey": "rack", "maxSkew": 1}]}}}
        ),
        connect(executor={"template": {"spec": {"topologySpreadConstraints": [{"topologyKey": ZONE, "maxSkew": 1}]}}}),
    ),
    submitting(
        "a scheduler of one's own",
        "application-scheduling",
        application(driver={"schedulerName": "volcano"}),
        application(driver={"schedulerName": "yunikorn"}),
    ),
    submitting(
        "a priority of one's own",
        "application-scheduling",
        application(executor={"priorityClassName": "system-node-critical"}),
        application(executor={"priorityClassName": "elastic-spark-job"}),
    ),
    submitting(
        "a node by its name",
        "application-scheduling",
        connect(server=template(nodeName="ip-10-0-0-1")),
        connect(server=template(terminationGracePeriodSeconds=60)),
    ),
    submitting(
        "a gate that nobody opens",
        "application-scheduling",
        application(executor={"template": {"spec": {"schedulingGates": [{"name": "example.com/wait"}]}}}),
        application(executor={"template": {"spec": {"schedulingGates": []}}}),
    ),
    submitting(
        "a runtime that no node has",
        "application-scheduling",
        application(executor={"template": {"spec": {"runtimeClassName": "gvisor"}}}),
        application(executor={"template": {"spec": {"hostAliases": [{"ip": "10.0.0.1", "hostnames": ["db"]}]}}}),
    ),
    submitting(
        "resources of a pod as a whole",
        "application-scheduling",
        connect(server=template(resources={"requests": {"cpu": "1"}})),
        connect(server=template()),
    ),
)
