"""The alarm of a certificate that ends: when it tells, whom, and what it makes of silence."""

from __future__ import annotations

import botocore.session  # type: ignore[import-untyped]

from components.door.certificate_alarm import CertificateAlarm, CertificateAlarmArgs
from tests.recording import registrations_of

ARN = "arn:aws:acm:eu-central-1:111122223333:certificate/1234abcd-12ab-34cd-56ef-1234567890ab"
TOPIC = "arn:aws:sns:eu-central-1:111122223333:demo-alerts-us"
ALARM = (
    registrations_of(
        lambda: CertificateAlarm("c", CertificateAlarmArgs(platform="demo", certificate_arn=ARN, topic_arns=(TOPIC,)))
    )
    .one("aws:cloudwatch/metricAlarm:MetricAlarm")
    .inputs
)


def test_it_tells_a_month_before_the_end_of_that_certificate() -> None:
    assert (ALARM["namespace"], ALARM["metricName"]) == ("AWS/CertificateManager", "DaysToExpiry")
    assert ALARM["dimensions"] == {"CertificateArn": ARN}
    assert (ALARM["statistic"], ALARM["comparisonOperator"], ALARM["threshold"]) == ("Minimum", "LessThanThreshold", 30)
    assert (ALARM["period"], ALARM["evaluationPeriods"]) == (86_400, 1)


def test_a_certificate_that_has_ended_and_is_silent_stays_in_alarm_and_a_new_one_is_in_none() -> None:
    assert ALARM["treatMissingData"] == "ignore"


def test_it_tells_of_the_end_and_of_the_remedy() -> None:
    assert ALARM["alarmActions"] == ALARM["okActions"] == [TOPIC]


def test_what_is_said_is_what_aws_takes() -> None:
    """By botocore's model of the API."""
    put = botocore.session.get_session().get_service_model("cloudwatch").operation_model("PutMetricAlarm").input_shape
    assert ALARM["statistic"] in put.members["Statistic"].enum
    assert ALARM["comparisonOperator"] in put.members["ComparisonOperator"].enum
    assert len(ALARM["name"]) <= put.members["AlarmName"].metadata["max"]
