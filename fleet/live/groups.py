"""The Auto Scaling groups of a running platform, by the AWS API."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from fleet.live.nodes import LiveError, aws_errors
from sizing.autoscaling_tags import cluster_tag
from sizing.values import Json


@dataclass(frozen=True)
class Group:
    """An Auto Scaling group at one moment."""

    name: str
    minimum: int
    desired: int
    maximum: int
    retiring: bool
    """It launches no more nodes."""
    template: str = ""
    """The launch template of its nodes."""
    running: int = 0
    """Instances that are there and not ending."""
    tags: Mapping[str, str] = field(default_factory=dict)


class Groups:
    """The Auto Scaling groups of one platform.

    Args:
        platform: the cluster's name; only groups that carry its tag are seen.
        region: of the platform.

    Raises:
        LiveError: boto3 isn't installed. All methods raise it for what AWS refuses.
    """

    def __init__(self, platform: str, region: str) -> None:
        with aws_errors():
            import boto3  # type: ignore[import-untyped]

            session = boto3.Session(region_name=region)
            self._api, self._ec2 = session.client("autoscaling"), session.client("ec2")
        self._tag = cluster_tag(platform)

    def by_instance(self) -> dict[str, Group]:
        """The group of each instance, by the instance's id, but for instances that are ending."""
        return {
            instance["InstanceId"]: _group(group)
            for group in self._owned()
            for instance in group["Instances"]
            if not _ends(instance)
        }

    def all(self) -> list[Group]:
        """The platform's groups, by name."""
        return sorted(map(_group, self._owned()), key=lambda group: group.name)

    def _owned(self) -> list[Mapping[str, Json]]:
        owned = [{"Name": f"tag:{self._tag}", "Values": ["owned"]}]
        with aws_errors():
            pages = self._api.get_paginator("describe_auto_scaling_groups").paginate(Filters=owned)
            return [group for page in pages for group in page["AutoScalingGroups"]]

    def again(self, name: str) -> Group:
        """A group as it is now."""
        with aws_errors():
            found = self._api.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
        if not found:
            raise LiveError(f"AWS: Auto Scaling group {name} is no longer there")
        return _group(found[0])

    def terminate(self, instance: str, *, shrink: bool) -> None:
        """End an instance, scale-in protection notwithstanding.

        Args:
            instance: its id.
            shrink: make its group one smaller; else the group launches another in its place.
        """
        with aws_errors():
            self._api.terminate_instance_in_auto_scaling_group(
                InstanceId=instance, ShouldDecrementDesiredCapacity=shrink
            )

    def grow(self, name: str, desired: int) -> None:
        """Ask for more nodes of a group, at most its maximum; those that it has are protected from scale-in."""
        with aws_errors():
            self._api.set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=desired, HonorCooldown=False)

    def releases(self, templates: Iterable[str]) -> dict[str, str]:
        """The AMI release that new nodes get, by launch template; absent where the template names none."""
        found = {}
        for template in sorted(set(templates)):
            with aws_errors():
                (version,) = self._ec2.describe_launch_template_versions(
                    LaunchTemplateName=template, Versions=["$Default"]
                )["LaunchTemplateVersions"]
            if match := _RELEASE.search(version["LaunchTemplateData"].get("ImageId", "")):
                found[template] = match[1]
        return found


_RELEASE: Final = re.compile(r"-(v[0-9]{8})/image_id$")
"""See `sizing.names.ami_parameter`."""


def _group(described: Mapping[str, Json]) -> Group:
    return Group(
        name=described["AutoScalingGroupName"],
        minimum=described["MinSize"],
        desired=described["DesiredCapacity"],
        maximum=described["MaxSize"],
        retiring="Launch" in {process["ProcessName"] for process in described.get("SuspendedProcesses", [])},
        template=_template(described),
        running=sum(not _ends(one) for one in described["Instances"]),
        tags={tag["Key"]: tag["Value"] for tag in described.get("Tags", [])},
    )


def _template(group: Mapping[str, Json]) -> str:
    mixed = group.get("MixedInstancesPolicy", {}).get("LaunchTemplate", {}).get("LaunchTemplateSpecification", {})
    return str((mixed or group.get("LaunchTemplate", {})).get("LaunchTemplateName", ""))


def _ends(instance: Mapping[str, Json]) -> bool:
    return str(instance["LifecycleState"]).startswith("Terminat")
