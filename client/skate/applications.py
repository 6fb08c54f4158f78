"""The application of a job: from flags in the manner of spark-submit, or from a job file, and the queue's card."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any, Final

from skate.card import Pool, QueueCard, Shape
from skate.errors import InputError
from skate.identifiers import checked_id, made_id, name_for, name_of
from skate.quantities import spark_bytes
from skate.states import JOB_ID, LANE

Object = dict[str, Any]
API_VERSION: Final = "sparkoperator.k8s.io/v1beta2"
TYPES: Final = {".py": "Python", ".jar": "Scala", ".r": "R"}
POOL: Final = "elastic-spark/pool"
"""Label of executors that run in a pool which isn't the default one."""
PLATFORM: Final = "elastic-spark/"
"""How the annotations start that admission writes."""
TEMPLATE_OWN: Final = ("mainClass", "mainApplicationFile", "arguments", "type")
"""What of the queue's ready job is that job's own."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """A job as spark-submit would be given it. What is not said is the queue's usual.

    Args:
        main: where the program is, as the driver finds it: `local://`, `s3a://` or `https://`.
        arguments: of the program.
        main_class: of a jar.
        name: what the job is called, without its identifier; by default the program's file name.
        executors: at most; there are as many as there is work for.
        executor_cores: picks the executor shape of so many cores.
        executor_memory: heap of an executor, as Spark takes it; by default the shape's.
        driver_cores, driver_memory: of the driver.
        pool: where executors run.
        backfill: whether it waits for all other jobs of the queue.
        retries: how often it is started again when it fails.
        image, spark_version: what runs it.
        packages: Maven coordinates.
        jars, files, py_files, archives: as the driver finds them.
        conf: settings of Spark.
        env: environment variables of driver and executors.
    """

    main: str
    arguments: Sequence[str] = ()
    main_class: str | None = None
    name: str | None = None
    executors: int | None = None
    executor_cores: int | None = None
    executor_memory: str | None = None
    driver_cores: int | None = None
    driver_memory: str | None = None
    pool: str | None = None
    backfill: bool = False
    retries: int = 0
    image: str | None = None
    spark_version: str | None = None
    packages: Sequence[str] = ()
    jars: Sequence[str] = ()
    files: Sequence[str] = ()
    py_files: Sequence[str] = ()
    archives: Sequence[str] = ()
    conf: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)


def requested(card: QueueCard, request: Request, job_id: str | None = None) -> Object:
    """The application of a request, see `completed`.

    Raises:
        InputError: it asks for what the queue doesn't have; the remedy says what it has.
    """
    kind = TYPES.get(PurePosixPath(request.main).suffix.lower())
    if kind is None:
        raise InputError(f"{request.main} is no program that Spark runs.", "Give a file ending with .py, .jar or .R.")
    if kind == "Scala" and not request.main_class:
        raise InputError(f"{request.main} needs the name of its main class.", "Give it: --class com.example.Main")
    spec: Object = {
        "type": kind,
        "mainApplicationFile": request.main,
        "mainClass": request.main_class,
        "arguments": list(request.arguments) or None,
        "image": request.image,
        "sparkVersion": request.spark_version,
        "deps": _given(
            packages=request.packages,
            jars=request.jars,
            files=request.files,
            pyFiles=request.py_files,
            archives=request.archives,
        ),
        "sparkConf": dict(request.conf) or None,
        "restartPolicy": {"type": "OnFailure", "onFailureRetries": request.retries, "onFailureRetryInterval": 10}
        if request.retries
        else None,
        "driver": _given(cores=request.driver_cores, memory=request.driver_memory, env=_env(request.env)),
        "executor": {**_shape(card, request), **_given(env=_env(request.env))},
        "dynamicAllocation": _allocation(card, request),
    }
    labels = {LANE: "backfill"} if request.backfill else {}
    base = request.name or PurePosixPath(request.main).stem
    given = {"metadata": {"name": base, "labels": labels}, "spec": _given(**spec)}
    return completed(card, given, job_id)


def completed(card: QueueCard, application: Object, job_id: str | None = None) -> Object:
    """An application with its name, its identifier, and what it leaves to the queue.

    Args:
        card: the queue's.
        application: of a job file; may leave out whatever the queue says.
        job_id: its identifier; None makes one.

    Raises:
        InputError: it is of another queue, or names no program.
    """
    whole = copy.deepcopy(application)
    metadata = whole.setdefault("metadata", {})
    if (other := metadata.get("namespace", card.namespace)) != card.namespace:
        raise InputError(
            f"The job is of the queue {other}, and is submitted to {card.namespace}.",
            f"Leave `namespace` out, or say --queue {other}.",
        )
    base = str(metadata.get("name") or "job")
    identifier = checked_id(job_id) if job_id else made_id()
    metadata["name"] = name_of(identifier) if job_id else name_for(base, identifier)
    metadata["namespace"] = card.namespace
    metadata["labels"] = {**(metadata.get("labels") or {}), JOB_ID: identifier}
    template = {key: value for key, value in card.application["spec"].items() if key not in TEMPLATE_OWN}
    spec = whole.setdefault("spec", {})
    program = str(spec.get("mainApplicationFile") or "")
    if not program:
        raise InputError(
            "The job names no program.", "Say what it is, a .py, .jar or .R: `mainApplicationFile` under `spec`."
        )
    spec.setdefault("type", TYPES.get(PurePosixPath(program).suffix.lower(), "Java"))
    for role in ("driver", "executor"):
        spec[role] = _sized(spec.get(role) or {}, template.pop(role))
    if "instances" in spec["executor"]:
        template.pop("dynamicAllocation", None)
    elif "dynamicAllocation" in template:
        template["dynamicAllocation"] = _fitting(card, template["dynamicAllocation"], spec["executor"])
    if spec.get("image") and not spec.get("sparkVersion"):
        spec["sparkVersion"] = template["sparkVersion"]
    whole["spec"] = {**template, **spec}
    return {"apiVersion": API_VERSION, "kind": "SparkApplication", **whole}


def pool_of(card: QueueCard, executor: Mapping[str, Any]) -> Pool:
    """The pool of an application's executors.

    Raises:
        InputError: the queue has none of the name that they say.
    """
    return _pool(card, (executor.get("labels") or {}).get(POOL))


def _fitting(card: QueueCard, usual: Object, executor: Object) -> Object:
    """The queue's dynamic allocation for executors that may be larger than the usual ones, or of a smaller pool."""
    shapes = pool_of(card, executor).shapes
    most = next((shape.maximum_executors for shape in shapes if shape.cores == executor.get("cores")), None)
    if most is None or "maxExecutors" not in usual:
        return usual
    return {**usual, "maxExecutors": max(1, min(usual["maxExecutors"], most))}


def _sized(given: Object, usual: Object) -> Object:
    """A driver or executor with the queue's size where it says nothing of that kind itself."""
    kept = dict(usual)
    if "cores" in given and "coreRequest" not in given:
        kept.pop("coreRequest", None)
    if "memory" in given and "memoryOverhead" not in given:
        kept.pop("memoryOverhead", None)
    return {**kept, **given}


def _shape(card: QueueCard, request: Request) -> Object:
    pool = _pool(card, request.pool)
    # Admission places executors by that label; the ready job's own selector is of the default pool.
    placed: Object = {"labels": {POOL: pool.identity}, "nodeSelector": {}, "tolerations": []} if request.pool else {}
    if request.executor_cores is None and request.pool is None:
        return placed | _given(memory=request.executor_memory)
    shape = shape_of(pool, request.executor_cores)
    sized = {
        "cores": shape.cores,
        "coreRequest": shape.core_request,
        "memory": shape.memory,
        "memoryOverhead": shape.memory_overhead,
    }
    if request.executor_memory:
        if spark_bytes(request.executor_memory) > spark_bytes(shape.memory):
            raise InputError(
                f"A heap of {request.executor_memory} is too much for an executor of {shape.cores} cores.",
                f"Give at most {shape.memory}, or more cores: {_shapes(pool)}.",
            )
        sized |= {"memory": request.executor_memory}
    return placed | sized


def shape_of(pool: Pool, cores: int | None) -> Shape:
    """The shape of a pool's executors with so many cores; without a number, the usual one.

    Raises:
        InputError: it has none; the remedy names those that fill a node.
    """
    if cores is None:
        return next(shape for shape in pool.shapes if shape.usual)
    for shape in pool.shapes:
        if shape.cores == cores:
            return shape
    raise InputError(
        f"No executor of {cores} cores fills a node of the pool {pool.name}.", f"There are: {_shapes(pool)}."
    )


def _shapes(pool: Pool) -> str:
    return ", ".join(f"{shape.cores} cores with {shape.memory} ({shape.per_node} a node)" for shape in pool.shapes)


def _pool(card: QueueCard, name: str | None) -> Pool:
    if name is None:
        return card.default_pool
    for pool in card.pools:
        if name in (pool.name, pool.identity):
            return pool
    raise InputError(
        f"The queue {card.namespace} has no pool {name}.", f"It has: {', '.join(pool.name for pool in card.pools)}."
    )


def _allocation(card: QueueCard, request: Request) -> Object | None:
    if request.executors is None:
        return None
    if request.executors < 1:
        raise InputError(f"A job has at least one executor, not {request.executors}.", "Say --executors 1 or more.")
    most = shape_of(_pool(card, request.pool), request.executor_cores).maximum_executors
    if request.executors > most:
        raise InputError(
            f"{request.executors} executors are more than a job of {card.namespace} can have.",
            f"Say --executors {most} or fewer; an owner of {card.tenant} can raise the queue's maximum.",
        )
    return {
        "enabled": True,
        "initialExecutors": 1,
        "minExecutors": 1,
        "maxExecutors": request.executors,
        "shuffleTrackingEnabled": True,
    }


def hourly_usd(card: QueueCard, application: Object) -> tuple[Decimal, Decimal] | None:
    """What an application costs an hour, from its driver alone to its driver with all executors that it may have.

    By list price of the nodes' share; None where the card knows no prices.
    """
    spec = application["spec"]
    executor = spec["executor"]
    pool = pool_of(card, executor)
    if pool.hourly_usd is None or card.driver.hourly_usd is None:
        return None
    dynamic = spec.get("dynamicAllocation") or {}
    most = int((dynamic.get("maxExecutors") if dynamic.get("enabled") else executor.get("instances")) or 1)
    same = [shape for shape in pool.shapes if shape.cores == executor.get("cores")]
    each = pool.hourly_usd / max(1, (same or list(pool.shapes))[0].per_node)
    return card.driver.hourly_usd, card.driver.hourly_usd + most * each


def _env(values: Mapping[str, str]) -> list[dict[str, str]] | None:
    return [{"name": name, "value": value} for name, value in sorted(values.items())] or None


def _given(**values: Any) -> Object:  # noqa: ANN401
    """What of these is said."""
    return {
        key: value
        for key, value in values.items()
        if value is not None and (value or not isinstance(value, (Mapping, Sequence)))
    }


def as_submitted(application: Object) -> Object:
    """What of an application somebody would submit again: without what the cluster and this client put on it.

    Nor with its deadline, which was that run's.
    """
    metadata = application["metadata"]
    labels = {key: value for key, value in (metadata.get("labels") or {}).items() if key != JOB_ID}
    job_id = (metadata.get("labels") or {}).get(JOB_ID, "")
    annotations = {
        key: value for key, value in (metadata.get("annotations") or {}).items() if not key.startswith(PLATFORM)
    }
    spec = copy.deepcopy(application["spec"])
    for role in ("driver", "executor"):
        of_pods = spec.get(role, {}).get("annotations") or {}
        if kept := {key: value for key, value in of_pods.items() if not key.startswith(PLATFORM)}:
            spec[role]["annotations"] = kept
        elif of_pods:
            del spec[role]["annotations"]
    base = metadata["name"].removesuffix(f"-{job_id}") if job_id else metadata["name"]
    return {
        "metadata": {"name": base, "namespace": metadata["namespace"], "labels": labels, "annotations": annotations},
        "spec": spec,
    }
