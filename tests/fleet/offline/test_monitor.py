"""The recording monitor answers as the engine does when it previews a stack that was never deployed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_eks as eks
import pulumi_kubernetes as k8s
import pytest

from fleet.offline.monitor import ProgramError
from fleet.offline.registration import Alias, Secret, Unknown
from sizing.values import Json
from tests.recording import registrations_of

STACK = "urn:pulumi:test::elastic-spark::pulumi:pulumi:Stack::elastic-spark-test"
VPC = "aws:ec2/vpc:Vpc"


class Group(pulumi.ComponentResource):
    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("elastic-spark:test:Group", name, {"size": 1}, opts)


def vpc(name: str = "vpc", **options: Any) -> aws.ec2.Vpc:  # noqa: ANN401
    return aws.ec2.Vpc(name, cidr_block="10.0.0.0/16", opts=pulumi.ResourceOptions(**options))


def test_a_urn_holds_the_types_of_all_ancestors_but_the_stack() -> None:
    def program() -> None:
        outer = Group("outer")
        inner = Group("inner", pulumi.ResourceOptions(parent=outer))
        vpc(parent=inner)

    registration = registrations_of(program).one(VPC)
    types = "elastic-spark:test:Group$elastic-spark:test:Group$aws:ec2/vpc:Vpc"
    assert registration.urn == f"urn:pulumi:test::elastic-spark::{types}::vpc"


def test_outputs_that_are_inputs_are_known_and_all_others_unknown() -> None:
    def program() -> None:
        made = vpc()
        pulumi.export("cidr", made.cidr_block)
        pulumi.export("arn", made.arn)
        pulumi.export("id", made.id)

    assert registrations_of(program).stack.outputs == {"cidr": "10.0.0.0/16", "arn": Unknown(), "id": Unknown()}


def test_an_unknown_input_names_the_resources_it_comes_from() -> None:
    def program() -> None:
        aws.ec2.Subnet("subnet", vpc_id=vpc().id, cidr_block="10.0.0.0/24")

    registrations = registrations_of(program)
    unknown = registrations.one("aws:ec2/subnet:Subnet").inputs["vpcId"]
    assert unknown == Unknown((registrations.one(VPC).urn,))
    assert str(unknown) == "<unknown until Vpc vpc>"


def test_a_provider_that_is_not_fully_known_gives_no_outputs() -> None:
    def program() -> None:
        cluster = eks.Cluster("cluster", name="x", skip_default_node_group=True)
        provider = k8s.Provider("k8s", kubeconfig=cluster.kubeconfig_json)
        namespace = k8s.core.v1.Namespace(
            "namespace", metadata={"name": "known"}, opts=pulumi.ResourceOptions(provider=provider)
        )
        pulumi.export("name", namespace.metadata.name)

    assert registrations_of(program).stack.outputs == {"name": Unknown()}


def test_a_remote_component_is_one_registration_without_outputs() -> None:
    def program() -> None:
        pulumi.export("kubeconfig", eks.Cluster("cluster", name="x", skip_default_node_group=True).kubeconfig_json)

    registrations = registrations_of(program)
    assert registrations.one("eks:index:Cluster").remote
    assert registrations.stack.outputs == {"kubeconfig": Unknown()}


def test_secrets_stay_secret() -> None:
    def program() -> None:
        aws.ssm.Parameter("parameter", type="SecureString", value=pulumi.Output.secret("hush"))

    value = registrations_of(program).one("aws:ssm/parameter:Parameter").inputs["value"]
    assert value == Secret("hush")
    assert "hush" not in str(value)
    assert "hush" not in repr(value)


def test_options_are_recorded() -> None:
    def program() -> None:
        provider = aws.Provider("aws", region="eu-central-1")
        first = vpc("first", provider=provider)
        vpc(
            "second",
            provider=provider,
            protect=True,
            retain_on_delete=True,
            delete_before_replace=True,
            ignore_changes=["tags"],
            depends_on=[first],
            aliases=[pulumi.Alias(name="old")],
            custom_timeouts=pulumi.CustomTimeouts(create="5m"),
        )

    registrations = registrations_of(program)
    second = registrations.one(VPC, "second")
    assert second.provider == registrations.one("pulumi:providers:aws").urn
    assert second.dependencies == (registrations.one(VPC, "first").urn,)
    assert second.options.protect
    assert second.options.retain_on_delete
    assert second.options.delete_before_replace is True
    assert second.options.ignore_changes == ("tags",)
    assert second.options.aliases == (Alias(name="old"),)
    assert second.options.timeouts == (("create", "5m"),)


def test_a_stack_reference_is_answered_from_the_other_stacks_exports() -> None:
    def outputs_of(name: str) -> Mapping[str, Json]:
        assert name == "organization/elastic-spark/other"
        return {"contract": {"zones": ["a"], "vpc": "vpc-1"}}

    def program() -> None:
        name = f"{pulumi.get_organization()}/{pulumi.get_project()}/other"
        reference = pulumi.StackReference("other", stack_name=name)

        async def use() -> None:
            details = await reference.get_output_details("missing")
            pulumi.export("missing", details.value)

        pulumi.export("contract", reference.require_output("contract"))
        pulumi.run(use)

    assert registrations_of(program, stack_outputs=outputs_of).stack.outputs["contract"] == {
        "zones": ["a"],
        "vpc": "vpc-1",
    }


def test_two_resources_of_the_same_urn_are_refused_as_the_engine_does() -> None:
    def program() -> None:
        vpc()
        vpc()

    with pytest.raises(ProgramError, match="two resources have the URN"):
        registrations_of(program)


def test_an_invoke_is_refused_rather_than_answered_with_something_made_up() -> None:
    def program() -> None:
        pulumi.export("zones", aws.get_availability_zones_output().names)

    with pytest.raises(Exception, match="only a cloud can answer"):
        registrations_of(program)


def test_a_program_that_fails_fails_the_preview() -> None:
    def program() -> None:
        vpc()
        raise pulumi.RunError("wrong settings")

    with pytest.raises(pulumi.RunError, match="wrong settings"):
        registrations_of(program)


def test_the_program_reads_its_configuration_as_the_engine_gives_it() -> None:
    def program() -> None:
        pulumi.export("platform", pulumi.Config("elastic-spark").require_object("platform"))

    registrations = registrations_of(program, config={"elastic-spark:platform": '{"name": "x"}'})
    assert registrations.stack.outputs == {"platform": {"name": "x"}}
