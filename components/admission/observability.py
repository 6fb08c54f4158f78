"""What a tenant's stack may tell Prometheus and Alertmanager: its own constants, and who hears of its own alerts.

Both read these objects in all namespaces, so what reaches beyond the tenant is refused here.
"""

from __future__ import annotations

from typing import Final

from components.admission.policy import WRITE, AdmissionRule, Match, Requests, ValidatingPolicy, Variable, cel_text
from components.observability.receivers import AUDIENCE, TENANT_AUDIENCE
from sizing import names

GROUP: Final = "monitoring.coreos.com"
RULES: Final = Requests(group=GROUP, resources=("prometheusrules",), operations=WRITE)
RECEIVERS: Final = Requests(group=GROUP, versions=("v1alpha1",), resources=("alertmanagerconfigs",), operations=WRITE)
_TENANT: Final = Variable("tenant", f"namespaceObject.metadata.labels[?{cel_text(names.TENANT_LABEL)}].orValue('')")


def _matches(name: str, value: str) -> str:
    """Whether the route takes only alerts whose label has the value: matchers hold all together."""
    return (
        f"variables.matchers.exists(m, m.name == {cel_text(name)} && m.?value.orValue('') == {value} "
        "&& m.?matchType.orValue('=') == '=' && !m.?regex.orValue(false))"
    )


MONITORING_RULES: Final = ValidatingPolicy(
    name="elastic-spark-monitoring-rules",
    match=Match(requests=(RULES,)),
    variables=(_TENANT, Variable("groups", "object.spec.?groups.orValue([])")),
    rules=(
        AdmissionRule(
            "monitoring-constants",
            "variables.groups.all(g, g.?labels.orValue({}) == {} && g.?rules.orValue([]).all(r, "
            "r.?record.orValue('').startsWith('elastic_spark_') "
            "&& string(r.expr).matches('^vector[(][0-9]+([.][0-9]+)?[)]$')))",
            "a queue's rules are the constants that its tenant's stack declares, elastic_spark_... as vector(number)",
        ),
        AdmissionRule(
            "monitoring-owner",
            "variables.groups.all(g, g.?rules.orValue([]).all(r, "
            "r.?labels.orValue({})[?'tenant'].orValue('') == variables.tenant "
            "&& r.?labels.orValue({})[?'queue'].orValue(request.namespace) == request.namespace))",
            "a queue's rules say something of their own tenant and queue only: their labels name both",
        ),
    ),
)
"""PrometheusRules in queues' namespaces."""

MONITORING_RECEIVERS: Final = ValidatingPolicy(
    name="elastic-spark-monitoring-receivers",
    match=Match(requests=(RECEIVERS,)),
    variables=(
        _TENANT,
        Variable("matchers", "object.spec.?route.?matchers.orValue([])"),
        Variable("inhibitions", "object.spec.?inhibitRules.orValue([])"),
    ),
    rules=(
        AdmissionRule(
            "monitoring-receivers",
            f"{_matches('tenant', 'variables.tenant')} && {_matches(AUDIENCE, cel_text(TENANT_AUDIENCE))}",
            f'a tenant\'s receivers get its own alerts: the route matches tenant = "<tenant>" and {AUDIENCE} = '
            f'"{TENANT_AUDIENCE}"',
        ),
        AdmissionRule(
            "monitoring-inhibitions",
            "variables.inhibitions == []",
            "a tenant's configuration silences nothing of others: leave inhibitRules out",
        ),
    ),
)
"""AlertmanagerConfigs in queues' namespaces."""
