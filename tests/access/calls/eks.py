"""What the provider calls for a cluster and what belongs to it.

Source: the API references of the operations named, and what Terraform's AWS provider documents of the resources
(aws_eks_cluster, which eks.Cluster makes; aws_eks_addon, aws_eks_access_entry, aws_eks_access_policy_association,
aws_eks_identity_provider_config, aws_eks_pod_identity_association).
"""

from __future__ import annotations

from tests.access.calls.iam import pass_role
from tests.access.calls.model import Ask, Call, Context, Rows, Thing, simple

SUBNETS = {"subnetIds": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]}
KEY = "00000000-1111-2222-3333-444455556666"


def cluster(thing: Thing) -> Rows:
    name, arn = thing.text("name"), thing.arns.cluster(thing.text("name"))
    key = thing.arn("kms", f"key/{KEY}")
    yield Call(
        when="create",
        api="eks.CreateCluster",
        params={
            "name": name,
            "roleArn": thing.arns.role(f"{name}-cluster"),
            "resourcesVpcConfig": SUBNETS,
            "version": "1.36",
            "tags": thing.tags,
        },
        asks=(
            Ask(action="eks:CreateCluster", resource=arn, context=thing.asked),
            Ask(action="eks:TagResource", resource=arn, context=thing.asked),
            pass_role(thing, f"{name}-cluster", "eks.amazonaws.com"),
            Ask(action="kms:DescribeKey", resource=key, context=thing.platforms),
            Ask(action="kms:CreateGrant", resource=key, context=thing.platforms),
        ),
    )
    for kind in ("SecurityGroups", "Subnets", "Vpcs"):
        yield simple("create", f"ec2.Describe{kind}", {}, "*")
    yield simple("read", "eks.DescribeCluster", {"name": name}, arn, thing.has)
    yield simple("update", "eks.DescribeUpdate", {"name": name, "updateId": "1"}, arn, thing.has)
    yield simple("update", "eks.UpdateClusterVersion", {"name": name, "version": "1.37"}, arn, thing.has)
    config = {"name": name, "resourcesVpcConfig": {"endpointPrivateAccess": True}}
    yield simple("update", "eks.UpdateClusterConfig", config, arn, thing.has)
    yield from _tags(thing, arn, thing.has)
    yield simple("delete", "eks.DeleteCluster", {"name": name}, arn, thing.has)


def addon(thing: Thing) -> Rows:
    which = {"clusterName": thing.text("clusterName"), "addonName": thing.text("addonName")}
    arn = thing.arn("eks", f"addon/{which['clusterName']}/{which['addonName']}/0a0b0c0d")
    yield Call(
        when="create",
        api="eks.CreateAddon",
        params={**which, "addonVersion": thing.text("addonVersion"), "tags": thing.tags},
        asks=(
            Ask(
                action="eks:CreateAddon",
                resource=thing.arns.cluster(which["clusterName"]),
                context={**thing.platforms, **thing.asked},
            ),
            Ask(action="eks:TagResource", resource=arn, context=thing.asked),
        ),
    )
    yield simple("read", "eks.DescribeAddon", which, arn, thing.has)
    yield simple("update", "eks.UpdateAddon", which, arn, thing.has)
    update = {"name": which["clusterName"], "updateId": "1", "addonName": which["addonName"]}
    yield simple("update", "eks.DescribeUpdate", update, arn, thing.has)
    yield from _tags(thing, arn, thing.has)
    yield simple("delete", "eks.DeleteAddon", which, arn, thing.has)


def access_entry(thing: Thing) -> Rows:
    which, arn, who = _entry(thing)
    groups = thing.registration.inputs.get("kubernetesGroups") or []
    kind = thing.text("type", "STANDARD")
    said: Context = {**who, "eks:kubernetesGroups": tuple(groups), "eks:accessEntryType": kind}
    new = {key: value for key, value in said.items() if key != "eks:clusterName"}
    yield Call(
        when="create",
        api="eks.CreateAccessEntry",
        params={**which, "kubernetesGroups": groups, "type": kind, "tags": thing.tags},
        asks=(
            Ask(
                action="eks:CreateAccessEntry",
                resource=thing.arns.cluster(which["clusterName"]),
                context={**thing.platforms, **thing.asked, **new},
            ),
            Ask(action="eks:TagResource", resource=arn, context={**thing.asked, **who}),
        ),
    )
    yield simple("read", "eks.DescribeAccessEntry", which, arn, {**thing.has, **who})
    if "kubernetesGroups" not in thing.registration.options.replace_on_changes:
        changed = {**which, "kubernetesGroups": groups}
        yield simple("update", "eks.UpdateAccessEntry", changed, arn, {**thing.has, **said})
    yield from _tags(thing, arn, {**thing.has, **who})
    yield simple("delete", "eks.DeleteAccessEntry", which, arn, {**thing.has, **said})


def _entry(thing: Thing) -> tuple[dict[str, str], str, Context]:
    principal = thing.text("principalArn")
    kind, _, path = principal.split(":", 5)[5].partition("/")
    which = {"clusterName": thing.text("clusterName"), "principalArn": principal}
    name = f"{kind}/{principal.split(':')[4]}/{path.rpartition('/')[2]}"
    arn = thing.arn("eks", f"access-entry/{which['clusterName']}/{name}/0a0b0c0d")
    return which, arn, {"eks:principalArn": principal, "eks:clusterName": which["clusterName"]}


def access_policy_association(thing: Thing) -> Rows:
    """Of the creator's entry, which EKS makes itself, there are no tags."""
    which, arn, who = _entry(thing)
    policy = thing.text("policyArn")
    said: Context = {**who, "eks:policyArn": policy, "eks:accessScope": "cluster"}
    associated = {**which, "policyArn": policy, "accessScope": {"type": "cluster"}}
    yield simple("create", "eks.AssociateAccessPolicy", associated, arn, said)
    yield simple("read", "eks.ListAssociatedAccessPolicies", which, arn, who)
    yield simple("delete", "eks.DisassociateAccessPolicy", {**which, "policyArn": policy}, arn, said)


def identity_provider_config(thing: Thing) -> Rows:
    """An association is an update of the cluster, of which the provider asks by describing the configuration."""
    name, oidc = thing.text("clusterName"), thing.registration.inputs["oidc"]
    config = {"type": "oidc", "name": oidc["identityProviderConfigName"]}
    which = {"clusterName": name, "identityProviderConfig": config}
    arn = thing.arn("eks", f"identityproviderconfig/{name}/oidc/{config['name']}/0a0b0c0d")
    yield Call(
        when="create",
        api="eks.AssociateIdentityProviderConfig",
        params={"clusterName": name, "oidc": dict(oidc), "tags": thing.tags},
        asks=(
            Ask(
                action="eks:AssociateIdentityProviderConfig",
                resource=thing.arns.cluster(name),
                context={
                    **thing.platforms,
                    **thing.asked,
                    "eks:clientId": oidc["clientId"],
                    "eks:issuerUrl": oidc["issuerUrl"],
                },
            ),
            Ask(action="eks:TagResource", resource=arn, context=thing.asked),
        ),
    )
    yield simple("read", "eks.DescribeIdentityProviderConfig", which, arn, thing.has)
    yield from _tags(thing, arn, thing.has)
    yield simple("delete", "eks.DisassociateIdentityProviderConfig", which, arn, thing.has)


def pod_identity_association(thing: Thing) -> Rows:
    name, role_arn = thing.text("clusterName"), thing.text("roleArn")
    arn = thing.arn("eks", f"podidentityassociation/{name}/a-0123456789abcdef0")
    which = {"clusterName": name, "associationId": "a-0123456789abcdef0"}
    passed = pass_role(thing, role_arn.rpartition("/")[2], "pods.eks.amazonaws.com")
    yield Call(
        when="create",
        api="eks.CreatePodIdentityAssociation",
        params={
            "clusterName": name,
            "namespace": thing.text("namespace"),
            "serviceAccount": thing.text("serviceAccount"),
            "roleArn": role_arn,
            "tags": thing.tags,
        },
        asks=(
            Ask(
                action="eks:CreatePodIdentityAssociation",
                resource=thing.arns.cluster(name),
                context={**thing.platforms, **thing.asked},
            ),
            Ask(action="eks:TagResource", resource=arn, context=thing.asked),
            Ask(action="iam:GetRole", resource=role_arn, context=thing.has),
            passed,
        ),
    )
    yield simple("read", "eks.DescribePodIdentityAssociation", which, arn, thing.has)
    yield Call(
        when="update",
        api="eks.UpdatePodIdentityAssociation",
        params={**which, "roleArn": role_arn},
        asks=(
            Ask(action="eks:UpdatePodIdentityAssociation", resource=arn, context=thing.has),
            passed,
        ),
    )
    yield from _tags(thing, arn, thing.has)
    yield simple("delete", "eks.DeletePodIdentityAssociation", which, arn, thing.has)


def _tags(thing: Thing, arn: str, has: Context) -> Rows:
    """Their tags come with what is described of them."""
    tag = {"resourceArn": arn, "tags": thing.tags}
    yield simple("update", "eks.TagResource", tag, arn, {**has, **thing.asked})
    untag = {"resourceArn": arn, "tagKeys": ["team"]}
    yield simple("update", "eks.UntagResource", untag, arn, {**has, "aws:TagKeys": ("team",)})
