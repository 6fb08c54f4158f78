"""Causes that have to do with memory, as Spark and Python say them in the logs of driver and executors.

Sources: apache/spark v4.0.4: core/.../util/SparkExitCode.scala (52), core/.../scheduler/TaskSetManager.scala (results),
core/.../api/python/PythonRunner.scala (crashed), resource-managers/kubernetes/.../ExecutorExitCode.scala (137)
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from skate.why.causes import Cause, Kind, shown
from skate.why.evidence import Evidence, words
from skate.why.faults import Fault, log_place
from skate.why.of_pods import KILLED, executor_failures, killed_executors, memory_of

HEAP_EXIT_CODE: Final = 52
"""With which an executor ends that had no heap left."""
_HEAP: Final = re.compile(
    r"java\.lang\.OutOfMemoryError: ?(Java heap space|GC overhead limit exceeded|Requested array size[^\n]*)?"
)
_NATIVE: Final = re.compile(r"OutOfMemoryError: (unable to create native thread|Direct buffer|Cannot reserve)")
_KILLED: Final = re.compile(r"exit code 137|exited with code 137|code: 137\b")
_WITH_52: Final = re.compile(r"exit code 52\b|exited with code 52\b")
_RESULT: Final = re.compile(
    r"Total size of serialized results of (\d+) tasks \(([^)]+)\) is bigger than spark\.driver\.maxResultSize "
    r"\(([^)]+)\)"
)
_WORKER: Final = re.compile(
    r"Python worker exited unexpectedly|Python worker failed to connect back|SIGSEGV|Fatal Python error"
)
_EXECUTOR: Final = re.compile(r"executor (\d+)\b")


def executor_killed(evidence: Evidence) -> Cause | None:
    """The kernel killed executors, and the job failed for that."""
    shows = killed_executors(evidence)
    in_log = [log_place(line) for line in evidence.driver_log if _KILLED.search(line)]
    if not shows and not in_log:
        return None
    pods = sorted({pod for pod, code, _ in executor_failures(evidence) if code == KILLED})
    pods = pods or sorted(
        {each.pod for each in evidence.containers if each.role == "executor" and each.exit_code == KILLED}
    )
    limit = next((found for pod in evidence.executors if (found := memory_of(pod))), "")
    asked = memory_asked(evidence, "executor")
    who = _names(pods) if pods else _numbers([*in_log, *(f"executor {each.executor}" for each in evidence.faults)])
    was = "was" if len(pods) <= 1 else "were"
    return Cause(
        kind=Kind.EXECUTOR_MEMORY,
        what=f"{who} {was} killed for memory (exit code 137)"
        + (f", of which its pod may have {limit}" if limit else "")
        + (f"; the job asks for {asked}." if asked else "."),
        remedy="Give the executors more memory: `executor.memoryOverhead` for Python and native code, "
        "`executor.memory` "
        "for Java; or fewer `executor.cores`, or more and smaller partitions.",
        evidence=shown(*shows[:3], *in_log[:2], *(fault.header for fault in evidence.faults[:1])),
    )


def memory_asked(evidence: Evidence, role: str) -> str:
    """The memory that the job asks for, in the words of its file."""
    spec = evidence.application.get("spec") if evidence.application else None
    parts = [f"{role}.{field} {found}" for field in ("memory", "memoryOverhead") if (found := words(spec, role, field))]
    return ", ".join(parts)


def driver_heap(evidence: Evidence) -> Cause | None:
    """Java in the driver had no heap left."""
    fault = next((each for each in evidence.faults if each.short == "OutOfMemoryError" and not each.executor), None)
    line = next((line for line in evidence.driver_log if _is_drivers_own(line)), "")
    if not (fault and not any(each.executor for each in evidence.faults)) and not line:
        return None
    if fault and _NATIVE.search(fault.title):
        return None
    place = next((each.place for each in reversed(evidence.faults) if each.place), "")
    asked = memory_asked(evidence, "driver")
    said = fault.title if fault else (found[0] if (found := _HEAP.search(line)) else line)
    return Cause(
        kind=Kind.DRIVER_HEAP,
        what=f"The driver's Java had no heap left{f', at {place}' if place else ''} ({said})"
        + (f"; the job asks for {asked}." if asked else "."),
        remedy="Keep less in the driver: write the result instead of `collect()` or `toPandas()`, broadcast smaller "
        "tables; or give it more `driver.memory`.",
        evidence=shown(*(each.header for each in evidence.faults), log_place(line)),
    )


def _is_drivers_own(line: str) -> bool:
    """Whether a driver says of itself, not of a task, that it has no heap."""
    found = _HEAP.search(line)
    return bool(found and found[1]) and (
        line.startswith(
            (
                'Exception in thread "',
                "java.lang.OutOfMemoryError",
                "Exception: java.lang.OutOfMemoryError",
                "Terminating due to java.lang.OutOfMemoryError",
            )
        )
        or "SparkUncaughtExceptionHandler" in line
    )


def executor_heap(evidence: Evidence) -> Cause | None:
    """Java in an executor had no heap left."""
    fault = next((each for each in reversed(evidence.faults) if each.short == "OutOfMemoryError"), None)
    in_task = next((each.executor for each in evidence.faults if each.executor), "")
    if fault and not in_task:
        return None
    logs = {
        pod: line
        for pod, lines in evidence.executor_logs.items()
        if (line := next((line for line in lines if (heap := _HEAP.search(line)) and heap[1]), ""))
    }
    ended = [line for _, code, line in executor_failures(evidence) if code == HEAP_EXIT_CODE]
    driver_says = [log_place(line) for line in evidence.driver_log if _WITH_52.search(line)]
    tasks = (
        [] if fault else [log_place(line) for line in evidence.driver_log if "Lost task" in line and _HEAP.search(line)]
    )
    if not fault and not logs and not ended and not driver_says and not tasks:
        return None
    pod = next(iter(logs), "")
    who = f"The executor {in_task}" if in_task else pod or _numbers([*driver_says, *tasks])
    said = fault.title if fault else next((_HEAP.search(line)[0] for line in logs.values()), "exit code 52")  # type: ignore[index]
    place = fault.place if fault else ""
    asked = memory_asked(evidence, "executor")
    return Cause(
        kind=Kind.EXECUTOR_HEAP,
        what=f"{who} had no Java heap left ({said}){f' at {place}' if place else ''}"
        + (f"; the job asks for {asked}." if asked else "."),
        remedy="Give the executors more `executor.memory`, or fewer `executor.cores` (tasks share the heap); or make "
        "more and smaller partitions.",
        evidence=shown(
            *(each.header for each in evidence.faults[-2:]),
            *ended[:2],
            *driver_says[:2],
            *tasks[:2],
            *(f"{name}: {log_place(line)}" for name, line in list(logs.items())[:2]),
        ),
    )


def python_memory(evidence: Evidence) -> Cause | None:
    """Python in the driver had no memory left."""
    fault = next((each for each in evidence.faults if each.short == "MemoryError" and not each.executor), None)
    if fault is None:
        return None
    asked = memory_asked(evidence, "driver")
    return Cause(
        kind=Kind.DRIVER_MEMORY,
        what=f"Python in the driver had no memory left{f', at {fault.place}' if fault.place else ''} ({fault.title})"
        + (f"; the job asks for {asked}." if asked else "."),
        remedy="Keep less of the data in the driver's Python (pandas, `toPandas()`), or give it more "
        "`driver.memoryOverhead`.",
        evidence=shown(*(each.header for each in evidence.faults)),
    )


def python_worker(evidence: Evidence) -> Cause | None:
    """A Python process of an executor ended while it worked."""
    fault = find(evidence, _WORKER)
    memory = next((each for each in evidence.faults if each.short == "MemoryError" and each.executor), None)
    if fault is None and memory is None:
        return None
    executor = next((each.executor for each in evidence.faults if each.executor not in ("", "driver")), "")
    asked = memory_asked(evidence, "executor")
    said = memory.title if memory else "Python worker exited unexpectedly (crashed)"
    crashed = fault is not None and ("SIGSEGV" in fault.text or "Fatal Python error" in fault.text)
    return Cause(
        kind=Kind.PYTHON_WORKER,
        what=f"A Python process of {f'executor {executor}' if executor else 'an executor'} ended while it "
        f"worked: {said}" + (f"; the job asks for {asked}." if asked else "."),
        remedy="Look at the native library that the program calls: it crashed; "
        "`spark.python.worker.faulthandler.enabled=true` shows where."
        if crashed
        else "Give Python more memory: `executor.memoryOverhead`, which it shares with nobody but Spark's own buffers; "
        "or smaller batches (`spark.sql.execution.arrow.maxRecordsPerBatch`). If it is a native library that "
        "crashes, `spark.python.worker.faulthandler.enabled=true` shows where.",
        evidence=shown(*(each.header for each in evidence.faults)),
    )


def result_size(evidence: Evidence) -> Cause | None:
    """The driver was to receive more than it may."""
    fault = find(evidence, _RESULT)
    found = _RESULT.search(f"{fault.text}") if fault else None
    if fault is None or found is None:
        return None
    place = next((each.place for each in evidence.faults if each.place), "")
    return Cause(
        kind=Kind.RESULT_SIZE,
        what=f"The results of {found[1]} tasks for the driver ({found[2]}) passed spark.driver.maxResultSize "
        f"({found[3].strip()}){f', asked for at {place}' if place else ''}.",
        remedy="Write the result, or aggregate it, instead of `collect()` or `toPandas()`; only if the driver "
        "must have "
        "it all, raise `spark.driver.maxResultSize` and with it `driver.memory`.",
        evidence=shown(*(each.header for each in evidence.faults)),
    )


def find(evidence: Evidence, pattern: re.Pattern[str]) -> Fault | None:
    """The deepest exception that says so."""
    return next((each for each in reversed(evidence.faults) if pattern.search(f"{each.name}: {each.text}")), None)


def _names(pods: Sequence[str]) -> str:
    some = ", ".join(pods[:3])
    return (
        f"The executor {some}"
        if len(pods) == 1
        else f"The executors {some}" + (f" and {len(pods) - 3} more" if len(pods) > 3 else "")
    )


def _numbers(lines: Sequence[str]) -> str:
    numbers = sorted({found[1] for line in lines for found in _EXECUTOR.finditer(line)}, key=int)[:5]
    return (
        f"The executor {', '.join(numbers)}"
        if len(numbers) == 1
        else f"The executors {', '.join(numbers)}"
        if numbers
        else "An executor"
    )
