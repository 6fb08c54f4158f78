"""Which labels of a pod Cilium tells identities apart by."""

from __future__ import annotations

import re

CILIUMS_OWN = (
    "reserved:.*",
    r"io\.kubernetes\.pod\.namespace",
    r"io\.cilium\.k8s\.namespace\.labels",
    r"app\.kubernetes\.io",
    r"io\.cilium\.k8s\.policy\.cluster",
    r"!io\.kubernetes",
    r"!kubernetes\.io",
    r"!.*beta\.kubernetes\.io",
    r"!k8s\.io",
    "!pod-template-hash",
    "!controller-revision-hash",
)


def in_identity(label: str, chosen: str) -> bool:
    """Whether Cilium makes a pod's label part of its identity, with what the chart is given beside Cilium's own list.

    Source: cilium/cilium, pkg/labelsfilter/filter.go (filterLabels, parseLabelPrefix, defaultLabelPrefixCfg)
    """
    included, ignored = 0, 0
    for prefix in (*CILIUMS_OWN, *chosen.split()):
        source, _, pattern = prefix.rpartition(":")
        found = re.match(pattern.removeprefix("!"), label)
        if source not in ("", "k8s") or not found:
            continue
        if pattern.startswith("!"):
            ignored = min(ignored, found.end()) if ignored else found.end()
        else:
            included = max(included, found.end())
    return included > ignored
