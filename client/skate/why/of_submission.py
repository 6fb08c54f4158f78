"""Causes before a driver ran: admission, and the operator's spark-submit.

Sources: kubeflow/spark-operator v2.5.2, internal/controller/sparkapplication/submission.go; kubernetes v1.36, the API
server's words for objects that are forbidden or invalid
"""

from __future__ import annotations

import re
from typing import Final

from skate.cluster_errors import faults as rules_of
from skate.errors import RefusedError
from skate.why.causes import Cause, Kind, shown
from skate.why.evidence import SUBMISSION_FAILED, Evidence
from skate.why.faults import LOG_LINE, errors_of, log_place

_REFUSED: Final = re.compile(
    r"(?:Message: )?((?:pods|Pod) \"[^\"]+\" is (?:forbidden|invalid): .*?|[^\n]*denied(?: the)? request: .*?|"
    r"exceeded quota: .*?)(?:\. Received status|(?<=\w)\n|$)",
    re.S,
)


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
    if not evidence.has_failed or SUBMISSION_FAILED not in text:
        return None
    found = _REFUSED.search(text)
    if found is None:
        return None
    rules = rules_of(found[1].strip())
    return Cause(
        kind=Kind.REFUSED,
        what=f"Kubernetes refused the driver of {evidence.name}: {'; '.join(map(_of_rule, rules))}.",
        remedy="Change what the message names in the job, and submit it again.",
        evidence=shown(*rules),
    )


def submission(evidence: Evidence) -> Cause | None:
    """The operator's spark-submit failed, for a reason of its own."""
    if not evidence.has_failed or SUBMISSION_FAILED not in evidence.message:
        return None
    lines = [line for line in evidence.program_log if line.strip() and not LOG_LINE.match(line)]
    told = evidence.faults[-1].title if evidence.faults else (errors_of(lines) or lines[-1:] or [""])[-1]
    return Cause(
        kind=Kind.SUBMISSION,
        what=f"The Spark operator could not start {evidence.name}: {told.strip().rstrip('.')}.",
        remedy="Change what the message names; if it names nothing of yours, show it to the platform's owners, who see "
        "the whole in the operator's log.",
        evidence=shown(
            *(each.header for each in evidence.faults), *([] if evidence.faults else map(log_place, lines[-3:]))
        ),
    )


def _of_rule(text: str) -> str:
    return text if len(text) < 400 else f"{text[:400]}..."
