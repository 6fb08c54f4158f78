"""How changes, values and amounts of money are said, in every format."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from fleet.offline.changes.comparison import FleetComparison
from fleet.offline.changes.difference import Change, Difference, Operation
from fleet.offline.changes.property_changes import Absent, PropertyChange
from fleet.offline.changes.property_paths import written
from fleet.offline.environments import NOT_KNOWN, environment_sums
from fleet.offline.pools import QueueRow
from fleet.offline.registration import Registrations, Secret, Unknown, short_name
from policies.evaluation import PolicyFinding
from sizing.pricing.budget import BudgetComparison
from sizing.pricing.costs import Cost, Unpriced, Usd
from sizing.quantities import GIB
from sizing.values import Json, mapped

ARROW: Final = "→"
"""Between what was and what is."""
SIGNS: Final[Mapping[Operation, str]] = {
    Operation.ADDED: "+",
    Operation.REMOVED: "-",
    Operation.REPLACED: "±",
    Operation.CHANGED: "~",
    Operation.KEPT: "·",
}
"""Marks of what becomes of a resource, in the order of a summary."""
_MEMORY: Final = re.compile(r"(?P<number>[0-9]+)(?P<unit>|Ki|Mi|Gi)")
_CPU: Final = re.compile(r"(?P<millicores>[0-9]{3,})m?")
_BYTES: Final[Mapping[str, int]] = {"": 1, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}


def listed(names: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def counted(count: int, what: str) -> str:
    """`1 error`, `1,200 errors`."""
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def resources_of(registrations: Registrations) -> str:
    """How many resources a stack has beside the stack itself."""
    total = len(registrations) - 1
    return f"{total} resources" if total != 1 else "1 resource"


def summary(difference: Difference) -> str:
    """`1 added, 2 changed, 1 renamed; 96 as they were`."""
    routine = sum(change.routine for change in difference.changes)
    counts = [
        *((operation.value, difference.count(operation)) for operation in SIGNS if operation is not Operation.KEPT),
        ("made anew as with every such change", routine),
        ("with other options or outputs", _kept(difference)),
        ("renamed", difference.renamed),
    ]
    replaced = Operation.REPLACED.value
    counts = [(what, count - routine if what == replaced else count) for what, count in counts]
    said = ", ".join(f"{count} {what}" for what, count in counts if count)
    return f"{said or 'no change'}; {difference.unchanged} as they were"


def _kept(difference: Difference) -> int:
    return sum(change.operation is Operation.KEPT and bool(change.properties) for change in difference.changes)


def order_of_jobs(row: QueueRow) -> str:
    """`fair, 40 executors a job, backfill`: how a queue's jobs share it."""
    a_job = [] if row.max_executors_per_job is None else [f"{row.max_executors_per_job:,} executors a job"]
    return ", ".join([row.order, *a_job, *(["backfill"] if row.backfill else [])])


def policies(findings: Iterable[PolicyFinding]) -> str:
    """`1 mandatory, 2 advisory`, or nothing where the policy pack found nothing."""
    counts = Counter(finding.enforcement.value for finding in findings)
    return ", ".join(f"{counts[level]} {level}" for level in ("mandatory", "advisory") if counts[level])


def policy(finding: PolicyFinding) -> str:
    """`Namespace ads-batch: the maximum of cpu is 0 (queue-has-a-maximum)`."""
    return f"{short_name(finding.urn)}: {finding.message} ({finding.rule})"


def heading(change: Change) -> str:
    """`Pool ads-batch-main`, and the name it had before where that was another."""
    now = short_name(change.resource.urn)
    if change.renamed and change.before and (former := short_name(change.before.urn)) != now:
        return f"{now}, was {former}"
    return f"{now}, was elsewhere" if change.renamed else now


def consequences(change: Change) -> list[str]:
    """What a reviewer must know of a change beside its properties."""
    said = []
    if change.read:
        said.append("only looked at" if change.after else "no longer looked at; nothing is deleted")
    if change.refused:
        said.append("it is protected: the engine refuses to delete it")
    if change.routine:
        said.append("made anew, as with every change of what it says; nothing stops")
    elif change.operation is Operation.REPLACED:
        causes = [written(each.path) for each in change.properties if each.forces_replacement]
        if causes:
            said.append(f"replaced because of {', '.join(causes)}")
        if change.replaced_for:
            said.append(f"replaced because these are: {', '.join(map(short_name, change.replaced_for))}")
        if change.after and change.after.options.delete_before_replace:
            said.append("deleted before its successor is there")
    elif change.updated_for:
        said.append(f"gets new values, as these are replaced: {', '.join(map(short_name, change.updated_for))}")
    said += [f"replaced if {each.replaced_if} ({written(each.path)})" for each in change.properties if each.replaced_if]
    return said


def place(change: PropertyChange) -> str:
    """The path of a property, with the part it belongs to where that is not the inputs."""
    path = written(change.path)
    return path if change.part == "input" else f"({change.part}) {path}"


def value_text(value: Json | Absent) -> str:
    """A value as text: texts as they are, everything else as JSON."""
    if isinstance(value, Absent):
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, Unknown | Secret):
        return str(value)
    return json.dumps(mapped(value, _plain), ensure_ascii=False, sort_keys=True)


def sides_text(change: PropertyChange) -> tuple[str, str]:
    """A property before and after as texts, amounts in units that people read, unless both would read the same."""
    key = str(next((step for step in reversed(change.path) if isinstance(step, str)), "")).lower()
    exact = value_text(change.before), value_text(change.after)
    said = _amount(key, exact[0]), _amount(key, exact[1])
    return exact if said[0] == said[1] else said


def _amount(key: str, text: str) -> str:
    """`156.9 CPU` and `1,212.1 GiB` of millicores and bytes, or of quantities as Kubernetes writes them."""
    if key.endswith(("memory", "memory-bytes")) and (found := _MEMORY.fullmatch(text)):
        gib = int(found["number"]) * _BYTES[found["unit"]] / GIB
        return f"{number(gib)} GiB" if gib >= 1 else f"{number(gib * 1024)} MiB"
    if key.endswith(("cpu", "cpu-millicores")) and (found := _CPU.fullmatch(text)):
        return f"{number(int(found['millicores']) / 1000)} CPU"
    return text


def _plain(leaf: Json) -> Json:
    return str(leaf) if isinstance(leaf, Unknown | Secret) else leaf


def unpriced(cost: Cost) -> list[str]:
    """What sums lack, a sentence for each reason."""
    said = []
    for reason in Unpriced:
        lines = [line for line in cost.unpriced if line.unpriced is reason]
        if lines:
            what = sorted({line.what if reason is Unpriced.BY_USE else f"{line.what} ({line.note})" for line in lines})
            said.append(f"Not in the sums, {reason.value}: {', '.join(what)}.")
    return said


def budget(comparison: BudgetComparison) -> str:
    """How a tenant's cost stands to its budget."""
    allowed = f"its budget of {comparison.monthly_usd:,.0f} USD a month"
    if comparison.over_at_minimum:
        said = f"over {allowed} even at its minimum ({comparison.minimum:,.0f})"
    elif comparison.over_at_maximum:
        said = f"over {allowed} if it ran at its maximum all month ({comparison.maximum:,.0f})"
    else:
        said = f"within {allowed} even at its maximum ({comparison.maximum:,.0f})"
    return f"{comparison.tenant} is {said}" + ("" if comparison.complete else "; some prices are not known")


def per_hour(amount: Usd) -> str:
    """`1.23 to 4.56`: US dollars an hour at minimum and maximum."""
    return _range(f"{amount.minimum:,.2f}", f"{amount.maximum:,.2f}")


def per_month(amount: Usd) -> str:
    """`898 to 3,329`: US dollars a month at minimum and maximum."""
    return in_a_month(amount.per_month)


def in_a_month(amount: Usd) -> str:
    """`898 to 3,329`: what is in US dollars a month already, at minimum and maximum."""
    return _range(f"{amount.minimum:,.0f}", f"{amount.maximum:,.0f}")


def sums(comparison: FleetComparison) -> list[str]:
    """`All of production: 1,200 to 3,400 USD a month, was 1,000 to 3,000; without ads-prod.`, for each environment."""
    said = []
    for one in environment_sums(comparison.stacks, compared=comparison.base is not None):
        now, then = in_a_month(one.after), in_a_month(one.before) if one.before else ""
        was = f", was {then}" if then and then != now else ", as before" if then else ""
        without = f"; without {listed(one.left_out)}" if one.left_out else "" if one.complete else "; not all is priced"
        name = NOT_KNOWN.capitalize() if one.name == NOT_KNOWN else f"All of {one.name}"
        said.append(f"{name}: {now} USD a month{was}{without}.")
    return said


def number(value: float) -> str:
    """At most one digit after the point."""
    return f"{round(value, 1):,.12g}"


def span(low: float, high: float) -> str:
    """`2 to 20`, or one number where both are the same."""
    return _range(number(low), number(high))


def _range(low: str, high: str) -> str:
    return low if low == high else f"{low} to {high}"
