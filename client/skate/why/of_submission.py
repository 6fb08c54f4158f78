"""Causes before a driver ran: admission, and the operator's spark-submit.

Sources: kubeflow/spark-operator v2.5.2, internal/controller/sparkapplication/submission.go; kubernetes v1.36, the API
server's words for objects that are forbidden or invalid
"""

from __future__ import annotations

import re
from typing import Final

from skate.cluster import faults as rules_of
from skate.errors import RefusedError
from skate.why.causes import Cause, Kind, shown
from skate.why.evidence import Evidence, said
from skate.why.faults import LOG_LINE, errors_of, log_place

_FAILED: Final = "failed to run spark-submit"
_REFUSED: Final = re.compile(
    r"(?:Message: )?((?:pods|Pod) \"[^\"]+\" is (?:forbidden|invalid): .*?|[^\n]*denied(?: the)? request: .*?|"
    r"exceeded quota: .*?)(?:\. Received status|(?<=\w)\n|$)",
    re.S,
)
_JAVA: Final = re.compile(r'(?:Exception in thread "main" |Caused by: )((?:[a-z_]\w*\.)+[A-Z][\w$]*): ?([^\n]*)')


def refused_by_admission(error: RefusedError) -> Cause:
    """Why a job was refused when it was submitted: it was never there."""
    first, *_ = str(error.what).splitlines()
    return Cause(
        kind=Kind.REFUSED,
        what=f"{first.rstrip(':')}: {'; '.join(_of_rule(fault) for fault in error.faults)}",
        remedy="Change the job as each rule says, and submit it again.",
        evidence=shown(*error.faults),
    )


def refused(evidence: Evidence) -> Cause | None:
    """The API server or admission refused the driver."""
    text = evidence.message
    if not evidence.has_failed or _FAILED not in text:
        return None
    found = _REFUSED.search(text)
    if found is None:
        return None
    rules = rules_of(found[1].strip())
    return Cause(
        kind=Kind.REFUSED,
        what=f"Kubernetes refused the driver of {evidence.name}: {'; '.join(map(_of_rule, rules))}.",
        remedy="Change what the message names in the job, and submit it again.",
        evidence=shown(*rules, *_events(evidence)),
    )


def submission(evidence: Evidence) -> Cause | None:
    """The operator's spark-submit failed, for a reason of its own."""
    if not evidence.has_failed or _FAILED not in evidence.message:
        return None
    found = list(_JAVA.finditer(evidence.message))
    lines = [line for line in evidence.message.splitlines() if line.strip() and not LOG_LINE.match(line)]
    told = f"{found[-1][1].rpartition('.')[2]}: {found[-1][2]}" if found else (errors_of(lines) or lines[-1:] or [""])[-1]
    return Cause(
        kind=Kind.SUBMISSION,
        what=f"The Spark operator could not start {evidence.name}: {told.strip().rstrip('.')}.",
        remedy="Change what the message names; if it names nothing of yours, show it to the platform's owners, who see "
        "the whole in the operator's log.",
        evidence=shown(*(match[0] for match in found), *map(log_place, lines[-3:]), *_events(evidence)),
    )


def _events(evidence: Evidence) -> list[str]:
    return [said(event).splitlines()[0] for event in evidence.events_of("SparkApplicationSubmissionFailed")][:1]


def _of_rule(text: str) -> str:
    return text if len(text) < 400 else f"{text[:400]}..."
