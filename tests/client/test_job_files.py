"""Job files: each fault is named with its line and column."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from skate.errors import JobFileError
from skate.job_files import parse_job, read_job_file

from tests.client import job_schema

GOOD = """
# yaml-language-server: $schema=job.schema.json
apiVersion: sparkoperator.k8s.io/v1beta2
kind: SparkApplication
metadata: {name: etl, labels: {team: ads}}
spec:
  type: Python
  mainApplicationFile: s3a://example/etl.py
  driver: {cores: 1, memory: 2g, tolerations: [{key: a, operator: Exists}]}
  sparkConf: {"spark.sql.shuffle.partitions": "64"}
  volumes: [{name: a, emptyDir: {sizeLimit: 1Gi}}]
"""


def faults(text: str) -> list[str]:
    """What is wrong with a job file."""
    with pytest.raises(JobFileError) as error:
        parse_job(text, "job.yaml")
    return list(error.value.faults)


def test_a_sound_file_is_read_as_it_is() -> None:
    application = parse_job(GOOD, "job.yaml")
    assert application["spec"]["driver"]["memory"] == "2g"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("spec:\n  typ: Python\n", "job.yaml:2:3: there is no spec.typ; do you mean type?"),
        ("spec:\n  type: Pyton\n", "job.yaml:2:9: spec.type is 'Pyton'; it must be Java or Python or Scala or R"),
        ("spec:\n  driver:\n    cores: '1'\n", "job.yaml:3:12: spec.driver.cores is text; it must be a whole number"),
        ("spec:\n  driver: [1]\n", "job.yaml:2:11: spec.driver is a list; it must be a mapping"),
        ("spec:\n  arguments: [1]\n", 'job.yaml:2:15: spec.arguments[0] is a whole number; it must be text: write "1"'),
        (
            "spec:\n  sparkConf: {a.b: true}\n",
            'job.yaml:2:20: spec.sparkConf.a.b is true or false; it must be text: write "true"',
        ),
        ("spec: {}\nstatus: {}\n", "job.yaml:2:1: there is no status"),
        ("spec: {}\nspec: {}\n", "job.yaml:2:1: spec is there twice"),
        ("kind: SparkApplication\n", "job.yaml:1:1: spec is missing"),
        ("kind: Job\nspec: {}\n", "job.yaml:1:7: kind is 'Job'; it must be SparkApplication"),
        (
            "kind: ScheduledSparkApplication\nspec: {schedule: x}\n",
            "job.yaml:1:7: kind is 'ScheduledSparkApplication'; it",
        ),
        ("- a\n", "job.yaml:1:1: a job file is a list; it must be a mapping"),
        ("spec: {a: [1\n", "job.yaml:2:1: "),
        ("spec: {\ttype: x}\n", "job.yaml:1:8: "),
        ("", "job.yaml holds no applications"),
        ("spec: {}\n---\nspec: {}\n", "job.yaml holds 2 applications"),
    ],
)
def test_a_fault_is_named_with_its_place(text: str, fault: str) -> None:
    assert any(each.startswith(fault) for each in faults(text)), faults(text)


def test_all_faults_are_named_at_once() -> None:
    assert len(faults("spec:\n  typ: x\n  driver: {core: 1}\n  executor: {cores: many}\n")) == 3


def test_a_file_that_is_not_there_or_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "job.yaml").write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "job.yaml", tmp_path / "other.yaml", tmp_path):
        with pytest.raises(JobFileError, match="can't be read"):
            read_job_file(path)


def test_the_schema_is_the_operator_s_own() -> None:
    assert job_schema.SCHEMA_FILE.read_text(encoding="utf-8") == job_schema.text()
    assert json.loads(job_schema.text())["properties"]["spec"]["properties"]["sparkConf"]
