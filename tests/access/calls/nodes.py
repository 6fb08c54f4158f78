"""What the provider calls for launch templates, Auto Scaling groups and their schedules.

Source: the API references of the operations named, what Terraform's AWS provider documents of the resources
(aws_launch_template, aws_autoscaling_group, aws_autoscaling_schedule), and, for what EC2 asks of who makes a group:
https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-launch-template-permissions.html
"""

from __future__ import annotations

from collections.abc import Iterator

from sizing import names
from tests.access.calls.iam import pass_role
from tests.access.calls.model import Ask, Call, Context, Rows, Thing, simple

TEMPLATE, SUBNET, GROUP = "lt-0123456789abcdef0", "subnet-0123456789abcdef0", "sg-0123456789abcdef0"


def launch_template(thing: Thing) -> Rows:
    arn, which = thing.arn("ec2", f"launch-template/{TEMPLATE}"), {"LaunchTemplateId": TEMPLATE}
    data = {"ImageId": "ami-0123456789abcdef0"}
    image = Ask(action="ssm:GetParameters", resource=_parameter(thing))
    yield Call(
        when="create",
        api="ec2.CreateLaunchTemplate",
        params={
            "LaunchTemplateName": thing.text("name"),
            "LaunchTemplateData": data,
            "TagSpecifications": [{"ResourceType": "launch-template", "Tags": thing.tag_list}],
        },
        asks=(
            Ask(action="ec2:CreateLaunchTemplate", resource=arn, context=thing.asked),
            Ask(
                action="ec2:CreateTags",
                resource=arn,
                context={**thing.asked, "ec2:CreateAction": "CreateLaunchTemplate"},
            ),
            image,
        ),
    )
    yield simple("read", "ec2.DescribeLaunchTemplates", {"LaunchTemplateIds": [TEMPLATE]}, "*")
    yield simple("read", "ec2.DescribeLaunchTemplateVersions", which, "*")
    yield Call(
        when="update",
        api="ec2.CreateLaunchTemplateVersion",
        params={**which, "LaunchTemplateData": data},
        asks=(Ask(action="ec2:CreateLaunchTemplateVersion", resource=arn, context=thing.has), image),
    )
    yield simple("update", "ec2.ModifyLaunchTemplate", {**which, "DefaultVersion": "2"}, arn, thing.has)
    yield from ec2_tags(thing, arn, TEMPLATE)
    yield simple("delete", "ec2.DeleteLaunchTemplate", which, arn, thing.has)


def ec2_tags(thing: Thing, arn: str, identifier: str) -> Rows:
    """Tags of something of EC2's that is there already."""
    which = {"Resources": [identifier], "Tags": thing.tag_list}
    yield simple("update", "ec2.CreateTags", which, arn, {**thing.has, **thing.asked})
    untag = {"Resources": [identifier], "Tags": [{"Key": "team"}]}
    yield simple("update", "ec2.DeleteTags", untag, arn, {**thing.has, "aws:TagKeys": ("team",)})


def group(thing: Thing) -> Rows:
    name, arn = thing.text("name"), _group_arn(thing, thing.text("name"))
    which = {"AutoScalingGroupName": name}
    tags = {tag["key"]: tag["value"] for tag in thing.registration.inputs["tags"]}
    listed = [
        {"ResourceId": name, "ResourceType": "auto-scaling-group", "Key": k, "Value": v, "PropagateAtLaunch": False}
        for k, v in sorted(tags.items())
    ]
    asked: Context = {**{f"aws:RequestTag/{k}": v for k, v in tags.items()}, "aws:TagKeys": tuple(sorted(tags))}
    has: Context = {f"aws:ResourceTag/{k}": v for k, v in tags.items()}
    launch = tuple(_launch(thing, tags))
    size = {"MinSize": 0, "MaxSize": 1, "MixedInstancesPolicy": _policy()}
    yield Call(
        when="create",
        api="autoscaling.CreateAutoScalingGroup",
        params={**which, **size, "Tags": listed},
        asks=(
            Ask(action="autoscaling:CreateAutoScalingGroup", resource=arn, context=asked),
            Ask(action="autoscaling:CreateOrUpdateTags", resource=arn, context=asked),
            *launch,
        ),
    )
    processes = {**which, "ScalingProcesses": ["AZRebalance"]}
    yield simple("create", "autoscaling.SuspendProcesses", processes, arn, has)
    yield simple("read", "autoscaling.DescribeAutoScalingGroups", {"AutoScalingGroupNames": [name]}, "*")
    yield simple("read", "autoscaling.DescribeScalingActivities", which, "*")
    yield Call(
        when="update",
        api="autoscaling.UpdateAutoScalingGroup",
        params={**which, **size},
        asks=(Ask(action="autoscaling:UpdateAutoScalingGroup", resource=arn, context=has), *launch),
    )
    yield simple("update", "autoscaling.CreateOrUpdateTags", {"Tags": listed}, arn, {**has, **asked})
    yield simple("update", "autoscaling.DeleteTags", {"Tags": listed}, arn, {**has, "aws:TagKeys": tuple(tags)})
    yield simple("update", "autoscaling.SuspendProcesses", processes, arn, has)
    yield simple("update", "autoscaling.ResumeProcesses", processes, arn, has)
    # Deleted, it is emptied first: sizes of nothing, and no instance is protected any more.
    yield simple("delete", "autoscaling.UpdateAutoScalingGroup", {**which, "MinSize": 0, "MaxSize": 0}, arn, has)
    unprotect = {**which, "InstanceIds": ["i-0123456789abcdef0"], "ProtectedFromScaleIn": False}
    yield simple("delete", "autoscaling.SetInstanceProtection", unprotect, arn, has)
    yield simple("delete", "autoscaling.DeleteAutoScalingGroup", which, arn, has)


def _group_arn(thing: Thing, name: str) -> str:
    return thing.arn("autoscaling", f"autoScalingGroup:0a0b0c0d:autoScalingGroupName/{name}")


def _policy() -> dict[str, object]:
    return {"LaunchTemplate": {"LaunchTemplateSpecification": {"LaunchTemplateId": TEMPLATE, "Version": "$Default"}}}


def _parameter(thing: Thing) -> str:
    parameter = "/aws/service/eks/optimized-ami/1.36/amazon-linux-2023/x86_64/standard/x/image_id"
    return f"arn:{thing.arns.partition}:ssm:{thing.arns.region}::parameter{parameter}"


def _launch(thing: Thing, tags: dict[str, str]) -> Iterator[Ask]:
    """What EC2 asks about the launch that a group will make: by a template of the stack's, with tags of the pool's.

    The template has the default tags and those of the pool; a launch brings the same tags in the request.
    """
    cost = {k: v for k, v in tags.items() if k.startswith("elastic-spark:")}
    template = thing.arn("ec2", f"launch-template/{TEMPLATE}")
    by: Context = {"ec2:LaunchTemplate": template}
    asked: Context = {f"aws:RequestTag/{k}": v for k, v in cost.items()}
    tagged: Context = {f"aws:ResourceTag/{k}": v for k, v in cost.items()}
    yield Ask(action="ec2:RunInstances", resource=template, context={**tagged, **by})
    for kind in ("instance", "network-interface", "volume"):
        arn = thing.arn("ec2", f"{kind}/*")
        yield Ask(action="ec2:RunInstances", resource=arn, context={**asked, **by})
        tagging: Context = {**asked, "ec2:CreateAction": "RunInstances"}
        yield Ask(action="ec2:CreateTags", resource=arn, context=tagging)
    image = f"arn:{thing.arns.partition}:ec2:{thing.arns.region}::image/ami-0123456789abcdef0"
    yield Ask(action="ec2:RunInstances", resource=image, context=by)
    subnet = thing.arn("ec2", f"subnet/{SUBNET}")
    yield Ask(action="ec2:RunInstances", resource=subnet, context={**thing.platforms, **by})
    cluster: Context = {"aws:ResourceTag/aws:eks:cluster-name": thing.platform}
    yield Ask(
        action="ec2:RunInstances", resource=thing.arn("ec2", f"security-group/{GROUP}"), context={**cluster, **by}
    )
    yield Ask(action="ssm:GetParameters", resource=_parameter(thing))
    yield pass_role(thing, names.role(thing.platform, "node"), "ec2.amazonaws.com")


def schedule(thing: Thing) -> Rows:
    name = thing.text("autoscalingGroupName")
    which = {"AutoScalingGroupName": name, "ScheduledActionName": thing.text("scheduledActionName")}
    arn = _group_arn(thing, name)
    for when in ("create", "update"):
        put = {**which, "MinSize": 1}
        yield simple(when, "autoscaling.PutScheduledUpdateGroupAction", put, arn)
    yield simple("read", "autoscaling.DescribeScheduledActions", {"AutoScalingGroupName": name}, "*")
    yield simple("delete", "autoscaling.DeleteScheduledAction", which, arn)
