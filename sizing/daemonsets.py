"""What the platform's DaemonSets request on every node: the difference between allocatable and usable."""

from __future__ import annotations

from typing import Final

from sizing.nodes import DaemonSetOverhead
from sizing.quantities import MIB

VPC_CNI: Final = DaemonSetOverhead(name="aws-node", cpu=50, memory=0)
"""Two containers of 25m; the network policy agent's stays when it is switched off (chart aws-vpc-cni v1.23.0, which the
add-on is built from)."""
KUBE_PROXY: Final = DaemonSetOverhead(name="kube-proxy", cpu=100, memory=0)
"""As in EKS's manifests of 1.23 and 1.25 (eksctl-io/eksctl, pkg/addons/default); assumed unchanged."""
POD_IDENTITY_AGENT: Final = DaemonSetOverhead(name="eks-pod-identity-agent", cpu=0, memory=0)
"""Its chart sets none (aws/eks-pod-identity-agent)."""
EBS_CSI_NODE: Final = DaemonSetOverhead(name="ebs-csi-node", cpu=30, memory=120 * MIB)
"""Three containers of 10m and 40 MiB; newer sidecars ask for 32 MiB (chart aws-ebs-csi-driver, v1.64.0)."""
CILIUM: Final = DaemonSetOverhead(name="cilium", cpu=100, memory=384 * MIB)
"""Ours, by components/network/policy_engine.py: the agent knows all identities and addresses (inferred)."""
TERMINATION_HANDLER: Final = DaemonSetOverhead(name="aws-node-termination-handler", cpu=20, memory=64 * MIB)
"""Ours, by components/nodes/termination_handler.py: it polls one address (inferred)."""

FLUENT_BIT: Final = DaemonSetOverhead(name="fluent-bit", cpu=100, memory=128 * MIB)
"""Ours, by components/observability/logs/shipping.py (inferred). Counted where logs are switched off, too: switched on,
they must not shrink executors."""

AWS_DAEMON_SETS: Final = (VPC_CNI, KUBE_PROXY, POD_IDENTITY_AGENT, EBS_CSI_NODE, CILIUM, FLUENT_BIT)
"""On every node of a platform on EKS."""
SPOT_DAEMON_SETS: Final = (*AWS_DAEMON_SETS, TERMINATION_HANDLER)
"""On every Spot node of a platform on EKS."""
