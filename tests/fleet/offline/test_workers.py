"""Programs run in forks of a process that has loaded the SDKs, and never the program."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.samples import ROOT

LOADED = """
import json, sys
from pathlib import Path
from fleet.offline.preview import preview_stack
from fleet.offline.programs import NO_EXPORTS
from fleet.offline.sdks import load_sdks

load_sdks(aws=sys.argv[1] == "aws")
before = set(sys.modules)
preview_stack(Path(), NO_EXPORTS, sys.argv[2])
print(json.dumps([sorted(before), sorted(set(sys.modules) - before)]))
"""


def loaded(kind: str, stack: str) -> tuple[list[str], list[str]]:
    """The modules of the parent of forks, and those that a program then still loads."""
    command = [sys.executable, "-c", LOADED, kind, stack]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    before, after = json.loads(done.stdout)
    return before, after


def test_a_program_finds_the_sdks_loaded_and_its_parent_has_not_loaded_it() -> None:
    before, after = loaded("aws", "platform-dev")
    assert "infra.program" not in before
    assert "infra.program" in after
    # A few small modules come with the first resource of a kind; packages of hundreds do not.
    assert len([name for name in after if name.startswith(("pulumi_aws.", "pulumi_eks.", "pulumi_kubernetes."))]) < 25


def test_what_is_in_aws_is_loaded_for_those_who_use_it() -> None:
    before, after = loaded("none", "platform-kind")
    assert not {"pulumi_aws.ec2.vpc", "pulumi_aws.s3.bucket"} & {*before, *after}
