"""Nodes of a running platform, by the Kubernetes API, and their Auto Scaling groups, by the AWS API."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from fleet.errors import FleetError
from sizing import names
from sizing.autoscaling_tags import cluster_tag
from sizing.values import Json

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
    work: tuple[str, ...]
    """Unfinished pods but for DaemonSets' and static ones, as `namespace/name`, sorted."""


@dataclass(frozen=True)
class Group:
    """An Auto Scaling group at one moment."""

    name: str
    minimum: int
    desired: int
    retiring: bool
    """It launches no more nodes."""
    running: int = 0
    """Instances that are there and not ending."""
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def room(self) -> int:
        """How many nodes it can lose before it is at its minimum."""
        return self.desired - self.minimum


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

    def nodes(self, pool: str, generation: str | None = None) -> list[Node]:
        """The nodes of a pool, or of one generation of it, by name."""
        selector = f"{names.POOL_LABEL}={pool}" + (f",{names.GENERATION_LABEL}={generation}" if generation else "")
        with _kubernetes_errors():
            items = self._api.list_node(label_selector=selector, _request_timeout=TIMEOUT_SECONDS).items
        return sorted((self._node(item) for item in items), key=lambda node: node.name)

    def work_on(self, node: str) -> tuple[str, ...]:
        """See `Node.work`."""
        with _kubernetes_errors():
            pods = self._api.list_pod_for_all_namespaces(
                field_selector=f"spec.nodeName={node}", _request_timeout=TIMEOUT_SECONDS
            ).items
        return tuple(sorted(f"{pod.metadata.namespace}/{pod.metadata.name}" for pod in pods if _is_work(pod)))

    def set_cordon(self, node: str, cordoned: bool) -> None:
        """Let the scheduler place no more pods on a node, or let it again."""
        with _kubernetes_errors():
            self._api.patch_node(node, {"spec": {"unschedulable": cordoned}}, _request_timeout=TIMEOUT_SECONDS)

    def _node(self, item: Any) -> Node:  # noqa: ANN401
        labels = item.metadata.labels or {}
        scheme, _, path = (item.spec.provider_id or "").partition("://")
        return Node(
            name=item.metadata.name,
            instance=path.rsplit("/", 1)[-1] if scheme == "aws" else "",
            region=labels.get(REGION_LABEL, ""),
            created=item.metadata.creation_timestamp,
            ready=any(c.type == "Ready" and c.status == "True" for c in item.status.conditions or []),
            cordoned=bool(item.spec.unschedulable),
            work=self.work_on(item.metadata.name),
        )


class Groups:
    """The Auto Scaling groups of one platform.

    Args:
        platform: the cluster's name; only groups that carry its tag are seen.
        region: of the platform.

    Raises:
        LiveError: boto3 isn't installed. All methods raise it for what AWS refuses.
    """

    def __init__(self, platform: str, region: str) -> None:
        with aws_errors():
            import boto3  # type: ignore[import-untyped]

            self._api = boto3.Session(region_name=region).client("autoscaling")
        self._tag = cluster_tag(platform)

    def by_instance(self) -> dict[str, Group]:
        """The group of each instance, by the instance's id."""
        return {instance["InstanceId"]: _group(group) for group in self._owned() for instance in group["Instances"]}

    def all(self) -> list[Group]:
        """The platform's groups, by name."""
        return sorted(map(_group, self._owned()), key=lambda group: group.name)

    def _owned(self) -> list[Mapping[str, Json]]:
        owned = [{"Name": f"tag:{self._tag}", "Values": ["owned"]}]
        with aws_errors():
            pages = self._api.get_paginator("describe_auto_scaling_groups").paginate(Filters=owned)
            return [group for page in pages for group in page["AutoScalingGroups"]]

    def again(self, name: str) -> Group:
        """A group as it is now."""
        with aws_errors():
            found = self._api.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
        if not found:
            raise LiveError(f"AWS: Auto Scaling group {name} is no longer there")
        return _group(found[0])

    def terminate(self, instance: str) -> None:
        """End an instance, scale-in protection notwithstanding, and make its group one smaller."""
        with aws_errors():
            self._api.terminate_instance_in_auto_scaling_group(InstanceId=instance, ShouldDecrementDesiredCapacity=True)


def _group(described: Mapping[str, Json]) -> Group:
    return Group(
        name=described["AutoScalingGroupName"],
        minimum=described["MinSize"],
        desired=described["DesiredCapacity"],
        retiring="Launch" in {process["ProcessName"] for process in described.get("SuspendedProcesses", [])},
        running=sum(not one["LifecycleState"].startswith("Terminat") for one in described["Instances"]),
        tags={tag["Key"]: tag["Value"] for tag in described.get("Tags", [])},
    )


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
