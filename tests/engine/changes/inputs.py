"""Changes of what goes into a resource."""

from __future__ import annotations

import json

import pulumi_kubernetes as k8s
from pulumi import Output

from tests.engine.changes.cases import bucket, case, on_kubernetes, parameter, security_group


@case
def value_changed(name: str, after: bool) -> None:
    bucket(name, {"same": "x", "other": "new" if after else "old"})


@case
def value_added(name: str, after: bool) -> None:
    bucket(name, {"a": "x", "k8s.io/b": "y"} if after else {"a": "x"})


@case
def object_removed(name: str, after: bool) -> None:
    bucket(name, None if after else {"a": "x"})


@case
def empty_is_not_absent(name: str, after: bool) -> None:
    bucket(name, {} if after else None)


@case
def number_written_otherwise(name: str, after: bool) -> None:
    k8s.apiextensions.CustomResource(
        name,
        api_version="elastic-spark/v1",
        kind="Test",
        metadata={"name": name},
        spec={"a": 1.0 if after else 1},
        opts=on_kubernetes(name),
    )


@case
def list_item_changed(name: str, after: bool) -> None:
    security_group(name, ["10.0.0.0/16", "10.2.0.0/16" if after else "10.1.0.0/16"])


@case
def list_item_appended(name: str, after: bool) -> None:
    security_group(name, ["10.0.0.0/16", "10.1.0.0/16"] if after else ["10.0.0.0/16"])


@case
def json_text_changed(name: str, after: bool) -> None:
    parameter(name, json.dumps({"a": 1, "b": 2 if after else 1}))


@case
def json_text_written_otherwise(name: str, after: bool) -> None:
    parameter(name, json.dumps({"a": 1}, indent=2 if after else None))


@case
def secret_content_changed(name: str, after: bool) -> None:
    parameter(name, Output.secret("new" if after else "old"))


@case
def value_made_secret(name: str, after: bool) -> None:
    parameter(name, Output.secret("same") if after else "same")


@case
def secret_made_plain(name: str, after: bool) -> None:
    parameter(name, "same" if after else Output.secret("same"))


@case
def output_of_a_kept_resource(name: str, after: bool) -> None:
    source = bucket(f"{name}-source")
    parameter(f"{name}-user", source.arn)
    bucket(f"{name}-other", {"a": "new" if after else "old"})


@case
def output_of_a_changed_resource(name: str, after: bool) -> None:
    source = bucket(f"{name}-source", {"a": "new" if after else "old"})
    parameter(f"{name}-user", source.arn)


@case
def another_output_of_the_same_resource(name: str, after: bool) -> None:
    source = bucket(f"{name}-source")
    parameter(f"{name}-user", source.region if after else source.arn)


@case
def output_of_another_resource(name: str, after: bool) -> None:
    one, other = (bucket(f"{name}-{which}") for which in ("one", "other"))
    parameter(f"{name}-user", other.arn if after else one.arn)


@case
def output_instead_of_a_value(name: str, after: bool) -> None:
    source = bucket(f"{name}-source") if after else None
    parameter(f"{name}-user", source.arn if source else "none")
