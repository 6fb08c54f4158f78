"""What every step of assembling a platform on EKS needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.software import versions
from components.software.chart import ChartSource
from infra.settings.platform import AwsPlatform
from sizing import names
from sizing.arns import Arns
from sizing.cost_tags import platform_tags


@dataclass(frozen=True)
class Platform:
    """A platform's settings and what follows from them.

    Attributes:
        settings: checked.
        arns: its account and region.
        aws: the provider of everything in AWS.
    """

    settings: AwsPlatform
    arns: Arns
    aws: aws.Provider

    @property
    def name(self) -> str:
        """The platform's name, which is the cluster's."""
        return self.settings.name

    @property
    def protect(self) -> bool:
        """Whether what holds data or identity is protected from deletion."""
        return self.settings.environment == "production"

    @property
    def boundary(self) -> str | None:
        """ARN of the policy that bounds the platform's own roles."""
        return self.arns.policy(names.platform_boundary(self.name)) if self.settings.owner_boundary else None

    @property
    def volume_key_alias(self) -> str | None:
        """The alias of the key of volumes; None where the account's default encrypts them."""
        return names.key_alias(self.name, "volumes") if self.settings.cluster.volume_key else None

    @property
    def volume_key_arn(self) -> str | None:
        """The ARN of that alias: EC2 takes it for the key, and it is known before there is one."""
        return self.arns.key_alias(self.volume_key_alias) if self.volume_key_alias else None

    @property
    def charts(self) -> ChartSource:
        """Where charts come from."""
        return ChartSource(mirror=self.settings.charts.mirror)

    @property
    def zones(self) -> tuple[str, ...]:
        """The zones' names, sorted."""
        return tuple(self.settings.network.zones)

    @property
    def system_nodes(self) -> int:
        """Nodes of the system pool in all zones."""
        return self.settings.pools.system.nodes_per_zone * len(self.zones)

    @property
    def cost_tags(self) -> dict[str, str]:
        """The settings' tags, and one that tells whose platform a resource belongs to."""
        return cost_tags(self.settings)

    @property
    def ami_release(self) -> str:
        """The release of the AMI that new nodes get."""
        return self.settings.cluster.ami_release or versions.AMI_RELEASE

    def options(
        self, *providers: pulumi.ProviderResource, after: Sequence[pulumi.Resource] = ()
    ) -> pulumi.ResourceOptions:
        """Options of a component: the providers that its children inherit, and what must be there before them."""
        return pulumi.ResourceOptions(providers=[self.aws, *providers], depends_on=list(after))


def cost_tags(settings: AwsPlatform) -> dict[str, str]:
    """See `Platform.cost_tags`."""
    return platform_tags(settings.tags, settings.name)
