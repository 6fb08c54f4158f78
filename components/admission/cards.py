"""Who writes a queue's card: its tenant's stack, and nobody who works in the queue."""

from __future__ import annotations

from typing import Final

from components.admission.namespaces import IS_DEPLOYER, MAY_EDIT_POLICIES
from components.admission.policy import AdmissionRule, Condition, Match, Requests, ValidatingPolicy, cel_list, cel_text
from sizing import names

EMPTIERS: Final = ("system:kube-controller-manager", "system:serviceaccount:kube-system:namespace-controller")
"""Who empties a namespace that is deleted: Kubernetes' controller, with an account of its own or without.

Source: kubernetes v1.36, cmd/kube-controller-manager/app/core.go
"""
_CARD: Final = cel_text(names.QUEUE_CARD)
# A removal of several asks once for each, by what is there.
_NAME: Final = "(object != null ? object : oldObject).metadata.?name.orValue(request.name)"

CARDS: Final = ValidatingPolicy(
    name="elastic-spark-cards",
    match=Match(
        requests=(Requests(group="", resources=("configmaps",), operations=("CREATE", "UPDATE", "DELETE")),),
    ),
    conditions=(
        Condition(
            "a-card-or-a-deployer", f"(object == null && oldObject == null) || {_NAME} == {_CARD} || {IS_DEPLOYER}"
        ),
    ),
    rules=(
        AdmissionRule(
            "card-writer",
            f"(object == null && oldObject == null) || {_NAME} != {_CARD} || {IS_DEPLOYER} || {MAY_EDIT_POLICIES} "
            f"|| (request.operation == 'DELETE' && request.userInfo.username in {cel_list(EMPTIERS)})",
            f"the ConfigMap {names.QUEUE_CARD} says what the queue is, and programs act by it: it comes with its "
            "tenant's stack; take another name",
        ),
        AdmissionRule(
            "deployer-cards",
            f"!{IS_DEPLOYER} || {_NAME} == {_CARD}",
            f"the only ConfigMap of a tenant's stack is a queue's card, {names.QUEUE_CARD}",
            "request.name",
        ),
    ),
)
"""ConfigMaps of that name in queues; and all others that a deployer of tenants would write."""
