"""What changes between two recordings of a stack."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.offline.changes.difference import Change, Difference, Operation, difference, everything
from fleet.offline.changes.property_changes import ABSENT
from fleet.offline.registration import Registrations, Secret
from tests.recording import registrations_of

Options = pulumi.ResourceOptions
QUEUE = "aws:sqs/queue:Queue"


class Group(pulumi.ComponentResource):
    def __init__(self, name: str, size: int = 1, opts: Options | None = None) -> None:
        super().__init__("elastic-spark:test:Group", name, {"size": size}, opts)


def queue(resource: str = "queue", opts: Options | None = None, **inputs: Any) -> aws.sqs.Queue:  # noqa: ANN401
    return aws.sqs.Queue(resource, opts=opts, **inputs)


def role(name: str, opts: Options | None = None) -> aws.iam.Role:
    return aws.iam.Role("role", name=name, assume_role_policy="{}", opts=opts)


def between(before: Callable[[], object], after: Callable[[], object]) -> Difference:
    return difference(registrations_of(before), registrations_of(after))


def only(found: Difference) -> Change:
    (change,) = found.changes
    return change


def paths(change: Change) -> dict[str, tuple[Any, Any]]:
    return {".".join(map(str, each.path)): (each.before, each.after) for each in change.properties}


def test_the_same_program_changes_nothing() -> None:
    def program() -> None:
        group = Group("group")
        made = queue(opts=Options(parent=group), policy=json.dumps({"a": [1]}), tags={"x": "y"})
        pulumi.export("arn", made.arn)

    found = between(program, program)
    assert found.changes == ()
    assert found.unchanged == 3


def test_resources_come_and_go() -> None:
    found = between(lambda: queue("old"), lambda: queue("new"))
    assert {change.resource.name: change.operation for change in found.changes} == {
        "old": Operation.REMOVED,
        "new": Operation.ADDED,
    }


def test_a_stack_that_comes_or_goes_is_all_of_its_resources() -> None:
    registrations = registrations_of(queue)
    assert everything(registrations, Operation.ADDED).count(Operation.ADDED) == len(registrations) == 2
    gone = everything(registrations, Operation.REMOVED)
    assert [change.resource for change in gone.changes] == list(registrations.values())


def test_a_changed_property_is_told_with_both_values() -> None:
    change = only(between(lambda: queue(delay_seconds=1), lambda: queue(delay_seconds=2)))
    assert change.operation is Operation.CHANGED
    assert paths(change) == {"delaySeconds": (1, 2)}


def test_a_property_of_one_side_only_is_told_as_such() -> None:
    change = only(between(lambda: queue(tags={"a": "1", "b": "2"}), lambda: queue(tags={"a": "1"}, delay_seconds=3)))
    assert paths(change) == {"tags.b": ("2", ABSENT), "delaySeconds": (ABSENT, 3)}


def test_an_item_put_into_a_list_does_not_change_the_others() -> None:
    def policy(*cidrs: str) -> Callable[[], object]:
        return lambda: aws.ec2.SecurityGroup(
            "group", ingress=[{"protocol": "tcp", "from_port": 1, "to_port": 1, "cidr_blocks": list(cidrs)}]
        )

    change = only(between(policy("b", "c"), policy("a", "b", "c")))
    assert paths(change) == {"ingress.0.cidrBlocks.0": (ABSENT, "a")}


def test_a_document_in_a_text_is_compared_inside() -> None:
    def statement(action: str) -> Callable[[], object]:
        return lambda: queue(policy=json.dumps({"Statement": [{"Action": action, "Effect": "Allow"}]}))

    assert paths(only(between(statement("a"), statement("b")))) == {"policy.Statement.0.Action": ("a", "b")}


def test_a_document_that_is_only_written_in_another_way_is_a_change_of_its_text() -> None:
    assert paths(only(between(lambda: queue(policy='{"a": 1}'), lambda: queue(policy='{"a":1}')))) == {
        "policy": ('{"a": 1}', '{"a":1}')
    }


def test_what_is_only_looked_at_is_neither_made_nor_deleted() -> None:
    def looking() -> None:
        aws.ec2.Vpc.get("theirs", "vpc-1", opts=Options(protect=True))

    for found in (between(looking, lambda: None), between(lambda: None, looking)):
        change = only(found)
        assert (change.operation, change.read, change.refused) == (Operation.KEPT, True, False)


def test_user_data_is_compared_as_text() -> None:
    def template(text: str) -> Callable[[], object]:
        return lambda: aws.ec2.LaunchTemplate("template", user_data=base64.b64encode(text.encode()).decode())

    assert paths(only(between(template("one\n"), template("two\n")))) == {"userData": ("one\n", "two\n")}


def test_a_component_shows_its_own_change() -> None:
    change = only(between(lambda: Group("group", 1), lambda: Group("group", 2)))
    assert (change.operation, paths(change)) == (Operation.CHANGED, {"size": (1, 2)})


def test_exports_are_the_stacks_and_change_nothing_at_a_provider() -> None:
    change = only(between(lambda: pulumi.export("x", 1), lambda: pulumi.export("x", 2)))
    assert change.operation is Operation.KEPT
    assert [(each.part, each.path) for each in change.properties] == [("output", ("x",))]


def test_options_alone_keep_a_resource() -> None:
    change = only(between(queue, lambda: queue(opts=Options(protect=True))))
    assert (change.operation, paths(change)) == (Operation.KEPT, {"protect": (ABSENT, True)})


@pytest.mark.parametrize(("before", "after", "same"), [("a", "a", True), ("a", "b", False)])
def test_the_content_of_a_secret_counts_and_is_not_shown(before: str, after: str, same: bool) -> None:
    def secret(value: str) -> Callable[[], object]:
        return lambda: queue(name=pulumi.Output.secret(value))

    found = between(secret(before), secret(after))
    assert (found.changes == ()) is same
    if not same:
        (each,) = only(found).properties
        assert isinstance(each.before, Secret)
        assert "a" not in str(each.before).replace("secret", "")


def test_a_provider_sees_no_change_where_only_the_secrecy_differs() -> None:
    assert between(lambda: queue(name="a"), lambda: queue(name=pulumi.Output.secret("a"))).changes == ()


def test_unknowns_are_the_same_where_they_come_from_the_same_resources() -> None:
    def subnet(of: str) -> Callable[[], object]:
        def program() -> None:
            networks = {name: aws.ec2.Vpc(name, cidr_block="10.0.0.0/16") for name in ("one", "two")}
            queue(name=networks[of].id)

        return program

    assert between(subnet("one"), subnet("one")).changes == ()
    (each,) = only(between(subnet("one"), subnet("two"))).properties
    assert (str(each.before), str(each.after)) == ("<unknown until Vpc one>", "<unknown until Vpc two>")


class TestAliases:
    def test_a_renamed_resource_is_the_same(self) -> None:
        found = between(
            lambda: queue("old", delay_seconds=1),
            lambda: queue("new", Options(aliases=[pulumi.Alias(name="old")]), delay_seconds=1),
        )
        change = only(found)
        assert (change.operation, change.renamed, found.renamed) == (Operation.KEPT, True, 1)
        assert change.properties == ()

    def test_a_moved_resource_is_the_same(self) -> None:
        def moved() -> None:
            queue(opts=Options(parent=Group("group"), aliases=[pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE)]))

        found = between(queue, moved)
        assert {change.resource.name: change.operation for change in found.changes} == {
            "group": Operation.ADDED,
            "queue": Operation.KEPT,
        }

    def test_children_follow_a_renamed_component(self) -> None:
        def program(name: str, *aliases: pulumi.Alias) -> Callable[[], object]:
            def run() -> None:
                group = Group(name, opts=Options(aliases=list(aliases)))
                inner = Group(f"{name}-inner", opts=Options(parent=group))
                made = queue(f"{name}-inner-queue", Options(parent=inner))
                queue("user", name=made.id)

            return run

        found = between(program("old"), program("new", pulumi.Alias(name="old")))
        assert [(change.operation, change.properties) for change in found.changes] == [(Operation.KEPT, ())] * 3
        assert found.renamed == 3

    def test_a_urn_names_the_former_resource(self) -> None:
        urn = "urn:pulumi:test::elastic-spark::aws:sqs/queue:Queue::old"
        found = between(lambda: queue("old"), lambda: queue("new", Options(aliases=[urn])))
        assert only(found).before is not None
        assert only(found).renamed

    def test_an_alias_of_what_is_still_there_finds_nothing(self) -> None:
        found = between(
            lambda: queue("old"), lambda: (queue("old"), queue("new", Options(aliases=[pulumi.Alias(name="old")])))
        )
        assert only(found).operation is Operation.ADDED


class TestIgnoredChanges:
    @pytest.mark.parametrize(
        ("before", "after", "ignored"),
        [
            ({"delay_seconds": 1}, {"delay_seconds": 2}, "delaySeconds"),
            ({"tags": {"a": "1"}}, {"tags": {"a": "2"}}, "tags"),
            ({"tags": {"a/b": "1"}}, {"tags": {"a/b": "2"}}, 'tags["a/b"]'),
            ({"tags": {"a": "1"}}, {"tags": {}}, "tags.a"),
            ({}, {"delay_seconds": 2}, "delaySeconds"),
            ({"delay_seconds": 1}, {"max_message_size": 2048}, "*"),
        ],
    )
    def test_an_ignored_property_stays_as_it_was(
        self, before: dict[str, Any], after: dict[str, Any], ignored: str
    ) -> None:
        options = Options(ignore_changes=[ignored])
        assert between(lambda: queue(opts=options, **before), lambda: queue(opts=options, **after)).changes == ()

    def test_others_change(self) -> None:
        options = Options(ignore_changes=["tags.a"])
        change = only(
            between(
                lambda: queue(opts=options, tags={"a": "1", "b": "1"}),
                lambda: queue(opts=options, tags={"a": "2", "b": "2"}),
            )
        )
        assert paths(change) == {"tags.b": ("1", "2")}


class TestReplacements:
    def test_a_property_that_can_not_change_in_place_replaces_its_resource(self) -> None:
        change = only(between(lambda: role("a"), lambda: role("b")))
        assert change.operation is Operation.REPLACED
        assert [each.forces_replacement for each in change.properties] == [True]

    def test_an_option_can_ask_for_it(self) -> None:
        options = Options(replace_on_changes=["delaySeconds"])
        change = only(between(lambda: queue(delay_seconds=1), lambda: queue(opts=options, delay_seconds=2)))
        assert change.operation is Operation.REPLACED

    def test_what_needs_a_new_output_is_replaced_too_and_says_why(self) -> None:
        def program(cidr: str) -> Callable[[], object]:
            def run() -> None:
                vpc = aws.ec2.Vpc("vpc", cidr_block=cidr)
                subnet = aws.ec2.Subnet("subnet", vpc_id=vpc.id, cidr_block="10.0.0.0/24")
                aws.ec2.RouteTableAssociation("route", subnet_id=subnet.id, route_table_id="rtb-1")
                queue(name=vpc.arn, opts=Options(ignore_changes=["name"]))
                queue("tagged", tags={"vpc": vpc.id})

            return run

        found = between(program("10.0.0.0/16"), program("10.1.0.0/16"))
        causes = {
            change.resource.name: [urn.rsplit("::", 1)[-1] for urn in (*change.replaced_for, *change.updated_for)]
            for change in found.changes
        }
        assert causes == {"vpc": [], "subnet": ["vpc"], "route": ["subnet"], "tagged": ["vpc"]}
        assert found.count(Operation.REPLACED) == 3
        assert found.count(Operation.CHANGED) == 1

    def test_another_region_replaces_what_is_in_it_and_leaves_what_is_not(self) -> None:
        def program(region: Any) -> Callable[[], object]:  # noqa: ANN401
            def run() -> None:
                options = Options(provider=aws.Provider("here", region=region))
                aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", opts=options)
                aws.iam.Role("role", assume_role_policy="{}", opts=options)

            return run

        found = between(program("eu-central-1"), program("eu-west-1"))
        assert {change.resource.name: change.operation for change in found.changes} == {
            "here": Operation.CHANGED,
            "vpc": Operation.REPLACED,
        }

    def test_the_engine_refuses_to_replace_or_remove_what_is_protected(self) -> None:
        kept = Options(protect=True)
        assert only(between(lambda: role("a", kept), lambda: role("b", kept))).refused
        assert not only(between(lambda: role("a", kept), lambda: role("b"))).refused
        assert only(between(lambda: queue(opts=kept), lambda: None)).refused
        assert not only(between(lambda: queue(delay_seconds=1, opts=kept), lambda: queue(delay_seconds=2))).refused


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", min_size=1, max_size=2), inner),
    max_leaves=8,
)


def group_registrations(value: object) -> Registrations:
    def program() -> None:
        pulumi.ComponentResource("elastic-spark:test:Any", "any", {"value": value})

    return registrations_of(program)


@settings(max_examples=60, deadline=None)
@given(VALUES, VALUES)
def test_a_difference_is_empty_exactly_where_the_values_are_the_same(before: Any, after: Any) -> None:  # noqa: ANN401
    found = difference(group_registrations(before), group_registrations(after))
    assert (not found.changes) is (json.dumps(_known(before)) == json.dumps(_known(after)))


def _known(value: Any) -> Any:  # noqa: ANN401
    """Without what is null, which is nothing to the engine, and texts that hold documents read."""
    if isinstance(value, dict):
        return {key: _known(value[key]) for key in sorted(value) if value[key] is not None}
    return [_known(item) for item in value] if isinstance(value, list) else value
