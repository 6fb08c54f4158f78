"""What AWS has billed, by the cost-allocation tags, asked of the Cost Explorer.

Needs boto3 (the extra "aws") and credentials of an account that sees the bill, with `ce:GetCostAndUsage`. AWS charges
0.01 USD a request (https://aws.amazon.com/aws-cost-management/aws-cost-explorer/pricing/).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from fleet.live.cost.amounts import Amount, CostReportError, Measurements, Owner, Stretch
from fleet.live.cost.period import DAY, Span, before, month_of
from fleet.live.nodes import LiveError, aws_errors
from sizing.cost_tags import PLATFORM_TAG, QUEUE_TAG
from sizing.names import RESERVED_NAMESPACES
from sizing.values import Json

REGION: Final = "us-east-1"
"""The Cost Explorer answers for all regions and lives in one."""
METRIC: Final = "AmortizedCost"
"""With Savings Plans and reservations spread over the hours that they pay for."""
OLDEST: Final = 365 * DAY
"""How far back is asked for what a period is compared with: the Cost Explorer has up to 13 months.

Source: https://docs.aws.amazon.com/cost-management/latest/userguide/ce-api-best-practices.html
"""
CURRENCY: Final = "USD"
LAG: Final = timedelta(hours=24)
"""How late the bill may be.

Source: https://docs.aws.amazon.com/cost-management/latest/userguide/ce-exploring-data.html
"""
NOTES: Final = (
    "As AWS billed it, whole days of UTC, Savings Plans and reservations spread over their time. The bill knows "
    "nothing of peaks and idle nodes.",
    "The platform's share is whatever has no queue's tag: shared nodes, the control plane, network, buckets and logs.",
)
Progress = Callable[[float], None]


class Client(Protocol):
    """What is used of boto3's client."""

    def get_cost_and_usage(self, **parameters: Any) -> Mapping[str, Json]: ...  # noqa: ANN401


def client() -> Client:
    """The Cost Explorer, with the credentials that boto3 finds.

    Raises:
        CostReportError: boto3 is not installed.
    """
    try:
        with aws_errors():
            import boto3  # type: ignore[import-untyped]

            found: Client = boto3.Session().client("ce", region_name=REGION)
            return found
    except LiveError as error:
        raise CostReportError(str(error)) from None


def billed(
    explorer: Client, platform: str, period: Span, now: datetime, progress: Progress = lambda _: None
) -> Measurements:
    """What AWS has billed for a platform and its tenants, with as many days before and the month so far: one request.

    Args:
        explorer: to ask.
        platform: the platform's name.
        period: of what; days of which it has a part count as a whole.
        now: this moment.
        progress: told the share that is done.

    Raises:
        CostReportError: it can't be asked, or knows of no such tag.
    """
    days = period.whole_days()
    earlier = before(days)
    month = Span(min(month_of(days).start, days.start), days.start)
    asked = Span(max(min(earlier.start, month.start), min(days.start, now - OLDEST)), days.end).whole_days()
    found: list[Amount] = []
    estimated = False
    for result in _results(explorer, platform, asked):
        span = _span(result, now)
        estimated = estimated or bool(result.get("Estimated"))
        found += _amounts(result, span)
        progress((span.end - asked.start) / (asked.end - asked.start))
    amounts = [amount for amount in found if amount.span.start >= days.start]
    if not amounts:
        raise CostReportError(
            f"AWS has billed nothing with the tag {PLATFORM_TAG}={platform} from {days}: is that the platform's name, "
            "is this the account that pays, and are the tags activated there (docs/costs.md)? It takes up to a day"
        )
    notes = list(NOTES)
    if estimated or days.end > now - LAG:
        notes.append(
            f"Not final: the bill is up to {LAG // timedelta(hours=1)} hours late, so the last days will grow."
        )
    if not any(amount.owner.queue for amount in amounts):
        notes.append(f"No cost has the tag {QUEUE_TAG}: activate it where the bill is paid (docs/costs.md).")
    covered = {amount.span for amount in amounts}
    return Measurements(
        source="aws",
        period=days,
        amounts=amounts,
        covered=sum(span.hours for span in covered),
        gaps=tuple(day for day in days.days() if day.start not in {span.start for span in covered}),
        before=_stretch(found, earlier),
        month=_stretch(found, month) if month.hours else None,
        notes=notes,
    )


def _results(explorer: Client, platform: str, days: Span) -> Iterator[Mapping[str, Json]]:
    """Each day's part of the answer, of which a long one comes in pages; a day may go on on the next page."""
    asked: dict[str, Json] = {
        "TimePeriod": {"Start": f"{days.start:%Y-%m-%d}", "End": f"{days.end:%Y-%m-%d}"},
        "Granularity": "DAILY",
        "Metrics": [METRIC],
        "Filter": {"Tags": {"Key": PLATFORM_TAG, "Values": [platform], "MatchOptions": ["EQUALS"]}},
        "GroupBy": [{"Type": "TAG", "Key": QUEUE_TAG}, {"Type": "DIMENSION", "Key": "SERVICE"}],
    }
    while True:
        try:
            with aws_errors():
                page = explorer.get_cost_and_usage(**asked)
        except LiveError as error:
            raise CostReportError(f"Cost Explorer: {error}") from None
        yield from page["ResultsByTime"]
        if not page.get("NextPageToken"):
            return
        asked["NextPageToken"] = page["NextPageToken"]


def _span(result: Mapping[str, Json], now: datetime) -> Span:
    start = datetime.fromisoformat(result["TimePeriod"]["Start"]).replace(tzinfo=now.tzinfo)
    return Span(start, min(start + DAY, now))


def _stretch(found: Sequence[Amount], span: Span) -> Stretch:
    amounts = [amount for amount in found if span.start <= amount.span.start < span.end]
    return Stretch(span=span, amounts=amounts, covered=sum(each.hours for each in {one.span for one in amounts}))


def _amounts(result: Mapping[str, Json], span: Span) -> Iterator[Amount]:
    for group in result["Groups"]:
        tag, service = group["Keys"]
        money = group["Metrics"][METRIC]
        if money["Unit"] != CURRENCY:
            raise CostReportError(f"Cost Explorer: the bill is in {money['Unit']}, and this report in {CURRENCY}")
        # `elastic-spark:queue$ads-nightly`, and nothing behind the sign where there is no tag.
        queue = tag.partition("$")[2]
        ours = not queue or queue in RESERVED_NAMESPACES
        owner = Owner(part=service) if ours else Owner(tenant=queue.partition("-")[0], queue=queue)
        yield Amount(owner=owner, span=span, cost=float(money["Amount"]), hours=span.hours)
