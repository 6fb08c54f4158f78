"""What the provider calls for resources of IAM.

Source: the API references of the operations named, and what Terraform's AWS provider documents of the resources
(aws_iam_role, aws_iam_role_policy, aws_iam_role_policy_attachment, aws_iam_instance_profile, aws_iam_policy).
"""

from __future__ import annotations

from tests.access.calls.model import Ask, Call, Context, Rows, Thing, simple

DOCUMENT = '{"Version": "2012-10-17", "Statement": []}'


def boundary_of(thing: Thing) -> Context:
    """The boundary that a role has, or is to have."""
    boundary = thing.text("permissionsBoundary")
    return {"iam:PermissionsBoundary": boundary} if boundary else {}


def role(thing: Thing) -> Rows:
    name = thing.text("name")
    arn, which = thing.arns.role(name), {"RoleName": name}
    bounded = {**thing.has, **boundary_of(thing)}
    create = {**which, "AssumeRolePolicyDocument": thing.text("assumeRolePolicy"), "Tags": thing.tag_list}
    if boundary := thing.text("permissionsBoundary"):
        create["PermissionsBoundary"] = boundary
    yield Call(
        when="create",
        api="iam.CreateRole",
        params=create,
        asks=(
            Ask(action="iam:CreateRole", resource=arn, context={**boundary_of(thing), **thing.asked}),
            Ask(action="iam:TagRole", resource=arn, context=thing.asked),
        ),
    )
    for operation in ("GetRole", "ListRolePolicies", "ListAttachedRolePolicies", "ListRoleTags"):
        yield simple("read", f"iam.{operation}", which, arn, thing.has)
    document = {**which, "PolicyDocument": DOCUMENT}
    yield simple("update", "iam.UpdateAssumeRolePolicy", document, arn, bounded)
    yield simple("update", "iam.UpdateRoleDescription", {**which, "Description": "x"}, arn, thing.has)
    yield simple("update", "iam.UpdateRole", {**which, "MaxSessionDuration": 3600}, arn, thing.has)
    if boundary:
        put = {**which, "PermissionsBoundary": boundary}
        yield simple("update", "iam.PutRolePermissionsBoundary", put, arn, bounded)
    yield simple("update", "iam.TagRole", {**which, "Tags": thing.tag_list}, arn, {**thing.has, **thing.asked})
    untag = {**which, "TagKeys": ["team"]}
    yield simple("update", "iam.UntagRole", untag, arn, {**thing.has, "aws:TagKeys": ("team",)})
    yield simple("delete", "iam.ListInstanceProfilesForRole", which, arn, thing.has)
    yield simple("delete", "iam.DeleteRole", which, arn, bounded)


def role_policy(thing: Thing, of_role: Thing) -> Rows:
    """The boundary is the role's."""
    name = thing.text("role")
    arn, bounded = thing.arns.role(name), {**of_role.has, **boundary_of(of_role)}
    which = {"RoleName": name, "PolicyName": thing.text("name")}
    for when in ("create", "update"):
        yield simple(when, "iam.PutRolePolicy", {**which, "PolicyDocument": DOCUMENT}, arn, bounded)
    yield simple("read", "iam.GetRolePolicy", which, arn, of_role.has)
    yield simple("delete", "iam.DeleteRolePolicy", which, arn, bounded)


def role_policy_attachment(thing: Thing, of_role: Thing) -> Rows:
    name, policy = thing.text("role"), thing.text("policyArn")
    arn = thing.arns.role(name)
    asked = {**of_role.has, **boundary_of(of_role), "iam:PolicyARN": policy}
    which = {"RoleName": name, "PolicyArn": policy}
    yield simple("create", "iam.AttachRolePolicy", which, arn, asked)
    yield simple("read", "iam.ListAttachedRolePolicies", {"RoleName": name}, arn, of_role.has)
    yield simple("delete", "iam.DetachRolePolicy", which, arn, asked)


def instance_profile(thing: Thing) -> Rows:
    name, role_name = thing.text("name"), thing.text("role")
    arn = f"arn:{thing.arns.partition}:iam::{thing.arns.account}:instance-profile/{name}"
    which = {"InstanceProfileName": name}
    yield Call(
        when="create",
        api="iam.CreateInstanceProfile",
        params={**which, "Tags": thing.tag_list},
        asks=(
            Ask(action="iam:CreateInstanceProfile", resource=arn, context=thing.asked),
            Ask(action="iam:TagInstanceProfile", resource=arn, context=thing.asked),
        ),
    )
    yield Call(
        when="create",
        api="iam.AddRoleToInstanceProfile",
        params={**which, "RoleName": role_name},
        asks=(
            Ask(action="iam:AddRoleToInstanceProfile", resource=arn, context=thing.has),
            pass_role(thing, role_name, "ec2.amazonaws.com"),
        ),
    )
    yield simple("read", "iam.GetInstanceProfile", which, arn, thing.has)
    tags = {**which, "Tags": thing.tag_list}
    yield simple("update", "iam.TagInstanceProfile", tags, arn, {**thing.has, **thing.asked})
    untag = {**which, "TagKeys": ["team"]}
    yield simple("update", "iam.UntagInstanceProfile", untag, arn, {**thing.has, "aws:TagKeys": ("team",)})
    yield simple("delete", "iam.RemoveRoleFromInstanceProfile", {**which, "RoleName": role_name}, arn, thing.has)
    yield simple("delete", "iam.DeleteInstanceProfile", which, arn, thing.has)


def policy(thing: Thing) -> Rows:
    arn = thing.arns.policy(thing.text("name"))
    which, version = {"PolicyArn": arn}, {"PolicyArn": arn, "VersionId": "v1"}
    yield Call(
        when="create",
        api="iam.CreatePolicy",
        params={"PolicyName": thing.text("name"), "PolicyDocument": DOCUMENT, "Tags": thing.tag_list},
        asks=(
            Ask(action="iam:CreatePolicy", resource=arn, context=thing.asked),
            Ask(action="iam:TagPolicy", resource=arn, context=thing.asked),
        ),
    )
    yield simple("read", "iam.GetPolicy", which, arn, thing.has)
    yield simple("read", "iam.GetPolicyVersion", version, arn, thing.has)
    yield simple("update", "iam.ListPolicyVersions", which, arn, thing.has)
    new = {**which, "PolicyDocument": DOCUMENT, "SetAsDefault": True}
    yield simple("update", "iam.CreatePolicyVersion", new, arn, thing.has)
    yield simple("update", "iam.DeletePolicyVersion", version, arn, thing.has)
    yield simple("update", "iam.TagPolicy", {**which, "Tags": thing.tag_list}, arn, {**thing.has, **thing.asked})
    untag = {**which, "TagKeys": ["team"]}
    yield simple("update", "iam.UntagPolicy", untag, arn, {**thing.has, "aws:TagKeys": ("team",)})
    yield simple("delete", "iam.ListPolicyVersions", which, arn, thing.has)
    yield simple("delete", "iam.DeletePolicyVersion", version, arn, thing.has)
    yield simple("delete", "iam.DeletePolicy", which, arn, thing.has)


def pass_role(thing: Thing, role_name: str, service: str) -> Ask:
    """Handing a role to a service, which is no call of its own."""
    return Ask(action="iam:PassRole", resource=thing.arns.role(role_name), context={"iam:PassedToService": service})
