"""What `fleet preview --format markdown` prints: a comment on a pull request, as GitHub shows it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fleet.formats.expected import about, unable
from fleet.formats.lines import differing_lines
from fleet.formats.markdown_parts import ELSEWHERE, plain, table_row
from fleet.formats.markdown_queues import reached_lines
from fleet.formats.markdown_tables import costs_table, expected_months, pools_table, queues_table
from fleet.formats.meanings import Meaning, by_weight, first, meanings, sum_cell
from fleet.formats.phrases import (
    SIGNS,
    budget,
    consequences,
    heading,
    place,
    policies,
    policy,
    resources_of,
    sides_text,
    summary,
    sums,
    unpriced,
)
from fleet.offline.changes.callouts import Callouts, callouts
from fleet.offline.changes.comparison import FleetComparison, StackComparison
from fleet.offline.changes.difference import Change, Operation
from fleet.offline.changes.property_changes import PropertyChange
from fleet.offline.pools import queue_rows
from sizing.markdown import code_span, fence

LONGEST: Final = 60_000
"""Characters of a whole comment. GitHub refuses 65,536 and more; the rest is for what is put around it."""
LONGEST_VALUE: Final = 200
"""Characters of a value that stands on one line."""
CONTEXT: Final = 1
"""Lines around a change in a long text."""
MAXIMUM_CALLOUTS: Final = 20
"""Lines at the top; the changes below have them all."""
MAXIMUM_MEANINGS: Final = 30
"""Lines on what a person changed."""
_ADDRESS: Final = re.compile(r"https?://[^\s<>]+")


@dataclass(frozen=True)
class Details:
    """What is folded away of a stack: one line that stays, then tables and sentences, then lists of changes.

    Attributes:
        title: the line that stays, as HTML.
        body: Markdown.
        changes: lines on what a person changed.
        rest: lines on what follows from it, folded once more.
        following: how many resources these are.
    """

    title: str
    body: str
    changes: tuple[str, ...]
    rest: tuple[str, ...] = ()
    following: int = 0

    def text(self, longest: int | None = None) -> str:
        """As Markdown, with as many lines of changes as fit into so many characters, and how many do not.

        It is longer where even the rest is.
        """
        whole = self._text(len(self.changes), len(self.rest))
        if longest is None or len(whole) <= longest:
            return whole
        room = longest - len(self._text(0, 0))
        first = _fitting_lines(self.changes, room)
        room -= sum(len(line) + 1 for line in self.changes[:first])
        return self._text(first, _fitting_lines(self.rest, room) if first == len(self.changes) else 0)

    def _text(self, first: int, following: int) -> str:
        ends = fence("\n".join([*self.changes, *self.rest]))
        text = f"\n<details><summary>{self.title}</summary>\n\n{self.body}"
        if self.changes:
            text += f"\n{ends}diff\n{_cut(self.changes, first)}{ends}\n"
        if self.rest:
            also = f"{self.following} more that {'follows' if self.following == 1 else 'follow'}"
            text += f"\n<details><summary>{also}</summary>\n\n{ends}diff\n{_cut(self.rest, following)}{ends}\n"
            text += "\n</details>\n"
        return f"{text}\n</details>\n"


def _fitting_lines(lines: Sequence[str], room: int) -> int:
    """How many lines fit into so many characters."""
    count = 0
    while count < len(lines) and (room := room - len(lines[count]) - 1) >= 0:
        count += 1
    return count


def _cut(lines: Sequence[str], shown: int) -> str:
    text = "".join(f"{line}\n" for line in lines[:shown])
    return text + (_left_out(len(lines) - shown) if shown < len(lines) else "")


def markdown(comparison: FleetComparison, longest: int = LONGEST, whole_at: str = "") -> str:
    """The preview as a comment, the summary first; what is too long is cut, and says so.

    Args:
        comparison: what to show.
        longest: characters at most.
        whole_at: where the reader finds the whole preview: an address, or words.
    """
    note = _details_left_out(len(comparison.stacks))
    text = _head(comparison, longest - len(note), whole_at)
    room = longest - len(text) - len(note)
    shown: list[Details] = []
    details = [each for stack in comparison.stacks if not _quiet(stack) and (each := _details(stack))]
    for each in details:
        minimum = len(each.text(0))
        if minimum <= room:
            shown.append(each)
            room -= minimum
    minima = [len(each.text(0)) for each in shown]
    shares = _shares([len(each.text()) - minimum for each, minimum in zip(shown, minima, strict=True)], room)
    text += "".join(each.text(minimum + share) for each, minimum, share in zip(shown, minima, shares, strict=True))
    return text + (_details_left_out(len(details) - len(shown)) if len(shown) < len(details) else "")


def _shares(lengths: Sequence[int], room: int) -> list[int]:
    """How much of the room each gets: the short ones all they need, the long ones the rest in equal parts."""
    shares = [0] * len(lengths)
    waiting = sorted(range(len(lengths)), key=lambda index: lengths[index])
    for position, index in enumerate(waiting):
        shares[index] = min(lengths[index], room // (len(waiting) - position))
        room -= shares[index]
    return shares


def _details_left_out(count: int) -> str:
    return f"\n{count} stacks' details are left out: {ELSEWHERE}.\n"


def _left_out(count: int) -> str:
    return f"... {count} more lines: {ELSEWHERE}\n"


def _head(comparison: FleetComparison, longest: int, whole_at: str) -> str:
    lines = ["## Fleet preview", ""]
    if whole_at:
        where = f"at <{whole_at}>" if _ADDRESS.fullmatch(whole_at) else f"in {plain(whole_at)}"
        lines += [f"The whole preview, as a page to look at and as JSON, is {where}.", ""]
    if comparison.base:
        lines.append(f"Compared with {code_span(str(comparison.base))}.")
        if others := comparison.base.other_requirements:
            lines.append(
                f"It pins other requirements, and was run with those that are here: {plain(', '.join(others))}. "
                "What the packages themselves changed does not show."
            )
        lines.append("")
    lines += _warnings(comparison)
    if comparison.base:
        found = [one for one in meanings(comparison) if one.said]
        lines += [_meaning(one) for one in first(found, MAXIMUM_MEANINGS)]
        lines += [""] if found else []
    rows = [table_row([cell(stack) for cell in COLUMNS.values()]) for stack in comparison.stacks if not _quiet(stack)]
    if rows:
        lines += [table_row(list(COLUMNS)), table_row(["---"] * len(COLUMNS))]
    same = [stack.stack for stack in comparison.stacks if _quiet(stack)]
    said = "1 stack does" if len(same) == 1 else f"{len(same)} stacks do"
    end = f"\n{said} not change: {plain(', '.join(same))}.\n" if same else ""
    if len(comparison.stacks) > 1:
        end += "\n" + "".join(f"{plain(sentence)}  \n" for sentence in sums(comparison))
    if comparison.trace:
        end += "\n" + "".join(f"{plain(sentence)}  \n" for sentence in about(comparison))
    return _fitting(lines, rows, end, longest)


def _meaning(one: Meaning) -> str:
    # Within a line, a plus is no item of a list.
    return f"- **{plain(one.subject)}**: {plain(', '.join(one.said))}".replace("\\+", "+")


def _fitting(lines: Sequence[str], rows: Sequence[str], end: str, longest: int) -> str:
    """Lines and rows, as many rows as fit."""
    start = "".join(f"{line}\n" for line in lines)
    if len(start) > longest:
        return start[: longest - 2] + "…\n"
    if len(end) > (longest - len(start)) // 2:
        end = end[: max(0, (longest - len(start)) // 2 - 2)] + "…\n"
    note = _rows_left_out(len(rows))
    text = start
    for index, row in enumerate(rows):
        if len(text) + len(row) + 1 + len(note) + len(end) > longest:
            return f"{text}{_rows_left_out(len(rows) - index)}{end}"
        text += f"{row}\n"
    return text + end


def _rows_left_out(count: int) -> str:
    return table_row([f"{count} more stacks: {ELSEWHERE}", *[""] * (len(COLUMNS) - 1)]) + "\n"


def _warnings(comparison: FleetComparison) -> Iterator[str]:
    """What must not be overlooked, as GitHub's alerts."""
    errors = [message for stack in comparison.stacks for message in stack.errors]
    errors += [
        f"{', '.join(finding.stacks)}: {finding.found}; allowed: {finding.allowed}"
        for finding in comparison.preview.findings
    ]
    errors += [
        f"{stack.stack}: {policy(finding)}. {finding.remedy}"
        for stack in comparison.stacks
        for finding in stack.policy_findings
        if finding.stops
    ]
    if errors:
        yield from ("> [!CAUTION]", *(f"> {line}" for error in errors for line in _quoted(error)), "")
    unable_to_run = [*unable(one for stack in comparison.stacks for one in stack.expected)]
    if (found := callouts(comparison)) or unable_to_run:
        yield from ("> [!WARNING]", *(f"> {line}  " for line in _called_out(found, unable_to_run)), "")


def _called_out(found: Callouts, unable_to_run: Sequence[str]) -> Iterator[str]:
    said = [
        *(f"**{plain(gone.sentence)}.**" for gone in found.removed),
        *(f"{code_span(one.stack)}: **{plain(one.what)}**; {plain(one.consequence)}." for one in found.ended),
        *map(plain, unable_to_run),
    ]
    yield from said[:MAXIMUM_CALLOUTS]
    if len(said) > MAXIMUM_CALLOUTS:
        yield f"And {len(said) - MAXIMUM_CALLOUTS} more like these."


def _quiet(stack: StackComparison) -> bool:
    """Whether there is nothing to say of it."""
    return stack.unchanged and not stack.policy_findings


def _name_cell(stack: StackComparison) -> str:
    return plain(stack.stack)


def _changes_cell(stack: StackComparison) -> str:
    if stack.errors and not stack.registrations:
        return "**can't be previewed**"
    if stack.difference:
        return summary(stack.difference)
    return resources_of(stack.registrations) if stack.registrations else ""


def _cost_cell(stack: StackComparison) -> str:
    over = " **over budget**" if stack.budget and stack.budget.over_at_maximum else ""
    return f"{sum_cell(stack)}{over}"


def _policies_cell(stack: StackComparison) -> str:
    said = policies(stack.policy_findings)
    return f"**{said}**" if any(finding.stops for finding in stack.policy_findings) else said


COLUMNS: Final[Mapping[str, Callable[[StackComparison], str]]] = {
    "stack": _name_cell,
    "changes": _changes_cell,
    "USD a month, from minimum to maximum": _cost_cell,
    "policies": _policies_cell,
}
"""The columns of the summary, a stack a row: their headings, and what stands in a stack's cell."""


def _details(stack: StackComparison) -> Details | None:
    """What is folded away of a stack; None where there is nothing."""
    title = f"<b>{plain(stack.stack)}</b>"
    changes = stack.difference.changes if stack.difference else ()
    rows = queue_rows(stack.registrations) if stack.registrations else []
    body = [*queues_table(stack), *pools_table(stack), *costs_table(stack), *expected_months(stack)]
    cost = stack.cost_after or stack.cost_before
    for sentence in (*(unpriced(cost) if cost else ()), *stack.not_known):
        body += [plain(sentence), ""]
    body += reached_lines(rows)
    if stack.budget:
        body += [f"{plain(budget(stack.budget))}.", ""]
    if stack.policy_findings:
        body += [
            *(f"- {finding.enforcement.value}: {plain(policy(finding))}" for finding in stack.policy_findings),
            "",
        ]
    if not body and not changes:
        return None
    leading, following = by_weight(changes)
    lines = [tuple(line for change in group for line in _change(change)) for group in (leading, following)]
    return Details(title, "\n".join(body), lines[0], lines[1], len(following))


def _change(change: Change) -> Iterator[str]:
    sign = SIGNS[change.operation]
    mark = sign if change.operation in (Operation.ADDED, Operation.REMOVED) else "!"
    yield f"{mark} {_line(heading(change))}" if mark == sign else f"{mark} {sign} {_line(heading(change))}"
    for sentence in consequences(change):
        yield f"#     {_line(sentence)}"
    for each in change.properties:
        yield from _property(each)


def _property(change: PropertyChange) -> Iterator[str]:
    before, after = sides_text(change)
    yield f"  {place(change)}"
    if "\n" in before + after:
        lines = differing_lines(before, after, CONTEXT)
        yield from (f"{line.sign}     {_line(line.text)}" for line in lines if line.sign != "@")
        return
    if before:
        yield f"-     {_line(before)}"
    if after:
        yield f"+     {_line(after)}"


def _line(text: str) -> str:
    """One line, cut where it is long."""
    line = re.sub(r"[\r\n]+", " ", text)
    return line if len(line) <= LONGEST_VALUE else f"{line[:LONGEST_VALUE]}… ({len(line)} characters)"


def _quoted(text: str) -> Iterator[str]:
    for line in text.splitlines():
        yield f"{plain(line)}  "
