"""What of a queue's pod stays as it was when admission let it in, and who gives it its node."""

from __future__ import annotations

from typing import Final

from components.admission import pod_variables as pods
from components.admission.pod_variables import ROLE_LABEL, SAFE_TO_EVICT
from components.admission.policy import CREATE, AdmissionRule, Match, Requests, ValidatingPolicy, cel_list, cel_text

SPARK_APPLICATION_LABEL: Final = "spark-app-selector"
KEPT: Final = (SAFE_TO_EVICT, ROLE_LABEL, SPARK_APPLICATION_LABEL, "applicationId", "placeholder", "queue")
"""Labels and annotations that stay, beside all of YuniKorn's and of this platform. Spark itself marks executors that it
gives up by others (apache/spark 4.0, ExecutorPodsLifecycleManager, KubernetesClusterSchedulerBackend)."""
PLACEMENT: Final = ("affinity", "nodeSelector", "tolerations")
"""Fields that say where a pod may go."""


def _kept(thing: str) -> str:
    kept = f"key in {cel_list(KEPT)} || key.contains({cel_text(pods.YUNIKORN)}) || key.startsWith('elastic-spark/')"
    return (
        f"[{thing}.metadata.?labels.orValue({{}}), {thing}.metadata.?annotations.orValue({{}})]"
        f".map(keys, keys.transformMap(key, value, {kept}, value))"
    )


def _same(what: str) -> str:
    """Whether something of each container is the same, and of each that runs before or beside the others."""
    lists = ("object.spec.containers", "object.spec.?initContainers.orValue([])")
    return " && ".join(
        f"{containers}.map(c, {what}) == {containers.replace('object', 'oldObject')}.map(c, {what})"
        for containers in lists
    )


PODS_UNCHANGED: Final = ValidatingPolicy(
    name="elastic-spark-pods-unchanged",
    match=Match(
        requests=(
            Requests(
                group="",
                resources=("pods", "pods/ephemeralcontainers", "pods/resize"),
                operations=("UPDATE",),
            ),
        )
    ),
    rules=(
        AdmissionRule(
            "marks-unchanged",
            f"{_kept('object')} == {_kept('oldObject')}",
            "the labels and annotations stay by which a pod was placed, scheduled and counted: delete the pod, and "
            "make another",
        ),
        AdmissionRule(
            "placement-unchanged",
            # Selectors and affinity of a pod with scheduling gates may change until the last of them is off.
            " && ".join(f"object.spec.?{field} == oldObject.spec.?{field}" for field in PLACEMENT),
            "a pod goes where it was to go when it was made, and tolerates what it did: delete it, and make another",
        ),
        AdmissionRule(
            "images-unchanged",
            _same("[c.name, c.image]"),
            "a pod runs what it ran when it was made: delete it, and make another",
        ),
        AdmissionRule(
            "resources-unchanged",
            f"object.spec.?resources == oldObject.spec.?resources && {_same('c.?resources')}",
            "a pod has what it requested when it was made, so that queues and drivers stay in their bounds: delete "
            "it, and make another",
        ),
        AdmissionRule(
            "no-ephemeral-containers",
            "object.spec.?ephemeralContainers.orValue([]) == oldObject.spec.?ephemeralContainers.orValue([])",
            "an ephemeral container is in no queue's books: look at a pod by its logs and metrics",
        ),
    ),
)
"""Changes of pods, and of the parts of pods that have their own address."""


def pods_bound(scheduler_user: str) -> ValidatingPolicy:
    """The policy that lets only YuniKorn put pods of queues on nodes.

    Args:
        scheduler_user: YuniKorn's own user.
    """
    return ValidatingPolicy(
        name="elastic-spark-pods-bound",
        match=Match(requests=(Requests(group="", resources=("bindings", "pods/binding"), operations=CREATE),)),
        rules=(
            AdmissionRule(
                "bound-by-yunikorn",
                f"request.userInfo.username == {cel_text(scheduler_user)}",
                "the scheduler chooses the node: let the pod wait for it",
            ),
        ),
    )
