"""Changes of resource options, and what they do to other changes."""

from __future__ import annotations

import pulumi_aws as aws
from pulumi import CustomTimeouts, Output, ResourceOptions

from tests.engine.changes.cases import bucket, case, security_group


@case
def options_changed(name: str, after: bool) -> None:
    first = bucket(f"{name}-first")
    bucket(
        name,
        protect=not after,
        retain_on_delete=after,
        delete_before_replace=after,
        depends_on=[first] if after else None,
        ignore_changes=["tags"] if after else None,
        replace_on_changes=["bucket"] if after else None,
        additional_secret_outputs=["arn"] if after else None,
        custom_timeouts=CustomTimeouts(create="5m") if after else None,
        deleted_with=first if after else None,
    )


@case
def change_ignored(name: str, after: bool) -> None:
    bucket(name, {"a": "new" if after else "old"}, ignore_changes=["tags"])


@case
def ignored_from_now_on(name: str, after: bool) -> None:
    bucket(name, {"a": "new" if after else "old"}, ignore_changes=["tags"] if after else None)


@case
def ignored_until_now(name: str, after: bool) -> None:
    bucket(name, {"a": "new" if after else "old"}, ignore_changes=None if after else ["tags"])


@case
def one_of_two_changes_ignored(name: str, after: bool) -> None:
    value = "new" if after else "old"
    bucket(name, {"a": value, "k8s.io/b": value}, ignore_changes=['tags["k8s.io/b"]'])


@case
def addition_ignored(name: str, after: bool) -> None:
    bucket(name, {"a": "x", **({"b": "y"} if after else {})}, ignore_changes=["tags.b"])


@case
def removal_ignored(name: str, after: bool) -> None:
    bucket(name, {"a": "x", **({} if after else {"b": "y"})}, ignore_changes=["tags.b"])


@case
def ignored_below_what_is_gone(name: str, after: bool) -> None:
    bucket(name, None if after else {"a": "x"}, ignore_changes=["tags.a"])


@case
def ignored_below_what_is_new(name: str, after: bool) -> None:
    bucket(name, {"a": "x", "b": "y"} if after else None, ignore_changes=["tags.a"])


@case
def ignored_in_a_secret(name: str, after: bool) -> None:
    value = "new" if after else "old"
    tags = Output.secret({"a": value, "b": value})
    aws.s3.Bucket(name, bucket=name, tags=tags, opts=ResourceOptions(ignore_changes=["tags.a"]))


@case
def any_item_ignored(name: str, after: bool) -> None:
    bucket(name, {"a": "new", "c": "x"} if after else {"a": "old", "b": "x"}, ignore_changes=["tags[*]"])


@case
def everything_ignored(name: str, after: bool) -> None:
    aws.s3.Bucket(
        name,
        bucket=name,
        force_destroy=True if after else None,
        tags={"a": "new" if after else "old"},
        opts=ResourceOptions(ignore_changes=["*"]),
    )


@case
def list_item_ignored(name: str, after: bool) -> None:
    value = "10.3.0.0/16" if after else "10.1.0.0/16"
    security_group(name, [value, value], ignore_changes=["ingress[0].cidrBlocks[1]"])


@case
def items_of_a_longer_list_ignored(name: str, after: bool) -> None:
    blocks = ["10.0.0.0/16", "10.1.0.0/16"]
    security_group(name, blocks if after else blocks[:1], ignore_changes=["ingress[*].cidrBlocks[*]"])
