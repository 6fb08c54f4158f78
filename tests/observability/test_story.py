"""The rules on a real Prometheus that has lived through `tests.observability.story`; times are minutes of it."""

from __future__ import annotations

import pytest

from components.observability import series
from tests.observability import story
from tests.observability.alerts import alerts_of
from tests.observability.replayed import Replayed

BATCH = {"tenant": "ads", "queue": "ads-batch"}
ETL = {"tenant": "search", "queue": "search-etl"}
POOLS = {"ads-batch-main": BATCH, "search-etl-main": ETL}


def value(replayed: Replayed, minutes: float, what: series.Series, **labels: str) -> float:
    """Of the one series that has these labels, at a time; others are in sums only where they are named."""
    matchers = ", ".join(f'{name}="{text}"' for name, text in labels.items())
    (point,) = replayed.at(minutes, f"sum({what}{{{matchers}}})")
    return point.value


def test_all_rules_are_evaluated_without_an_error(replayed: Replayed) -> None:
    rules = [rule for group in replayed.server.rules() for rule in group["rules"]]
    assert [(rule["name"], rule.get("lastError")) for rule in rules if rule["health"] != "ok"] == []
    assert len(rules) == sum(len(group.rules) for group in story.groups())


def test_what_holds_when_the_story_ends_is_found_by_prometheus_itself(replayed: Replayed) -> None:
    states = {
        rule["name"]: rule["state"]
        for group in replayed.server.rules()
        for rule in group["rules"]
        if rule["type"] == "alerting" and rule["state"] != "inactive"
    }
    assert states == {
        "ElasticSparkBudgetExceeded": "firing",
        "ElasticSparkGroupInBackoff": "pending",
        "ElasticSparkScaleOutBudgetBurningFast": "firing",
        "ElasticSparkScaleOutBudgetBurningSlowly": "firing",
    }


def test_exactly_the_alerts_fire_that_the_story_is_about(replayed: Replayed) -> None:
    fired = {
        (firing.alert, firing.labels.get("queue") or firing.labels.get("pool") or firing.labels.get("tenant"))
        for alert in alerts_of(story.groups())
        for firing in replayed.firings(alert.name)
    }
    assert fired == {
        ("ElasticSparkBudgetExceeded", "search"),
        ("ElasticSparkExecutorEvicted", "ads-batch"),
        ("ElasticSparkGroupInBackoff", "search-etl-main"),
        ("ElasticSparkJobPastDeadline", "ads-batch"),
        ("ElasticSparkNodesEmptyTooLong", "ads-batch"),
        ("ElasticSparkScaleOutBudgetBurningFast", "search-etl"),
        ("ElasticSparkScaleOutBudgetBurningSlowly", "search-etl"),
    }


def test_two_hundred_nodes_are_asked_for_and_come(replayed: Replayed) -> None:
    assert value(replayed, 9.5, series.POOL_NODES, pool="ads-batch-main") == 2
    assert value(replayed, 11, series.POOL_NODES_MISSING, pool="ads-batch-main") == 198
    assert value(replayed, 12, series.POOL_NODES_READY, pool="ads-batch-main") == 200


def test_the_large_scale_out_took_as_long_as_its_last_executor_waited(replayed: Replayed) -> None:
    lines = replayed.over(f'{series.POOL_SCALE_OUT_SECONDS}{{queue="ads-batch"}}')
    assert {line.labels["size_class"] for line in lines} == {"large"}
    longest = max(value for line in lines for value in line.values.values())
    # The last one waited for 104 s, and was first seen waiting at the next scrape, up to 15 s later.
    assert 104 - 15 <= longest <= 104


def test_every_executor_that_needed_a_node_is_counted_once(replayed: Replayed) -> None:
    counted = f"sum by (pool, outcome) (sum_over_time({series.POOL_SCALE_OUT_PODS}[90m]))"
    found = {(p.labels["pool"], p.labels["outcome"]): p.value for p in replayed.at(90, counted)}
    # Six of the 600 found a node that was there.
    assert found == {("ads-batch-main", "in_time"): 594, ("search-etl-main", "late"): 20}


def test_late_shares_are_of_the_pods_that_needed_a_node(replayed: Replayed) -> None:
    ratio = series.scale_out_late_ratio("1h")
    assert value(replayed, 60, ratio, pool="ads-batch-main") == 0
    assert value(replayed, 90, ratio, pool="search-etl-main") == 1


def test_pods_without_capacity_are_late_after_five_minutes_and_somebody_is_woken(replayed: Replayed) -> None:
    (fast,) = replayed.firings("ElasticSparkScaleOutBudgetBurningFast")
    assert fast.labels == ETL | {"pool": "search-etl-main"}
    assert 65 + 5 < fast.start <= 65 + 5 + 2
    assert fast.end == 90


def test_the_group_without_capacity_is_named_with_its_reason(replayed: Replayed) -> None:
    (firing,) = replayed.firings("ElasticSparkGroupInBackoff")
    assert firing.labels == {
        "pool": "search-etl-main",
        "node_group": "spark-dev-search-etl-main-spot-eu-central-1a-a",
        "reason": "InsufficientInstanceCapacity",
    }
    assert 76 <= firing.start <= 77


def test_stuck_empty_nodes_are_found_and_the_minimum_is_not_held_against_the_pool(replayed: Replayed) -> None:
    empty, too_long = series.POOL_NODES_EMPTY, series.POOL_NODES_EMPTY_TOO_LONG
    assert value(replayed, 26, empty, pool="ads-batch-main") == 200
    assert value(replayed, 26, too_long, pool="ads-batch-main") == 0
    assert value(replayed, 40, empty, pool="ads-batch-main") == 2 + story.STUCK
    assert value(replayed, 40, too_long, pool="ads-batch-main") == story.STUCK
    (firing,) = replayed.firings("ElasticSparkNodesEmptyTooLong")
    # Empty from 24.5 on; given back by 28.5, says the limit; and ten minutes of patience.
    assert 38.5 <= firing.start <= 40.5
    assert 59 <= firing.end <= 60


def test_a_pool_says_how_old_its_oldest_node_and_ami_are(replayed: Replayed) -> None:
    joined, made = series.POOL_OLDEST_NODE, series.POOL_OLDEST_AMI
    oldest = min(node.created for node in replayed.script.nodes if node.kind.pool == "ads-batch-main")
    assert value(replayed, 26, joined, pool="ads-batch-main") == pytest.approx(26 * 60 - oldest, abs=60)
    assert 9 <= value(replayed, 26, made, pool="ads-batch-main") / 86400 <= 12


def test_executors_whose_node_was_taken_are_counted_once(replayed: Replayed) -> None:
    lost = f"sum by (tenant, queue) (sum_over_time({series.EXECUTORS_LOST}[90m]))"
    assert {p.labels["queue"]: p.value for p in replayed.at(90, lost)} == {"ads-batch": story.LOST, "search-etl": 0}
    assert value(replayed, 53, series.EXECUTORS_DOOMED, **BATCH) == story.LOST
    # Of 606 executors that were placed.
    assert value(replayed, 90, series.EXECUTORS_LOST_RATIO, **BATCH) == pytest.approx(story.LOST / 606)
    (firing,) = replayed.firings("ElasticSparkExecutorEvicted")
    assert 53.5 <= firing.start <= 54


def test_a_job_that_misses_its_deadline_is_told_to_its_tenant_until_it_ends(replayed: Replayed) -> None:
    job = {**BATCH, "pod": "large-driver"}
    assert value(replayed, 15, series.JOB_DEADLINE, **job) == 5 * story.MINUTE
    assert value(replayed, 24, series.JOB_DEADLINE, **job) == -4 * story.MINUTE
    missed = f'sum(sum_over_time({series.DEADLINES_MISSED}{{queue="ads-batch"}}[90m]))'
    assert [point.value for point in replayed.at(90, missed)] == [1]
    (firing,) = replayed.firings("ElasticSparkJobPastDeadline")
    assert firing.labels == job
    assert 20 < firing.start <= 21
    assert 24.5 <= firing.end <= 25


def test_nodes_that_leave_empty_lose_nothing(replayed: Replayed) -> None:
    (point,) = replayed.at(40, f"sum(sum_over_time({series.EXECUTORS_LOST}[40m]))")
    assert point.value == 0


def test_drivers_wait_neither_for_their_queue_nor_for_a_node(replayed: Replayed) -> None:
    assert value(replayed, 11, series.QUEUE_WAIT_SECONDS, **BATCH) == 2
    # Ten seconds from its place on a node to a running container.
    assert value(replayed, 11, series.DRIVER_START_SECONDS, **BATCH) == 10
    assert replayed.over(series.QUEUE_DRIVERS_UNSCHEDULABLE) == []


def test_executors_that_find_a_node_run_after_their_container_started(replayed: Replayed) -> None:
    assert value(replayed, 46, series.EXECUTOR_ALLOCATION_SECONDS, **BATCH) == 4


def test_headroom_is_counted_in_whole_drivers_on_whole_nodes(replayed: Replayed) -> None:
    # Two nodes of 8.3 cores and 33 GiB take three drivers of 2 cores and 8 GiB each, beside 0.4 cores and 0.6 GiB of
    # DaemonSets; one driver runs, at times two.
    assert value(replayed, 5, series.POOL_HEADROOM) == 5
    assert value(replayed, 20, series.POOL_HEADROOM) == 4


@pytest.mark.parametrize(("minutes", "allocated", "pending"), [(5, 0, 0), (10.5, 2, 3000), (20, 3002, 0)])
def test_queues_have_what_yunikorn_gave_them_and_idle_ones_nothing(
    replayed: Replayed, minutes: float, allocated: float, pending: float
) -> None:
    assert value(replayed, minutes, series.QUEUE_ALLOCATED_CPU, **BATCH) == allocated
    assert value(replayed, minutes, series.QUEUE_PENDING_CPU, **BATCH) == pending


def test_full_nodes_are_not_idle_and_empty_ones_are(replayed: Replayed) -> None:
    used = value(replayed, 20, series.QUEUE_UTILIZATION, resource="cpu", **BATCH)
    assert used == pytest.approx(15 / 15.89)
    assert value(replayed, 20, series.QUEUE_IDLE, **BATCH) == pytest.approx(1 - 15 / 15.89)
    assert value(replayed, 40, series.QUEUE_IDLE, **BATCH) == 1


def test_a_queue_costs_its_nodes_at_their_prices(replayed: Replayed) -> None:
    assert value(replayed, 20, series.QUEUE_COST, **BATCH) == pytest.approx(200 * 1.00)
    assert value(replayed, 20, series.QUEUE_COST, **ETL) == pytest.approx(4 * 0.40)
    assert value(replayed, 20, series.PLATFORM_COST) == pytest.approx(2 + 2)


def test_the_saving_is_against_a_fixed_cluster_as_large_as_the_peak(replayed: Replayed) -> None:
    assert value(replayed, 40, series.QUEUE_COST_AT_PEAK, **BATCH) == 200
    assert value(replayed, 40, series.QUEUE_SAVING, **BATCH) == 200 - 7
    # By the minute: 12 of 2 nodes, 18 of 200, one of 107, 23 of 7, one of 6, five of 7, and 31 of 2.
    spent = (12 * 2 + 18 * 200 + 107 + 23 * 7 + 6 + 5 * 7 + 31 * 2) / 91
    assert value(replayed, 90, series.QUEUE_SAVING_RATIO, **BATCH) == pytest.approx(1 - spent / 200, abs=0.02)
    assert value(replayed, 90, series.QUEUE_SAVING_RATIO, **ETL) == pytest.approx(0)


def test_a_tenant_hears_that_it_costs_more_than_its_budget(replayed: Replayed) -> None:
    (firing,) = replayed.firings("ElasticSparkBudgetExceeded")
    assert firing.labels == {"tenant": "search"}
    # One or two full hours of the clock are in the story.
    assert value(replayed, 90, series.TENANT_COST_30D, tenant="search") in (pytest.approx(1.6), pytest.approx(3.2))


def test_one_series_is_recorded_of_a_pod_and_two_more_of_a_driver_with_a_deadline(replayed: Replayed) -> None:
    pods = replayed.at(20, 'count(kube_pod_nodeselectors{pool!="system"})')
    recorded = replayed.at(20, 'count by (__name__) ({__name__=~"elastic_spark:.*", pod!=""})')
    assert {point.labels["__name__"]: point.value for point in recorded} == {
        series.POD_NODE_WAIT.name: pods[0].value,
        series.DEADLINE.name: 1,
        series.JOB_DEADLINE.name: 1,
    }


def test_another_series_is_recorded_of_a_pod_when_it_is_placed(replayed: Replayed) -> None:
    times = replayed.at(90, f"sum by (namespace) (count_over_time({series.POD_PLACED}[90m]))")
    # 606 executors and two drivers; those of search-etl have run since before the story.
    assert {point.labels["namespace"]: point.value for point in times} == {"ads-batch": 608}


def test_every_series_has_the_labels_that_are_written_down(replayed: Replayed) -> None:
    written = {known.name: set(known.labels) for known in series.SERIES}
    wrong = {}
    for name, labels in written.items():
        for point in replayed.at(90, f"last_over_time({name}[90m])"):
            # Empty labels are no labels.
            if not point.labels.keys() - {"__name__"} <= labels:
                wrong[name] = sorted(point.labels)
    assert wrong == {}
