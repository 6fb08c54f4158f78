"""The exceptions that a program ended with, from the end of its driver's log: Python's tracebacks and Java's stack
traces,
those of tasks and Python workers within them.

Sources: apache/spark v4.0.4, python/pyspark/errors/exceptions/captured.py, core/.../scheduler/DAGScheduler.scala,
core/.../deploy/SparkSubmit.scala; py4j 0.10.9.9, protocol.py
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

LOG_LINE: Final = re.compile(r"^\d\d/\d\d/\d\d \d\d:\d\d:\d\d (TRACE|DEBUG|INFO|WARN|ERROR|FATAL) (\S+): (.*)$")
"""What Spark's own log4j pattern writes."""
TRACEBACK: Final = "Traceback (most recent call last):"
_JAVA_BEGINS: Final = re.compile(
    r'^(?:Exception in thread "[^"]*" |: |Caused by: )((?:[a-z_$][\w$]*\.)+[\w$]+)(?:: ?(.*))?$'
)
_IN_A_TASK: Final = re.compile(r"\((\S+) executor (\S+)\): ((?:[a-z_$][\w$]*\.)+[\w$]+)(?:: ?(.*))?$")
_PYTHON_ENDS: Final = re.compile(r"^([A-Za-z_]\w*(?:\.\w+)*)(?:: ?(.*))?$")
_PYTHON_FRAME: Final = re.compile(r'^\s*File "([^"]+)", line (\d+)(?:, in (\S+))?')
_JAVA_FRAME: Final = re.compile(r"^\s+at (?:[\w.@-]+/)?([\w.$<>]+)\(([^)]*)\)")
_LOST_IN: Final = re.compile(r"\(\S+ executor (\S+)\): ExecutorLostFailure")
_NO_PYTHON: Final = re.compile(r"^(SyntaxError|IndentationError|TabError): ")
_FURTHER: Final = re.compile(
    r"^(During handling of the above|The above exception was the direct cause|.*stack trace below)"
)
_PLAIN_ENDS: Final = re.compile(r"^(Error: |Exception in thread )|can't open file")
_NOT_THEIRS: Final = re.compile(
    r"/(pyspark|py4j)(\.zip|-[\w.-]+-src\.zip)?/|/lib/python3(\.\d+)?/|/site-packages/|^<frozen|^<string>|/python\d\.\d+/"
)
_LIBRARIES: Final = re.compile(
    r"^(java|javax|jdk|sun|scala|org\.apache|org\.sparkproject|com\.fasterxml|com\.google|software\.amazon|py4j|io\.netty|org\.slf4j)\."
)
_PLACES: Final = re.compile(
    r"^.*/(spark-[0-9a-f-]{36}|userFiles-[0-9a-f-]{36}|work-dir|spark-work|spark-upload-[0-9a-f-]{36})/"
)
_ARCHIVE: Final = re.compile(r"^[^/]+\.(zip|egg|whl)/")
MOST_OF_A_MESSAGE: Final = 20


@dataclass(frozen=True, kw_only=True)
class Fault:
    """An exception.

    Attributes:
        name: its class, as it was written.
        text: its message, lines and all.
        place: the line of the program's own that it comes from, such as `etl.py:17`; empty if none of it is theirs.
        source: what stands in that line, where the traceback shows it.
        executor: the executor in whose task it was thrown; empty if it wasn't, or nothing tells.
        python: whether it is Python's.
        header: the line that says it.
        frames: where it comes from, innermost first, each `function file:line`.
    """

    name: str
    text: str
    header: str
    place: str = ""
    source: str = ""
    executor: str = ""
    python: bool = False
    frames: tuple[str, ...] = ()

    @property
    def short(self) -> str:
        """Its class without the package."""
        return self.name.rpartition(".")[2].rpartition("$")[2]

    @property
    def message(self) -> str:
        """The first line of its message that says something."""
        return next((line.strip() for line in self.text.splitlines() if line.strip()), "")

    @property
    def title(self) -> str:
        """Class and message."""
        return f"{self.short}: {self.message}" if self.message else self.short


def ending_of(lines: Sequence[str], package: str = "") -> tuple[Fault, ...]:
    """The exceptions that a program ended with, from what it threw to the deepest cause; empty if it threw none.

    Args:
        lines: of its log.
        package: of the program's own classes, if that is known.
    """
    start = _start_of_the_end(lines)
    if start is None:
        return ()
    found = tuple(_read(_own(lines[start:]), package))
    python = any(fault.python and fault.place for fault in found)
    # What Python calls in Java is libraries.
    return tuple(replace(fault, place="") if python and not fault.python else fault for fault in found)


def errors_of(lines: Sequence[str]) -> list[str]:
    """The lines that Spark logged as errors, and what a program said about its end, as they came."""
    return [
        line
        for line in lines
        if ((found := LOG_LINE.match(line)) and found[1] in ("ERROR", "FATAL"))
        or _JAVA_BEGINS.match(line)
        or _PLAIN_ENDS.search(line)
    ]


def _start_of_the_end(lines: Sequence[str]) -> int | None:
    last = None
    for index, line in enumerate(lines):
        if line.startswith('Exception in thread "main"') or (
            line.startswith(TRACEBACK) and not (last is not None and _goes_on(lines, index))
        ):
            last = index
    if last is None:
        last = next((index for index, line in enumerate(lines) if line.startswith("Exception in thread ")), None)
    if last is None and (wrong := next((index for index, line in enumerate(lines) if _NO_PYTHON.match(line)), None)):
        last = next((index for index in range(wrong, -1, -1) if _PYTHON_FRAME.match(lines[index])), None)
    return last


def _goes_on(lines: Sequence[str], index: int) -> bool:
    """Whether a traceback belongs to what is written before it."""
    before = next((line for line in reversed(lines[max(0, index - 3) : index]) if line.strip()), "")
    return _FURTHER.match(before.strip()) is not None


def _own(lines: Sequence[str]) -> Iterator[str]:
    """The lines without what Spark logged meanwhile."""
    skipping = False
    for line in lines:
        if LOG_LINE.match(line):
            skipping = True
        elif not (skipping and line.startswith(("\t", "Caused by: ")) and _JAVA_FRAME.match(line)):
            skipping = False
            yield line


def _read(lines: Iterator[str], package: str) -> Iterator[Fault]:
    found: list[Fault] = []
    python_frames: list[tuple[str, str, str]] = []
    sources: dict[str, str] = {}
    java: int | None = None
    message: int | None = None
    length = 0
    for line in lines:
        if frame := _PYTHON_FRAME.match(line):
            python_frames.append((frame[1], frame[2], frame[3] or ""))
            message = None
        elif python_frames and line.startswith("    ") and set(line) - set(" ~^"):
            sources.setdefault(_python_place(python_frames[-1:]), line.strip())
        elif (java_frame := _JAVA_FRAME.match(line)) and java is not None:
            message = None
            fault = found[java]
            found[java] = replace(
                fault,
                frames=(*fault.frames, f"{java_frame[1]} {java_frame[2]}"),
                place=_nearer(fault, package, java_frame[1], java_frame[2]),
            )
        elif begins := _JAVA_BEGINS.match(line):
            lost = _LOST_IN.search(line)
            found.append(Fault(name=begins[1], text=begins[2] or "", header=line, executor=lost[1] if lost else ""))
            java = message = len(found) - 1
            length = 0
            if task := _IN_A_TASK.search(line):
                found.append(Fault(name=task[3], text=task[4] or "", executor=task[2], header=line))
                java = message = len(found) - 1
        elif python_frames and (ends := _PYTHON_ENDS.match(line)):
            frames = tuple(f"{function} {path}:{number}" for path, number, function in reversed(python_frames))
            executor = next((fault.executor for fault in reversed(found) if fault.executor), "")
            found.append(
                Fault(
                    name=ends[1],
                    text=ends[2] or "",
                    header=line,
                    place=(place := _python_place(python_frames)),
                    source=sources.get(place, ""),
                    executor=executor,
                    python=True,
                    frames=frames,
                )
            )
            message, length, python_frames = len(found) - 1, 0, []
        elif (
            message is not None and length < MOST_OF_A_MESSAGE and not line.startswith((TRACEBACK, "Driver stacktrace"))
        ):
            found[message] = replace(found[message], text=f"{found[message].text}\n{line}".strip("\n"))
            length += 1
            if (task := _IN_A_TASK.search(line)) is not None:
                found.append(Fault(name=task[3], text=task[4] or "", executor=task[2], header=line))
                java = message = len(found) - 1
    yield from found


def _python_place(frames: Sequence[tuple[str, str, str]]) -> str:
    """The innermost line that is the program's own."""
    for path, number, _ in reversed(frames):
        if not _NOT_THEIRS.search(path):
            return f"{_ARCHIVE.sub('', _PLACES.sub('', path))}:{number}"
    return ""


def _nearer(fault: Fault, package: str, function: str, where: str) -> str:
    """The place of an exception with one more frame: the innermost of the program's package, else of no known
    library."""
    if _LIBRARIES.match(function) or ":" not in where:
        return fault.place
    own = bool(package) and function.startswith(f"{package}.")
    has_own = bool(package) and any(frame.startswith(f"{package}.") for frame in fault.frames)
    return where if not fault.place or (own and not has_own) else fault.place


def log_place(line: str) -> str:
    """What is said of a line of a log, without its time."""
    found = LOG_LINE.match(line)
    return f"{found[2]}: {found[3]}" if found else line
