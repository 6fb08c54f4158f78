"""Whose nodes a tenant's deployer may bound: quotas are cluster-wide, and belong to pools by their names alone."""

from __future__ import annotations

from typing import Final

from components.admission.namespaces import BY_A_DEPLOYER, deploys
from components.admission.policy import AdmissionRule, Match, Requests, ValidatingPolicy, Variable, cel_text
from components.nodes.buffer_crd import GROUP
from components.nodes.quota_crd import PLURAL, VERSION
from sizing import names

_DEPLOYS_ITS_TENANT: Final = deploys("variables.name.split('-')[0]")
DEPLOYERS_QUOTAS: Final = ValidatingPolicy(
    name="elastic-spark-deployers-quotas",
    match=Match(
        in_queues=False,
        requests=(
            Requests(group=GROUP, versions=(VERSION,), resources=(PLURAL,), operations=("CREATE", "UPDATE", "DELETE")),
        ),
    ),
    conditions=(BY_A_DEPLOYER,),
    variables=(Variable("name", "(object == null ? oldObject : object).metadata.?name.orValue('')"),),
    rules=(
        AdmissionRule(
            "quota-tenant",
            f"variables.name.matches('^[a-z][a-z0-9]*-.+-.+$') && {_DEPLOYS_ITS_TENANT}",
            "who deploys some tenants' stacks makes, changes and removes the quotas of these tenants' pools only, each "
            "called like its pool, <tenant>-<queue>-<pool>",
            "variables.name",
        ),
        AdmissionRule(
            "quota-nodes",
            f"object == null || object.spec.?selector.?matchLabels[?{cel_text(names.POOL_LABEL)}].orValue('') "
            "== variables.name",
            f"a pool's quota selects its own nodes, by the label {names.POOL_LABEL}, whose value is the quota's name",
            "variables.name",
        ),
    ),
)
"""A quota of none for another's nodes would keep them from coming."""
