"""A control plane ends with whoever started it, and what asks it tells the truth."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cluster.api import RefusedError
from tests.cluster.binaries import Binaries
from tests.cluster.cluster import Cluster
from tests.cluster.control_plane import StartError, control_plane
from tests.cluster.settling import GROUP

GONE_SECONDS = 10


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_it_ends_with_a_parent_that_was_killed(binaries: Binaries) -> None:
    command = [sys.executable, "-m", "tests.cluster.control_plane"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        kubeconfig = [parent.stdout.readline() for _ in range(3)][1].split()[-1]
        folder = str(Path(kubeconfig).parent)
        assert len(_processes_about(folder)) == 3
        parent.send_signal(signal.SIGKILL)
    end = time.monotonic() + GONE_SECONDS
    while _processes_about(folder) and time.monotonic() < end:
        time.sleep(0.1)
    shutil.rmtree(folder)  # nobody was left to do it
    assert _processes_about(folder) == []


def test_it_leaves_nothing_behind(binaries: Binaries) -> None:
    with control_plane(binaries) as plane:
        folder = plane.folder
        assert len(_processes_about(str(folder))) == 3
    assert _processes_about(str(folder)) == []
    assert not folder.exists()


def test_a_program_that_ends_at_once_is_told_with_its_last_words(binaries: Binaries, tmp_path: Path) -> None:
    broken = tmp_path / "kube-apiserver"
    broken.write_text("#!/bin/sh\necho out of luck\nexit 3\n")
    broken.chmod(0o755)
    with (
        pytest.raises(StartError, match=r"kube-apiserver ended with 3:\nout of luck"),
        control_plane(replace(binaries, kube_apiserver=broken)),
    ):
        pytest.fail("it started")


def test_somebody_by_impersonation_is_who_they_are_said_to_be(cluster: Cluster) -> None:
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview", "metadata": {}}
    path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
    found = cluster.admin.as_user("jane", ["painters"]).request("POST", path, review)["status"]["userInfo"]
    assert (found["username"], set(found["groups"])) == ("jane", {"painters", "system:authenticated"})


def test_a_service_account_is_known_by_its_token(cluster: Cluster) -> None:
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview", "metadata": {}}
    path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
    account = cluster.admin.as_account("ads-batch", "spark-driver")
    found = account.request("POST", path, review)["status"]["userInfo"]
    assert found["username"] == "system:serviceaccount:ads-batch:spark-driver"


def test_without_a_token_nobody_is_anybody(cluster: Cluster) -> None:
    with pytest.raises(RefusedError, match="Unauthorized"):
        cluster.admin.with_token("mine").items("v1", "Pod")


def test_a_field_that_is_not_there_is_refused(cluster: Cluster) -> None:
    thing = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "typo", "namespace": "default"}, "daat": {}}
    with pytest.raises(RefusedError, match="daat"):
        cluster.admin.apply(thing, dryRun="All")


def test_a_changed_policy_is_in_effect_once_it_is_settled(cluster: Cluster) -> None:
    name = "nothing-is-called-so"
    policy = {
        "apiVersion": GROUP,
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": name},
        "spec": {
            "matchConstraints": {
                "resourceRules": [
                    {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]}
                ]
            },
            "validations": [{"expression": f"object.metadata.name != '{name}'", "message": f"no [{name}]"}],
        },
    }
    spec = {"policyName": name, "validationActions": ["Deny"]}
    binding = {
        "apiVersion": GROUP,
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": name},
        "spec": spec,
    }
    thing = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "default"}}
    for _ in range(3):
        cluster.admin.create(policy)
        cluster.admin.create(binding)
        cluster.canary.settle()
        with pytest.raises(RefusedError, match=rf"\[{name}\]"):
            cluster.admin.create(thing, dryRun="All")
        cluster.admin.delete(binding)
        cluster.admin.delete(policy)
        cluster.canary.settle()
        cluster.admin.create(thing, dryRun="All")


def _processes_about(text: str) -> list[int]:
    """Processes that have a text among their arguments, this one left out."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if text.encode() in arguments and int(folder.name) != os.getpid():
            found.append(int(folder.name))
    return found
