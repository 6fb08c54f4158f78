"""`fleet pools patch`: which nodes go, when, and what comes for them."""

from __future__ import annotations

import pytest

from fleet.live.groups import Groups
from fleet.live.nodes import RefusedError
from tests.fleet.commands.pools.stand_in import Platform, instance_of


def test_without_yes_nothing_changes_and_each_old_node_has_its_reason(platform: Platform) -> None:
    before = platform.instances()
    result = platform.run("--older-than", "2d")
    assert result.exit_code == 0, result.output
    assert "empty" in result.stdout
    assert "runs ads-batch/driver; after" not in result.stdout
    assert "3 of 3 nodes would go; nothing was changed (--yes does it)" in result.stdout
    assert platform.instances() == before
    assert platform.api.cordoned() == set()


def test_younger_nodes_stay_and_the_platform_says_from_which_age_on(platform: Platform) -> None:
    assert "0 of 3 nodes would go" in platform.run().stdout
    file = platform.kubeconfig.parent / "stacks" / "Pulumi.platform-prod.yaml"
    file.write_text("config:\n  elastic-spark:platform: {name: prod, monitoring: {nodeAgeDays: 4}}\n")
    assert "2 of 3 nodes would go" in platform.run().stdout


def test_a_node_of_an_old_ami_is_old_where_new_ones_get_a_newer(platform: Platform) -> None:
    platform.api.nodes["old"]["metadata"]["labels"]["elastic-spark/ami-release"] = "v20200102"
    assert "0 of 3 nodes would go" in platform.run().stdout
    platform.releases("v20991231")
    assert "1 of 3 nodes would go" in platform.run().stdout


def test_new_nodes_of_an_old_ami_are_told_before_any_is_replaced(platform: Platform) -> None:
    platform.releases("v20200102")
    said = " ".join(platform.run().stdout.split())
    assert "new nodes of prod-driver-a get AMI v20200102, which is" in said
    assert "name a newer cluster.amiRelease and run `pulumi up` first" in said


def test_empty_nodes_are_replaced_at_once_and_busy_ones_when_their_pods_have_ended(platform: Platform) -> None:
    before = {name: instance_of(platform, name) for name in ("busy", "old", "older")}

    def later() -> None:
        if before["old"] not in platform.instances() and before["older"] not in platform.instances():
            platform.api.pods = [pod for pod in platform.api.pods if pod["metadata"]["name"] != "driver"]

    platform.on_sleep = later
    result = platform.run("--older-than", "2d", "--yes")
    assert result.exit_code == 0, result.output
    assert "3 of 3 nodes replaced, 0 failed, 0 still to go" in result.stdout
    assert not platform.instances() & set(before.values())
    assert platform.group()["DesiredCapacity"] >= platform.group()["MinSize"]
    said = result.stderr.replace("\n", " ")
    assert max(said.index("older: ended"), said.index("old: ended")) < said.index("busy: ended")
    assert "a successor is asked for" in said


def test_time_is_up_while_a_node_is_busy_and_it_says_how_to_go_on(platform: Platform) -> None:
    result = platform.run("--older-than", "5d", "--timeout", "10m", "--yes")
    assert result.exit_code == 1
    assert "0 of 3 nodes replaced, 0 failed, 1 still to go" in result.stdout
    assert "time is up; `fleet pools patch platform-prod ... --yes` goes on" in result.stderr
    assert platform.api.cordoned() == {"busy"}
    assert platform.api.annotations("busy").keys() == {"elastic-spark/patching-since"}
    assert instance_of(platform, "busy") in platform.instances()


def test_undo_opens_what_was_cordoned_and_nothing_else(platform: Platform) -> None:
    platform.run("--older-than", "5d", "--timeout", "1m", "--yes")
    platform.api.nodes["old"]["spec"]["unschedulable"] = True
    shown = platform.run("--undo")
    assert "busy: would be open again" in shown.stdout
    assert platform.api.cordoned() == {"busy", "old"}
    assert "1 of 3 nodes are as before, 0 failed" in platform.run("--undo", "--yes").stdout
    assert platform.api.cordoned() == {"old"}
    assert platform.api.annotations("busy") == {}


def test_an_interruption_says_how_to_go_on(platform: Platform) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    platform.on_sleep = interrupted
    result = platform.run("--older-than", "5d", "--yes")
    assert result.exit_code != 0
    assert "cordoned nodes stay so: `fleet pools patch platform-prod ... --yes` goes on" in result.stderr
    assert platform.api.cordoned() == {"busy"}


def test_a_system_node_goes_when_somebody_has_drained_it(platform: Platform) -> None:
    for item in platform.api.nodes.values():
        item["metadata"]["labels"] |= {"elastic-spark/pool": "system", "elastic-spark/purpose": "system"}
    platform.autoscaling.update_auto_scaling_group(
        AutoScalingGroupName=platform.group()["AutoScalingGroupName"], MinSize=3, MaxSize=3
    )
    shown = " ".join(platform.run("--older-than", "2d").stdout.split())
    assert "a system node goes when it is drained by hand" in shown
    assert "0 of 3 nodes would go, 3 old ones stay" in shown
    platform.api.nodes["old"]["spec"]["unschedulable"] = True
    drained = instance_of(platform, "old")
    result = platform.run("--older-than", "2d", "--yes")
    assert "1 of 3 nodes replaced" in result.stdout
    assert drained not in platform.instances()
    assert platform.group()["DesiredCapacity"] == 3
    assert platform.api.cordoned() == {"old"}


def test_idle_nodes_are_given_back_and_their_group_shrinks(platform: Platform) -> None:
    result = platform.run("--give-back", "--keep", "0", "--yes")
    assert result.exit_code == 0, result.output
    assert "2 of 3 nodes given back, 0 failed, 0 still to go" in result.stdout
    assert platform.instances() == {instance_of(platform, "busy")}
    assert platform.group()["DesiredCapacity"] == 1


def test_giving_back_leaves_a_minimum_and_idle_nodes(platform: Platform) -> None:
    platform.autoscaling.update_auto_scaling_group(
        AutoScalingGroupName=platform.group()["AutoScalingGroupName"], MinSize=2
    )
    assert "one of the 1 idle nodes to keep" in platform.run("--give-back").stdout
    assert "1 of 3 nodes given back" in platform.run("--give-back", "--keep", "0", "--yes").stdout
    assert platform.group()["DesiredCapacity"] == 2
    assert instance_of(platform, "older") not in platform.instances()


def test_a_driver_scheduled_after_the_cordon_keeps_its_node(platform: Platform) -> None:
    platform.api.on_cordon = lambda name: platform.api.add_pod("late", on=name, owner="SparkApplication")
    result = platform.run("--give-back", "--yes")
    assert result.exit_code == 0, result.output
    assert "older: got work meanwhile, open again" in result.stderr
    assert "0 of 3 nodes given back, 0 failed, 0 still to go" in result.stdout
    assert len(platform.instances()) == 3
    assert platform.api.cordoned() == set()


def test_a_refusal_by_aws_fails_the_command_and_opens_the_node_again(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Groups, instance: str, *, shrink: bool) -> None:
        raise RefusedError("AWS: AccessDenied")

    monkeypatch.setattr(Groups, "terminate", refuse)
    result = platform.run("--give-back", "--yes")
    assert result.exit_code == 1
    assert "older: could not be ended: AWS: AccessDenied" in result.stderr
    assert platform.api.cordoned() == set()


def test_a_generation_retires_with_all_its_nodes_cordoned(platform: Platform) -> None:
    name = platform.group()["AutoScalingGroupName"]
    platform.autoscaling.update_auto_scaling_group(AutoScalingGroupName=name, MinSize=0)
    platform.autoscaling.suspend_processes(AutoScalingGroupName=name, ScalingProcesses=["Launch"])
    platform.api.add_node("young", "i-0", days=0, generation="b")
    result = platform.run("--pool", "driver", "--retire", "a", "--timeout", "1m", "--yes")
    assert result.exit_code == 1, result.output
    assert "2 of 3 nodes given back, 0 failed, 1 still to go" in result.stdout
    assert platform.instances() == {instance_of(platform, "busy")}
    assert "busy" in platform.api.cordoned()
    assert "young" not in platform.api.cordoned()


def test_a_generation_in_use_does_not_retire(platform: Platform) -> None:
    result = platform.run("--pool", "driver", "--retire", "a", "--yes")
    assert result.exit_code == 1
    assert "generation a is in use" in result.stderr
    assert platform.api.cordoned() == set()


def test_a_generation_without_nodes_is_done(platform: Platform) -> None:
    result = platform.run("--pool", "driver", "--retire", "z", "--yes")
    assert result.exit_code == 0
    assert result.stdout == "no node of generation z of pool driver is in this cluster\n"
