"""The JSON Schema of job files, from the Spark operator's own definition of its kinds: `make job-schema` writes it.

Only names and kinds of values are taken over. What admission adds (size, place, name) may be left out.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from components.software.versions import SPARK_OPERATOR
from tests.cluster.binaries import MODULE as GO_MODULE
from tests.programs import go_toolchain

MODULE: Final = "github.com/kubeflow/spark-operator/v2"
DEFINITION: Final = "config/crd/bases/sparkoperator.k8s.io_sparkapplications.yaml"
SCHEMA_FILE: Final = Path(__file__).parents[2] / "client" / "skate" / "data" / "job.schema.json"
KEPT: Final = ("additionalProperties", "enum", "items", "properties", "required", "type")
TEXTS: Final = {"type": "object", "additionalProperties": {"type": "string"}}
METADATA: Final = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "namespace": {"type": "string"},
        "labels": TEXTS,
        "annotations": TEXTS,
    },
    "additionalProperties": False,
}


def definition() -> Mapping[str, Any]:
    """The operator's definition of SparkApplications, of the version that the platform installs."""
    go = go_toolchain.find(GO_MODULE)
    command = [str(go), "mod", "download", "-json", f"{MODULE}@v{SPARK_OPERATOR.version}"]
    told = subprocess.run(command, cwd="/", capture_output=True, text=True, check=True)
    content: Mapping[str, Any] = yaml.safe_load((Path(json.loads(told.stdout)["Dir"]) / DEFINITION).read_text())
    return content


def schema() -> Mapping[str, Any]:
    """The schema."""
    (version,) = [each for each in definition()["spec"]["versions"] if each["name"] == "v1beta2"]
    spec = _pruned(version["schema"]["openAPIV3Schema"]["properties"]["spec"])
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A job: a SparkApplication of the Spark operator",
        "type": "object",
        "properties": {
            "apiVersion": {"type": "string", "enum": ["sparkoperator.k8s.io/v1beta2"]},
            "kind": {"type": "string", "enum": ["SparkApplication"]},
            "metadata": METADATA,
            # The queue's card says what is left out.
            "spec": {key: value for key, value in spec.items() if key != "required"},
        },
        "required": ["spec"],
        "additionalProperties": False,
    }


def text() -> str:
    """The schema's file."""
    return json.dumps(schema(), separators=(",", ":"), sort_keys=True) + "\n"


def _pruned(node: Mapping[str, Any]) -> dict[str, Any]:
    if node.get("x-kubernetes-int-or-string"):
        return {"anyOf": [{"type": "integer"}, {"type": "string"}]}
    kept = {key: node[key] for key in KEPT if key in node}
    if "properties" in kept:
        kept["properties"] = {name: _pruned(each) for name, each in kept["properties"].items()}
        kept["additionalProperties"] = bool(node.get("x-kubernetes-preserve-unknown-fields"))
    for inner in ("items", "additionalProperties"):
        if isinstance(kept.get(inner), Mapping):
            kept[inner] = _pruned(kept[inner])
    return kept


if __name__ == "__main__":
    SCHEMA_FILE.write_text(text(), encoding="utf-8")
