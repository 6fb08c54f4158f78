"""Causes in what a person gave: the program, what it needs, and whom it talks to.

Sources: apache/spark v4.0.4, core/.../deploy/SparkSubmit.scala, core/.../deploy/PythonRunner.scala,
common/utils/.../MavenUtils.scala (unresolved dependency), common/utils/.../error-conditions.json
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from skate.why.causes import Cause, Kind, shown
from skate.why.evidence import Evidence, at, is_main, words
from skate.why.faults import Fault, errors_of, log_place
from skate.why.of_memory import find
from skate.why.of_storage import location_of

_MODULE: Final = re.compile(r"No module named '([^']+)'")
_UNRESOLVED: Final = re.compile(r"unresolved dependency: ([^\s\],]+)")
_NO_CLASS: Final = re.compile(r"(?:ClassNotFoundException|NoClassDefFoundError): ?([\w.$/]+)")
_NO_SOURCE: Final = re.compile(r"DATA_SOURCE_NOT_FOUND\] Failed to find the data source: ([\w.]*\w)")
_OTHER_VERSION: Final = re.compile(
    r"NoSuchMethodError|NoSuchFieldError|AbstractMethodError|IncompatibleClassChangeError|UnsupportedClassVersionError"
)
_MAIN_CLASS: Final = re.compile(r"Failed to load class ([\w.$]+?)\.?$|ClassNotFoundException: ([\w.$]+)")
_NO_FILE: Final = re.compile(
    r"can't open file '([^']+)'|File (\S+) does not exist|(\S+) does not exist, skipping|No such file or "
    r"directory: (\S+)"
)
_REFUSED: Final = re.compile(r"Connection refused|ConnectionRefusedError|ECONNREFUSED")
_NO_HOST: Final = re.compile(
    r"UnknownHostException|Name or service not known|Temporary failure in name resolution|gaierror|nodename nor "
    r"servname|"
    r"getaddrinfo failed|could not translate host name"
)
_NO_ANSWER: Final = re.compile(
    r"ConnectTimeoutException|connect timed out|Connection timed out|Connect to \S+ .*timed out|NoRouteToHostException|"
    r"No route to host|Network is unreachable|urlopen error timed out|ConnectTimeoutError|Read timed out|\[Errno 110\]"
)
_HOSTS: Final = (
    re.compile(r"connection to server at \"([^\"]+)\"[^,]*, port (\d+)"),
    re.compile(r"host='([^']+)', port=(\d+)"),
    re.compile(r"UnknownHostException: ?\"?([\w.-]+\.[\w-]+)()"),
    re.compile(r"could not translate host name \"([^\"]+)\"()"),
    re.compile(
        r"(?:Call From \S+ to|Connect to|Connection to|connect to|connecting to:?) \[?/?([\w.-]+?)/?(?:[\d.]*):(\d+)"
    ),
    re.compile(r"(?:https?|jdbc:\w+|thrift|kafka)://([\w.-]+)(?::(\d+))?"),
    re.compile(r"\b([\w-]+(?:\.[\w-]+)+):(\d{2,5})\b"),
)
_STATE: Final = re.compile(r" SQLSTATE: \w{5}.*$")
LONGEST_TITLE: Final = 240
_SPARKS_OWN: Final = re.compile(r"FetchFailed|ShuffleBlockFetcher|ExecutorLostFailure|RpcEnv|CoarseGrained")


def dependency(evidence: Evidence) -> Cause | None:
    """A package, a jar, a file or a module isn't there."""
    joined = "\n".join(f"{each.name}: {each.text}" for each in reversed(evidence.faults))
    place = next((each.place for each in reversed(evidence.faults) if each.place), "")
    lines = shown(*(each.header for each in evidence.faults))
    if found := _UNRESOLVED.search(joined):
        package = found[1].rstrip(":;,").replace("#", ":").replace(";", ":")
        return Cause(
            kind=Kind.DEPENDENCY,
            what=f"There is no package {package} in the repositories that the job looks into.",
            remedy=f"Correct group, name and version of {package} in `deps.packages` "
            "(Spark 4 takes those that end in _2.13), or bring the jar: `--jars`.",
            evidence=lines,
        )
    if found := _MODULE.search(joined):
        where = next(
            (f" in executor {each.executor}" for each in evidence.faults if each.executor not in ("", "driver")), ""
        )
        return Cause(
            kind=Kind.DEPENDENCY,
            what=f"Python has no module {found[1]}{where}{f', imported at {place}' if place else ''}.",
            remedy=f"Bring {found[1]} along: `--requirements` for what PyPI has, `--py-files` for your own; or "
            "use an image that has it.",
            evidence=lines,
        )
    if found := _NO_SOURCE.search(joined):
        return Cause(
            kind=Kind.DEPENDENCY,
            what=f"Spark knows no data source {found[1]}{f', asked for at {place}' if place else ''}.",
            remedy=f"Bring the connector of {found[1]} along (`--packages`, `--jars`), or correct the format's name.",
            evidence=lines,
        )
    if fault := find(evidence, _OTHER_VERSION):
        return Cause(
            kind=Kind.DEPENDENCY,
            what=f"A jar was built against other versions than those that run: {fault.title}.",
            remedy="Build it for the image's Spark, Scala 2.13 and Java 17, with Spark `provided`, and leave libraries "
            "out that Spark brings.",
            evidence=lines,
        )
    if fault := find(evidence, _NO_CLASS):
        found = _NO_CLASS.search(f"{fault.name}: {fault.text}")
        name = found[1].replace("/", ".") if found else fault.message
        return Cause(
            kind=Kind.DEPENDENCY,
            what=f"No jar of the job has the class {name}{f', needed at {place}' if place else ''}.",
            remedy=f"Bring the jar that has {name}: `--packages` or `--jars`.",
            evidence=lines,
        )
    return None


def given_file(evidence: Evidence) -> Cause | None:
    """A file that the job names beside its program isn't there."""
    texts = [f"{each.name}: {each.text}" for each in reversed(evidence.faults)] + _plain(evidence)
    spec = at(evidence.application, "spec")
    for field in ("pyFiles", "jars", "files", "archives"):
        for name in at(spec, "deps", field) or ():
            if isinstance(name, str) and any(_names(text, name) and _missing(text) for text in texts):
                return Cause(
                    kind=Kind.DEPENDENCY,
                    what=f"There is no file {name}, which the job names in `deps.{field}`.",
                    remedy=f"Correct `deps.{field}`, or upload the file; `skate submit` uploads those of your machine.",
                    evidence=shown(*(each.header for each in evidence.faults), *_plain(evidence)),
                )
    return None


def program(evidence: Evidence) -> Cause | None:
    """The program or its main class isn't there."""
    spec = at(evidence.application, "spec")
    file, main = words(spec, "mainApplicationFile"), words(spec, "mainClass")
    plain = _plain(evidence)
    texts = [f"{each.name}: {each.text}" for each in reversed(evidence.faults)] + plain
    lines = shown(*(each.header for each in evidence.faults), *plain)
    for text in texts:
        found = _MAIN_CLASS.search(text)
        name = (found[1] or found[2]) if found else ""
        if name and (name == main or (found and found[1])):
            return Cause(
                kind=Kind.PROGRAM_MISSING,
                what=f"{file or 'The jar'} has no class {name}.",
                remedy="Correct `mainClass`: package and name as in the jar (`jar tf` lists them).",
                evidence=lines,
            )
        if file and _names(text, file) and _missing(text):
            return Cause(
                kind=Kind.PROGRAM_MISSING,
                what=f"There is no program at {file}.",
                remedy="Correct `mainApplicationFile`, or upload it: `skate submit` uploads a program of your machine.",
                evidence=lines,
            )
    return None


def _missing(text: str) -> bool:
    return _NO_FILE.search(text) is not None or "NoSuchFileException" in text or "FileNotFoundException" in text


def _names(text: str, file: str) -> bool:
    """Whether a text speaks of a file, by its name or as Spark has it in the container."""
    path = file.partition("://")[2]
    return file in text or (bool(path) and path in text) or (file.startswith("local://") and file[8:] in text)


def _plain(evidence: Evidence) -> list[str]:
    return [line for line in errors_of(evidence.program_log) if not line.startswith(("Caused by: ", ": "))][-5:]


def connection(evidence: Evidence) -> Cause | None:
    """A host or a port couldn't be reached."""
    for pattern, how in (
        (_NO_HOST, "there is no such host"),
        (_REFUSED, "nothing listens there: connection refused"),
        (_NO_ANSWER, "it gave no answer in time"),
    ):
        fault = find(evidence, pattern)
        if fault is None or any(_SPARKS_OWN.search(each.text) for each in evidence.faults):
            continue
        where = _host(evidence, fault)
        place = next((each.place for each in reversed(evidence.faults) if each.place), "")
        return Cause(
            kind=Kind.CONNECTION,
            what=f"The job can't reach {where or 'what it calls'}{f' at {place}' if place else ''}: {how}.",
            remedy=f"Correct host and port{f' ({where})' if where else ''}; if they are right, ask an owner of "
            f"the tenant "
            "whether the queue may reach it (`reach` of the queue; `skate queues` shows what it may).",
            evidence=shown(*(each.header for each in evidence.faults[-4:]), *_sources(evidence)),
        )
    return None


def _sources(evidence: Evidence) -> list[str]:
    return [f"  at {each.place}{f': {each.source}' if each.source else ''}" for each in evidence.faults if each.place]


def _host(evidence: Evidence, fault: Fault) -> str:
    for pattern in _HOSTS:
        for each in (fault, *reversed(evidence.faults)):
            found = pattern.search(f"{each.name}: {each.text}")
            if found and not found[1].startswith(("java.", "org.apache", "software.")):
                return f"{found[1]}:{found[2]}" if found[2] else found[1]
    return ""


def exception(evidence: Evidence) -> Cause | None:
    """The program threw an exception."""
    if not evidence.faults:
        return None
    fault = _told(evidence)
    line = next((each.place for each in reversed(evidence.faults) if each.place), "")
    caller = next((each.place for each in evidence.faults if each.place and each.place != line), "")
    executor = next((each.executor for each in evidence.faults if each.executor not in ("", "driver")), "")
    in_task = any(each.executor for each in evidence.faults)
    return Cause(
        kind=Kind.USER_CODE,
        what=f"{line or 'The program'} threw {_full(fault)}"
        + (f", in a task of executor {executor}" if executor else ", in a task" if in_task else "")
        + (f", called from {caller}" if caller and in_task else "")
        + ".",
        remedy=_mend(line, fault, in_task),
        evidence=shown(*_excerpt(evidence, fault)),
    )


def _told(evidence: Evidence) -> Fault:
    """The exception that tells a person most: the deepest, or with equal words the one whose class says more."""
    deepest = evidence.faults[-1]
    for each in evidence.faults:
        if each.place and each.message and each.message == deepest.message:
            return each
    return deepest


def _full(fault: Fault) -> str:
    title = _STATE.sub("", fault.title).rstrip(" .;:")
    return title if len(title) < LONGEST_TITLE else f"{title[:LONGEST_TITLE]}..."


def _mend(line: str, fault: Fault, in_task: bool) -> str:
    where = line or "the program"
    if "TABLE_OR_VIEW_NOT_FOUND" in fault.text or "SCHEMA_NOT_FOUND" in fault.text:
        return f"Correct the table's name at {where}, with its catalog and database; `skate queues` shows the catalogs."
    if "UNRESOLVED_COLUMN" in fault.text:
        return f"Correct the column's name at {where}; Spark names those that it has."
    if in_task:
        return f"Mend {where}, or the data that it met: it must bear the value that the message names."
    return f"Mend {where}."


def _excerpt(evidence: Evidence, fault: Fault) -> Iterator[str]:
    yield from (each.header for each in evidence.faults[:2])
    yield fault.header
    yield from _sources(evidence)


def exit_code(evidence: Evidence) -> Cause | None:
    """The program ended itself, and said nothing."""
    found = next((each for each in evidence.containers if each.role == "driver" and is_main(each)), None)
    said = re.search(r"ExitCode: (\d+)", evidence.message)
    code = found.exit_code if found and found.exit_code is not None else int(said[1]) if said else 0
    if not code or evidence.faults or not evidence.driver_log or code > 128:
        return None
    errors = errors_of(evidence.driver_log)[-3:]
    if errors and code == 1:
        return None
    last = [line for line in evidence.driver_log if line.strip() and log_place(line) == line][-3:]
    return Cause(
        kind=Kind.EXIT_CODE,
        what=f"The program ended itself with exit code {code}, without an exception.",
        remedy=f"Look where the program ends with {code} (`sys.exit`, `System.exit`), and at what it wrote before: "
        "`skate logs`.",
        evidence=shown(evidence.message, *errors, *last),
    )


def setting(evidence: Evidence) -> Cause | None:
    """Spark doesn't start with such settings."""
    pattern = re.compile(
        r"(System memory \d+ must be at least \d+[^\n]*|Executor memory \d+ must be at least \d+[^\n]*|"
        r"(?:[\w.]+ )?should be (?:set|of type|positive|in)[^\n]*|requirement failed:[^\n]*spark\.[^\n]*|"
        r"Invalid value [^\n]*spark[^\n]*|INVALID_CONF_VALUE[^\n]*|must be (?:positive|specified)[^\n]*spark[^\n]*)"
    )
    fault = find(evidence, pattern)
    found = pattern.search(f"{fault.name}: {fault.text}") if fault else None
    if fault is None or found is None or any(each.executor for each in evidence.faults):
        return None
    return Cause(
        kind=Kind.SETTINGS,
        what=f"Spark doesn't start with these settings: {found[1].strip().rstrip('.')}.",
        remedy="Change the setting that the message names; `skate submit --dry-run` shows all that the job has.",
        evidence=shown(*(each.header for each in evidence.faults)),
    )


__all__ = [
    "connection",
    "dependency",
    "exception",
    "exit_code",
    "given_file",
    "location_of",
    "program",
    "setting",
]
