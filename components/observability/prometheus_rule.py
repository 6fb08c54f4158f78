"""PrometheusRule: rules and alerts where Prometheus' operator finds them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

from components.base import Component, hidden
from components.observability.crds import API_VERSION, MONITOR_LABELS
from components.observability.groups import Group, rule_file

KIND = "PrometheusRule"


@dataclass(frozen=True, kw_only=True)
class PrometheusRulesArgs:
    """Which rules, and where.

    Args:
        namespace: of the objects.
        groups: the rules, of which each group becomes an object of its own: one that is wrong doesn't hold up the rest.
        runbooks: where people read the runbooks: what comes before `/<alert>.md`.
    """

    namespace: pulumi.Input[str]
    groups: Sequence[Group] = hidden()
    runbooks: str


class PrometheusRules(Component):
    """Rules as PrometheusRule objects, one a group.

    The definition of PrometheusRule (`components.observability.crds.monitoring_crds`) comes first.
    """

    module = "monitoring"

    def __init__(self, name: str, args: PrometheusRulesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        for group in sorted(args.groups, key=lambda group: group.name):
            k8s.apiextensions.CustomResource(
                f"{name}-{group.name}",
                api_version=API_VERSION,
                kind=KIND,
                metadata={"name": group.name, "namespace": args.namespace, "labels": dict(MONITOR_LABELS)},
                spec=rule_file([group], args.runbooks),
                opts=self.child(),
            )
        self.register_outputs({})
