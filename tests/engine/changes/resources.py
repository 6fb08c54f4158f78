"""Resources and components that come, go, move and get other names."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws
import pulumi_eks as eks
from pulumi import ROOT_STACK_RESOURCE, Alias, Output, ResourceOptions

from tests.engine.changes.cases import Group, bucket, case, parameter


@case
def resource_added(name: str, after: bool) -> None:
    bucket(f"{name}-kept")
    if after:
        bucket(f"{name}-new")


@case
def resource_removed(name: str, after: bool) -> None:
    bucket(f"{name}-kept")
    if not after:
        bucket(f"{name}-old", retain_on_delete=True)


@case
def component_removed(name: str, after: bool) -> None:
    if not after:
        Group(name, within=True)


@case
def renamed_without_an_alias(name: str, after: bool) -> None:
    bucket(f"{name}-new" if after else f"{name}-old")


@case
def renamed(name: str, after: bool) -> None:
    aliases = [Alias(name=f"{name}-older"), Alias(name=f"{name}-old")]
    aws.s3.Bucket(
        f"{name}-new" if after else f"{name}-old", bucket=name, opts=ResourceOptions(aliases=aliases if after else None)
    )


@case
def renamed_and_changed(name: str, after: bool) -> None:
    options = ResourceOptions(aliases=[Alias(name=f"{name}-old")] if after else None)
    aws.s3.Bucket(f"{name}-new" if after else f"{name}-old", bucket=name, force_destroy=after, opts=options)


@case
def renamed_and_used(name: str, after: bool) -> None:
    aliases = [Alias(name=f"{name}-old")] if after else None
    source = aws.s3.Bucket(
        f"{name}-new" if after else f"{name}-old", bucket=name, opts=ResourceOptions(aliases=aliases)
    )
    parameter(f"{name}-user", source.arn, depends_on=[source])


@case
def renamed_by_urn(name: str, after: bool) -> None:
    urn = f"urn:pulumi:test::elastic-spark::aws:s3/bucket:Bucket::{name}-old"
    aws.s3.Bucket(
        f"{name}-new" if after else f"{name}-old", bucket=name, opts=ResourceOptions(aliases=[urn] if after else None)
    )


@case
def type_renamed(name: str, after: bool) -> None:
    former = "aws:s3/bucketFormer:BucketFormer"
    if after:
        aws.s3.Bucket(name, bucket=name, opts=ResourceOptions(aliases=[Alias(type_=former)]))
    else:
        pulumi.CustomResource(former, name, {"bucket": name})


@case
def moved_into_a_component(name: str, after: bool) -> None:
    group = Group(f"{name}-group")
    bucket(
        f"{name}-moved",
        parent=group if after else None,
        aliases=[Alias(parent=ROOT_STACK_RESOURCE)] if after else None,
    )


@case
def moved_out_of_a_component(name: str, after: bool) -> None:
    group = Group(f"{name}-group")
    bucket(f"{name}-moved", parent=None if after else group, aliases=[Alias(parent=group)] if after else None)


@case
def moved_out_of_a_component_of_another_type(name: str, after: bool) -> None:
    options = ResourceOptions(aliases=[Alias(type_="elastic-spark:test:Group")] if after else None)
    group = Group(f"{name}-group", options, "Team" if after else "Group")
    bucket(f"{name}-moved", parent=None if after else group, aliases=[Alias(parent=group)] if after else None)


@case
def component_renamed(name: str, after: bool) -> None:
    options = ResourceOptions(aliases=[Alias(name=f"{name}-old")] if after else None)
    Group(f"{name}-new" if after else f"{name}-old", options, within=True)


@case
def component_of_another_type(name: str, after: bool) -> None:
    options = ResourceOptions(aliases=[Alias(type_="elastic-spark:test:Group")] if after else None)
    Group(name, options, "Team" if after else "Group", within=True)


@case
def renamed_in_a_renamed_component(name: str, after: bool) -> None:
    outer = Group(
        f"{name}-new" if after else f"{name}-old",
        ResourceOptions(aliases=[Alias(name=f"{name}-old")] if after else None),
    )
    options = ResourceOptions(parent=outer, aliases=[Alias(name=f"{name}-loose")] if after else None)
    aws.s3.Bucket(f"{name}-free" if after else f"{name}-loose", bucket=name, opts=options)


@case
def child_named_like_no_parent(name: str, after: bool) -> None:
    outer = Group(
        f"{name}-new" if after else f"{name}-old",
        ResourceOptions(aliases=[Alias(name=f"{name}-old")] if after else None),
    )
    aws.s3.Bucket(f"{name}-apart", bucket=name, opts=ResourceOptions(parent=outer))


@case
def input_of_a_component(name: str, after: bool) -> None:
    Group(name, size=2 if after else 1)


@case
def secret_input_of_a_component(name: str, after: bool) -> None:
    pulumi.ComponentResource("elastic-spark:test:Secretive", name, {"word": Output.secret("x") if after else "x"})


@case
def child_of_a_component(name: str, after: bool) -> None:
    group = Group(name)
    if after:
        bucket(f"{name}-second", parent=group)


@case
def input_of_a_remote_component(name: str, after: bool) -> None:
    eks.Cluster(name, name=name, version="1.37" if after else "1.36", skip_default_node_group=True)


@case
def custom_resource_becomes_a_component(name: str, after: bool) -> None:
    kind = "aws:s3/bucket:Bucket"
    if after:
        pulumi.ComponentResource(kind, name)
    else:
        bucket(name)
