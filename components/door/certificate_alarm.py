"""The alarm of a door's certificate that is about to end: of CloudWatch, as ACM tells it alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.base import Component
from sizing import names
from sizing.durations import DAY

DAYS: Final = 30
"""Before the end. ACM renews its own certificates earlier, by 45 days at the latest, so that nobody hears of one that
renews itself.

Source: https://docs.aws.amazon.com/acm/latest/userguide/managed-renewal.html
"""


@dataclass(frozen=True, kw_only=True)
class CertificateAlarmArgs:
    """Of which certificate, and who hears of it.

    Args:
        platform: the platform's name.
        certificate_arn: in ACM; given or asked for.
        topic_arns: topics of Amazon SNS in the platform's account and region; without any, CloudWatch alone shows it.
    """

    platform: str
    certificate_arn: pulumi.Input[str]
    topic_arns: Sequence[str]


class CertificateAlarm(Component):
    """Tells of a certificate that nobody renews, days before browsers refuse it.

    Prometheus has no such alert: the certificate is in the load balancer, which only AWS sees.
    """

    module = "certificate_alarm"

    def __init__(self, name: str, args: CertificateAlarmArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        aws.cloudwatch.MetricAlarm(
            f"{name}-alarm",
            name=names.door_alarm(args.platform),
            alarm_description=f"The certificate of the door ends within {DAYS} days: docs/guides/door.md",
            namespace="AWS/CertificateManager",
            metric_name="DaysToExpiry",
            dimensions={"CertificateArn": args.certificate_arn},
            statistic="Minimum",
            comparison_operator="LessThanThreshold",
            threshold=DAYS,
            period=DAY,
            evaluation_periods=1,
            # ACM says nothing of a new certificate for a day, and nothing more of one that has ended: what was last
            # known stays so, which for the latter is the alarm.
            treat_missing_data="ignore",
            alarm_actions=[*args.topic_arns],
            ok_actions=[*args.topic_arns],
            tags={"Name": name},
            opts=self.child(),
        )
        self.register_outputs({})
