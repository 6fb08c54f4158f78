"""Third-party software: its official chart, pinned, with static values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Required, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from components.software.versions import ChartVersion

TIMEOUT_SECONDS: Final = 900
"""How long Helm waits for a release's pods: an image pull and, on the first `up`, the boot of a node."""
HISTORY: Final = 5
"""Revisions that Helm keeps for a rollback by hand; each is a Secret of up to 1 MiB."""


class ChartLocation(TypedDict, total=False):
    """The arguments by which a Helm release finds a chart."""

    chart: Required[str]
    version: str
    repository_opts: k8s.helm.v3.RepositoryOptsArgs


@dataclass(frozen=True, kw_only=True)
class ChartSource:
    """Where charts come from.

    Args:
        mirror: `oci://...`, or a folder with one `<chart>-<version>.tgz` for each; None: each chart's own repository.
    """

    mirror: str | None = None

    def location(self, chart: ChartVersion) -> ChartLocation:
        """The arguments by which a Helm release finds a chart."""
        if self.mirror and not self.mirror.startswith("oci://"):
            return {"chart": f"{self.mirror.rstrip('/')}/{chart.chart}-{chart.version}.tgz"}
        registry = self.mirror or chart.repository
        if registry.startswith("oci://"):
            return {"chart": f"{registry.rstrip('/')}/{chart.chart}", "version": chart.version}
        return {
            "chart": chart.chart,
            "version": chart.version,
            "repository_opts": k8s.helm.v3.RepositoryOptsArgs(repo=registry),
        }


def release(
    name: str,
    chart: ChartVersion,
    *,
    source: ChartSource,
    namespace: pulumi.Input[str],
    values: Mapping[str, object],
    opts: pulumi.ResourceOptions | None = None,
) -> k8s.helm.v3.Release:
    """Installs a chart, named after itself, and waits until its pods are ready.

    Args:
        name: the resource's name.
        chart: what to install.
        source: where charts come from.
        namespace: it exists already.
        values: static; no secret may be among them, since Helm keeps them.
    """
    return k8s.helm.v3.Release(
        name,
        name=chart.chart,
        namespace=namespace,
        create_namespace=False,
        values=dict(values),
        timeout=TIMEOUT_SECONDS,
        max_history=HISTORY,
        # A failed first install stays as it is, so that its pods can tell why.
        atomic=False,
        opts=opts,
        **source.location(chart),
    )
