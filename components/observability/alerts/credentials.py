"""An alert about credentials that pods ask for and don't get."""

from __future__ import annotations

from components.observability.groups import Alert
from components.observability.objectives import Objectives
from components.observability.promql import duration


def credential_alerts(objectives: Objectives) -> tuple[Alert, ...]:
    """This alert: EKS refuses for a while, or the agents get nothing at all.

    429 is EKS's throttling, or the agent's own; what else is refused to one pod is that pod's matter, unless it is
    refused to most. Renewals that fail are seen before credentials end.
    Sources: botocore, eks-auth; aws/eks-pod-identity-agent, pkg/handlers/eks_credential_handler.go,
    internal/credsretriever/refreshing_cache.go
    """
    window, few = duration(objectives.credentials_window), objectives.credentials_refused
    refused, wrong, asked, renewals = (
        f"sum(increase({metric}[{window}]))"
        for metric in (
            'pod_identity_http_response{code=~"429|5.."}',
            'pod_identity_http_response{code!~"2.."}',
            "pod_identity_http_response",
            'pod_identity_cache_errors{type="Recoverable"}',
        )
    )
    return (
        Alert(
            name="ElasticSparkPodIdentityFailing",
            expression=f"{refused} > {few} or ({wrong} > {few} and {wrong} / {asked} > 0.5) or {renewals} > {few}",
            lasting=0,
            severity="warning",
            audience="platform",
            summary="Pods don't get their credentials for AWS",
            description=(
                f"{{{{ $value | humanize }}}} requests to EKS Pod Identity failed in {window}. Jobs that reach S3 for "
                "the first time, or for long, may fail; so does the delivery of logs."
            ),
        ),
    )
