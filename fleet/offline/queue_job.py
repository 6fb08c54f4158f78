"""A job for a queue, of what the queue's card says: the ready one, or one's own program in an executor shape."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final

from components.admission.applications_deadlines import TIME
from fleet.errors import FleetError
from fleet.offline.registration import Registrations
from sizing import names

Card = Mapping[str, Any]
Application = dict[str, Any]
CONFIG_MAP: Final = "kubernetes:core/v1:ConfigMap"
NAME: Final = re.compile(r"[a-z]([a-z0-9-]*[a-z0-9])?")
LONGEST_NAME: Final = 54
"""A client puts a dash and eight digits behind it, and the whole is a label's value."""
KINDS: Final[Mapping[str, str]] = {".py": "Python", ".jar": "Scala", ".R": "R"}
"""What the operator calls a program, by the end of its file's name."""
THERE: Final = re.compile(r"(local:///|s3a://[^/]+/|https://[^/]+/)[^\s,]+")
"""Files that a driver can fetch; admission takes no others."""


class JobError(FleetError):
    """There is no such job in the queue; the message says what there is."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a job is to be; None is what the ready job has.

    Args:
        name: of the job.
        main: its program: a file, here or where a driver can fetch it.
        main_class: the class of a jar.
        arguments: of the program.
        executors: at most.
        cores: of each executor; chooses the shape.
        pool: where executors run.
        deadline: by when it must have ended: a time of RFC 3339.
    """

    name: str | None = None
    main: str | None = None
    main_class: str | None = None
    arguments: Sequence[str] = ()
    executors: int | None = None
    cores: int | None = None
    pool: str | None = None
    deadline: str | None = None


@dataclass(frozen=True, kw_only=True)
class QueueJob:
    """A job for a queue.

    Attributes:
        card: the queue's.
        wanted: what was asked for.
        application: the SparkApplication.
        pool: where its executors run, as the card has it.
        shape: of its executors, as the card has it.
    """

    card: Card
    wanted: Wanted
    application: Application
    pool: Mapping[str, Any]
    shape: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The job's name."""
        return str(self.application["metadata"]["name"])

    @property
    def executors(self) -> int:
        """Executors at most."""
        return int(self.application["spec"]["dynamicAllocation"]["maxExecutors"])

    def fetched(self) -> QueueJob:
        """The same job, if a driver can fetch its program.

        Raises:
            JobError: it is a file of this machine.
        """
        main = self.application["spec"]["mainApplicationFile"]
        if THERE.fullmatch(main):
            return self
        artifacts = self.card.get("artifacts")
        place = f"s3a://{artifacts['bucket']}/{artifacts['uploads']}{PurePosixPath(main).name}" if artifacts else ""
        where = f"{place} (put it there first), " if place else ""
        raise JobError(
            f"--main {main}: a driver fetches no file of this machine; allowed: {where}another s3a://BUCKET/KEY, "
            "https://HOST/PATH or local:///PATH in the image; or --format skate, which uploads it"
        )


def cards_of(registrations: Registrations) -> dict[str, Card]:
    """The cards that a tenant's stack registers, by the queues' names, sorted."""
    cards = [
        json.loads(one.inputs["data"][names.QUEUE_CARD_KEY])
        for one in registrations.of_type(CONFIG_MAP)
        if one.inputs["metadata"]["name"] == names.QUEUE_CARD
    ]
    return {card["queue"]: card for card in sorted(cards, key=lambda card: str(card["queue"]))}


def card_of(stack: str, registrations: Registrations, queue: str) -> Card:
    """The card of a queue, by its name within the tenant or its namespace.

    Raises:
        JobError: the stack is no tenant's, or has no such queue.
    """
    cards = cards_of(registrations)
    if not cards:
        raise JobError(f"{stack} has no queues: job takes the stack of a tenant")
    for name, card in cards.items():
        if queue in (name, card["namespace"]):
            return card
    raise JobError(f"{stack} has no queue {queue}; there are: {', '.join(cards)}")


def job_for(card: Card, wanted: Wanted) -> QueueJob:
    """A job for the queue of a card.

    Raises:
        JobError: the queue has no such pool or shape, or not so many executors, the program can't be started, or the
            deadline is none.
    """
    pool = _pool(card, wanted.pool)
    shape = _shape(pool, wanted.cores)
    application = copy.deepcopy(card["application"])
    spec = application["spec"]
    _program(application, wanted)
    if wanted.deadline is not None:
        application["metadata"]["annotations"] = {names.DEADLINE_ANNOTATION: _checked_deadline(wanted.deadline)}
    spec["executor"] |= {key: shape[key] for key in ("cores", "coreRequest", "memory", "memoryOverhead")}
    spec["executor"]["nodeSelector"] = {names.POOL_LABEL: pool["identity"]}
    for toleration in spec["executor"]["tolerations"]:
        toleration["value"] = pool["identity"]
    if not pool["default"]:
        spec["executor"]["labels"] = {names.POOL_LABEL: pool["identity"]}
    most = shape["maximumExecutors"]
    if wanted.executors is not None and not 1 <= wanted.executors <= most:
        raise JobError(
            f"--executors {wanted.executors}; allowed: 1 to {most}: so many a job of {card['namespace']} may have, of "
            f"{_described(shape)} in the pool {pool['name']}"
        )
    spec["dynamicAllocation"]["maxExecutors"] = wanted.executors or most
    return QueueJob(card=card, wanted=wanted, application=application, pool=pool, shape=shape)


def _checked_deadline(deadline: str) -> str:
    if not re.search(TIME, deadline):
        raise JobError(
            f"--deadline {deadline}; allowed: a time of the years 2000 to 2099 with its zone, such as "
            "2026-11-30T06:00:00Z or 2026-11-30T07:00:00+01:00"
        )
    return deadline


def _pool(card: Card, name: str | None) -> Mapping[str, Any]:
    pools: Sequence[Mapping[str, Any]] = card["pools"]
    for pool in pools:
        if name in (pool["name"], pool["identity"]) if name else pool["default"]:
            return pool
    there = ", ".join(pool["name"] for pool in pools)
    raise JobError(f"--pool {name}: {card['namespace']} has no such pool; there are: {there}")


def _shape(pool: Mapping[str, Any], cores: int | None) -> Mapping[str, Any]:
    shapes: Sequence[Mapping[str, Any]] = pool["shapes"]
    for shape in shapes:
        if shape["usual"] if cores is None else shape["cores"] == cores:
            return shape
    there = "; ".join(map(_described, shapes))
    raise JobError(f"--cores {cores}: no executor of so many cores fills a node of {pool['name']}; there are: {there}")


def _described(shape: Mapping[str, Any]) -> str:
    return f"executors of {shape['cores']} cores and {shape['memory']} ({shape['perNode']} a node)"


def _program(application: Application, wanted: Wanted) -> None:
    spec = application["spec"]
    if wanted.main is None:
        if wanted.main_class or wanted.arguments:
            raise JobError("--class and arguments are of a program; allowed: with --main FILE")
    else:
        file = PurePosixPath(wanted.main)
        kind = KINDS.get(file.suffix)
        if kind is None:
            raise JobError(f"--main {wanted.main}; allowed: a file that ends with {', '.join(KINDS)}")
        if (kind == "Scala") != bool(wanted.main_class):
            allowed = "--class NAME, its class with main" if kind == "Scala" else "no --class, which is a jar's"
            raise JobError(f"--main {wanted.main}; allowed: {allowed}")
        spec |= {"type": kind, "mainApplicationFile": wanted.main, "arguments": list(wanted.arguments)}
        del spec["mainClass"]
        if wanted.main_class:
            spec["mainClass"] = wanted.main_class
        application["metadata"]["name"] = _name_of(file.stem)
    if wanted.name is not None:
        if not NAME.fullmatch(wanted.name) or len(wanted.name) > LONGEST_NAME:
            raise JobError(
                f"--name {wanted.name}; allowed: 1 to {LONGEST_NAME} lower-case letters, digits and '-', starting with "
                "a letter, not ending with '-'"
            )
        application["metadata"]["name"] = wanted.name


def _name_of(stem: str) -> str:
    """A name for a job of a file's."""
    text = re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")[:LONGEST_NAME].strip("-")
    return text if NAME.fullmatch(text) else f"job-{text}"[:LONGEST_NAME].strip("-")
