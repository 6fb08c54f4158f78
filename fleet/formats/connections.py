"""What may talk to what on a platform, read off what its stacks register: each connection with what allows it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from fleet.formats.cilium_rules import cilium_isolated, cilium_rules
from fleet.formats.network_rules import isolated, network_rules
from fleet.offline.registration import Registration, Registrations, has_unknown, sources_of
from policies.iam import BINDING, ROLE, ReadStatement, allowed, arns_meet, covers, documents, read
from sizing import names
from sizing.values import Json

RELEASE: Final = "kubernetes:helm.sh/v3:Release"
GROUP: Final = "aws:autoscaling/group:Group"
NAMESPACE: Final = "kubernetes:core/v1:Namespace"
PARENT_QUEUE: Final = "yunikorn.apache.org/parentqueue"
_ROLE_POLICY: Final = "aws:iam/rolePolicy:RolePolicy"
_RESOURCE_TAG: Final = "aws:resourcetag/"
_ANY_GROUP: Final = "arn:*:autoscaling:*:*:autoScalingGroup:*"
_BUCKET: Final = re.compile(r"arn:[^:]*:s3:\*?:\*?:")
"""Of any partition."""
_TABLES: Final = re.compile(r"arn:[^:]*:glue:[^:]*:[^:]*:table/")


class Kind(StrEnum):
    """What a connection is for."""

    PEOPLE = "people and pipelines"
    CONTROL = "scheduling"
    SCALING = "scaling"
    PODS = "pods"
    PLACES = "places outside the cluster"
    STORAGE = "storage"
    TABLES = "tables"
    SECRETS = "secrets"
    SERVICES = "services"


_S3: Final = "arn:*:s3:*:*:*"
_GLUE_TABLES: Final = "arn:*:glue:*:*:table/*"
_OF_JOBS: Final = (
    (Kind.STORAGE, "s3:GetObject", "reads", _S3),
    (Kind.STORAGE, "s3:PutObject", "writes", _S3),
    (Kind.TABLES, "glue:GetTable", "reads", _GLUE_TABLES),
    (Kind.TABLES, "glue:UpdateTable", "writes", _GLUE_TABLES),
    (Kind.SECRETS, "secretsmanager:GetSecretValue", "reads", "arn:*:secretsmanager:*:*:secret:*"),
    (Kind.SECRETS, "ssm:GetParameter", "reads", "arn:*:ssm:*:*:parameter/*"),
)
"""What jobs do by their queue's role: the action that allows it, in a word, and of what."""
JOBS: Final = "drivers and executors"
"""Whose rights a queue's role is; people reach objects by roles of their own."""
_START: Final[Mapping[Kind, str]] = {Kind.STORAGE: "s3://", Kind.TABLES: "AWS Glue: ", Kind.SECRETS: ""}


@dataclass(frozen=True, order=True)
class Connection:
    """Somebody who may talk to something.

    Attributes:
        kind: what it is for.
        source: who starts it.
        target: what is reached.
        how: the port, the role, or what is done.
        because: what is registered that allows it.
        queues: the namespaces of the queues where that holds; none where it is the whole platform's.
    """

    kind: Kind
    source: str
    target: str
    how: str
    because: str
    queues: tuple[str, ...] = ()


def connections(recorded: Iterable[Registrations]) -> tuple[Connection, ...]:
    """The connections of a platform, sorted; the same one of several queues is one.

    Args:
        recorded: the platform's and its tenants', those that there are.
    """
    registered = [one for registrations in recorded for one in registrations.values()]
    found = (
        *_people(registered),
        *_control(registered),
        *_scaling(registered),
        *_network(registered),
        *_used(registered),
        *_taken(registered),
        *_services(registered),
    )
    queues: defaultdict[Connection, set[str]] = defaultdict(set)
    for one in found:
        queues[replace(one, queues=())].update(one.queues)
    order = list(Kind)
    merged = [replace(one, queues=tuple(sorted(where))) for one, where in queues.items()]
    return tuple(sorted(merged, key=lambda one: (order.index(one.kind), one)))


def queue_namespaces(registered: Iterable[Registration]) -> dict[str, Mapping[str, Json]]:
    """The metadata of the queues' namespaces, by name."""
    spaces = (one.inputs.get("metadata", {}) for one in registered if one.type == NAMESPACE)
    return {str(each.get("name")): each for each in spaces if names.QUEUE_LABEL in (each.get("labels") or {})}


def _network(registered: Iterable[Registration]) -> Iterator[Connection]:
    """What network policies let pass, and queues in which they refuse nothing."""
    registered = list(registered)
    for rule in (*network_rules(registered), *cilium_rules(registered)):
        kind, queues = Kind.PLACES if rule.outside else Kind.PODS, (rule.namespace,) if rule.namespace else ()
        yield Connection(kind, rule.source, rule.target, rule.ports, rule.policy, queues)
    because, spaces = "no NetworkPolicy that closes the queue", set(queue_namespaces(registered))
    for queue in sorted(spaces - isolated(registered, "Ingress") - cilium_isolated(registered, "Ingress")):
        yield Connection(Kind.PODS, "anybody", "pods of the queue", "any port", because, (queue,))
    for queue in sorted(spaces - isolated(registered, "Egress") - cilium_isolated(registered, "Egress")):
        yield Connection(Kind.PODS, "pods of the queue", "anybody", "any port", because, (queue,))


def _people(registered: Iterable[Registration]) -> Iterator[Connection]:
    """Principals of AWS by their access entries, groups by the bindings that name them."""
    registered = list(registered)
    roles = _roles_of_groups(registered)
    held: set[str] = set()
    for one in registered:
        because = f"{one.type.rsplit(':', 1)[-1]} {one.name}"
        if one.type == "aws:eks/accessPolicyAssociation:AccessPolicyAssociation":
            policy = str(one.inputs["policyArn"]).rsplit("/", 1)[-1]
            yield Connection(Kind.PEOPLE, _principal(one), "API server", f"as {policy}", because)
        elif one.type == "aws:eks/accessEntry:AccessEntry":
            groups = one.inputs.get("kubernetesGroups") or []
            held.update(groups)
            for group in groups:
                for role, namespace in roles.get(group, ()):
                    where = (namespace,) if namespace else ()
                    yield Connection(Kind.PEOPLE, _principal(one), "API server", f"as {role}", because, where)
            if one.inputs.get("type") == "EC2_LINUX":
                yield Connection(Kind.SERVICES, "nodes", "API server", "to join the cluster", because)
        elif one.type == "aws:eks/identityProviderConfig:IdentityProviderConfig":
            issuer = one.inputs["oidc"]["issuerUrl"]
            yield Connection(Kind.SERVICES, f"people of {issuer}", "API server", "by their ID tokens", because)
    for group, given in roles.items():
        if group not in held:
            for role, namespace in given:
                where = (namespace,) if namespace else ()
                because = f"the binding {role}"
                yield Connection(Kind.PEOPLE, f"group {group}", "API server", f"as {role}", because, where)


def _principal(one: Registration) -> str:
    """`role/ads-lead` of an ARN: a platform is in one account."""
    return str(one.inputs["principalArn"]).rsplit(":", 1)[-1]


def _roles_of_groups(registered: Iterable[Registration]) -> dict[str, list[tuple[str, str]]]:
    """(role, namespace) that bindings give to groups; no namespace where it is the cluster's."""
    given: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for one in registered:
        if one.type.endswith((":RoleBinding", ":ClusterRoleBinding")):
            namespace = one.inputs["metadata"].get("namespace", "")
            for subject in one.inputs.get("subjects") or []:
                if subject.get("kind") == "Group":
                    given[subject["name"]].append((one.inputs["roleRef"]["name"], namespace))
    return dict(sorted(given.items()))


def _control(registered: Iterable[Registration]) -> Iterator[Connection]:
    registered = list(registered)
    charts = {str(one.inputs["chart"]).rsplit("/", 1)[-1]: one for one in registered if one.type == RELEASE}
    for name, metadata in queue_namespaces(registered).items():
        if "yunikorn" in charts and PARENT_QUEUE in (metadata.get("annotations") or {}):
            how, because = "places them, within minimum and maximum", f"annotation {PARENT_QUEUE}"
            yield Connection(Kind.CONTROL, "YuniKorn", "pods of the queue", how, because, (name,))
        operator = charts.get("spark-operator")
        label = _at(operator.inputs["values"], "spark", "jobNamespaceSelector") if operator else None
        if isinstance(label, str) and label.split("=")[0] in metadata["labels"]:
            because = f"jobNamespaceSelector {label}"
            yield Connection(Kind.CONTROL, "Spark operator", "SparkApplications", "starts drivers", because, (name,))


def _scaling(registered: Iterable[Registration]) -> Iterator[Connection]:
    """Who may set the sizes of which groups: by their names, and the tags on which the role's rights hang."""
    registered = list(registered)
    groups = [one for one in registered if one.type == GROUP]
    for account, role, statements in _given(registered):
        for statement, resources in allowed(statements, "autoscaling:SetDesiredCapacity"):
            tagged = _tagged(statement)
            because = f"role {role}, by the group's tag" if tagged else f"role {role}"
            name = resources.partition(":autoScalingGroupName/")[2] or "*"
            for group in groups if arns_meet(resources, _ANY_GROUP) else ():
                on_group = {str(tag["key"]).lower(): str(tag["value"]) for tag in group.inputs.get("tags") or []}
                named = covers(name, str(group.inputs.get("name", group.name)))
                if named and all(_fits(on_group.get(key), operator, values) for key, operator, values in tagged):
                    yield Connection(Kind.SCALING, account, group_name(group), "sets its size", because)


def _tagged(statement: ReadStatement) -> list[tuple[str, str, list[str]]]:
    """(key, operator, values) of tags that a statement's resources must have, the key in small letters."""
    return [
        (key.lower().removeprefix(_RESOURCE_TAG), operator, values)
        for operator in BINDING
        for key, values in statement.conditions.get(operator, {}).items()
        if key.lower().startswith(_RESOURCE_TAG)
    ]


def _fits(value: str | None, operator: str, wanted: Iterable[str]) -> bool:
    """Whether a tag's value passes a condition."""
    if value is None:
        return False
    if operator == "StringEqualsIgnoreCase":
        return value.lower() in (one.lower() for one in wanted)
    return any(covers(one, value) if operator.endswith("Like") else one == value for one in wanted)


def _used(registered: Iterable[Registration]) -> Iterator[Connection]:
    """Objects and tables that queues' roles may read and write, and secrets that they may read."""
    registered = list(registered)
    spaces = queue_namespaces(registered)
    rights: defaultdict[tuple[Kind, str, str, str], set[str]] = defaultdict(set)
    for account, role, statements in _given(registered):
        namespace = account.partition("/")[0]
        for kind, action, means, of in _OF_JOBS if namespace in spaces else ():
            for statement, resources in allowed(statements, action):
                if arns_meet(resources, of):
                    but = sorted(_place(kind, one) for one in statement.resources_but or () if arns_meet(one, of))
                    place = _START[kind] + _place(kind, resources) + (f" but {', '.join(but)}" if but else "")
                    rights[kind, namespace, role, place].add(means)
    for (kind, namespace, role, place), ways in sorted(rights.items()):
        how = " and ".join(sorted(ways))
        yield Connection(kind, JOBS, place, how, f"role {role}", (namespace,))


def _taken(registered: Iterable[Registration]) -> Iterator[Connection]:
    """Objects of queues that people reach by roles which they take: to upload what jobs run, and to read logs."""
    registered = list(registered)
    spaces = queue_namespaces(registered)
    rights: defaultdict[tuple[str, str, str, str], set[str]] = defaultdict(set)
    trusted = {
        str(one.inputs.get("name")): sorted(
            principal
            for statement in (() if has_unknown(trust) else read(trust))
            for principal in (statement.principals.get("AWS", ()) if statement.allows else ())
        )
        for one in registered
        if one.type == ROLE and (trust := one.inputs.get("assumeRolePolicy"))
    }
    for role, statements in _statements(registered).items():
        for action, means in (("s3:GetObject", "reads"), ("s3:PutObject", "writes")):
            for _, resources in allowed(statements, action):
                place = _place(Kind.STORAGE, resources)
                namespace = "-".join(place.split("/")[1:3])
                for principal in trusted.get(role, ()) if namespace in spaces else ():
                    rights[principal.rsplit(":", 1)[-1], namespace, role, place].add(means)
    for (principal, namespace, role, place), ways in sorted(rights.items()):
        how = " and ".join(sorted(ways))
        yield Connection(Kind.STORAGE, principal, f"{_START[Kind.STORAGE]}{place}", how, f"role {role}", (namespace,))


def _place(kind: Kind, resources: str) -> str:
    """`bucket/folder` of the ARN of what is in it, `database` of its tables'; other patterns as they are."""
    match kind:
        case Kind.STORAGE:
            return _BUCKET.sub("", resources).removesuffix("/*")
        case Kind.TABLES:
            return _TABLES.sub("", resources).removesuffix("/*")
        case _:
            return resources


def _given(registered: Iterable[Registration]) -> Iterator[tuple[str, str, list[ReadStatement]]]:
    """(service account, role, statements) of each role that pods have; `namespace/name` the account.

    Those of its own policies, whether they are resources or written in the role; of unknown ones there are none.
    """
    registered = list(registered)
    statements = _statements(registered)
    for one in registered:
        if one.type == "aws:eks/podIdentityAssociation:PodIdentityAssociation":
            role = str(one.inputs["roleArn"]).rsplit("/", 1)[-1]
            yield f"{one.inputs['namespace']}/{one.inputs['serviceAccount']}", role, statements[role]


def _statements(registered: Iterable[Registration]) -> defaultdict[str, list[ReadStatement]]:
    """The statements of each role's own policies, by its name."""
    statements: defaultdict[str, list[ReadStatement]] = defaultdict(list)
    for one in registered:
        if one.type in (ROLE, _ROLE_POLICY):
            role = str(one.inputs.get("name" if one.type == ROLE else "role"))
            for document in documents(one.type, one.inputs):
                statements[role] += () if has_unknown(document) else read(document)
    return statements


def _services(registered: Iterable[Registration]) -> Iterator[Connection]:
    """Ways out of the nodes' subnets: endpoints, and NAT gateways to all other addresses."""
    registered = list(registered)
    open_to = _ingress(registered)
    for one in registered:
        if one.type == "aws:ec2/vpcEndpoint:VpcEndpoint":
            service = service_name(one)
            because = f"VpcEndpoint {one.name}"
            if one.inputs.get("vpcEndpointType", "Gateway") == "Gateway":
                yield Connection(Kind.SERVICES, "nodes and pods", service, "by the subnets' routes", because)
                continue
            for group in sorted(sources_of(one.inputs.get("securityGroupIds"))):
                for ports, cidr in open_to.get(group, ()):
                    yield Connection(Kind.SERVICES, f"addresses in {cidr}", service, ports, because)
        elif one.type == "aws:ec2/natGateway:NatGateway":
            how = "outwards only, by the subnets' routes"
            yield Connection(Kind.SERVICES, "nodes and pods", "other addresses", how, f"NatGateway {one.name}")


def group_name(group: Registration) -> str:
    """`Auto Scaling group spark-dev-driver-eu-central-1a-a`."""
    return f"Auto Scaling group {group.inputs.get('name', group.name)}"


def service_name(endpoint: Registration) -> str:
    """`ecr.api` of `com.amazonaws.eu-central-1.ecr.api`."""
    return str(endpoint.inputs["serviceName"]).split(".", 3)[-1]


def _ingress(registered: Iterable[Registration]) -> dict[str, list[tuple[str, str]]]:
    """(ports, addresses) that rules let into security groups, by the groups' URNs."""
    found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for one in registered:
        if one.type == "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule":
            low, high = one.inputs.get("fromPort"), one.inputs.get("toPort")
            ports = f"{str(one.inputs.get('ipProtocol')).upper()} {low if low == high else f'{low} to {high}'}"
            for group in sorted(sources_of(one.inputs.get("securityGroupId"))):
                found[group].append((ports, str(one.inputs.get("cidrIpv4", "another security group"))))
    return dict(found)


def _at(value: Json, *path: str) -> Json:
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value
