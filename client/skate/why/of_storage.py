"""Causes that have to do with where data is: S3, and the disks of the nodes.

Sources: apache/hadoop 3.4.1, hadoop-tools/hadoop-aws/.../s3a/S3AUtils.java (translateException); AWS's error codes
of S3;
apache/spark v4.0.4, common/utils/.../error-conditions.json (PATH_NOT_FOUND)
"""

from __future__ import annotations

import re
from typing import Final

from skate.why.causes import Cause, Kind, shown
from skate.why.evidence import Evidence
from skate.why.faults import Fault, log_place
from skate.why.of_memory import find

_DENIED: Final = re.compile(
    r"Status Code: 403|AccessDenied\b|\bAccess Denied\b|ExpiredToken|InvalidAccessKeyId|SignatureDoesNotMatch|"
    r"\(403\) when calling|is not authorized to perform: (?:s3|kms|glue):"
)
_ABOUT_S3: Final = re.compile(r"s3[an]?://|S3Exception|services\.s3|\bs3:|S3AFileSystem|AccessDenied|perform: glue:")
_ACTION: Final = re.compile(r"not authorized to perform: ((?:s3|kms|glue):\w+)")
_ARN: Final = re.compile(r"on resource: \"?(arn:aws[\w-]*:s3:::)([^\s\"]+)")
_TABLE: Final = re.compile(r"on resource: \"?arn:aws[\w-]*:glue:[^:]*:\d*:([^\s\"]+)")
_LOCATION: Final = re.compile(r"s3[an]?://[^\s:'\"`,;)\]]+")
_NO_BUCKET: Final = re.compile(
    r"UnknownStoreException|Bucket does not exist|NoSuchBucket|The specified bucket does not exist"
)
_NO_OBJECT: Final = re.compile(
    r"PATH_NOT_FOUND|Path does not exist|FileNotFoundException: .*No such file or directory|NoSuchKey|Input path "
    r"does not exist|"
    r"FileNotFoundException: File \S+ does not exist"
)
_FULL: Final = re.compile(r"No space left on device|Disk quota exceeded|\[Errno 28\]")
_SCHEMA: Final = re.compile(r"(?:Path does not exist|path does not exist|Input path does not exist): (\S+?)\.?(?:\s|$)")


def denied(evidence: Evidence) -> Cause | None:
    """S3 said no."""
    fault = find(evidence, _DENIED)
    if fault is None or not _ABOUT_S3.search(f"{fault.name} {fault.text}"):
        return None
    said = " ".join(f"{each.name}: {each.text}" for each in evidence.faults)
    action = found[1] if (found := _ACTION.search(said)) else ""
    where = location_of(evidence, fault)
    place = next((each.place for each in evidence.faults if each.place), "")
    key = action.startswith("kms:") or "kms:Decrypt" in said or "KMS" in fault.text
    return Cause(
        kind=Kind.STORAGE_DENIED,
        what=f"{'Glue' if action.startswith('glue:') else 'S3'} refused the job "
        f"{f'({action}) ' if action else ''}at {where or 'a location'}: 403"
        f"{f', asked for at {place}' if place else ''}.",
        remedy=(
            "Ask an owner of the key that encrypts the bucket to let the queue's role use it (`kmsKey` of the location "
            "under `data` of the queue, and the key's own policy)."
            if key
            else "Ask an owner of the tenant to add the database to the queue's `catalogs`, with the access that "
            "the job "
            "needs."
            if action.startswith("glue:")
            else f"Ask an owner of the tenant to add {where or 'the location'} to the queue's `data`"
            f"{', with `access: readWrite`' if _writes(action, said) else ''}"
            "; if the bucket is another account's, its policy must let the queue's role in, too."
        ),
        evidence=shown(*(each.header for each in evidence.faults[:3]), fault.header),
    )


def missing(evidence: Evidence) -> Cause | None:
    """There is no such bucket or object."""
    fault = find(evidence, _NO_BUCKET)
    bucket = fault is not None
    fault = fault or find(evidence, _NO_OBJECT)
    if fault is None:
        return None
    where = location_of(evidence, fault)
    place = next((each.place for each in evidence.faults if each.place), "")
    name = where.partition("://")[2].partition("/")[0]
    return Cause(
        kind=Kind.STORAGE_MISSING,
        what=(f"There is no bucket {name or where}" if bucket else f"There is nothing at {where or fault.message}")
        + (f", which the program asks for at {place}." if place else "."),
        remedy=(
            f"Correct the bucket's name ({name or where}); `skate queues` shows the locations of the queue's data."
            if bucket
            else "Correct the location, or look at whether what should have written it did so."
        ),
        evidence=shown(*(each.header for each in evidence.faults[:3]), fault.header),
    )


def disk(evidence: Evidence) -> Cause | None:
    """A disk was full while tasks wrote to it."""
    fault = find(evidence, _FULL)
    lines = [] if fault else disk_lines(evidence)
    if fault is None and not lines:
        return None
    executor = next((each.executor for each in evidence.faults if each.executor), "")
    on = "the driver's node" if executor == "driver" else f"executor {executor}" if executor else "a node"
    files = next(
        (
            found[0]
            for each in evidence.faults
            if (found := re.search(r"/\S*(shuffle_|temp_shuffle|blockmgr|spill)\S*", each.text))
        ),
        "",
    )
    return Cause(
        kind=Kind.DISK,
        what=f"The disk for shuffle and spill of {on} is full: No space left on device"
        f"{f' (writing {files})' if files else ''}.",
        remedy="Let each executor write less: more executors with smaller partitions, filter before joins, less "
        "cached on disk; or choose a pool with larger local disks (`skate queues` shows them).",
        evidence=shown(*(each.header for each in evidence.faults[:3]), fault.header if fault else "", *lines[:3]),
    )


def disk_lines(evidence: Evidence) -> list[str]:
    """Lines of any log that say so, where the program's own ending is silent."""
    logs = {evidence.driver_name: evidence.driver_log} | evidence.executor_logs
    return [f"{pod}: {log_place(line)}" for pod, lines in logs.items() for line in lines if _FULL.search(line)]


def location_of(evidence: Evidence, fault: Fault) -> str:
    """The location that an exception is about."""
    if found := _SCHEMA.search(fault.text):
        return found[1]
    for each in (fault, *reversed(evidence.faults)):
        if where := _LOCATION.search(each.text):
            return where[0].rstrip("./")
        if arn := _ARN.search(each.text):
            return f"s3://{arn[2]}"
        if found := _TABLE.search(each.text):
            return found[1]
    return ""


def _writes(action: str, said: str) -> bool:
    return (
        action.startswith(("s3:Put", "s3:Delete", "s3:Abort"))
        or "PUT" in said
        or "mkdir" in said
        or "innerMkdirs" in said
    )
