"""Rows on the rules about charts, images and versions."""

from __future__ import annotations

from typing import Final

from policies.rules.pools import TEMPLATE
from policies.rules.queues import RELEASE
from tests.policies.drafts import add, put, put_value
from tests.policies.rows import Kept, Mutation, Way
from tests.policies.tokens import DEPLOYMENT, JOB

MUTATIONS: Final[tuple[Mutation, ...]] = (
    Mutation(
        rule="versions-of-charts-and-add-ons-are-exact",
        stack="platform-kind",
        breaks=put(RELEASE, "version", "^1.9.0"),
    ),
    Mutation(
        rule="software-is-installed-by-values-alone",
        stack="platform-kind",
        breaks=put(RELEASE, "valueYamlFiles", ["values.yaml"]),
    ),
    Mutation(
        rule="nodes-boot-one-release",
        stack="ads-dev",
        breaks=put(
            TEMPLATE,
            "imageId",
            "resolve:ssm:/aws/service/eks/optimized-ami/1.36/amazon-linux-2023/x86_64/standard/recommended/image_id",
        ),
    ),
    Mutation(
        rule="images-have-a-version",
        stack="ads-dev",
        breaks=put(JOB, "spec/template/spec/containers/0/image", "registry.k8s.io/pause"),
    ),
    Mutation(
        rule="images-come-from-listed-registries",
        stack="ads-dev",
        breaks=put(JOB, "spec/template/spec/containers/0/image", "busybox:1.37.0"),
    ),
    Mutation(
        rule="charts-come-from-listed-repositories",
        stack="platform-kind",
        breaks=put(RELEASE, "repositoryOpts/repo", "https://charts.example.com"),
    ),
    Mutation(
        rule="charts-say-what-their-pods-need",
        stack="platform-dev",
        breaks=put_value("cluster-autoscaler", "podDisruptionBudget", ...),
    ),
)

WAYS_ROUND: Final[tuple[Way, ...]] = (
    *(
        ("software-is-installed-by-values-alone", "platform-kind", edit, said)
        for edit, said in (
            (add("kubernetes:helm.sh/v4:Chart", chart="x"), "helm.sh/v4:Chart"),
            (add("kubernetes:yaml/v2:ConfigGroup", yaml="x"), "yaml/v2:ConfigGroup"),
            (put(RELEASE, "postrender", "sed s/a/b/"), "postrender is set"),
        )
    ),
    (
        "images-come-from-listed-registries",
        "platform-dev",
        add("kubernetes:core/v1:PodTemplate", template={"spec": {"containers": [{"image": "evil.example.com/x:1"}]}}),
        "evil.example.com/x is not listed",
    ),
    (
        "images-have-a-version",
        "platform-kind",
        put(RELEASE, "values/images", {"web": {"repository": "quay.io/cilium/x", "tag": "latest"}}),
        "has the tag latest",
    ),
    (
        "versions-of-charts-and-add-ons-are-exact",
        "platform-dev",
        put("aws:eks/addon:Addon", "addonVersion", "latest"),
        "addonVersion is latest",
    ),
    ("images-have-a-version", "platform-kind", put_value("yunikorn", "image/tag", "latest"), "has the tag latest"),
    (
        "images-come-from-listed-registries",
        "platform-kind",
        put_value("yunikorn", "image", {"registry": "evil.example.com", "repository": "yunikorn", "tag": "1"}),
        "evil.example.com/yunikorn is not listed",
    ),
    (
        "images-come-from-listed-registries",
        "ads-dev",
        put(JOB, "spec/template/spec/initContainers", [{"image": "ghcr.io/x/y:1"}]),
        "ghcr.io/x/y",
    ),
    (
        "charts-say-what-their-pods-need",
        "platform-kind",
        put(RELEASE, "chart", "other"),
        "nothing is known of the chart",
    ),
    (
        "charts-say-what-their-pods-need",
        "platform-dev",
        put_value("cluster-autoscaler", "resources/limits", ...),
        "limits.memory is not set",
    ),
    (
        "charts-come-from-listed-repositories",
        "platform-kind",
        put(RELEASE, "chart", "oci://example.com/yunikorn"),
        "oci://",
    ),
)

KEPT: Final[tuple[Kept, ...]] = (
    ("versions-of-charts-and-add-ons-are-exact", "platform-kind", put(RELEASE, "chart", "charts/yunikorn-1.9.0.tgz")),
    (
        "images-have-a-version",
        "ads-dev",
        put(JOB, "spec/template/spec/containers/0/image", f"registry.k8s.io/pause@sha256:{'0' * 64}"),
    ),
    (
        "images-come-from-listed-registries",
        "ads-dev",
        put(JOB, "spec/template/spec/containers/0/image", "apache/spark:4.0.1"),
    ),
    (
        "images-come-from-listed-registries",
        "ads-dev",
        add(DEPLOYMENT, spec={"template": {"spec": {"containers": [{"image": "public.ecr.aws/x/y:1"}]}}}),
    ),
    (
        "charts-say-what-their-pods-need",
        "platform-dev",
        put_value("kube-prometheus-stack", "grafana", {"enabled": False}),
    ),
    ("images-have-a-version", "ads-dev", add(DEPLOYMENT, spec=None)),
)
