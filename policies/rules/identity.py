"""Rules for identities in AWS: what roles may do, and who may take them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Final

from policies.arns import is_everything
from policies.iam import BINDING, ROLE, ROLE_POLICIES, ReadStatement, bound_to, statements_of
from policies.model import Resource, Severity, Stack, Violation, resource_rule, stack_rule
from policies.rules.queues import queue_namespaces
from sizing import names
from sizing.arns import Arns

ATTACHMENTS: Final = (
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
    "aws:iam/policyAttachment:PolicyAttachment",
    ROLE,
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
    "aws:iam/userPolicyAttachment:UserPolicyAttachment",
)
"""What gives somebody a policy that stands elsewhere."""
ALMOST_FULL_ACCESS: Final = frozenset(
    {
        "DatabaseAdministrator",
        "NetworkAdministrator",
        "PowerUserAccess",
        "ReadOnlyAccess",
        "SecretsManagerReadWrite",
        "SystemAdministrator",
    }
)
"""AWS's policies that span an account and aren't named so."""
ANY_RESOURCE: Final[Mapping[str, str]] = {
    "autoscaling:DescribeAutoScalingGroups": "the autoscaler finds its groups; the action knows no resource",
    "autoscaling:DescribeAutoScalingInstances": "as before",
    "autoscaling:DescribeScalingActivities": "the autoscaler sees failed launches; the action knows no resource",
    "ec2:DescribeInstanceTypes": "the size of a node that isn't there yet; the action knows no resource",
    "ec2:DescribeInstances": "nodeadm reads the private DNS name of its own node; the action knows no resource",
    "logs:GetQueryResults": "results of a query that one has started oneself; the action knows no resource",
    "logs:StopQuery": "as before",
    "ec2:DescribeLaunchTemplateVersions": "the autoscaler reads a group's template; the action knows no resource",
    "autoscaling:DescribeScheduledActions": "who deploys reads what there is; the action knows no resource",
    "ec2:DescribeLaunchTemplates": "as before",
    "logs:DescribeLogGroups": "as before",
    "aps:ListWorkspaces": "a Managed Grafana workspace offers data sources to choose; the action knows no resource",
}
"""Actions that a policy may allow on `*`, and why. Of most of them AWS offers no resource to name.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/
"""
PEOPLES_ROLES: Final = ("*.log", "*.logs", "*.put")
"""Roles that people take with a role or user of their own, by name: those that read the logs of a queue, or of all of a
tenant's, and those that upload what a queue's jobs run."""
NAMED_PRINCIPAL: Final = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:(role|user)/[^*?]+")
SAYS_WHICH: Final = re.compile(
    r"(^aws:resourceaccount|:resourcetag/.+|^aws:requesttag/.+|^ec2:launchtemplate$|^kms:(resourcealiases|requestalias|encryptioncontext:.+))$",
    re.IGNORECASE,
)
"""Condition keys that choose among the resources of a kind, or say what a new one is. Others, such as the region, leave
all of them.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""
POD_TAGS: Final = ("aws:RequestTag/kubernetes-namespace", "aws:RequestTag/kubernetes-service-account")
"""What EKS says of the pod for which it asks.

Source: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html
"""
TRUSTED_SERVICES: Final[Mapping[str, str]] = {
    "ec2.amazonaws.com": "nodes take their role; EC2 doesn't say for which instance it asks",
    "eks.amazonaws.com": "the control plane takes its role",
    "grafana.amazonaws.com": "an Amazon Managed Grafana workspace takes its role",
    "pods.eks.amazonaws.com": "pods take theirs by EKS Pod Identity",
}
"""Services that may take a role, and why."""
NOT_FOR_A_SOURCE: Final = frozenset({"ec2.amazonaws.com"})
"""Services that don't say for whom they act, so that no condition can bind them."""


@resource_rule(
    *ROLE_POLICIES,
    severity=Severity.CRITICAL,
    remedy="Name the actions, as components/access/iam.py Statement takes them.",
)
def policies_name_their_actions(policy: Resource) -> Iterator[str]:
    """No policy allows every action of a service.

    A wildcard allows what AWS invents later, and what nobody has thought of.
    """
    for statement in statements_of(policy):
        for action in statement.actions:
            if statement.allows and {"*", "?"} & set(action):
                yield f"{statement.sid or 'a statement'} allows {action}"


@resource_rule(
    *ROLE_POLICIES,
    severity=Severity.CRITICAL,
    remedy="Name the resources; where AWS offers none, add the action with its reason to ANY_RESOURCE.",
)
def policies_name_their_resources(policy: Resource) -> Iterator[str]:
    """No policy allows an action on everything, or on everything of a kind without a condition.

    What is named can be looked up; `*` includes other teams' things. Some actions know no resource to name: a list
    holds them, with reasons.
    """
    for statement in statements_of(policy):
        for resource in statement.resources if statement.allows else ():
            if is_everything(resource) and (resource == "*" or not _chooses(statement)):
                for action in sorted(set(statement.actions) - set(ANY_RESOURCE)):
                    yield f"{statement.sid or 'a statement'} allows {action} on {resource}"


@resource_rule(
    *ATTACHMENTS,
    severity=Severity.CRITICAL,
    remedy="Write a policy of the actions that are used.",
)
def no_managed_policy_of_full_access(resource: Resource) -> Iterator[str]:
    """No role has one of AWS's policies of full access.

    They span an account; one pod with such a role is the whole account's.
    """
    for arn in _attached(resource):
        name = arn.rpartition("/")[2]
        if name.endswith("FullAccess") or name.startswith("AdministratorAccess") or name in ALMOST_FULL_ACCESS:
            yield name


@stack_rule(
    severity=Severity.CRITICAL,
    remedy="Keep the role to <bucket>/<tenant>/<queue>/, as components/queue/identity.py writes it.",
)
def roles_keep_to_the_prefixes_of_their_queues(stack: Stack) -> Iterator[Violation]:
    """In the platform's buckets, a tenant's roles reach its own queues' prefixes, and a queue's role its own alone.

    The buckets are shared: whoever leaves the prefix reads or replaces another team's logs and programs. So it has no
    policy that stands elsewhere, where nobody sees what it reaches.
    """
    contract, namespaces = stack.contract, queue_namespaces(stack)
    if contract is None or contract.get("aws") is None or not namespaces:
        return
    buckets = list(contract["aws"]["buckets"].values())
    by_role, every = {}, []
    for namespace in namespaces:
        name, tenant = namespace.props["metadata"]["name"], namespace.props["metadata"]["labels"][names.TENANT_LABEL]
        prefix = names.queue_prefix(tenant, name.removeprefix(f"{tenant}-"))
        every.append(prefix)
        for named in (names.queue_role, names.history_role, names.queue_readers_role):
            by_role[named(contract["platform"], name)] = [prefix]
        uploads = [f"{prefix}/{part}" for part in (names.JOB_RECORDS, names.UPLOADS)]
        by_role[names.upload_role(contract["platform"], name)] = uploads
    for attachment in stack.of_type(*ATTACHMENTS):
        for arn in _attached(attachment) if by_role.keys() & set(_roles(attachment)) else ():
            yield Violation(f"it has {arn} beside its own policy", attachment.urn)
    for policy in stack.of_type(*ROLE_POLICIES):
        role = next(iter(_roles(policy)), "")
        prefixes = by_role.get(role, every)
        for statement in statements_of(policy):
            for arn in statement.resources if statement.allows else ():
                bucket, slash, objects = _bucket_and_objects(arn, statement)
                if not any(fnmatchcase(one, bucket) for one in buckets):
                    continue
                if slash and not objects.startswith(tuple(f"{prefix}/" for prefix in prefixes)):
                    yield Violation(f"{role} reaches {arn}, beyond {', '.join(prefixes)}", policy.urn)
                elif not slash and not _lists_only(statement, prefixes):
                    yield Violation(f"{role} reaches all of {arn}", policy.urn)


@resource_rule(
    ROLE,
    severity=Severity.CRITICAL,
    remedy="Let pods take it by Pod Identity (components/access/pod_identity.py), with source account and cluster.",
)
def roles_are_taken_by_known_services(role: Resource) -> Iterator[str]:
    """A role is taken by pods through EKS Pod Identity or by a listed AWS service, for one source, or by named people.

    Keys, federations and foreign accounts are ways in that nothing here watches; a service without a source can be
    talked into acting for somebody else.
    """
    for statement in statements_of(role, "assumeRolePolicy"):
        if not statement.allows:
            continue
        peoples = any(fnmatchcase(role.props.get("name", ""), pattern) for pattern in PEOPLES_ROLES)
        for kind, who in statement.principals.items():
            for principal in who:
                if kind == "AWS" and peoples and NAMED_PRINCIPAL.fullmatch(principal):
                    continue
                if kind != "Service" or principal not in TRUSTED_SERVICES:
                    yield f"{kind} {principal} may take it"
                elif principal not in NOT_FOR_A_SOURCE and not _from_one_source(statement):
                    yield f"{principal} may take it for any account"


@stack_rule(
    severity=Severity.CRITICAL,
    remedy="Give it permissions_boundary, of sizing.names.boundary, as components/access/pod_identity.py does.",
)
def roles_of_tenants_have_the_boundary(stack: Stack) -> Iterator[Violation]:
    """Every role of a tenant's stack has the permissions boundary that its platform made for that tenant.

    Without it, or with another's, whoever writes the role's policy decides what it may do in the account. Roles and
    users that stand elsewhere are none of a tenant's to attach policies to.
    """
    contract = stack.contract
    if contract is None or contract.get("aws") is None or not stack.is_tenants:
        return
    tenants = {n.props["metadata"]["labels"][names.TENANT_LABEL] for n in queue_namespaces(stack)}
    account, region = contract["aws"]["accountId"], contract["aws"]["region"]
    expected = {Arns(account, region).policy(names.boundary(contract["platform"], tenant)) for tenant in tenants}
    for role in stack.of_type(ROLE):
        found = role.props.get("permissionsBoundary")
        if found not in expected:
            wanted = ", ".join(sorted(expected)) or "that of a tenant with queues"
            yield Violation(f"its boundary is {found or 'missing'}, not {wanted}", role.urn)


@stack_rule(
    severity=Severity.CRITICAL,
    remedy="Take account, region and cluster from the platform's contract.",
)
def pod_roles_trust_their_own_cluster(stack: Stack) -> Iterator[Violation]:
    """A role of pods trusts the platform's own cluster, in its own account, and there named pods alone.

    With another's name in its trust policy, another cluster's pods have the role, and the right ones don't; without a
    namespace and a service account, whoever may associate roles gives it to any pod.
    """
    contract = stack.contract
    if contract is None or contract.get("aws") is None:
        return
    account, region = contract["aws"]["accountId"], contract["aws"]["region"]
    cluster = Arns(account, region).cluster(contract["platform"])
    for role in stack.of_type(ROLE):
        for statement in statements_of(role, "assumeRolePolicy"):
            if "pods.eks.amazonaws.com" in statement.principals.get("Service", []):
                for key, expected in (("aws:SourceAccount", account), ("aws:SourceArn", cluster)):
                    found = bound_to(statement, key)
                    if found != [expected]:
                        yield Violation(f"{key} is {', '.join(found) or 'not asked'}, not {expected}", role.urn)
                for key in POD_TAGS:
                    found = bound_to(statement, key)
                    if not found or any({"*", "?"} & set(value) for value in found):
                        yield Violation(f"{key} is {', '.join(found) or 'not asked'}", role.urn)


@resource_rule(
    "aws:iam/accessKey:AccessKey",
    "aws:iam/user:User",
    "aws:iam/userLoginProfile:UserLoginProfile",
    severity=Severity.CRITICAL,
    remedy="Give the pod a role by Pod Identity; give a person a role of your sign-in.",
)
def no_users_and_no_access_keys(resource: Resource) -> Iterator[str]:
    """There are no IAM users and no access keys.

    They don't expire, and lie in files and environment variables.
    """
    yield f"{resource.type.rpartition(':')[2]} {resource.name}"


def _chooses(statement: ReadStatement) -> bool:
    """Whether a condition leaves only some resources of those that a statement names, by what they are."""
    return any(
        operator.removeprefix("ForAnyValue:") in BINDING
        and SAYS_WHICH.search(key)
        and all(value.strip("*?") for value in values)
        for operator, keys in statement.conditions.items()
        for key, values in keys.items()
    )


def _bucket_and_objects(arn: str, statement: ReadStatement) -> tuple[str, str, str]:
    """The bucket of an ARN, a slash where it goes on, and the objects; no bucket where it is none of S3's."""
    parts = arn.split(":", 5)
    service, path = (parts[2], parts[5]) if len(parts) == 6 else ("*", "*")
    acts_on_s3 = any(action.lower().startswith(("s3:", "*")) for action in statement.actions)
    return path.partition("/") if acts_on_s3 and fnmatchcase("s3", service) else ("", "", "")


def _roles(resource: Resource) -> Iterator[str]:
    """The names of the roles that a policy or an attachment is for; its own name for a role."""
    if resource.type == ROLE:
        yield resource.props["name"]
    for prop in ("role", "roleName"):
        if prop in resource.props:
            yield resource.props[prop]
    yield from resource.props.get("roles") or ()


def _attached(resource: Resource) -> Iterator[str]:
    """The ARNs of the policies that a resource gives somebody."""
    if "policyArn" in resource.props:
        yield resource.props["policyArn"]
    for prop in ("managedPolicyArns", "policyArns"):
        yield from resource.props.get(prop) or ()


def _lists_only(statement: ReadStatement, prefixes: Sequence[str]) -> bool:
    """Whether a statement on a whole bucket lets names below some prefixes be listed, and nothing else."""
    wanted = bound_to(statement, "s3:prefix")
    listing = set(statement.actions) <= {"s3:ListBucket"}
    return (
        listing
        and bool(wanted)
        and all(f"{one}/".startswith(tuple(f"{prefix}/" for prefix in prefixes)) for one in wanted)
    )


def _from_one_source(statement: ReadStatement) -> bool:
    account, arn = bound_to(statement, "aws:SourceAccount"), bound_to(statement, "aws:SourceArn")
    return len(account) == len(arn) == 1 and f":{account[0]}:" in arn[0] and "*" not in account[0]
