"""The door of a platform on EKS, where its settings have one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pulumi
import pulumi_kubernetes as k8s

from components.cluster.cluster import Cluster
from components.door.balancer import Balancer, BalancerArgs
from components.door.certificate_alarm import CertificateAlarm, CertificateAlarmArgs
from components.door.gateway import Door, DoorArgs
from components.door.pages import Page, pages
from components.network.vpc import NetworkIds
from components.nodes.pool import Pool
from infra.platform.context import Platform
from infra.platform.kubernetes_part import Definitions
from infra.settings.door import door_endpoints, door_login
from infra.settings.door_rules import door_cidrs
from infra.settings.platform import AwsPlatform
from sizing import names

START_PAGE_OUTPUT: Final = "startPage"
"""The export of the address that people are told."""


def door_pages(settings: AwsPlatform) -> dict[str, Page]:
    """The platform's pages at its door, by the first label of their host; none without a door."""
    if settings.door is None:
        return {}
    monitoring = settings.monitoring
    return pages(monitoring=monitoring.enabled, grafana=monitoring.enabled and monitoring.grafana.enabled)


def door(
    platform: Platform,
    kubernetes: k8s.Provider,
    defined: Definitions,
    after: Sequence[pulumi.Resource],
) -> None:
    """What of the door is in Kubernetes; exports the address of its start page."""
    settings = platform.settings
    login = door_login(settings.door, settings.identity)
    if login is None or settings.door is None or settings.identity is None:
        return
    Door(
        f"{platform.name}-door",
        DoorArgs(
            namespace=names.SYSTEM_NAMESPACE,
            source=platform.charts,
            domain=settings.door.domain,
            login=login,
            client_id=settings.door.client_id,
            scopes=settings.identity.scopes,
            endpoints=door_endpoints(settings.door),
            username_claim=settings.identity.username_claim,
            groups=tuple(sorted(who.group for who in settings.access.people.values() if who.group)),
            pages=door_pages(settings),
        ),
        platform.options(kubernetes, after=[*after, defined.namespace, defined.monitoring]),
    )
    pulumi.export(START_PAGE_OUTPUT, f"https://{names.door_host(names.DOOR_START, settings.door.domain)}/")


def balancer(platform: Platform, cluster: Cluster, network: NetworkIds, system: Pool) -> None:
    """What of the door is in AWS; an Envoy may be on a node of any generation."""
    settings = platform.settings.door
    if settings is None:
        return
    pool = platform.settings.pools.system
    generations = (pool.generation, *pool.retiring)
    subnets = network.public_subnet_ids if settings.public else network.private_subnet_ids
    made = Balancer(
        f"{platform.name}-door-balancer",
        BalancerArgs(
            platform=platform.name,
            domain=settings.domain,
            vpc_id=network.vpc_id,
            subnet_ids={zone: subnets[zone] for zone in platform.zones},
            public=settings.public,
            cidrs=tuple(sorted(map(str, door_cidrs(platform.settings)))),
            nodes_group_id=cluster.security_group_id,
            group_names=tuple(
                sorted(
                    names.group(platform.name, names.SYSTEM_POOL, zone, generation)
                    for zone in platform.zones
                    for generation in generations
                )
            ),
            certificate_arn=settings.certificate_arn,
            hosted_zone_id=settings.hosted_zone_id,
            protect=platform.protect,
        ),
        platform.options(after=[system]),
    )
    receivers = platform.settings.monitoring.receivers
    CertificateAlarm(
        f"{platform.name}-door-certificate",
        CertificateAlarmArgs(
            platform=platform.name,
            certificate_arn=made.certificate_arn,
            topic_arns=sorted({one.sns_topic for one in receivers.values() if one.sns_topic}),
        ),
        platform.options(),
    )
