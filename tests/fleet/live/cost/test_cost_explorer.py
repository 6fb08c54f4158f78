"""The bill, from answers that are checked against the service's model."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3  # type: ignore[import-untyped]
import pytest
from botocore.stub import Stubber  # type: ignore[import-untyped]

from fleet.live.cost.amounts import CostReportError, Measurements, Owner
from fleet.live.cost.cost_explorer import billed, client
from fleet.live.cost.period import Span, period
from fleet.live.cost.report import cost_report

NOW = datetime(2026, 11, 24, 8, 45, tzinfo=UTC)
EC2 = "Amazon Elastic Compute Cloud - Compute"
EKS = "Amazon Elastic Container Service for Kubernetes"
ASKED: dict[str, Any] = {
    "TimePeriod": {"Start": "2026-11-01", "End": "2026-11-22"},
    "Granularity": "DAILY",
    "Metrics": ["AmortizedCost"],
    "Filter": {"Tags": {"Key": "elastic-spark:platform", "Values": ["spark-prod"], "MatchOptions": ["EQUALS"]}},
    "GroupBy": [{"Type": "TAG", "Key": "elastic-spark:queue"}, {"Type": "DIMENSION", "Key": "SERVICE"}],
}
TWO_DAYS = Span(datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 22, tzinfo=UTC))


def day(date: int, *groups: tuple[str, str, str], estimated: bool = False, unit: str = "USD") -> dict[str, Any]:
    return {
        "TimePeriod": {"Start": f"2026-11-{date:02}", "End": f"2026-11-{date + 1:02}"},
        "Total": {},
        "Groups": [
            {
                "Keys": [f"elastic-spark:queue${queue}", service],
                "Metrics": {"AmortizedCost": {"Amount": usd, "Unit": unit}},
            }
            for queue, service, usd in groups
        ],
        "Estimated": estimated,
    }


@pytest.fixture
def explorer() -> Iterator[Stubber]:
    stub = Stubber(boto3.Session("id", "secret").client("ce", region_name="us-east-1"))
    with stub:
        yield stub
        stub.assert_no_pending_responses()


def answer(explorer: Stubber, *days: dict[str, Any], page: str = "", next_page: str = "", **asked: Any) -> None:  # noqa: ANN401
    results = {"ResultsByTime": list(days)} | ({"NextPageToken": next_page} if next_page else {})
    expected = ASKED | ({"NextPageToken": page} if page else {}) | asked
    explorer.add_response("get_cost_and_usage", results, expected)


def bill(explorer: Stubber, span: Span = TWO_DAYS, platform: str = "spark-prod") -> Measurements:
    return billed(explorer.client, platform, span, NOW)


def test_queues_are_told_by_their_tag_and_the_rest_is_the_platforms_by_service(explorer: Stubber) -> None:
    answer(
        explorer,
        day(20, ("ads-nightly", EC2, "10.5"), ("", EC2, "2"), ("", EKS, "2.4")),
        day(21, ("ads-nightly", EC2, "4.5"), ("search-index", EC2, "1"), ("spark-system", EKS, "0.1")),
    )
    report = cost_report(bill(explorer))
    assert {line.owner: line.cost for line in report.queues} == {
        Owner(tenant="ads", queue="ads-nightly"): 15,
        Owner(tenant="search", queue="search-index"): 1,
    }
    assert {line.owner.part: line.cost for line in report.platform} == {EKS: 2.5, EC2: 2}
    assert report.total.cost == pytest.approx(20.5)


def test_the_bill_knows_neither_peaks_nor_idle_nodes_and_none_are_made_up(explorer: Stubber) -> None:
    answer(explorer, day(20, ("ads-nightly", EC2, "10")), day(21))
    report = cost_report(bill(explorer))
    for line in (*report.queues, report.queues_total, report.total):
        assert (line.at_peak, line.saving, line.node_hours, line.idle_ratio, line.budget_ratio) == (None,) * 5
    assert "knows nothing of peaks" in report.measured.notes[0]


def test_pages_are_read_to_the_last_and_a_day_may_be_on_two(explorer: Stubber) -> None:
    answer(explorer, day(20, ("ads-nightly", EC2, "1")), next_page="second")
    answer(explorer, day(20, ("ads-nightly", "Amazon S3", "2")), page="second", next_page="third")
    answer(explorer, day(21, ("ads-nightly", EC2, "4")), page="third")
    report = cost_report(bill(explorer))
    assert report.queues[0].cost == 7
    assert report.queues[0].hours == 48


def test_parts_of_days_count_as_days_and_today_ends_now(explorer: Stubber) -> None:
    asked: dict[str, Any] = {"TimePeriod": {"Start": "2026-11-01", "End": "2026-11-25"}}
    answer(explorer, day(23, ("ads-nightly", EC2, "24")), day(24, ("ads-nightly", EC2, "8"), estimated=True), **asked)
    found = bill(explorer, period("24h", None, NOW))
    assert str(found.period) == "2026-11-23 00:00 to 2026-11-25 00:00 UTC"
    assert found.covered == pytest.approx(24 + 8.75)
    assert "Not final: the bill is up to 24 hours late" in found.notes[-1]


def test_a_bill_that_is_final_is_not_called_otherwise(explorer: Stubber) -> None:
    answer(explorer, day(20, ("ads-nightly", EC2, "1")), day(21, ("ads-nightly", EC2, "1")))
    assert not any("Not final" in note for note in bill(explorer).notes)


def test_days_without_a_bill_are_gaps(explorer: Stubber) -> None:
    answer(explorer, day(20, ("ads-nightly", EC2, "1")), day(21))
    found = bill(explorer)
    assert found.covered == 24
    assert [str(gap) for gap in found.gaps] == ["2026-11-21 00:00 to 2026-11-22 00:00 UTC"]


def test_a_tag_that_nobody_activated_is_told_with_what_to_do(explorer: Stubber) -> None:
    answer(explorer, day(20), day(21))
    with pytest.raises(CostReportError) as told:
        bill(explorer)
    assert "nothing with the tag elastic-spark:platform=spark-prod" in str(told.value)
    assert "docs/costs.md" in str(told.value)


def test_a_queue_tag_that_is_not_active_is_noted(explorer: Stubber) -> None:
    answer(explorer, day(20, ("", EC2, "5")), day(21))
    assert any("No cost has the tag elastic-spark:queue: activate it" in note for note in bill(explorer).notes)


def test_a_bill_in_another_currency_is_refused(explorer: Stubber) -> None:
    answer(explorer, day(20, ("ads-nightly", EC2, "5"), unit="CNY"), day(21))
    with pytest.raises(CostReportError, match="the bill is in CNY, and this report in USD"):
        bill(explorer)


def test_what_aws_refuses_is_passed_on_in_one_line(explorer: Stubber) -> None:
    explorer.add_client_error(
        "get_cost_and_usage", "AccessDeniedException", "not authorized:\n ce:GetCostAndUsage", 400
    )
    with pytest.raises(CostReportError) as told:
        bill(explorer)
    assert str(told.value).startswith("Cost Explorer: AWS: An error occurred (AccessDeniedException)")
    assert "\n" not in str(told.value)


def test_without_credentials_one_says_how_to_get_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.session.Session.get_credentials", lambda _: None)
    with pytest.raises(CostReportError, match="no credentials; set AWS_PROFILE or log in"):
        billed(client(), "spark-prod", TWO_DAYS, NOW)


def test_without_boto3_one_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "botocore.exceptions", None)
    with pytest.raises(CostReportError, match="boto3 is not installed"):
        client()


def test_a_credit_makes_a_day_cheaper(explorer: Stubber) -> None:
    answer(explorer, day(20, ("", EC2, "5"), ("", "Refund", "-3")), day(21))
    assert cost_report(bill(explorer)).total.cost == 2


def test_one_day_is_asked_for_as_one(explorer: Stubber) -> None:
    asked: dict[str, Any] = {"TimePeriod": {"Start": "2026-11-01", "End": "2026-11-21"}}
    answer(explorer, day(20, ("ads-nightly", EC2, "1")), **asked)
    assert bill(explorer, Span(TWO_DAYS.start, TWO_DAYS.start + timedelta(hours=1))).covered == 24


def test_one_request_also_has_the_days_before_and_the_month_so_far(explorer: Stubber) -> None:
    answer(
        explorer,
        day(2, ("ads-nightly", EC2, "100")),
        day(18, ("ads-nightly", EC2, "6")),
        day(19, ("ads-nightly", EC2, "6"), ("old-queue", EC2, "50")),
        day(20, ("ads-nightly", EC2, "10")),
        day(21, ("ads-nightly", EC2, "14")),
    )
    report = cost_report(bill(explorer))
    (line,) = report.queues
    assert (line.cost, line.before) == (24, 12)
    # November has nine days behind the 21st.
    assert line.forecast == pytest.approx(112 + 24 + 12 * 9)
    assert report.measured.covered == 48


def test_in_a_new_month_the_days_before_are_of_the_old_one(explorer: Stubber) -> None:
    asked: dict[str, Any] = {"TimePeriod": {"Start": "2026-10-31", "End": "2026-11-02"}}
    last = day(20, ("ads-nightly", EC2, "6")) | {"TimePeriod": {"Start": "2026-10-31", "End": "2026-11-01"}}
    answer(explorer, last, day(1, ("ads-nightly", EC2, "10")), **asked)
    found = bill(explorer, Span(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)))
    line = cost_report(found).queues[0]
    assert (line.before, found.month) == (6, None)
    assert line.forecast == pytest.approx(300)


def test_no_more_is_asked_for_than_the_cost_explorer_keeps(explorer: Stubber) -> None:
    asked: dict[str, Any] = {"TimePeriod": {"Start": "2025-11-24", "End": "2026-11-24"}}
    answer(explorer, day(20, ("ads-nightly", EC2, "1")), **asked)
    found = bill(explorer, Span(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 11, 24, tzinfo=UTC)))
    assert cost_report(found).queues[0].before is None
