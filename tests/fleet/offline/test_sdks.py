"""The SDKs load with annotations that stay text until they are asked for, and mean the same."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import cache_from_source
from pathlib import Path

import pytest

from fleet.offline.sdks import BYTECODE
from tests import samples

HINTS = """
import json, sys
from pulumi import _types
from fleet.offline.sdks import keep_annotations_as_text
if sys.argv[1] == "text":
    keep_annotations_as_text()
import pulumi_aws as aws
import pulumi_kubernetes as k8s
resources = [aws.autoscaling.Group, aws.kms.Key, k8s.core.v1.Namespace, k8s.helm.v3.Release]
outputs = [aws.autoscaling.outputs.GroupMixedInstancesPolicy, k8s.meta.v1.outputs.ObjectMeta]
inputs = [aws.autoscaling.GroupMixedInstancesPolicyArgs, k8s.meta.v1.ObjectMetaArgs]
found = {str(one): str(_types.resource_types(one)) for one in resources}
found |= {str(one): str(_types.output_type_types(one)) for one in outputs}
found |= {str(one): str(_types.input_type_types(one)) for one in inputs}
assert all(len(types) > 100 for types in found.values()), found
print(all(type(one) is str for one in aws.kms.Key._internal_init.__annotations__.values()))
print(json.dumps(found, sort_keys=True))
"""


def _printed(code: str, *arguments: str, **environment: str) -> str:
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(
        command, cwd=samples.ROOT, capture_output=True, text=True, check=True, env=environment or None
    )
    return done.stdout


def test_annotations_are_text_and_mean_what_they_mean_otherwise() -> None:
    text, otherwise = _printed(HINTS, "text"), _printed(HINTS, "otherwise")
    assert (text.partition("\n")[0], otherwise.partition("\n")[0]) == ("True", "False")
    assert text.partition("\n")[2] == otherwise.partition("\n")[2]


def test_no_other_module_is_compiled_so() -> None:
    load = "from fleet.offline import sdks; sdks.keep_annotations_as_text(); import rich.table as t"
    code = f"{load}; print(t.Table.row_count)"
    assert "property" in _printed(code)
    assert _printed(f"{load}; print(sdks.has_docstrings(t))").strip() == "True"


def test_where_bytecode_cannot_be_kept_the_sdks_load_as_ever() -> None:
    code = """
import sys
from fleet.offline.sdks import keep_annotations_as_text
sys.pycache_prefix = "/dev/null"
keep_annotations_as_text()
import pulumi_eks.cluster
print(type(pulumi_eks.cluster.__loader__).__name__)
"""
    assert _printed(code).strip() == "SourceFileLoader"


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="Python compiles every module so")
def test_set_up_leaves_the_bytecode_behind() -> None:
    code = (
        "from fleet.offline.sdks import load_sdks; load_sdks(aws=True); "
        "import pulumi_aws.kms.key; print(pulumi_aws.kms.key.__file__)"
    )
    assert Path(cache_from_source(_printed(code).strip(), optimization=BYTECODE)).is_file()


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="Python compiles every module so, with its docstrings")
def test_no_table_of_what_forces_a_new_resource_is_made_of_sdks_without_docstrings() -> None:
    code = """
from fleet.offline.sdks import keep_annotations_as_text
keep_annotations_as_text()
from fleet.offline.changes import force_new_table
try:
    force_new_table.table("2026-01-01")
except force_new_table.NoDocstrings as error:
    print(error)
"""
    assert "is loaded without docstrings" in _printed(code)


def test_an_optimizing_python_is_refused_in_a_line() -> None:
    command = [sys.executable, "-OO", "-m", "fleet.offline.changes.force_new_table"]
    done = subprocess.run(command, cwd=samples.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "without -OO" in done.stderr
    assert "Traceback" not in done.stderr
