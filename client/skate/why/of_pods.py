"""Causes that the pods of a job show: what the kubelet and Kubernetes' own controllers have written into their status.

Sources: kubernetes v1.36: pkg/kubelet/images/types.go, pkg/kubelet/eviction/helpers.go, pkg/kubelet/nodeshutdown,
pkg/controller/podgc, pkg/controller/tainteviction, pkg/controller/nodelifecycle; containerd: OOMKilled is its word
for 137 by
the kernel.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from skate.why.causes import Cause, Kind, shown
from skate.why.evidence import Container, Evidence, is_main, name_of, objects, said, words

NO_IMAGE: Final = frozenset(
    {
        "ErrImagePull",
        "ImagePullBackOff",
        "InvalidImageName",
        "ErrImageNeverPull",
        "RegistryUnavailable",
        "ImageInspectError",
    }
)
KILLED: Final = 137
SECRETS_CONTAINER: Final = "elastic-spark-secrets"
"""The init container that reads a queue's secrets."""
GONE_NODE: Final[Mapping[str, str]] = {
    "DeletionByPodGC": "is gone",
    "DeletionByTaintManager": "stopped answering",
    "TerminationByKubelet": "was shut down",
    "EvictionByEvictionAPI": "was drained",
}
"""Reasons of the condition DisruptionTarget that come from a node, and what became of it."""
NODE_REASONS: Final = frozenset({"NodeLost", "NodeShutdown", "Shutdown", "NodeAffinity", "Terminated"})
_DISK: Final = re.compile(r"ephemeral-storage|ephemeral local storage|EmptyDir volume|inodes|DiskPressure")
_SECRET: Final = re.compile(r"the secret (\S+) could not be read")
_EXECUTOR_EVENT: Final = re.compile(
    r"^Executor (\S+) failed with ExitCode: (-?\d+), Reason: ([^,]*), Pod Message: ?(.*)$", re.S
)
"""The operator's, kubeflow/spark-operator v2.5.2, internal/controller/sparkapplication/controller.go"""


def secret(evidence: Evidence) -> Cause | None:
    """The init container that reads the queue's secrets failed."""
    for container in evidence.containers:
        if container.initial and container.name == SECRETS_CONTAINER and container.exit_code:
            log = evidence.log_of(f"{container.pod}/{container.name}")
            named = next((found[1] for line in log if (found := _SECRET.search(line))), "")
            said_last = next((line for line in reversed(log) if line.strip() and not _SECRET.search(line)), "")
            about = f"the secret {named}" if named else "a secret of the queue"
            return Cause(
                kind=Kind.SECRET,
                what=f"The pod {container.pod} could not read {about} (exit code {container.exit_code})"
                + (f": {said_last.strip()}" if said_last else "."),
                remedy=f"Ask the tenant's owners to look at {about}: it must be there, and the queue's role and its "
                "key's policy must let the job read it; then run the job again.",
                evidence=shown(*log[-4:], evidence.message),
            )
    return None


def image(evidence: Evidence) -> Cause | None:
    """The node can't pull an image."""
    for container in evidence.containers:
        if container.waiting in NO_IMAGE:
            return _no_image(evidence, container.pod, container.image, container.waiting, container.message)
    for event in evidence.events_of("Failed", "InspectFailed"):
        if evidence.has_failed and words(event, "message").startswith("Failed to pull image"):
            found = re.search(r'image "([^"]+)"', words(event, "message"))
            pod = words(event, "involvedObject", "name")
            return _no_image(evidence, pod, found[1] if found else "", "Failed", words(event, "message"))
    return None


def _no_image(evidence: Evidence, pod: str, name: str, reason: str, message: str) -> Cause:
    pulls = [
        said(event)
        for event in evidence.events_of("Failed", "BackOff")
        if words(event, "involvedObject", "name") == pod
    ]
    text = " ".join([message, *pulls])
    if re.search(r"not found|NotFound|manifest unknown|InvalidImageName|invalid reference", f"{text} {reason}"):
        why, do = "there is no such image or tag", f"Correct `spec.image`: {name} isn't there"
    elif re.search(r"401|403|unauthorized|denied|Forbidden|no basic auth", text):
        why, do = (
            "the registry doesn't let the nodes in",
            (
                "Ask the platform's owners to let the nodes pull from that registry, or use an image that the "
                "queue's card names"
            ),
        )
    elif re.search(r"no match for platform|exec format", text):
        why, do = "it isn't made for the nodes' processors", "Build the image for the pool's architecture too"
    else:
        why, do = (
            "the registry gave no answer that helps",
            "Look at the image's name and registry; try again if they are right",
        )
    return Cause(
        kind=Kind.IMAGE,
        what=f"The node can't pull the image {name} for {pod}: {why} ({reason}).",
        remedy=f"{do}; stop this job and submit it again.",
        evidence=shown(message, *pulls[:3]),
    )


def evicted(evidence: Evidence) -> Cause | None:
    """Kubernetes evicted the driver, or took its node away."""
    return next(iter(_evictions(evidence, [evidence.driver] if evidence.driver else [])), None)


def evicted_executors(evidence: Evidence) -> Iterator[Cause]:
    """The same of executors, which matters only where the job failed for it."""
    yield from _evictions(evidence, evidence.executors)


def _evictions(evidence: Evidence, pods: list[Mapping[str, Any]]) -> Iterator[Cause]:
    for pod in pods:
        name, node = name_of(pod), words(pod, "spec", "nodeName")
        reason, message = words(pod, "status", "reason"), words(pod, "status", "message")
        condition = next(
            (
                each
                for each in objects(pod, "status", "conditions")
                if each.get("type") == "DisruptionTarget" and each.get("status") == "True"
            ),
            {},
        )
        lines = shown(
            f"{name}: {reason}: {message}" if reason or message else "",
            f"{name}: DisruptionTarget: {words(condition, 'reason')}: {words(condition, 'message')}"
            if condition
            else "",
            *(
                said(event)
                for event in evidence.events_of("Evicted", "TaintManagerEviction", "NodeNotReady", "Preempted")
            ),
        )
        if reason == "Evicted" and _DISK.search(message):
            yield Cause(
                kind=Kind.DISK,
                what=f"Kubernetes evicted {name}: {message.strip().rstrip('.')}.",
                remedy="Let each executor write less: more and smaller partitions, less cached on disk; or choose a "
                "pool with larger local disks (`skate queues` shows them).",
                evidence=lines,
            )
        elif reason in NODE_REASONS or (reason != "Evicted" and words(condition, "reason") in GONE_NODE):
            became = GONE_NODE.get(words(condition, "reason"), "went away")
            yield node_lost([name], node, became, lines)
        elif reason in ("Evicted", "Preempting") or words(condition, "reason") == "PreemptionByScheduler":
            said_why = (message or words(condition, "message") or reason).strip().rstrip(".")
            yield Cause(
                kind=Kind.EVICTED,
                what=f"Kubernetes evicted {name} from {node or 'its node'}: {said_why}.",
                remedy="Run it again; if it happens often, ask for the memory and disk that it really takes "
                "(`memoryOverhead`), and tell the platform's owners.",
                evidence=lines,
            )


def node_lost(pods: list[str], node: str, became: str, lines: tuple[str, ...]) -> Cause:
    """A node went away under these pods."""
    some = ", ".join(pods[:3]) + (f" and {len(pods) - 3} more" if len(pods) > 3 else "")
    return Cause(
        kind=Kind.NODE_LOST,
        what=f"The node {node} of {some} {became}: taken back (Spot), drained or broken."
        if node
        else f"{some} lost the node: taken back (Spot), drained or broken.",
        remedy="Run it again. If it must not happen to this job, choose a pool of on-demand nodes "
        "(`skate queues` shows each pool's capacity), or let it write what it has done (checkpoints).",
        evidence=lines,
    )


def driver_memory(evidence: Evidence) -> Cause | None:
    """The kernel killed the driver."""
    found = next((each for each in evidence.containers if each.role == "driver" and is_main(each)), None)
    by_message = evidence.has_failed and re.search(r"ExitCode: 137, Reason: (\w+)", evidence.message)
    if not (found and found.exit_code == KILLED) and not by_message:
        return None
    name = found.pod if found else evidence.driver_name
    limit = memory_of(evidence.driver)
    return Cause(
        kind=Kind.DRIVER_MEMORY,
        what=f"The driver {name} was killed for memory (exit code 137"
        + (f", {found.reason}" if found and found.reason else "")
        + ")"
        + (f": its pod may have {limit}." if limit else "."),
        remedy="Give the driver more memory: `driver.memoryOverhead` for Python's part (pandas, `toPandas()`), "
        "`driver.memory` for Java's; or keep less of the data in it.",
        evidence=shown(evidence.message, _state_line(found) if found else ""),
    )


def killed_executors(evidence: Evidence) -> list[str]:
    """What shows that the kernel killed executors, by pods that are there or by the operator's events."""
    lines = [_state_line(each) for each in evidence.containers if each.role == "executor" and _was_killed(each)]
    return [*lines, *(line for _, code, line in executor_failures(evidence) if code == KILLED)]


def executor_failures(evidence: Evidence) -> list[tuple[str, int, str]]:
    """The executors of which the operator says that they failed, with their exit codes and its words."""
    return [
        (found[1], int(found[2]), said(event))
        for event in evidence.events_of("SparkExecutorFailed")
        if (found := _EXECUTOR_EVENT.match(words(event, "message")))
    ]


def memory_of(pod: Mapping[str, Any]) -> str:
    """The memory that Spark's container of a pod may have."""
    for container in objects(pod, "spec", "containers"):
        if words(container, "name").startswith("spark-kubernetes"):
            return words(container, "resources", "limits", "memory") or words(
                container, "resources", "requests", "memory"
            )
    return ""


def _was_killed(container: Container) -> bool:
    return is_main(container) and (container.exit_code == KILLED or container.reason == "OOMKilled")


def _state_line(container: Container) -> str:
    return f"{container.pod}: container {container.name} ended with exit code {container.exit_code}, {container.reason}"
