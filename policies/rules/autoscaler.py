"""Rules for cluster-autoscaler: its flags, its version, and what it may do in AWS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from policies.iam import ROLE_POLICIES, statements_of
from policies.model import Resource, Severity, Stack, Violation, resource_rule, stack_rule
from policies.rules.queues import RELEASE
from sizing.autoscaling_tags import discovery_tag
from sizing.values import Json

CHART: Final = "cluster-autoscaler"
COMPONENT: Final = "elastic-spark:autoscaler:Autoscaler"
SCALING_ACTIONS: Final = frozenset(
    {
        "autoscaling:deleteautoscalinggroup",
        "autoscaling:detachinstances",
        "autoscaling:enterstandby",
        "autoscaling:executepolicy",
        "autoscaling:putscalingpolicy",
        "autoscaling:putscheduledupdategroupaction",
        "autoscaling:resumeprocesses",
        "autoscaling:setdesiredcapacity",
        "autoscaling:setinstancehealth",
        "autoscaling:setinstanceprotection",
        "autoscaling:startinstancerefresh",
        "autoscaling:terminateinstanceinautoscalinggroup",
        "autoscaling:updateautoscalinggroup",
        "ec2:stopinstances",
        "ec2:terminateinstances",
    }
)
"""What takes nodes, or lets something take them."""


@resource_rule(RELEASE, severity=Severity.CRITICAL, remedy="Remove the flag bypassed-scheduler-names from extraArgs.")
def autoscaler_waits_for_the_scheduler(chart: Resource) -> Iterator[str]:
    """The autoscaler counts a pod only after its scheduler has said that it can't be placed.

    YuniKorn says so of pods within their queue's maximum alone. A bypassed scheduler starts nodes for those beyond it.
    """
    if "bypassed-scheduler-names" in _flags(chart):
        yield f"bypassed-scheduler-names is {_flags(chart)['bypassed-scheduler-names']}"


@resource_rule(
    RELEASE,
    severity=Severity.CRITICAL,
    remedy="Set skip-nodes-with-custom-controller-pods to true in extraArgs.",
)
def autoscaler_keeps_nodes_with_executors(chart: Resource) -> Iterator[str]:
    """The autoscaler keeps nodes with pods that a custom controller owns, and says so.

    Executors are owned by their driver: with the flag off, their nodes are candidates for scale-in.
    """
    if _is_autoscaler(chart):
        found = _flags(chart).get("skip-nodes-with-custom-controller-pods", "not set")
        if str(found).lower() != "true":
            yield f"skip-nodes-with-custom-controller-pods is {found}"


@resource_rule(RELEASE, remedy="Correct or remove the flag; policies/data has those of the pinned version.")
def autoscaler_knows_its_flags(chart: Resource) -> Iterator[str]:
    """Every flag of the autoscaler is one that its pinned version has.

    It ends at its start with a flag that it doesn't know, and nothing scales from then on.
    """
    if not _is_autoscaler(chart):
        return
    minor = _minor(_tag(chart))
    known = known_flags(minor)
    if known is None:
        version = minor or _tag(chart) or "that the chart chooses"
        yield f"no list of the flags of version {version}: add it to policies/data"
        return
    for flag in sorted(set(_flags(chart)) - known):
        yield f"{flag} is no flag of {CHART} {minor}"


@stack_rule(remedy="Add the image of the cluster's minor version to components/software/versions.py, AUTOSCALER_TAGS.")
def autoscaler_fits_its_cluster(stack: Stack) -> Iterator[Violation]:
    """The autoscaler's minor version is the cluster's.

    It simulates the scheduler of its own version; upstream supports equal minor versions only.
    """
    if stack.contract is None:
        return
    cluster = stack.contract["kubernetesVersion"]
    tags = {component.urn: component.props["imageTag"] for component in stack.of_type(COMPONENT)}
    tags |= {chart.urn: _tag(chart) for chart in stack.known(RELEASE) if _is_autoscaler(chart)}
    for urn, tag in tags.items():
        if _minor(tag) != cluster:
            yield Violation(f"the cluster is {cluster}, the autoscaler {tag or 'as its chart says'}", urn)


@resource_rule(
    *ROLE_POLICIES,
    severity=Severity.CRITICAL,
    remedy="Name the groups, or add StringEquals aws:ResourceTag/k8s.io/cluster-autoscaler/<cluster>: owned.",
)
def scaling_is_bound_to_the_clusters_groups(policy: Resource) -> Iterator[str]:
    """Who may resize groups may do it to its own cluster's only.

    Without the condition on the group's tag, or the beginning of its name, one cluster's autoscaler can empty another's
    pools.
    """
    prefix = f"aws:resourcetag/{discovery_tag('')}"
    for statement in statements_of(policy):
        actions = sorted(action for action in statement.actions if action.lower() in SCALING_ACTIONS)
        keys = {
            key.lower(): values
            for operator, conditions in statement.conditions.items()
            if operator == "StringEquals"
            for key, values in conditions.items()
        }
        bound = any(key.startswith(prefix) and values == ["owned"] for key, values in keys.items())
        named = bool(statement.resources) and all(map(_names_groups, statement.resources))
        if statement.allows and actions and not bound and not named:
            yield f"{', '.join(actions)} of any group"


def _names_groups(arn: str) -> bool:
    """Whether an ARN says how the names of the groups begin."""
    return bool(arn.partition(":autoScalingGroupName/")[2].partition("*")[0].strip("?-"))


@cache
def known_flags(minor: str | None) -> frozenset[str] | None:
    """The flags of a minor version of cluster-autoscaler; None where there is no list of them."""
    file = files("policies") / "data" / f"{CHART}-{minor}.txt"
    if not file.is_file():
        return None
    return frozenset(line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))


def _is_autoscaler(chart: Resource) -> bool:
    return CHART in str(chart.props["chart"]).rpartition("/")[2]


def _flags(chart: Resource) -> Mapping[str, Json]:
    """The flags in the chart's values; what follows an underscore only tells repeated flags apart, as in the chart.

    Of a flag in both `extraArgs` and `customArgs` the second counts, which comes last on the command line.
    """
    if not _is_autoscaler(chart):
        return {}
    values = chart.props.get("values") or {}
    arguments = (str(argument).lstrip("-").partition("=") for argument in values.get("customArgs") or ())
    flags = {key.partition("_")[0]: value for key, value in (values.get("extraArgs") or {}).items()}
    return flags | {flag: value or "true" for flag, _, value in arguments}


def _tag(chart: Resource) -> str:
    return str(((chart.props.get("values") or {}).get("image") or {}).get("tag", ""))


def _minor(tag: str) -> str | None:
    major, _, rest = tag.removeprefix("v").partition(".")
    minor = rest.partition(".")[0]
    return f"{major}.{minor}" if major.isdecimal() and minor.isdecimal() else None
