"""The load balancer before the door: TLS ends here, and only who is named gets so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.base import Component
from components.door.proxy import NODE_PORT
from components.door.traffic import BALANCER_IDLE_SECONDS, HEALTH_PATH, IDLE_SECONDS
from components.network.https_ingress import HTTPS, let_in_https
from sizing import names

TLS_POLICY: Final = "ELBSecurityPolicy-TLS13-1-2-2021-06"
"""TLS 1.2 and 1.3, with ciphers that keep what was said secret from who learns the key later.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/network/describe-ssl-policies.html
"""
ALPN: Final = "HTTP2Preferred"
"""gRPC needs HTTP/2, and what comes behind must know what was agreed on."""
DEREGISTRATION_SECONDS: Final = 120
"""A node that goes keeps its connections for so long; an Envoy drains in 60."""
RECORD_SECONDS: Final = 300

assert IDLE_SECONDS < BALANCER_IDLE_SECONDS  # noqa: S101 of two constants


@dataclass(frozen=True, kw_only=True)
class BalancerArgs:
    """Where the load balancer stands, for whom, and with whose certificate.

    Args:
        platform: the platform's name.
        domain: the certificate and the record are for `*.<domain>`.
        vpc_id: the network.
        subnet_ids: one subnet of each zone, by zone; public ones for a public load balancer.
        public: whether it has public addresses.
        cidrs: who may connect.
        nodes_group_id: the security group of nodes, which lets the load balancer in on the door's port.
        group_names: of the Auto Scaling groups of system nodes.
        certificate_arn: in ACM; None: one is asked for, and validated in the zone.
        hosted_zone_id: of the domain in Route 53; None: somebody else keeps the record.
        protect: whether neither AWS nor Pulumi deletes it.
    """

    platform: str
    domain: str
    vpc_id: pulumi.Input[str]
    subnet_ids: Mapping[str, pulumi.Input[str]]
    public: bool
    cidrs: tuple[str, ...]
    nodes_group_id: pulumi.Input[str]
    group_names: tuple[str, ...]
    certificate_arn: str | None
    hosted_zone_id: str | None
    protect: bool


class Balancer(Component):
    """A Network Load Balancer that is ours and not Kubernetes', so that policies see it and a destroy ends it.

    It passes bytes to a port of the system nodes, whose clients keep their address; nodes take from it alone on that
    port.

    Attributes:
        dns_name: that the domain's record must point at.
        certificate_arn: of the certificate with which TLS ends.
    """

    module = "balancer"

    def __init__(self, name: str, args: BalancerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        group = self._create_security_group(name, args)
        balancer = aws.lb.LoadBalancer(
            f"{name}-balancer",
            name=names.door_balancer(args.platform),
            load_balancer_type="network",
            internal=not args.public,
            security_groups=[group.id],
            subnets=[args.subnet_ids[zone] for zone in sorted(args.subnet_ids)],
            ip_address_type="ipv4",
            # A zone without an Envoy of its own would otherwise have addresses that answer nothing.
            enable_cross_zone_load_balancing=True,
            enable_deletion_protection=args.protect,
            tags={"Name": name},
            opts=self.child(protect=args.protect),
        )
        targets = self._create_targets(name, args)
        certificate = self._certificate(name, args)
        aws.lb.Listener(
            f"{name}-listener",
            load_balancer_arn=balancer.arn,
            port=HTTPS,
            protocol="TLS",
            alpn_policy=ALPN,
            ssl_policy=TLS_POLICY,
            certificate_arn=certificate,
            default_actions=[{"type": "forward", "target_group_arn": targets.arn}],
            opts=self.child(),
        )
        if args.hosted_zone_id:
            aws.route53.Record(
                f"{name}-record",
                zone_id=args.hosted_zone_id,
                name=f"*.{args.domain}",
                type="A",
                aliases=[{"name": balancer.dns_name, "zone_id": balancer.zone_id, "evaluate_target_health": False}],
                opts=self.child(),
            )
        self.dns_name: pulumi.Output[str] = balancer.dns_name
        self.certificate_arn: pulumi.Input[str] = certificate
        self.register_outputs({"dnsName": self.dns_name})

    def _create_security_group(self, name: str, args: BalancerArgs) -> aws.ec2.SecurityGroup:
        group = aws.ec2.SecurityGroup(
            f"{name}-group",
            description="HTTPS to the door of the platform",
            vpc_id=args.vpc_id,
            tags={"Name": name},
            opts=self.child(),
        )
        let_in_https(name, group, args.cidrs, self.child())
        aws.vpc.SecurityGroupEgressRule(
            f"{name}-to-nodes",
            security_group_id=group.id,
            description="The door on system nodes, and whether it is well",
            referenced_security_group_id=args.nodes_group_id,
            ip_protocol="tcp",
            from_port=NODE_PORT,
            to_port=NODE_PORT,
            opts=self.child(),
        )
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-nodes-let-in",
            security_group_id=args.nodes_group_id,
            description=f"The door from {name}",
            referenced_security_group_id=group.id,
            ip_protocol="tcp",
            from_port=NODE_PORT,
            to_port=NODE_PORT,
            opts=self.child(),
        )
        return group

    def _create_targets(self, name: str, args: BalancerArgs) -> aws.lb.TargetGroup:
        targets = aws.lb.TargetGroup(
            f"{name}-targets",
            name=names.door_balancer(args.platform),
            vpc_id=args.vpc_id,
            target_type="instance",
            protocol="TCP",
            port=NODE_PORT,
            preserve_client_ip="true",
            deregistration_delay=DEREGISTRATION_SECONDS,
            connection_termination=True,
            health_check={
                "protocol": "HTTP",
                "port": "traffic-port",
                "path": HEALTH_PATH,
                "matcher": "200",
                "interval": 10,
                "timeout": 6,
                "healthy_threshold": 2,
                "unhealthy_threshold": 2,
            },
            tags={"Name": name},
            opts=self.child(),
        )
        for group in sorted(args.group_names):
            aws.autoscaling.Attachment(
                f"{name}-{group}",
                autoscaling_group_name=group,
                lb_target_group_arn=targets.arn,
                opts=self.child(),
            )
        return targets

    def _certificate(self, name: str, args: BalancerArgs) -> pulumi.Input[str]:
        if args.certificate_arn:
            return args.certificate_arn
        assert args.hosted_zone_id  # noqa: S101 the settings' rules hold it
        certificate = aws.acm.Certificate(
            f"{name}-certificate",
            domain_name=f"*.{args.domain}",
            validation_method="DNS",
            key_algorithm="EC_prime256v1",
            tags={"Name": name},
            opts=self.child(),
        )
        option = certificate.domain_validation_options[0]
        record = aws.route53.Record(
            f"{name}-validation",
            zone_id=args.hosted_zone_id,
            name=option.resource_record_name,
            type=option.resource_record_type,
            records=[option.resource_record_value],
            ttl=RECORD_SECONDS,
            # The same domain has the same record, whoever asks: another certificate's, or one that is there already.
            allow_overwrite=True,
            opts=self.child(),
        )
        valid = aws.acm.CertificateValidation(
            f"{name}-valid",
            certificate_arn=certificate.arn,
            validation_record_fqdns=[record.fqdn],
            opts=self.child(),
        )
        return valid.certificate_arn
