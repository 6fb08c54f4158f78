"""User data of AL2023 nodes: nodeadm's NodeConfig, in the MIME envelope that EC2 hands to it.

Source: awslabs/amazon-eks-ami v20260724, nodeadm/api/v1alpha1 and nodeadm/internal/configprovider.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from components.nodes.boot import NodeBoot
from sizing.autoscaling_tags import Taint

MEDIA_TYPE: Final = "application/node.eks.aws"
BOUNDARY: Final = "elastic-spark"
"""Separates MIME parts; no line of the JSON part starts with `--`."""
POD_PROCESSES: Final = 16384
"""Processes and threads of one pod. A busy JVM has some thousands; without a limit, a pod may use up those of its node.

Source: https://kubernetes.io/docs/concepts/policy/pid-limiting/
"""


def node_config(
    boot: NodeBoot,
    *,
    labels: Mapping[str, str],
    taints: Sequence[Taint],
    max_pods: int,
    instance_store: bool,
) -> dict[str, Any]:
    """The NodeConfig by which a node joins the cluster with its labels and taints, from its first moment on.

    Args:
        boot: what nodes of all pools share; nodeadm derives the DNS address from the addresses of services.
        labels: of the node; not under kubernetes.io, where a kubelet may not set most.
        taints: of the node.
        max_pods: how many pods the kubelet takes, and reserves memory for.
        instance_store: put pods' files and images on a RAID 0 of all local disks.
    """
    return {
        "apiVersion": "node.eks.aws/v1alpha1",
        "kind": "NodeConfig",
        "spec": {
            "cluster": {
                "name": boot.platform,
                "apiServerEndpoint": boot.endpoint,
                "certificateAuthority": boot.certificate_authority,
                "cidr": boot.service_cidr,
            },
            "kubelet": {
                # `config.maxPods` would change the limit and not the memory that nodeadm reserves for it.
                "maxPodsExpression": str(max_pods),
                "config": {
                    "podPidsLimit": POD_PROCESSES,
                    # Some charts leave the profile out and have no value for it.
                    "seccompDefault": True,
                    "registerWithTaints": [taint._asdict() for taint in taints],
                },
                "flags": ["--node-labels=" + ",".join(f"{key}={labels[key]}" for key in sorted(labels))],
            },
            **({"instance": {"localStorage": {"strategy": "RAID0"}}} if instance_store else {}),
        },
    }


def user_data(config: Mapping[str, Any]) -> str:
    """A NodeConfig as a launch template takes it: base64 of a MIME document.

    The same config gives the same text. Its one part is JSON, which nodeadm reads as it reads YAML.
    """
    document = "\n".join(
        (
            "MIME-Version: 1.0",
            f'Content-Type: multipart/mixed; boundary="{BOUNDARY}"',
            "",
            f"--{BOUNDARY}",
            f"Content-Type: {MEDIA_TYPE}",
            "",
            json.dumps(config, indent=2, sort_keys=True),
            "",
            f"--{BOUNDARY}--",
            "",
        )
    )
    return base64.b64encode(document.encode()).decode()
