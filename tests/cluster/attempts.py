"""What tenants might try, each with a twin that they must be able to do: the rows of the attack tables."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Protocol

from tests.cluster.api import Api, Json, Object, RefusedError
from tests.cluster.cluster import Cluster, Who

JOB_SECONDS: Final = 20
"""In which the job controller makes a Job's pod, or says why it can't."""


class SetUpError(Exception):
    """What an attempt starts from was itself refused."""


class Action(Protocol):
    """Something to do, by somebody, that leaves nothing behind."""

    def __call__(self, cluster: Cluster, who: Who) -> Json:
        """Do it and give what the API server answered. Raises RefusedError."""
        ...


@dataclass(frozen=True)
class Create:
    """Creates an object; `generateName` saves thinking of a name."""

    thing: Object

    def __call__(self, cluster: Cluster, who: Who) -> Json:
        with cluster.made(who, self.thing) as made:
            return made


@dataclass(frozen=True)
class Apply:
    """Applies an object server-side, which creates it: there is none of its name."""

    thing: Object
    name: str = "applied"

    def __call__(self, cluster: Cluster, who: Who) -> Json:
        metadata = {**self.thing["metadata"], "name": self.name}
        metadata.pop("generateName", None)
        applied = cluster.acting(who).apply({**self.thing, "metadata": metadata})
        cluster.remove(applied)
        return applied


@dataclass(frozen=True)
class Change:
    """Changes an object that is there: `thing` is created by `maker` (by default whoever changes it), then patched.

    Args:
        thing: must be allowed.
        change: a JSON merge patch.
        maker: who creates it.
        subresource: such as `status` or `ephemeralcontainers`.
    """

    thing: Object
    change: Object
    maker: Who | None = None
    subresource: str = ""

    def __call__(self, cluster: Cluster, who: Who) -> Json:
        with _made_before(cluster, self.maker or who, self.thing) as made:
            path = cluster.admin.path(made, self.subresource)
            return cluster.acting(who).request("PATCH", path, self.change, content_type="application/merge-patch+json")


@dataclass(frozen=True)
class Delete:
    """Deletes an object that `maker` (by default whoever deletes it) had created."""

    thing: Object
    maker: Who | None = None

    def __call__(self, cluster: Cluster, who: Who) -> Json:
        with _made_before(cluster, self.maker or who, self.thing) as made:
            cluster.acting(who).delete(made)
        return {}


_NUMBERS: Final = itertools.count()


@dataclass(frozen=True)
class RunJob:
    """Creates a Job and gives the pod that the job controller makes of it; a refused pod is a refusal.

    Each run gives the Job other digits at the end of its name: after a refused pod, the controller lets a Job of the
    same name wait, longer each time.
    """

    job: Object

    def __call__(self, cluster: Cluster, who: Who) -> Json:
        metadata = {**self.job["metadata"], "name": f"{self.job['metadata']['name'][:-8]}{next(_NUMBERS):08x}"}
        with cluster.made(who, {**self.job, "metadata": metadata}) as job:
            namespace, uid = job["metadata"]["namespace"], job["metadata"]["uid"]
            end = time.monotonic() + JOB_SECONDS
            while time.monotonic() < end:
                pods = cluster.admin.items(
                    "v1", "Pod", namespace, labelSelector=f"batch.kubernetes.io/controller-uid={uid}"
                )
                if pods:
                    return pods[0]
                if why := _why_not(cluster.admin, namespace, uid):
                    raise RefusedError(403, why)
                time.sleep(0.05)
            raise TimeoutError(f"nothing came of the Job in {JOB_SECONDS} s")


@dataclass(frozen=True)
class Ask:
    """Any request: `path` such as `/api/v1/namespaces/ads-batch/secrets`."""

    method: str
    path: str
    body: Json = None

    def __call__(self, cluster: Cluster, who: Who) -> Json:
        return cluster.acting(who).request(self.method, self.path, self.body)


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """Something that must be refused, and its twin, as like it as can be, that must not.

    Args:
        name: what is tried, in words: `a driver on system nodes`.
        who: tries it.
        does: what is tried.
        rule: the policy's rule that refuses it; or
        refused: what the refusal says, where it is another's: RBAC, Pod Security, quota.
        twin: what must be allowed.
        twin_who: who does that, where it isn't `who`.
    """

    name: str
    who: Who
    does: Action
    rule: str = ""
    refused: str = ""
    twin: Action
    twin_who: Who | None = None

    def __post_init__(self) -> None:
        if bool(self.rule) == bool(self.refused):
            raise ValueError(f"{self.name}: either a rule or what the refusal says")

    def wrong(self, cluster: Cluster) -> str:
        """What is not as it must be about the attempt; empty if all is well."""
        expected = f"[{self.rule}]" if self.rule else self.refused
        try:
            self.does(cluster, self.who)
        except RefusedError as error:
            return "" if expected in error.message else f"refused, but not with {expected}: {error}"
        except SetUpError as error:
            return str(error)
        return f"allowed, and must be refused with {expected}"

    def twin_wrong(self, cluster: Cluster) -> str:
        """What is not as it must be about the twin; empty if all is well."""
        try:
            self.twin(cluster, self.twin_who or self.who)
        except (RefusedError, SetUpError) as error:
            return f"refused: {error}"
        return ""

    def unhindered(self, cluster: Cluster) -> bool:
        """Whether the attempt is not refused at all, as can only be where its rule is away."""
        try:
            self.does(cluster, self.who)
        except RefusedError:
            return False
        return True


@dataclass(frozen=True, kw_only=True)
class Completion:
    """Something that a mutation puts into an object, and its twin, which it leaves as it is.

    Args:
        name: what is put there, in words: `a driver gets the driver nodes`.
        who: makes the object.
        does: makes it.
        rule: the mutation's name.
        field: what of the object is looked at.
        becomes: what that must be.
        twin: makes an object in which the mutation finds nothing to do.
        stays: what the field must be in that one.
        twin_who: who makes it, where it isn't `who`.
    """

    name: str
    who: Who
    does: Action
    rule: str
    field: Callable[[Object], Json]
    becomes: Json
    twin: Action
    stays: Json
    twin_who: Who | None = None

    def wrong(self, cluster: Cluster) -> str:
        """What is not as it must be about the object; empty if all is well."""
        return self._compared(cluster, self.does, self.who, self.becomes)

    def twin_wrong(self, cluster: Cluster) -> str:
        """What is not as it must be about the twin; empty if all is well."""
        return self._compared(cluster, self.twin, self.twin_who or self.who, self.stays)

    def _compared(self, cluster: Cluster, does: Action, who: Who, wanted: Json) -> str:
        try:
            found = self.field(does(cluster, who))
        except (RefusedError, SetUpError) as error:
            return f"refused: {error}"
        return "" if found == wanted else f"is {found!r}, and must be {wanted!r}"


Case = Attempt | Completion


@contextmanager
def _made_before(cluster: Cluster, maker: Who, thing: Object) -> Iterator[Object]:
    """An object that an attempt starts from; a refusal of it is not the attempt's."""
    try:
        made = cluster.acting(maker).create(thing)
    except RefusedError as error:
        raise SetUpError(f"what the attempt starts from is refused: {error}") from error
    try:
        yield made
    finally:
        cluster.remove(made)


def _why_not(api: Api, namespace: str, uid: str) -> str:
    selector = f"involvedObject.uid={uid},reason=FailedCreate"
    events = api.items("v1", "Event", namespace, fieldSelector=selector)
    return str(events[0]["message"]) if events else ""
