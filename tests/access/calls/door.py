"""What the provider calls for a door: load balancer, target group, listener, certificate, records, and its alarm.

Source: the API references of the operations named, and terraform-provider-aws of aws_lb, aws_lb_target_group,
aws_lb_listener, aws_autoscaling_attachment, aws_acm_certificate, aws_acm_certificate_validation, aws_route53_record and
aws_cloudwatch_metric_alarm.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sizing import names
from tests.access.calls.model import Ask, Call, Rows, Thing, When, simple

ID = "50dc6c495c0c9188"
LISTENER = "0467ef3c8400ae65"
CERTIFICATE = "certificate/12345678-1234-1234-1234-123456789012"


def _balancer(thing: Thing) -> str:
    return thing.arn("elasticloadbalancing", f"loadbalancer/net/{names.door_balancer(thing.platform)}/{ID}")


def _targets(thing: Thing) -> str:
    return thing.arn("elasticloadbalancing", f"targetgroup/{names.door_balancer(thing.platform)}/{ID}")


def _listener(thing: Thing) -> str:
    return thing.arn("elasticloadbalancing", f"listener/net/{names.door_balancer(thing.platform)}/{ID}/{LISTENER}")


def _elb(thing: Thing, when: When, operation: str, arn: str, **params: Any) -> Call:  # noqa: ANN401
    return simple(when, f"elbv2.{operation}", params, arn, thing.has, f"elasticloadbalancing:{operation}")


def _reads(*calls: tuple[str, Mapping[str, Any]]) -> Rows:
    for operation, params in calls:
        yield simple("read", f"elbv2.{operation}", params, "*", action=f"elasticloadbalancing:{operation}")


def _made(thing: Thing, operation: str, arn: str, on: str, params: Mapping[str, Any]) -> Rows:
    """Made with its tags, on itself or on what it is of."""
    yield Call(
        when="create",
        api=f"elbv2.{operation}",
        params={**params, "Tags": thing.tag_list},
        asks=(
            Ask(action=f"elasticloadbalancing:{operation}", resource=on, context=thing.asked),
            Ask(
                action="elasticloadbalancing:AddTags",
                resource=arn,
                context={**thing.asked, "elasticloadbalancing:CreateAction": operation},
            ),
        ),
    )
    yield _elb(thing, "update", "AddTags", arn, ResourceArns=[arn], Tags=thing.tag_list)
    yield _elb(thing, "update", "RemoveTags", arn, ResourceArns=[arn], TagKeys=["team"])
    yield from _reads(("DescribeTags", {"ResourceArns": [arn]}))


def load_balancer(thing: Thing) -> Rows:
    arn = _balancer(thing)
    yield from _made(thing, "CreateLoadBalancer", arn, arn, {"Name": thing.text("name"), "Type": "network"})
    attributes = [{"Key": "load_balancing.cross_zone.enabled", "Value": "true"}]
    for when in ("create", "update"):
        yield _elb(thing, when, "ModifyLoadBalancerAttributes", arn, LoadBalancerArn=arn, Attributes=attributes)
    yield _elb(thing, "update", "SetSecurityGroups", arn, LoadBalancerArn=arn, SecurityGroups=["sg-1"])
    yield _elb(thing, "update", "SetSubnets", arn, LoadBalancerArn=arn, Subnets=["subnet-1"])
    yield from _reads(
        ("DescribeLoadBalancers", {"LoadBalancerArns": [arn]}),
        ("DescribeLoadBalancerAttributes", {"LoadBalancerArn": arn}),
        ("DescribeCapacityReservation", {"LoadBalancerArn": arn}),
    )
    yield _elb(thing, "delete", "DeleteLoadBalancer", arn, LoadBalancerArn=arn)
    yield simple("delete", "ec2.DescribeNetworkInterfaces", {}, "*")


def target_group(thing: Thing) -> Rows:
    arn = _targets(thing)
    yield from _made(thing, "CreateTargetGroup", arn, arn, {"Name": thing.text("name"), "Protocol": "TCP"})
    attributes = [{"Key": "preserve_client_ip.enabled", "Value": "true"}]
    for when in ("create", "update"):
        yield _elb(thing, when, "ModifyTargetGroupAttributes", arn, TargetGroupArn=arn, Attributes=attributes)
    yield _elb(thing, "update", "ModifyTargetGroup", arn, TargetGroupArn=arn, HealthCheckIntervalSeconds=10)
    yield from _reads(
        ("DescribeTargetGroups", {"TargetGroupArns": [arn]}),
        ("DescribeTargetGroupAttributes", {"TargetGroupArn": arn}),
        ("DescribeTargetHealth", {"TargetGroupArn": arn}),
    )
    yield _elb(thing, "delete", "DeleteTargetGroup", arn, TargetGroupArn=arn)


def listener(thing: Thing) -> Rows:
    arn, balancer = _listener(thing), _balancer(thing)
    forward = [{"Type": "forward", "TargetGroupArn": _targets(thing)}]
    create = {"LoadBalancerArn": balancer, "DefaultActions": forward, "Protocol": "TLS", "Port": 443}
    yield from _made(thing, "CreateListener", arn, balancer, create)
    yield _elb(thing, "update", "ModifyListener", arn, ListenerArn=arn, DefaultActions=forward)
    attributes = [{"Key": "tcp.idle_timeout.seconds", "Value": "350"}]
    for when in ("create", "update"):
        yield _elb(thing, when, "ModifyListenerAttributes", arn, ListenerArn=arn, Attributes=attributes)
    yield from _reads(
        ("DescribeListeners", {"ListenerArns": [arn]}), ("DescribeListenerAttributes", {"ListenerArn": arn})
    )
    yield _elb(thing, "delete", "DeleteListener", arn, ListenerArn=arn)


def attachment(thing: Thing) -> Rows:
    """Of an Auto Scaling group of the platform's own."""
    name = thing.text("autoscalingGroupName")
    arn = thing.arn("autoscaling", f"autoScalingGroup:{ID}:autoScalingGroupName/{name}")
    both = {"AutoScalingGroupName": name, "TargetGroupARNs": [_targets(thing)]}
    yield simple("create", "autoscaling.AttachLoadBalancerTargetGroups", both, arn, thing.platforms)
    yield simple("read", "autoscaling.DescribeAutoScalingGroups", {"AutoScalingGroupNames": [name]}, "*")
    yield simple("delete", "autoscaling.DetachLoadBalancerTargetGroups", both, arn, thing.platforms)


def certificate(thing: Thing) -> Rows:
    arn = thing.arn("acm", CERTIFICATE)
    which = {"CertificateArn": arn}
    yield Call(
        when="create",
        api="acm.RequestCertificate",
        params={"DomainName": thing.text("domainName"), "ValidationMethod": "DNS", "Tags": thing.tag_list},
        asks=(
            Ask(action="acm:RequestCertificate", resource="*", context=thing.asked),
            Ask(action="acm:AddTagsToCertificate", resource=arn, context=thing.asked),
        ),
    )
    yield simple("read", "acm.DescribeCertificate", which, arn, thing.has)
    yield simple("read", "acm.ListTagsForCertificate", which, arn, thing.has)
    tags = {**which, "Tags": thing.tag_list}
    yield simple("update", "acm.AddTagsToCertificate", tags, arn, {**thing.has, **thing.asked})
    untag = {**which, "Tags": [{"Key": "team"}]}
    yield simple("update", "acm.RemoveTagsFromCertificate", untag, arn, {**thing.has, "aws:TagKeys": ("team",)})
    options = {**which, "Options": {"CertificateTransparencyLoggingPreference": "ENABLED"}}
    yield simple("update", "acm.UpdateCertificateOptions", options, arn, thing.has)
    yield simple("delete", "acm.DeleteCertificate", which, arn, thing.has)


def certificate_validation(thing: Thing) -> Rows:
    """It waits until the certificate is there, and is nothing in AWS."""
    arn = thing.arn("acm", CERTIFICATE)
    yield simple("read", "acm.DescribeCertificate", {"CertificateArn": arn}, arn, thing.platforms)


def record(thing: Thing) -> Rows:
    """By its normalized name: Route 53 writes a wildcard as an octal escape. ACM's own names are below the domain,
    which here carries the platform's name (`tests.access.stacks`).
    """
    zone = thing.text("zoneId")
    arn, which = f"arn:{thing.arns.partition}:route53:::hostedzone/{zone}", {"HostedZoneId": zone}
    name = thing.text("name", f"_0123456789abcdef.{thing.platform}.example.com").lower()
    kind = thing.text("type", "CNAME")
    context: dict[str, str | tuple[str, ...]] = {
        "route53:ChangeResourceRecordSetsNormalizedRecordNames": (name.replace("*", "\\052"),),
        "route53:ChangeResourceRecordSetsRecordTypes": (kind,),
    }
    actions: dict[When, str] = {"create": "UPSERT", "update": "UPSERT", "delete": "DELETE"}
    for when, action in actions.items():
        batch = {"Changes": [{"Action": action, "ResourceRecordSet": {"Name": name, "Type": kind}}]}
        params = {**which, "ChangeBatch": batch}
        by_action = {**context, "route53:ChangeResourceRecordSetsActions": (action,)}
        yield simple(when, "route53.ChangeResourceRecordSets", params, arn, by_action)
    # On the way to a change, the provider looks at the zone, and waits until the change is through.
    yield simple("read", "route53.GetHostedZone", {"Id": zone}, arn)
    yield simple("read", "route53.ListResourceRecordSets", which, arn)
    change = f"arn:{thing.arns.partition}:route53:::change/C0123456789"
    yield simple("read", "route53.GetChange", {"Id": "C0123456789"}, change)


def metric_alarm(thing: Thing) -> Rows:
    name = thing.text("name")
    arn = thing.arn("cloudwatch", f"alarm:{name}")
    put = {"AlarmName": name, "EvaluationPeriods": 1, "ComparisonOperator": "LessThanThreshold"}
    yield Call(
        when="create",
        api="cloudwatch.PutMetricAlarm",
        params={**put, "Tags": thing.tag_list},
        asks=(
            Ask(action="cloudwatch:PutMetricAlarm", resource=arn, context=thing.asked),
            Ask(action="cloudwatch:TagResource", resource=arn, context=thing.asked),
        ),
    )
    which = {"ResourceARN": arn}
    yield simple("read", "cloudwatch.DescribeAlarms", {"AlarmNames": [name], "AlarmTypes": ["MetricAlarm"]}, arn)
    yield simple("read", "cloudwatch.ListTagsForResource", which, arn, thing.has)
    yield simple("update", "cloudwatch.PutMetricAlarm", put, arn, thing.has)
    tags = {**which, "Tags": thing.tag_list}
    yield simple("update", "cloudwatch.TagResource", tags, arn, {**thing.has, **thing.asked})
    untag = {**which, "TagKeys": ["team"]}
    yield simple("update", "cloudwatch.UntagResource", untag, arn, {**thing.has, "aws:TagKeys": ("team",)})
    yield simple("delete", "cloudwatch.DeleteAlarms", {"AlarmNames": [name]}, arn, thing.has)
