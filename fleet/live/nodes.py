"""Nodes of a running platform, by the Kubernetes API, and what goes wrong when a cluster or AWS is asked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from fleet.errors import FleetError
from sizing import names
from sizing.values import Json

SCALE_IN_DISABLED: Final = "cluster-autoscaler.kubernetes.io/scale-down-disabled"
"""Annotation of nodes that the autoscaler leaves alone.

Source: kubernetes/autoscaler 1.36.1, core/scaledown/eligibility
"""
LEAVING_TAINT: Final = "ToBeDeletedByClusterAutoscaler"
"""Of nodes that the autoscaler is taking away. Source: kubernetes/autoscaler 1.36.1, utils/taints"""
REGION_LABEL: Final = "topology.kubernetes.io/region"
MIRROR_ANNOTATION: Final = "kubernetes.io/config.mirror"
"""On the API's image of a static pod, which the kubelet runs by itself."""
FINISHED: Final = frozenset({"Succeeded", "Failed"})
TIMEOUT_SECONDS: Final = 30
INSTALL: Final = "make aws"


class LiveError(FleetError):
    """AWS or a cluster could not be asked or changed; the message is one line and says what to do where it can."""


class RefusedError(LiveError):
    """The AWS API said no, so nothing was changed."""


@dataclass(frozen=True)
class Node:
    """A node and what runs there."""

    name: str
    instance: str
    """EC2 instance id; empty when the node is not EC2's."""
    region: str
    created: datetime
    ready: bool
    cordoned: bool
    pool: str
    purpose: str
    """`system`, `driver` or `executor`; empty when the node doesn't say it."""
    ami_release: str = ""
    """Such as `v20260930`; empty for nodes that were launched before there was the label."""
    patching: datetime | None = None
    """Since when `fleet pools patch` has had it cordoned; None when it has not."""
    held: bool = False
    """`fleet pools patch` keeps it from the autoscaler's scale-in."""
    spared: bool = False
    """Somebody else keeps it from the autoscaler's scale-in."""
    leaving: bool = False
    """The autoscaler is taking it."""
    work: tuple[str, ...] | None = None
    """Unfinished pods but for DaemonSets' and static ones, as `namespace/name`, sorted; None before somebody looked."""

    @property
    def open(self) -> bool:
        """Pods can be placed there now."""
        return self.ready and not self.cordoned and not self.leaving


class Cluster:
    """Nodes and pods behind one kubeconfig context.

    Args:
        kubeconfig: path of the kubeconfig; `None` for `~/.kube/config`.
        context: its context; `None` for the current one.

    Raises:
        LiveError: there is no such kubeconfig or context, or the client isn't installed. All methods raise it too.
    """

    def __init__(self, kubeconfig: Path | None, context: str | None) -> None:
        with _kubernetes_errors():
            from kubernetes import client, config  # type: ignore[import-untyped]

            api_client = config.new_client_from_config(str(kubeconfig) if kubeconfig else None, context, False)
            self._api = client.CoreV1Api(api_client)

    def nodes(self, pool: str | None = None, generation: str | None = None) -> list[Node]:
        """The nodes of a pool, of one generation of it, or of all pools, by name; nobody has looked at their work."""
        selector = f"{names.POOL_LABEL}={pool}" if pool else names.POOL_LABEL
        if generation:
            selector += f",{names.GENERATION_LABEL}={generation}"
        with _kubernetes_errors():
            items = self._api.list_node(label_selector=selector, _request_timeout=TIMEOUT_SECONDS).items
        return sorted(map(_node, items), key=lambda node: node.name)

    def work_on(self, node: str) -> tuple[str, ...]:
        """See `Node.work`."""
        with _kubernetes_errors():
            pods = self._api.list_pod_for_all_namespaces(
                field_selector=f"spec.nodeName={node}", _request_timeout=TIMEOUT_SECONDS
            ).items
        return tuple(sorted(f"{pod.metadata.namespace}/{pod.metadata.name}" for pod in pods if _is_work(pod)))

    def cordon(self, node: str, since: datetime) -> None:
        """Let the scheduler place no more pods on a node, and note since when."""
        self._patch(node, unschedulable=True, annotations={names.PATCHING_ANNOTATION: since.isoformat()})

    def uncordon(self, node: str) -> None:
        """Let the scheduler place pods there again."""
        self._patch(node, unschedulable=False, annotations={names.PATCHING_ANNOTATION: None})

    def hold(self, node: str) -> None:
        """Keep a node from the autoscaler's scale-in."""
        self._patch(node, annotations={SCALE_IN_DISABLED: "true", names.HELD_ANNOTATION: "true"})

    def let_go(self, node: str) -> None:
        """Let the autoscaler have a node again that was held."""
        self._patch(node, annotations={SCALE_IN_DISABLED: None, names.HELD_ANNOTATION: None})

    def _patch(self, node: str, *, annotations: Mapping[str, str | None], unschedulable: bool | None = None) -> None:
        body: dict[str, Json] = {"metadata": {"annotations": dict(annotations)}}
        if unschedulable is not None:
            body["spec"] = {"unschedulable": unschedulable}
        with _kubernetes_errors():
            self._api.patch_node(node, body, _request_timeout=TIMEOUT_SECONDS)


def _node(item: Any) -> Node:  # noqa: ANN401
    labels, annotations = item.metadata.labels or {}, item.metadata.annotations or {}
    scheme, _, path = (item.spec.provider_id or "").partition("://")
    return Node(
        name=item.metadata.name,
        instance=path.rsplit("/", 1)[-1] if scheme == "aws" else "",
        region=labels.get(REGION_LABEL, ""),
        created=item.metadata.creation_timestamp,
        ready=any(c.type == "Ready" and c.status == "True" for c in item.status.conditions or []),
        cordoned=bool(item.spec.unschedulable),
        pool=labels.get(names.POOL_LABEL, ""),
        purpose=labels.get(names.PURPOSE_LABEL, ""),
        ami_release=labels.get(names.AMI_LABEL, ""),
        patching=_time(annotations.get(names.PATCHING_ANNOTATION)),
        held=names.HELD_ANNOTATION in annotations,
        spared=SCALE_IN_DISABLED in annotations and names.HELD_ANNOTATION not in annotations,
        leaving=any(taint.key == LEAVING_TAINT for taint in item.spec.taints or []),
    )


def _time(text: str | None) -> datetime | None:
    """What the annotation says; long ago where somebody has changed it."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _is_work(pod: Any) -> bool:  # noqa: ANN401
    owners = pod.metadata.owner_references or []
    return not (
        pod.status.phase in FINISHED
        or MIRROR_ANNOTATION in (pod.metadata.annotations or {})
        or any(owner.controller and owner.kind == "DaemonSet" for owner in owners)
    )


@contextmanager
def _kubernetes_errors() -> Iterator[None]:
    try:
        from kubernetes.client.exceptions import ApiException  # type: ignore[import-untyped]
        from kubernetes.config.config_exception import ConfigException  # type: ignore[import-untyped]
        from urllib3.exceptions import HTTPError
    except ImportError:
        raise LiveError(f"the Kubernetes client is not installed: {INSTALL}") from None
    try:
        yield
    except ConfigException as error:
        raise LiveError(f"kubeconfig: {_line(error)}; say which with --kubeconfig and --context") from None
    except ApiException as error:
        hint = "; is the kubeconfig context logged in?" if error.status == 401 else ""
        raise LiveError(f"Kubernetes API: {error.status} {_reason(error.body) or error.reason}{hint}") from None
    except HTTPError as error:
        raise LiveError(
            f"Kubernetes API: {_line(error)}; a private endpoint is reached from inside its network only"
        ) from None


@contextmanager
def aws_errors() -> Iterator[None]:
    """Turns what boto3 raises, and its absence, into LiveError."""
    try:
        from botocore.exceptions import (  # type: ignore[import-untyped]
            BotoCoreError,
            ClientError,
            NoCredentialsError,
        )
    except ImportError:
        raise LiveError(f"boto3 is not installed: {INSTALL}") from None
    try:
        yield
    except NoCredentialsError:
        raise LiveError("AWS: no credentials; set AWS_PROFILE or log in (aws sso login)") from None
    except ClientError as error:
        refused = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500) < 500
        raise (RefusedError if refused else LiveError)(f"AWS: {_line(error)}") from None
    except BotoCoreError as error:
        raise LiveError(f"AWS: {_line(error)}") from None


def _reason(body: str | bytes | None) -> str:
    """What a Kubernetes Status object says; empty when the answer is none."""
    try:
        return str(json.loads(body or "")["message"])
    except (ValueError, LookupError, TypeError):
        return ""


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
