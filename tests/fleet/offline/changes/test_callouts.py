"""What must not be overlooked in a comparison: what is called out, and what is not."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from fleet.formats.text import print_preview
from fleet.offline.changes.callouts import QUEUE_LOSS, Callouts, EndedResource, callouts
from fleet.offline.changes.comparison import FleetComparison
from fleet.offline.registration import Registration, Registrations
from tests.fleet.formats.comparisons import fleet_of, stack_of
from tests.fleet.offline.recorded import platform_with, sample, tenant_with


def without(registrations: Registrations, *types: str) -> Registrations:
    return Registrations(one for one in registrations.values() if one.type not in types)


def protected(registrations: Registrations, name: str) -> Registrations:
    def protect(one: Registration) -> Registration:
        return replace(one, options=replace(one.options, protect=True)) if one.name == name else one

    return Registrations(map(protect, registrations.values()))


def ended(comparison: FleetComparison) -> dict[str, EndedResource]:
    return {one.what: one for one in callouts(comparison).ended}


def test_a_tenant_without_a_file_is_a_tenant_removed_with_its_queues() -> None:
    found = callouts(fleet_of(stack_of("ads-dev", sample("ads-dev"), None)))
    (gone,) = found.removed
    assert gone.tenant == "ads"
    assert gone.queues == ("ads-batch",)
    assert gone.sentence == "The tenant ads (stack ads-dev) is removed, with its queue ads-batch and 60 resources"
    assert found.ended == ()


def test_a_platform_without_a_file_is_a_stack_removed_and_what_it_holds_is_named() -> None:
    found = callouts(fleet_of(stack_of("platform-dev", sample("platform-dev"), None)))
    assert found.removed[0].sentence.startswith("The stack platform-dev is removed, with ")
    types = {one.change.resource.type for one in found.ended}
    assert {"aws:ec2/vpc:Vpc", "aws:kms/key:Key", "aws:s3/bucket:Bucket", "eks:index:Cluster"} == types
    assert not any(one.refused for one in found.ended)


def test_a_stack_whose_former_registrations_are_not_known_is_called_out_all_the_same() -> None:
    (gone,) = callouts(fleet_of(stack_of("ads-dev", "it was broken", None))).removed
    assert gone.sentence == "The stack ads-dev is removed"


@pytest.mark.parametrize(
    ("type_", "loss"),
    [
        ("aws:kms/key:Key", "what it encrypted can't be read any more"),
        ("aws:s3/bucket:Bucket", "the data in it goes too"),
        ("aws:ec2/vpc:Vpc", "the network that everything is in"),
        ("eks:index:Cluster", "the cluster, with all that runs on it"),
    ],
)
def test_the_end_of_what_holds_data_or_everything_is_called_out(type_: str, loss: str) -> None:
    registrations = sample("platform-dev")
    found = callouts(fleet_of(stack_of("platform-dev", registrations, without(registrations, type_)))).ended
    assert {one.change.resource.type for one in found} == {type_}
    assert {one.consequence for one in found} == {loss}


def test_its_replacement_is_called_out_too() -> None:
    registrations = sample("platform-dev")
    vpc = registrations.one("aws:ec2/vpc:Vpc")
    other = Registrations([*registrations.values(), replace(vpc, inputs={**vpc.inputs, "cidrBlock": "10.41.0.0/16"})])
    assert "Vpc spark-dev-network-vpc is replaced" in ended(fleet_of(stack_of("platform-dev", registrations, other)))


def test_a_queue_that_goes_is_called_out_by_its_namespace() -> None:
    before = tenant_with(("queues.other", tenant_queue()))
    found = ended(fleet_of(stack_of("ads-dev", before, tenant_with())))
    assert found["Namespace ads-other-namespace is removed"].loss == QUEUE_LOSS


def tenant_queue() -> dict[str, object]:
    pool = {"instanceTypes": ["r7i.2xlarge"], "zones": {"eu-central-1a": 0}, "maxNodes": 2}
    return {"drivers": {"atOnce": 1, "cpu": 1, "memory": "4Gi"}, "pools": {"main": pool}}


def test_a_namespace_of_the_platforms_own_is_not_a_queue() -> None:
    registrations = sample("platform-dev")
    assert not callouts(fleet_of(stack_of("p", registrations, without(registrations, "kubernetes:core/v1:Namespace"))))


def test_whatever_is_protected_is_called_out_with_the_engines_refusal() -> None:
    name = "spark-dev-network-nat-eu-central-1a"
    before = protected(sample("platform-dev"), name)
    gone = Registrations(one for one in before.values() if one.name != name)
    (one, *_) = [each for each in callouts(fleet_of(stack_of("p", before, gone))).ended if each.refused]
    assert one.consequence == "protected: the engine refuses"


def test_a_change_in_place_and_a_new_resource_are_not_called_out() -> None:
    registrations, changed = platform_with(), platform_with(("storage.eventLogDays", 21))
    comparison = fleet_of(stack_of("p", registrations, changed), stack_of("q", None, registrations))
    assert all(stack.difference and stack.difference.changes for stack in comparison.stacks)
    assert not callouts(comparison)


def test_nothing_is_called_out_where_nothing_is_compared() -> None:
    assert callouts(fleet_of(stack_of("p", None, sample("platform-dev"), compare=False), base=None)) == Callouts((), ())


def test_the_text_begins_with_them() -> None:
    console = Console(file=io.StringIO(), width=150)
    print_preview(console, fleet_of(stack_of("ads-dev", sample("ads-dev"), None)), resources=False)
    first, second = console.file.getvalue().splitlines()[:2]  # type: ignore[attr-defined]
    assert first.startswith("Compared with")
    assert second == "! The tenant ads (stack ads-dev) is removed, with its queue ads-batch and 60 resources."
