"""Answers of AWS, held to the service's own model in botocore, so that no field in them is made up."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import botocore.session  # type: ignore[import-untyped]
from botocore.stub import Stubber  # type: ignore[import-untyped]

BEGIN = datetime(2026, 11, 29, 3, tzinfo=UTC)


def minutes(count: float) -> datetime:
    return BEGIN + timedelta(minutes=count)


def printed(service: str, operation: str, answer: dict[str, Any], **parameters: Any) -> dict[str, Any]:  # noqa: ANN401
    """An answer as the AWS CLI prints it, which botocore takes for one of this operation: names, kinds of values."""
    client = botocore.session.get_session().create_client(
        service,
        "eu-central-1",
        aws_access_key_id="a",
        aws_secret_access_key="b",  # noqa: S106
    )
    method = next(name for name, api in client.meta.method_to_api_mapping.items() if api == operation)
    with Stubber(client) as stubber:
        stubber.add_response(method, answer, parameters)
        found = getattr(client, method)(**parameters)
    found.pop("ResponseMetadata", None)
    made: dict[str, Any] = json.loads(json.dumps(found, default=datetime.isoformat))
    return made


class Skipped(dict[str, str]):
    def __call__(self, what: str, why: str) -> None:
        self[what] = why


def step(
    identity: str, arguments: list[str], *, ended: bool = True, begin: float = 2, end: float = 32
) -> dict[str, Any]:
    """A step of a cluster; times are minutes."""
    times = {"CreationDateTime": minutes(0), "StartDateTime": minutes(begin)}
    return {
        "Id": identity,
        "Name": "etl 2026-11-29",
        "Config": {"Jar": "command-runner.jar", "Properties": {}, "Args": arguments},
        "ActionOnFailure": "CONTINUE",
        "Status": {
            "State": "COMPLETED" if ended else "RUNNING",
            "StateChangeReason": {},
            "Timeline": {**times, **({"EndDateTime": minutes(end)} if ended else {})},
        },
    }


def instance(
    identity: str,
    begin: float,
    end: float | None = None,
    *,
    group: str = "ig-c",
    kind: str = "m5.2xlarge",
    market: str = "ON_DEMAND",
    ready: float | None = None,
    launched: bool = True,
) -> dict[str, Any]:
    """An instance of a cluster; times are minutes."""
    times = {"CreationDateTime": minutes(begin), "ReadyDateTime": minutes(begin + 5 if ready is None else ready)}
    return {
        "Id": identity,
        **({"Ec2InstanceId": f"i-{identity}"} if launched else {}),
        "Status": {
            "State": "RUNNING" if end is None else "TERMINATED",
            "StateChangeReason": {},
            "Timeline": {**times, **({} if end is None else {"EndDateTime": minutes(end)})},
        },
        "InstanceGroupId": group,
        "Market": market,
        "InstanceType": kind,
        "EbsVolumes": [],
    }


def instances(*listed: dict[str, Any]) -> dict[str, Any]:
    """The answer of `ListInstances`."""
    return printed("emr", "ListInstances", {"Instances": [*listed]}, ClusterId="j-2AX")


def groups(**types: str) -> dict[str, Any]:
    """The answer of `ListInstanceGroups`: by identifier its kind, such as `CORE`."""
    listed = [
        {"Id": name.replace("_", "-"), "InstanceGroupType": kind, "InstanceType": "m5.2xlarge", "Market": "ON_DEMAND"}
        for name, kind in types.items()
    ]
    return printed("emr", "ListInstanceGroups", {"InstanceGroups": listed}, ClusterId="j-2AX")


def fleets(**types: str) -> dict[str, Any]:
    """The answer of `ListInstanceFleets`, likewise."""
    listed = [{"Id": name.replace("_", "-"), "InstanceFleetType": kind} for name, kind in types.items()]
    return printed("emr", "ListInstanceFleets", {"InstanceFleets": listed}, ClusterId="j-2AX")


def cluster(**tags: str) -> dict[str, Any]:
    """The answer of `DescribeCluster`, of a cluster in Frankfurt."""
    said = {
        "Id": "j-2AX",
        "Name": "etl",
        "ClusterArn": "arn:aws:elasticmapreduce:eu-central-1:111122223333:cluster/j-2AX",
        "Ec2InstanceAttributes": {"Ec2AvailabilityZone": "eu-central-1a"},
        "Tags": [{"Key": name, "Value": value} for name, value in tags.items()],
        "Status": {"State": "RUNNING", "Timeline": {"CreationDateTime": minutes(0)}},
    }
    return printed("emr", "DescribeCluster", {"Cluster": said}, ClusterId="j-2AX")
