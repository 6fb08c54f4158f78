"""Facts of instance types as EC2 describes them, and as the packaged file has them."""

from __future__ import annotations

import boto3  # type: ignore[import-untyped]
from moto import mock_aws

from fleet.live import instance_facts
from sizing.instances import CATALOG


@mock_aws
def test_all_that_ec2_describes_is_understood() -> None:
    ec2 = boto3.Session("id", "secret").client("ec2", region_name="us-east-1")
    pages = ec2.get_paginator("describe_instance_types").paginate()
    items = [instance_facts.instance_type(info) for page in pages for info in page["InstanceTypes"]]
    kept = {item.name for item in items if item}
    assert len(items) > len(kept) > 300
    assert {"m5.xlarge", "r8g.4xlarge", "t3.medium"} <= kept
    assert not {name for name in kept if "metal" in name or name.startswith(("g", "p", "inf", "trn", "mac"))}


def test_the_packaged_file_holds_only_types_that_a_refresh_keeps() -> None:
    assert all(
        instance_facts.KEPT.fullmatch(name) and name not in instance_facts.LEFT_OUT for name in CATALOG.instances
    )
