from decimal import Decimal

import pytest

from sizing.history import LISTING_USD_AN_HOUR, history_server, listing_usd
from sizing.nodes import Resources
from sizing.quantities import MIB


@pytest.mark.parametrize(
    ("applications_a_week", "days", "applications", "heap", "refresh"),
    [
        # So few that a look for new logs costs next to nothing.
        (7, 14, 14, 513, 60),
        (200, 14, 400, 519, 312),
        (200, 90, 2572, 553, 2000),
        (1000, 90, 12_858, 713, 9999),
    ],
)
def test_a_history_server_is_sized_by_the_applications_it_shows(
    applications_a_week: int, days: int, applications: int, heap: int, refresh: int
) -> None:
    server = history_server(applications_a_week, days)
    assert (server.applications, server.heap, server.refresh_seconds) == (applications, heap * MIB, refresh)
    assert server.pod == Resources(cpu=250, memory=(heap + 384) * MIB)


def test_looking_for_new_logs_costs_what_it_may_and_no_more() -> None:
    for applications_a_week in (100, 1000, 10_000):
        server = history_server(applications_a_week, 90)
        assert listing_usd(server.applications) * 3600 / server.refresh_seconds <= LISTING_USD_AN_HOUR


def test_sparks_own_interval_would_cost_dollars_an_hour() -> None:
    assert listing_usd(2572) * 360 == Decimal("9.9999360")


def test_a_queue_may_say_how_often() -> None:
    assert history_server(1000, 90, refresh_seconds=300).refresh_seconds == 300


def test_looking_costs_about_what_it_may_and_more_where_asked_for_more_often() -> None:
    usual = history_server(2572 // 2, 14)
    assert float(usual.usd_per_hour) == pytest.approx(0.05, rel=0.01)
    often = history_server(2572 // 2, 14, 300)
    assert float(often.usd_per_hour) == pytest.approx(0.333, rel=0.01)
    assert history_server(7, 7).usd_per_hour < usual.usd_per_hour
