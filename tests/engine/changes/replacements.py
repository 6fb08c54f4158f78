"""Changes that replace a resource or another with it, or take another provider; what protection forbids of them."""

from __future__ import annotations

from typing import Any

import pulumi_aws as aws
import pulumi_kubernetes as k8s
from pulumi import Alias, ResourceOptions

from tests.engine.changes.cases import KUBECONFIG, bucket, case, on_kubernetes, parameter


@case
def replaced_in_whole(name: str, after: bool) -> None:
    aws.s3.Bucket(name, bucket=f"{name}-{'new' if after else 'old'}")


@case
def replaced_for_what_is_within(name: str, after: bool) -> None:
    namespace = "new" if after else "old"
    k8s.core.v1.ServiceAccount(name, metadata={"name": name, "namespace": namespace}, opts=on_kubernetes(name))


@case
def replaced_by_option(name: str, after: bool) -> None:
    value = "new" if after else "old"
    bucket(name, {"a": value}, replace_on_changes=["tags.a"])


@case
def replaced_on_any_change(name: str, after: bool) -> None:
    bucket(name, {"a": "new" if after else "old"}, replace_on_changes=["*"])


@case
def not_replaced_by_option(name: str, after: bool) -> None:
    bucket(name, {"a": "x", "b": "new" if after else "old"}, replace_on_changes=["tags.a", "forceDestroy"])


@case
def not_replaced_as_the_whole_came(name: str, after: bool) -> None:
    bucket(name, {"a": "x"} if after else None, replace_on_changes=["tags.a"])


@case
def replacement_ignored(name: str, after: bool) -> None:
    aws.s3.Bucket(name, bucket=f"{name}-{'new' if after else 'old'}", opts=ResourceOptions(ignore_changes=["bucket"]))


@case
def ignored_change_of_a_replaced_resource(name: str, after: bool) -> None:
    value = "new" if after else "old"
    aws.s3.Bucket(name, bucket=f"{name}-{value}", tags={"a": value}, opts=ResourceOptions(ignore_changes=["tags"]))


@case
def replaced_and_used(name: str, after: bool) -> None:
    _replaced_and_used(name, after)


@case
def deleted_before_replaced_and_used(name: str, after: bool) -> None:
    _replaced_and_used(name, after, delete_before_replace=True)


@case
def replaced_and_used_in_place(name: str, after: bool) -> None:
    source = aws.s3.Bucket(f"{name}-source", bucket=f"{name}-{'new' if after else 'old'}")
    parameter(f"{name}-user", source.arn)


@case
def deleted_with_a_replaced_resource(name: str, after: bool) -> None:
    source = aws.s3.Bucket(f"{name}-source", bucket=f"{name}-{'new' if after else 'old'}")
    parameter(f"{name}-user", "x", deleted_with=source)


@case
def renamed_and_replaced(name: str, after: bool) -> None:
    options = ResourceOptions(aliases=[Alias(name=f"{name}-old")] if after else None)
    aws.s3.Bucket(f"{name}-new" if after else f"{name}-old", bucket=f"{name}-{after}", opts=options)


@case
def provider_changed(name: str, after: bool) -> None:
    provider = aws.Provider(f"{name}-provider", region="eu-west-1", skip_region_validation=after)
    bucket(f"{name}-bucket", provider=provider)


@case
def provider_of_another_cluster(name: str, after: bool) -> None:
    cluster = f"{name}-{'new' if after else 'old'}"
    provider = k8s.Provider(f"{name}-provider", kubeconfig=KUBECONFIG, cluster_identifier=cluster)
    k8s.core.v1.ConfigMap(name, metadata={"name": name}, data={"a": "b"}, opts=ResourceOptions(provider=provider))


@case
def provider_renamed(name: str, after: bool) -> None:
    options = ResourceOptions(aliases=[Alias(name=f"{name}-old")] if after else None)
    provider = aws.Provider(f"{name}-new" if after else f"{name}-old", region="eu-west-1", opts=options)
    bucket(f"{name}-bucket", provider=provider)


@case
def another_provider(name: str, after: bool) -> None:
    one, other = (aws.Provider(f"{name}-{which}", region="eu-west-1") for which in ("one", "other"))
    bucket(f"{name}-bucket", provider=other if after else one)


@case
def read_elsewhere(name: str, after: bool) -> None:
    aws.ec2.Vpc.get(f"{name}-kept", "vpc-2" if after else "vpc-1")
    aws.ec2.Vpc.get(f"{name}-new" if after else f"{name}-old", "vpc-0")


def protected(*, after: bool) -> None:
    """Register resources that are, or were, protected, and of which the change would delete something."""
    if not after:
        bucket("removed", protect=True)
        bucket("removed-and-kept", protect=True, retain_on_delete=True)
        bucket("unprotected")
    for name, still in (("replaced", True), ("unprotected-and-replaced", False), ("protected-and-replaced", True)):
        guarded = still if after else name != "protected-and-replaced"
        aws.s3.Bucket(name, bucket=f"{name}-{after}", opts=ResourceOptions(protect=guarded))
    first = aws.s3.Bucket("first", bucket=f"first-{after}")
    aws.s3.BucketVersioning(
        "with-first",
        bucket=first.id,
        versioning_configuration={"status": "Enabled"},
        opts=ResourceOptions(protect=True),
    )
    bucket("changed", {"a": str(after)}, protect=True)


def _replaced_and_used(name: str, after: bool, **options: Any) -> None:  # noqa: ANN401
    source = aws.s3.Bucket(
        f"{name}-source", bucket=f"{name}-{'new' if after else 'old'}", opts=ResourceOptions(**options)
    )
    aws.s3.BucketVersioning(f"{name}-forced", bucket=source.id, versioning_configuration={"status": "Enabled"})
    aws.s3.BucketVersioning(
        f"{name}-unforced",
        bucket=source.id,
        versioning_configuration={"status": "Enabled"},
        opts=ResourceOptions(ignore_changes=["bucket"]),
    )
    parameter(f"{name}-ignoring", source.arn, ignore_changes=["description"])
    parameter(f"{name}-after", "x", depends_on=[source])
