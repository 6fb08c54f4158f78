"""Three jobs of other people, rebuilt in their main lines: as they are, and as docs/guides/jobs.md has them changed.

After examples of awslabs/data-on-eks for the Spark operator with Karpenter and YuniKorn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from tests.cluster.api import Object
from tests.cluster.application_shapes import application
from tests.cluster.pod_shapes import NAMESPACE

LOCAL: Final = "spark-local-dir-1"
BUSYBOX: Final = "public.ecr.aws/docker/library/busybox"
SPARK_THREE: Final = "public.ecr.aws/data-on-eks/spark:3.5.3-scala2.12-java17-python3-ubuntu"
LARGE_NODES: Final = {"node.kubernetes.io/workload-type": "compute-optimized-x86"}
ON_DEMAND: Final = {"karpenter.sh/capacity-type": "on-demand"}
PYTHON: Final = {"type": "Python", "mainClass": ..., "mainApplicationFile": "s3a://example-ads-raw/scripts/trips.py"}


@dataclass(frozen=True)
class RealJob:
    """A job that ran elsewhere.

    Args:
        name: what is special about it.
        as_it_is: refused.
        rules: by all of these at once.
        changed: admitted.
    """

    name: str
    as_it_is: Object
    rules: frozenset[str]
    changed: Object


def _named(name: str, labels: dict[str, str] | None = None, **spec: Any) -> Object:  # noqa: ANN401
    metadata = {"name": name, "namespace": NAMESPACE, **({"labels": labels} if labels else {})}
    return {**application(**spec), "metadata": metadata}


def _owning(path: str) -> list[Object]:
    return [
        {
            "name": "volume-permissions",
            "image": BUSYBOX,
            "command": ["sh", "-c", f"chown -R 185 {path}"],
            "volumeMounts": [{"name": LOCAL, "mountPath": path}],
        }
    ]


def _claims(role: str) -> dict[str, str]:
    volume = f"spark.kubernetes.{role}.volumes.persistentVolumeClaim.{LOCAL}"
    return {
        f"{volume}.options.claimName": "OnDemand",
        f"{volume}.options.storageClass": "gp3",
        f"{volume}.options.sizeLimit": "100Gi",
        f"{volume}.mount.path": "/data1",
        f"{volume}.mount.readOnly": "false",
    }


def _folders(role: str) -> dict[str, str]:
    volume = f"spark.kubernetes.{role}.volumes.hostPath.{LOCAL}"
    return {f"{volume}.options.path": "/mnt/k8s-disks", f"{volume}.mount.path": "/data1"}


_CLAIMED: Final = {
    "spark.local.dir": "/data1",
    "spark.eventLog.dir": "s3a://example-logs/spark-event-logs",
    "spark.kubernetes.driver.ownPersistentVolumeClaim": "true",
    "spark.kubernetes.driver.reusePersistentVolumeClaim": "true",
    **_claims("executor"),
}
_TAINT: Final = [{"key": "spark-compute-optimized", "operator": "Exists", "effect": "NoSchedule"}]
_LOG4J: Final = {
    "volumes": [{"name": "spark-log4j2", "configMap": {"name": "spark-log4j2-config"}}],
}
_LOGS: Final = {"volumeMounts": [{"name": "spark-log4j2", "mountPath": "/opt/spark/log4j2-custom"}]}

DYNAMIC_CLAIMS: Final = RealJob(
    name="dynamic claims, with an init container for their owner",
    as_it_is=_named(
        "taxi-trips-pvc",
        {"app": "taxi-trips-pvc", "queue": "root.test"},
        **PYTHON,
        **_LOG4J,
        image=SPARK_THREE,
        sparkVersion="3.5.3",
        sparkConf={**_CLAIMED, **_claims("driver")},
        driver={
            **_LOGS,
            "initContainers": _owning("/data1"),
            "cores": 1,
            "coreLimit": "1200m",
            "memory": "4g",
            "memoryOverhead": "4g",
            "serviceAccount": "spark-team-a",
            "nodeSelector": {**LARGE_NODES, **ON_DEMAND},
            "tolerations": _TAINT,
        },
        executor={
            **_LOGS,
            "initContainers": _owning("/data1"),
            "cores": 1,
            "coreLimit": "1200m",
            "instances": 2,
            "memory": "4g",
            "memoryOverhead": "4g",
            "serviceAccount": "spark-team-a",
            "nodeSelector": LARGE_NODES,
            "tolerations": _TAINT,
        },
    ),
    rules=frozenset(
        {
            "application-driver-size",
            "application-images",
            "application-limits",
            "application-queue",
            "application-selectors",
            "application-tolerations",
        }
    ),
    changed=_named(
        "taxi-trips-pvc",
        {"app": "taxi-trips-pvc"},
        **PYTHON,
        **_LOG4J,
        sparkConf={**_CLAIMED, **_claims("driver")},
        driver={
            **_LOGS,
            "cores": 1,
            "coreLimit": "1200m",
            "memory": "2g",
            "memoryOverhead": "2g",
            "podSecurityContext": {"fsGroup": 185},
        },
        executor={
            **_LOGS,
            "cores": 1,
            "coreLimit": "1200m",
            "instances": 2,
            "memory": "4g",
            "memoryOverhead": "4g",
            "podSecurityContext": {"fsGroup": 185},
        },
    ),
)

_GROUPS: Final = (
    '[{"name": "spark-driver", "minMember": 1, "minResource": {"cpu": "2000m", "memory": "10Gi"}},\n'
    ' {"name": "spark-executor", "minMember": 10, "minResource": {"cpu": "4000m", "memory": "18Gi"}}]'
)
_FAST: Final = {**LARGE_NODES, "karpenter.k8s.aws/instance-family": "c6id"}
_GANG: Final = {"elastic-spark/gang": "true", "version": "4.0.4"}
GANG: Final = RealJob(
    name="a gang, with local disks by hostPath",
    as_it_is=_named(
        "taxi-trips-gang",
        {"app": "taxi-trips-gang", "queue": "root.spark.spark-team-a"},
        **PYTHON,
        image=SPARK_THREE,
        sparkVersion="3.5.3",
        batchScheduler="yunikorn",
        batchSchedulerOptions={"queue": "root.spark.spark-team-a"},
        sparkConf={"spark.local.dir": "/data1", **_folders("driver"), **_folders("executor")},
        driver={
            "initContainers": _owning("/data1"),
            "cores": 2,
            "coreLimit": "2000m",
            "memory": "8g",
            "memoryOverhead": "2g",
            "annotations": {
                "yunikorn.apache.org/task-group-name": "spark-driver",
                "yunikorn.apache.org/task-groups": _GROUPS,
                "karpenter.sh/do-not-disrupt": "true",
            },
            "nodeSelector": {**_FAST, **ON_DEMAND},
            "labels": {"version": "3.5.3"},
        },
        executor={
            "initContainers": _owning("/data1"),
            "cores": 4,
            "coreLimit": "4000m",
            "instances": 10,
            "memory": "15g",
            "memoryOverhead": "3g",
            "annotations": {"yunikorn.apache.org/task-group-name": "spark-executor"},
            "nodeSelector": _FAST,
            "labels": {"version": "3.5.3"},
        },
    ),
    rules=frozenset(
        {
            "application-conf",
            "application-driver-size",
            "application-images",
            "application-limits",
            "application-queue",
            "application-scheduler",
            "application-selectors",
            "application-yunikorn",
        }
    ),
    changed=_named(
        "taxi-trips-gang",
        {"app": "taxi-trips-gang"},
        **PYTHON,
        driver={"cores": 1, "memory": "3g", "memoryOverhead": "1g", "labels": _GANG},
        executor={
            "cores": 4,
            "coreLimit": "4000m",
            "instances": 10,
            "memory": "15g",
            "memoryOverhead": "3g",
            "labels": _GANG,
        },
    ),
)

_SHUFFLE: Final = {
    "spark.shuffle.manager": "org.apache.spark.shuffle.celeborn.SparkShuffleManager",
    "spark.shuffle.service.enabled": "false",
    "spark.celeborn.master.endpoints": "celeborn-master-0.celeborn-master-svc.celeborn:9097",
}
_GRAVITON: Final = {"NodeGroupType": "SparkGravitonMemoryOptimized", **ON_DEMAND}
CELEBORN: Final = RealJob(
    name="remote shuffle by Celeborn",
    as_it_is=_named(
        "tpcds-celeborn",
        {"queue": "root.default"},
        sparkVersion="4.0.1",
        image="docker.io/apache/spark:4.0.1",
        sparkConf={**_SHUFFLE, "spark.sql.adaptive.enabled": "true"},
        driver={"cores": 1, "memory": "6g", "nodeSelector": _GRAVITON, "securityContext": {"runAsUser": 185}},
        executor={"cores": 4, "memory": "16g", "instances": 4, "nodeSelector": _GRAVITON},
    ),
    rules=frozenset(
        {
            "application-driver-size",
            "application-ports",
            "application-queue",
            "application-selectors",
        }
    ),
    changed=_named(
        "tpcds-celeborn",
        sparkVersion="4.0.1",
        image="docker.io/apache/spark:4.0.1",
        sparkConf={"spark.sql.adaptive.enabled": "true"},
        driver={"cores": 1, "memory": "3g", "securityContext": {"runAsUser": 185}},
        executor={"cores": 4, "memory": "16g", "instances": 4},
    ),
)
JOBS: Final = (DYNAMIC_CLAIMS, GANG, CELEBORN)
