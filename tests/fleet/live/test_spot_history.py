"""Spot's market prices: averages by table, requests against the service's model, and the whole against moto."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import boto3  # type: ignore[import-untyped]
import pytest
from botocore.config import Config  # type: ignore[import-untyped]
from botocore.stub import Stubber  # type: ignore[import-untyped]
from moto import mock_aws

from fleet.live.nodes import LiveError
from fleet.live.spot_history import averages, spot_prices
from tests import samples

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SINCE = NOW - timedelta(days=7)
A, B = ("r6id.4xlarge", "eu-central-1a"), ("r6id.4xlarge", "eu-central-1b")


def change(days_ago: float, usd: str, place: tuple[str, str] = A) -> dict[str, Any]:
    name, zone = place
    return {
        "InstanceType": name,
        "AvailabilityZone": zone,
        "ProductDescription": "Linux/UNIX",
        "SpotPrice": usd,
        "Timestamp": NOW - timedelta(days=days_ago),
    }


@pytest.mark.parametrize(
    ("history", "usd"),
    [
        pytest.param([change(30, "0.5")], "0.5", id="the last change before the days holds through them"),
        pytest.param([change(30, "0.5"), change(3.5, "0.7")], "0.6", id="prices count for as long as they held"),
        pytest.param([change(1, "1.2"), change(30, "0.5")], "0.6", id="newest first, as EC2 answers"),
        pytest.param([change(3, "0.7")], "0.7", id="before the first change nothing is known"),
        pytest.param([change(30, "9"), change(20, "0.5")], "0.5", id="an older one does not count"),
        pytest.param([change(7, "0.5"), change(0, "9")], "0.5", id="one at the very end does not count"),
    ],
)
def test_the_average_is_by_time(history: list[dict[str, Any]], usd: str) -> None:
    assert averages(history, SINCE, NOW) == {A: Decimal(usd)}


def test_types_and_zones_have_averages_of_their_own() -> None:
    history = [change(9, "0.5"), change(9, "0.7", B), change(0, "9", ("r5d.4xlarge", "eu-central-1a"))]
    assert averages(history, SINCE, NOW) == {A: Decimal("0.5"), B: Decimal("0.7")}
    assert averages([], SINCE, NOW) == {}


class Session:
    """A boto3 session whose EC2 client answers from a script."""

    def __init__(self) -> None:
        self.client_ = boto3.Session("id", "secret").client("ec2", region_name="eu-central-1")
        self.stub = Stubber(self.client_)
        self.regions: list[str] = []

    def client(self, service: str, region_name: str, config: Config) -> Any:  # noqa: ANN401
        assert service == "ec2"
        assert config.connect_timeout
        self.regions.append(region_name)
        return self.client_


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Session:
    session = Session()
    monkeypatch.setattr(boto3, "Session", lambda: session)
    return session


def request(**more: str) -> dict[str, Any]:
    return {
        "InstanceTypes": ["r5d.4xlarge", "r6id.4xlarge"],
        "ProductDescriptions": ["Linux/UNIX"],
        "Filters": [{"Name": "availability-zone", "Values": ["eu-central-1a", "eu-central-1b"]}],
        "StartTime": SINCE,
        "EndTime": NOW,
        **more,
    }


def test_it_asks_for_the_types_and_zones_of_spot_pools_page_by_page(session: Session) -> None:
    operation = "describe_spot_price_history"
    session.stub.add_response(operation, {"SpotPriceHistory": [change(9, "0.5")], "NextToken": "more"}, request())
    session.stub.add_response(operation, {"SpotPriceHistory": [change(9, "0.7", B)]}, request(NextToken="more"))
    recorded = [samples.sample_registrations(stack) for stack in ("ads-dev", "research-dev")]
    with session.stub:
        assert spot_prices(recorded, NOW) == {A: Decimal("0.5"), B: Decimal("0.7")}
    session.stub.assert_no_pending_responses()
    assert session.regions == ["eu-central-1"]


def test_without_spot_pools_nothing_is_asked(session: Session) -> None:
    recorded = [
        samples.sample_registrations("ads-dev"),
        samples.platform_registrations("platform-dev"),
        samples.sample_registrations("demo-kind"),
    ]
    assert spot_prices(recorded, NOW) == {}
    assert not session.regions


def test_a_refusal_is_one_line(session: Session) -> None:
    session.stub.add_client_error(
        "describe_spot_price_history", "UnauthorizedOperation", "You are\nnot authorized.", 403
    )
    with session.stub, pytest.raises(LiveError, match=r"^AWS: .*DescribeSpotPriceHistory operation: You are not auth"):
        spot_prices([samples.sample_registrations("research-dev")], NOW)


def test_missing_credentials_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(LiveError, match="no credentials; set AWS_PROFILE"):
        spot_prices([samples.sample_registrations("research-dev")], NOW)


def test_a_network_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_ENDPOINT_URL_EC2", "http://127.0.0.1:9")
    with pytest.raises(LiveError, match=r'^AWS: Could not connect to the endpoint URL: "http://127\.0\.0\.1:9/"$'):
        spot_prices([samples.sample_registrations("research-dev")], NOW)


def test_a_missing_boto3_is_told_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "botocore.exceptions", None)
    with pytest.raises(LiveError, match="boto3 is not installed: make aws"):
        spot_prices([samples.sample_registrations("research-dev")], NOW)


@mock_aws
def test_the_whole_request_against_an_ec2_of_moto(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    found = spot_prices([samples.sample_registrations("research-dev")])
    assert found == {
        (name, zone): Decimal("0.00001")
        for name in ("r5d.4xlarge", "r6id.4xlarge")
        for zone in ("eu-central-1a", "eu-central-1b")
    }
