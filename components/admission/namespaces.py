"""Who may say what a queue is: the labels and annotations of namespaces, to which all other policies look.

They come from tenants' stacks, by their deployers, or by whoever may change the policies anyway.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from components.access.queue_rbac import DRIVER_ROLE, OPERATOR_ROLE, PURPOSE_ROLES
from components.admission.observability import RECEIVERS as MONITORING_RECEIVERS
from components.admission.observability import RULES as MONITORING_RULES
from components.admission.pod_variables import YUNIKORN
from components.admission.policy import (
    WRITE,
    AdmissionRule,
    Condition,
    Match,
    Operation,
    Requests,
    ValidatingPolicy,
    Variable,
    cel_list,
    cel_text,
)
from components.admission.routes import OF_DEPLOYERS as DOOR_KINDS
from components.queue.queue import DRIVER_ACCOUNT
from components.software.operator_rights import CONTROLLER
from sizing import names
from sizing.secrets import LINES as SECRET_LINES
from sizing.secrets import READ_BY_OTHERS, READ_BY_OTHERS_PREFIXES, VARIABLE
from sizing.sharing import ROOT_QUEUES

_DEPLOYS_ALL: Final = f"({cel_text(names.TENANT_DEPLOYERS)} in request.userInfo.groups)"
_OF_ONE: Final = names.deployers_group("")
IS_DEPLOYER: Final = f"({_DEPLOYS_ALL} || request.userInfo.groups.exists(group, group.startsWith({cel_text(_OF_ONE)})))"
"""Whether a deployer of tenant stacks asks, be it of one tenant's or of all."""
MAY_EDIT_POLICIES: Final = (
    "authorizer.group('admissionregistration.k8s.io').resource('validatingadmissionpolicies').check('update').allowed()"
)
"""Whether somebody asks who could switch the policies off: the platform's deployers and administrators."""
POD_SECURITY_LEVEL: Final = "pod-security.kubernetes.io/enforce"
MARKS: Final = ("elastic-spark/", "pod-security.kubernetes.io/", YUNIKORN)
"""How the labels and annotations start to which policies, Pod Security and YuniKorn look."""

_EVERYTHING: Final[tuple[Operation, ...]] = ("CREATE", "UPDATE", "DELETE")
_QUEUE: Final = cel_text(names.QUEUE_LABEL)
_PARENTS: Final = " or ".join(f"{root}.<tenant>" for root in ROOT_QUEUES.values())


def _is_queue(thing: str) -> str:
    return f"({thing} != null && {_QUEUE} in {thing}.metadata.?labels.orValue({{}}))"


def _marks(thing: str) -> str:
    marked = " || ".join(f"key.startsWith('{mark}')" for mark in MARKS)
    return (
        f"[{thing}.metadata.?labels.orValue({{}}), {thing}.metadata.?annotations.orValue({{}})]"
        f".map(keys, keys.transformMap(key, value, {marked}, value))"
    )


def deploys(tenant: str) -> str:
    """Whether who asks deploys all tenants, or the one that an expression gives the name of."""
    return f"({_DEPLOYS_ALL} || ({cel_text(_OF_ONE)} + {tenant}) in request.userInfo.groups)"


def _deploys(thing: str) -> str:
    """Whether who asks deploys all tenants, or that of a namespace; one without a tenant is nobody's but theirs."""
    return deploys(f"{thing}.metadata.?labels[?{cel_text(names.TENANT_LABEL)}].orValue('')")


def _annotation(key: str) -> str:
    return f"object.metadata.?annotations[?{cel_text(key)}].orValue('')"


NAMESPACES: Final = ValidatingPolicy(
    name="elastic-spark-namespaces",
    match=Match(
        # The label may be what a request takes away, so that no selector would find it.
        in_queues=False,
        requests=(Requests(group="", resources=("namespaces",), operations=_EVERYTHING),),
    ),
    conditions=(
        Condition("a-queue-or-a-deployer", f"{_is_queue('object')} || {_is_queue('oldObject')} || {IS_DEPLOYER}"),
    ),
    variables=(
        Variable("was_queue", _is_queue("oldObject")),
        Variable("is_queue", _is_queue("object")),
        Variable("name", "object.metadata.name"),
        Variable("tenant", f"object.metadata.labels[?{cel_text(names.TENANT_LABEL)}].orValue('')"),
        Variable("pools", f"{_annotation(names.POOLS_ANNOTATION)}.split(',')"),
    ),
    rules=(
        AdmissionRule(
            "namespace-writer",
            f"{IS_DEPLOYER} || {MAY_EDIT_POLICIES} || (variables.was_queue && variables.is_queue "
            f"&& {_marks('object')} == {_marks('oldObject')})",
            "what a queue is comes from its tenant's stack: change that, and let it be deployed",
        ),
        AdmissionRule(
            "deployer-namespaces",
            f"!{IS_DEPLOYER} || ((oldObject == null || variables.was_queue) && (object == null || variables.is_queue))",
            f"tenants' stacks make and change the namespaces of queues only, which carry the label {names.QUEUE_LABEL}",
            "request.name",
        ),
        AdmissionRule(
            "namespace-tenant",
            f"!{IS_DEPLOYER} || ((oldObject == null || {_deploys('oldObject')}) "
            f"&& (object == null || {_deploys('object')}))",
            "who deploys some tenants' stacks makes, changes and removes namespaces of these only, as the label "
            f"{names.TENANT_LABEL} says",
            "request.name",
        ),
        AdmissionRule(
            "namespace-identity",
            "!(variables.was_queue && object != null) "
            f"|| {cel_list((names.QUEUE_LABEL, names.TENANT_LABEL))}"
            ".all(key, object.metadata.?labels[?key] == oldObject.metadata.labels[?key])",
            "a queue's namespace stays that queue's: delete it, and make another",
        ),
        AdmissionRule(
            "namespace-name",
            "!variables.is_queue || (object.metadata.labels["
            f"{_QUEUE}] == variables.name && variables.tenant.matches('^[a-z][a-z0-9]*$') "
            "&& variables.name.startsWith(variables.tenant + '-') "
            f"&& !(variables.name in {cel_list(sorted(names.RESERVED_NAMESPACES))}))",
            f"a queue's namespace is called <tenant>-<queue>, as its labels {names.TENANT_LABEL} and "
            f"{names.QUEUE_LABEL} say, and not like one of the platform's",
        ),
        AdmissionRule(
            "namespace-security",
            f"!variables.is_queue || (object.metadata.labels[?{cel_text(POD_SECURITY_LEVEL)}].orValue('') "
            "== 'restricted' && object.metadata.labels"
            f"[?{cel_text(f'{POD_SECURITY_LEVEL}-version')}].orValue('latest') == 'latest')",
            f"a queue's namespace carries the label {POD_SECURITY_LEVEL}: restricted, of the latest version",
        ),
        AdmissionRule(
            "namespace-scheduling",
            f"!variables.is_queue || ({_annotation(f'{YUNIKORN}namespace.enableYuniKorn')} == 'true' "
            f"&& {cel_list(list(ROOT_QUEUES.values()))}.map(root, root + '.' + variables.tenant)"
            f".exists(parent, parent == {_annotation(f'{YUNIKORN}parentqueue')}) "
            f"&& {_annotation(f'{YUNIKORN}namespace.quota')} != '')",
            f"a queue is below {_PARENTS} in YuniKorn, and has a maximum: its annotations say so",
        ),
        AdmissionRule(
            "namespace-pools",
            "!variables.is_queue || (variables.pools.all(pool, pool.startsWith(variables.name + '-')) "
            f"&& {_annotation(names.DEFAULT_POOL_ANNOTATION)} in variables.pools)",
            "a queue's pools are called <tenant>-<queue>-<pool>, the default is one of them; no queue has another's",
            _annotation(names.POOLS_ANNOTATION),
        ),
        AdmissionRule(
            "namespace-secrets",
            f"!variables.is_queue || {_annotation(names.SECRETS_ANNOTATION)}.matches({cel_text(SECRET_LINES)})",
            f"the annotation {names.SECRETS_ANNOTATION} of a queue's namespace has names and ARNs of secrets, a line "
            "NAME=ARN each",
        ),
        AdmissionRule(
            "namespace-secret-variables",
            f"!variables.is_queue || ({_annotation(names.VARIABLES_ANNOTATION)}.matches({cel_text(SECRET_LINES)}) "
            f"&& {_annotation(names.VARIABLES_ANNOTATION)}.split('\\n').map(line, line.split('=')[0])"
            f".all(name, name == '' || (name.matches({cel_text(f'^{VARIABLE}$')}) "
            f"&& !(name in {cel_list(READ_BY_OTHERS)}) "
            f"&& !{cel_list(READ_BY_OTHERS_PREFIXES)}.exists(prefix, name.startsWith(prefix)))))",
            f"the annotation {names.VARIABLES_ANNOTATION} of a queue's namespace has names and ARNs of secrets, a line "
            "NAME=ARN each; a name is an environment variable's, and none that Spark, Kubernetes, AWS, the shell or a "
            "language reads",
        ),
        AdmissionRule(
            "namespace-applications",
            f"!variables.is_queue || (size(variables.name) <= {names.MAXIMUM_APPLICATION_PREFIX} "
            f"? {_annotation(names.APPLICATION_PREFIX_ANNOTATION)} == variables.name "
            f": {_annotation(names.APPLICATION_PREFIX_ANNOTATION)}.endsWith('.' + variables.name"
            f".substring(0, {names.MAXIMUM_APPLICATION_PREFIX - 9})))",
            "a queue's applications are called after its namespace, and so are no other queue's",
            _annotation(names.APPLICATION_PREFIX_ANNOTATION),
        ),
    ),
)
"""Namespaces of queues, and all that deployers of tenants do to namespaces."""

NAMESPACES_PARTS: Final = ValidatingPolicy(
    name="elastic-spark-namespaces-parts",
    match=Match(
        in_queues=False,
        requests=(Requests(group="", resources=("namespaces/finalize", "namespaces/status"), operations=("UPDATE",)),),
    ),
    conditions=(Condition("a-queue", f"{_is_queue('object')} || {_is_queue('oldObject')}"),),
    rules=(
        AdmissionRule(
            "namespace-parts",
            f"{_marks('object')} == {_marks('oldObject')}",
            "what a queue is comes from its tenant's stack, and not by a namespace's status or finalizers",
        ),
    ),
)
"""Parts of namespaces that have their own address, by which labels and annotations can be written too. The controller
that empties namespaces writes both, so nothing else is asked of them."""

BY_A_DEPLOYER: Final = Condition("by-a-deployer", IS_DEPLOYER)
DEPLOYERS: Final = ValidatingPolicy(
    name="elastic-spark-deployers",
    match=Match(
        in_queues=False,
        requests=(
            Requests(
                group="",
                resources=("configmaps", "limitranges", "serviceaccounts", "services"),
                operations=_EVERYTHING,
            ),
            Requests(group="apps", resources=("statefulsets",), operations=_EVERYTHING),
            Requests(group="batch", resources=("jobs",), operations=_EVERYTHING),
            Requests(group="cilium.io", versions=("v2",), resources=("ciliumnetworkpolicies",), operations=_EVERYTHING),
            Requests(group="networking.k8s.io", resources=("networkpolicies",), operations=_EVERYTHING),
            Requests(group="rbac.authorization.k8s.io", resources=("rolebindings",), operations=_EVERYTHING),
            replace(MONITORING_RULES, operations=_EVERYTHING),
            replace(MONITORING_RECEIVERS, operations=_EVERYTHING),
            *DOOR_KINDS,
        ),
    ),
    conditions=(BY_A_DEPLOYER,),
    rules=(
        AdmissionRule(
            "deployer-place",
            f"{_QUEUE} in namespaceObject.metadata.?labels.orValue({{}})",
            "tenants' stacks make, change and remove things in the namespaces of queues only",
            "request.namespace",
        ),
        AdmissionRule(
            "deployer-tenant",
            _deploys("namespaceObject"),
            "who deploys some tenants' stacks makes, changes and removes things in these tenants' namespaces only, as "
            f"the namespace's label {names.TENANT_LABEL} says",
            "request.namespace",
        ),
    ),
)
"""What else deployers of tenants may write, see `components.access.tenant_deployers`."""


def deployers_bindings(people_groups: str | None) -> ValidatingPolicy:
    """To whom deployers may give which rights: RBAC itself only says which.

    Args:
        people_groups: as in `components.admission.admission.AdmissionArgs`.
    """
    return ValidatingPolicy(
        name="elastic-spark-deployers-bindings",
        match=Match(
            in_queues=False,
            requests=(Requests(group="rbac.authorization.k8s.io", resources=("rolebindings",), operations=WRITE),),
        ),
        conditions=(BY_A_DEPLOYER,),
        variables=(
            Variable("subjects", "object.?subjects.orValue([]).map(s, [s.kind, s.name, s.?namespace.orValue('')])"),
            Variable("shared", f"variables.subjects.filter(s, s[1].startsWith({cel_text(names.SHARED_GROUPS)}))"),
            Variable("tenant", f"namespaceObject.metadata.?labels[?{cel_text(names.TENANT_LABEL)}].orValue('')"),
        ),
        rules=(
            AdmissionRule(
                "deployer-shared",
                "variables.shared.all(s, s[1].split(':').size() == 5 "
                "&& s[1].endsWith(':' + request.namespace + ':' + object.roleRef.name.split(':')[?1].orValue('')))",
                "a group of those who serve several queues, elastic-spark:shared:<name>:<queue>:<purpose>, has the "
                "rights of its purpose in its queue, and no others",
                "variables.shared.map(s, s[1]).join(', ')",
            ),
            AdmissionRule(
                "deployer-bindings",
                f"object.roleRef.kind == 'ClusterRole' && variables.subjects.all(s, object.roleRef.name == "
                f"{cel_text(DRIVER_ROLE)} ? s == ['ServiceAccount', '{DRIVER_ACCOUNT}', request.namespace] "
                f": object.roleRef.name == {cel_text(OPERATOR_ROLE)} "
                f"? s == ['ServiceAccount', '{CONTROLLER}', '{names.SYSTEM_NAMESPACE}'] "
                f": object.roleRef.name in {cel_list(sorted(PURPOSE_ROLES.values()))} && s[0] == 'Group')",
                f"tenants' stacks bind {DRIVER_ROLE} to the queue's own {DRIVER_ACCOUNT}, {OPERATOR_ROLE} to the "
                f"platform's {CONTROLLER}, and {', '.join(sorted(PURPOSE_ROLES.values()))} to groups of others",
                "object.roleRef.name",
            ),
            AdmissionRule(
                "deployer-groups",
                f"variables.subjects.all(s, s[0] != 'Group' || (s[1].startsWith({cel_text(names.OWN_GROUPS)}) "
                f"? s[1].startsWith({cel_text(names.SHARED_GROUPS)}) || (variables.tenant != '' "
                f"&& {cel_list(sorted(PURPOSE_ROLES))}.exists(purpose, "
                f"s[1] == {cel_text(names.OWN_GROUPS)} + variables.tenant + ':' + purpose)) "
                f": {_is_peoples(people_groups)}))",
                "tenants' stacks give rights to groups of their own principals, elastic-spark:<tenant>:<purpose>, "
                f"{_peoples(people_groups)}",
                "variables.subjects.map(s, s[1]).join(', ')",
            ),
        ),
    )


def _peoples(people_groups: str | None) -> str:
    """Whose groups else than those of principals, in words."""
    if people_groups is None:
        return "and to nobody else: the platform's settings name no issuer of people's groups"
    if people_groups:
        return f"and to people's, {people_groups}<group>, as the platform's issuer says them"
    return "and to people's, as the cluster's sign-in says them: none of Kubernetes' own"


def _is_peoples(people_groups: str | None) -> str:
    """Whether a group that isn't the stacks' own may be people's."""
    if people_groups is None:
        return "false"
    if people_groups:
        return f"s[1].startsWith({cel_text(people_groups)}) && s[1] != {cel_text(people_groups)}"
    return "!s[1].startsWith('system:')"
