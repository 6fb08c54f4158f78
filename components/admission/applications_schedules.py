"""What would keep a schedule from starting anything: when, where on Earth, beside what, and how many runs are kept.

The operator looks at none of it before the schedule is stored, and then only writes into its status that it failed.

Source: kubeflow/spark-operator v2.5.2, internal/controller/scheduledsparkapplication/controller.go; robfig/cron v3.0.1,
parser.go (ParseStandard)
"""

from __future__ import annotations

from typing import Final

from components.admission.application_pods import found_rule
from components.admission.application_variables import SCHEDULED
from components.admission.policy import AdmissionRule, Variable, cel_list, cel_text
from sizing.time_zones import time_zones

POLICIES: Final = ("Allow", "Forbid", "Replace")
DESCRIPTORS: Final = ("@annually", "@daily", "@hourly", "@midnight", "@monthly", "@weekly", "@yearly")
MONTHS: Final = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
DAYS: Final = "sun|mon|tue|wed|thu|fri|sat"
FIELDS: Final = (
    ("minute", "[0-5]?[0-9]"),
    ("hour", "[01]?[0-9]|2[0-3]"),
    ("day of the month", "0?[1-9]|[12][0-9]|3[01]"),
    ("month", f"0?[1-9]|1[0-2]|{MONTHS}"),
    ("day of the week", f"0?[0-6]|{DAYS}"),
)
"""Of a schedule, each with what one of its values is, in small letters."""
EVERY: Final = "^@every ([0-9]+([.][0-9]+)?(h|m|s|ms|us|ns))+$"
ZONE: Final = "^(CRON_)?TZ=[^ =]+ +"
LOCAL: Final = "Local"
"""Go's name for the time zone of the operator's pod."""

_SCHEDULE: Final = "string(object.spec.?schedule.orValue(''))"
_ZONED: Final = f"{_SCHEDULE}.find('{ZONE}')"
_CRON: Final = f"({_ZONED} == '' ? {_SCHEDULE} : {_SCHEDULE}.substring(size({_ZONED}))).trim()"
_PARTS: Final = f"{_CRON}.split(' ').filter(part, part != '')"


def field_pattern(value: str) -> str:
    """What a field of a schedule is: values, ranges and steps, with commas between."""
    one = rf"([*?]|({value})(-({value}))?)(/0*[1-9][0-9]*)?"
    return f"^(?i:{one}(,{one})*)$"


def _wrong_fields() -> str:
    patterns = cel_list([field_pattern(value) for _, value in FIELDS])
    return (
        f"{_PARTS}.size() != {len(FIELDS)} || !{patterns}.transformList(i, pattern, {_PARTS}[i].matches(pattern))"
        ".all(fits, fits) "
        # A range of numbers goes up.
        f"|| {_CRON}.findAll('[0-9]+-[0-9]+').exists(range, int(range.split('-')[0]) > int(range.split('-')[1]))"
    )


def _schedule() -> str:
    descriptor = f"{_CRON} in {cel_list(DESCRIPTORS)} || {_CRON}.matches({cel_text(EVERY)})"
    wrong = f"!({descriptor}) && ({_wrong_fields()})"
    return f"({wrong} ? ['schedule=' + {_SCHEDULE}] : [])"


def _zones() -> str:
    given = (
        f"[string(object.spec.?timeZone.orValue('')), "
        f"{_ZONED} == '' ? '' : {_ZONED}.trim().split('=')[1]].filter(zone, zone != '')"
    )
    known = cel_list([LOCAL, *sorted(time_zones())])
    return f"{given}.filter(zone, !(zone in {known})).map(zone, 'timeZone=' + zone)"


_POLICY: Final = "string(object.spec.?concurrencyPolicy.orValue(''))"
_LIMITS: Final = " + ".join(
    f"(object.spec.?{field}.orValue(1) < 0 ? ['{field}=' + string(object.spec.{field})] : [])"
    for field in ("successfulRunHistoryLimit", "failedRunHistoryLimit")
)
SCHEDULE_RULES: Final[tuple[tuple[Variable, AdmissionRule], ...]] = (
    found_rule(
        "application-schedule",
        f"object.kind != '{SCHEDULED}' ? [] : {_schedule()} + {_zones()} "
        f"+ ({_POLICY} in {cel_list(['', *POLICIES])} ? [] : ['concurrencyPolicy=' + {_POLICY}]) + {_LIMITS}",
        "a schedule that the Spark operator can't read starts nothing: it is five fields (minute, hour, day of the "
        "month, month, day of the week from 0 to 6), or a word such as @daily, or @every 1h30m; its time zone is one "
        "of IANA's such as Europe/Berlin, and numbers of kept runs are none below 0",
        f"'concurrencyPolicy {', '.join(POLICIES)}; {', '.join(DESCRIPTORS)}'",
    ),
)
