"""What a job is called in the cluster, so that one identifier is never two jobs."""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Final

from skate.errors import InputError

LABEL: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")
"""A label's value. Source: k8s.io/apimachinery, pkg/util/validation (IsValidLabelValue)"""
NAME: Final = re.compile(r"[a-z]([a-z0-9-]*[a-z0-9])?")
"""A name that the Spark operator takes: a label of DNS (RFC 1035), for it names a service too."""
LONGEST: Final = 50
"""Of a name; pods and services are called after it, with up to 13 letters more."""


def made_id() -> str:
    """An identifier for a job that was given none."""
    return secrets.token_hex(4)


def checked_id(given: str) -> str:
    """An identifier as it was given.

    Raises:
        InputError: it can't be a label's value.
    """
    if not LABEL.fullmatch(given):
        raise InputError(
            f"The id {given!r} is none.",
            "An id has up to 63 letters, digits, `-`, `_` and `.`, and starts and ends with a letter or digit.",
        )
    return given


def name_of(job_id: str) -> str:
    """The name of the job that was given this identifier: the same for the same, and another for another."""
    if len(job_id) <= LONGEST and NAME.fullmatch(job_id):
        return job_id
    digest = hashlib.sha256(job_id.encode()).hexdigest()[:10]
    return f"{_slug(job_id, LONGEST - len(digest) - 1)}-{digest}"


def name_for(base: str, job_id: str) -> str:
    """The name of a job whose identifier was made: what it runs, and the identifier."""
    return f"{_slug(base, LONGEST - len(job_id) - 1)}-{job_id}"


def _slug(text: str, longest: int) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    if not words[:1].isalpha():
        words = f"job-{words}".rstrip("-")
    return words[:longest].rstrip("-")
