"""Rows on the rules about the autoscaler."""

from __future__ import annotations

from typing import Final

from policies.model import STACK
from tests.policies.drafts import UNKNOWN, allow, named, put_output, put_value, rewrite
from tests.policies.rows import Kept, Mutation, Way
from tests.policies.tokens import ROLE_POLICY

MUTATIONS: Final[tuple[Mutation, ...]] = (
    Mutation(
        rule="autoscaler-waits-for-the-scheduler",
        stack="platform-dev",
        breaks=put_value("cluster-autoscaler", "extraArgs/bypassed-scheduler-names", "yunikorn"),
        unknown=put_value("cluster-autoscaler", "extraArgs", UNKNOWN),
    ),
    Mutation(
        rule="autoscaler-keeps-nodes-with-executors",
        stack="platform-dev",
        breaks=put_value("cluster-autoscaler", "extraArgs/skip-nodes-with-custom-controller-pods", "false"),
        unknown=put_value("cluster-autoscaler", "extraArgs", UNKNOWN),
    ),
    Mutation(
        rule="autoscaler-knows-its-flags",
        stack="platform-dev",
        breaks=put_value("cluster-autoscaler", "extraArgs/max-empty-bulk-delete", "10"),
        unknown=put_value("cluster-autoscaler", "image/tag", UNKNOWN),
    ),
    Mutation(
        rule="autoscaler-fits-its-cluster",
        stack="platform-dev",
        breaks=put_output("elastic-spark:autoscaler:Autoscaler", "imageTag", "v1.35.2"),
    ),
    Mutation(
        rule="scaling-is-bound-to-the-clusters-groups",
        stack="platform-dev",
        breaks=rewrite(
            ROLE_POLICY,
            "policy",
            lambda document: document["Statement"][1].pop("Condition"),
            named("cluster-autoscaler"),
        ),
        also=frozenset({"policies-name-their-resources"}),
    ),
)

WAYS_ROUND: Final[tuple[Way, ...]] = (
    (
        "autoscaler-waits-for-the-scheduler",
        "platform-dev",
        put_value("cluster-autoscaler", "customArgs", ["--bypassed-scheduler-names=yunikorn"]),
        "bypassed-scheduler-names is yunikorn",
    ),
    (
        "autoscaler-keeps-nodes-with-executors",
        "platform-dev",
        put_value("cluster-autoscaler", "customArgs", ["--skip-nodes-with-custom-controller-pods=false"]),
        "is false",
    ),
    (
        "scaling-is-bound-to-the-clusters-groups",
        "platform-dev",
        allow(Action=["autoscaling:DeleteAutoScalingGroup", "ec2:TerminateInstances"], Resource="*"),
        "autoscaling:DeleteAutoScalingGroup, ec2:TerminateInstances of any group",
    ),
    (
        "scaling-is-bound-to-the-clusters-groups",
        "platform-dev",
        allow(
            Action="autoscaling:SetDesiredCapacity",
            Condition={"ForAllValues:StringEquals": {"aws:ResourceTag/k8s.io/cluster-autoscaler/spark-dev": "owned"}},
        ),
        "of any group",
    ),
    (
        "autoscaler-knows-its-flags",
        "platform-dev",
        put_value("cluster-autoscaler", "image/tag", "v1.99.0"),
        "no list of the flags of version",
    ),
    (
        "autoscaler-knows-its-flags",
        "platform-dev",
        put_value("cluster-autoscaler", "image", ...),
        "that the chart chooses",
    ),
)

KEPT: Final[tuple[Kept, ...]] = (
    ("autoscaler-fits-its-cluster", "platform-dev", put_output(STACK, "contract", ...)),
    (
        "autoscaler-keeps-nodes-with-executors",
        "platform-dev",
        put_value("cluster-autoscaler", "extraArgs/skip-nodes-with-custom-controller-pods", True),
    ),
)
