"""Each example is submitted as its README says, to a real API server with the platform's admission."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.client.command import Ended, skate
from tests.cluster.api import Object
from tests.cluster.cluster import Cluster, User
from tests.cluster.pod_shapes import ENGINEER
from tests.examples import FOLDER, QUEUES, application_of_dag, copied, tasks_of_dag, wheelhouse

SCIENTIST = User("scientist", ("elastic-spark:research:submitter",))
PEOPLE = {"ads-batch": ENGINEER, "research-explore": SCIENTIST}
DAY = "2026-11-29"
LABELS = {
    "dag_id": "word-count",
    "task_id": "word_count",
    "run_id": "scheduled__2026",
    "spark_kubernetes_operator": "True",
}
"""Which the stock operator puts on both roles.

Source: apache-airflow-providers-cncf-kubernetes, SparkKubernetesOperator
"""


@pytest.fixture(autouse=True)
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody without settings of their own, and with a package index of their own."""
    monkeypatch.setenv("SKATE_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheelhouse(tmp_path / "wheels")))
    monkeypatch.delenv("SKATE_QUEUE", raising=False)


def tried(cluster: Cluster, monkeypatch: pytest.MonkeyPatch, folder: Path, example: str, *options: str) -> Ended:
    """How `skate submit --dry-run` of an example ends, in its folder."""
    queue = QUEUES[example]
    who = PEOPLE[queue]
    monkeypatch.setenv("KUBECONFIG", str(cluster.plane.kubeconfig_of(who.name, who.groups)))
    monkeypatch.chdir(copied(example, folder))
    return skate("submit", "--queue", queue, "--dry-run", "--json", *options, "job.yaml")


def options_of(example: str) -> list[str]:
    return ["--requirements", "requirements.txt"] if example == "python-project" else []


@pytest.mark.parametrize("example", QUEUES)
def test_its_job_is_accepted_with_what_is_beside_it(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, example: str
) -> None:
    shown = tried(cluster, monkeypatch, tmp_path, example, *options_of(example))
    assert shown.code == 0, shown.err
    application: Object = shown.json["application"]
    with cluster.made(PEOPLE[QUEUES[example]], application) as made:
        assert made["spec"]["mainApplicationFile"].startswith("s3a://spark-dev-artifacts-")
        assert made["spec"]["driver"]["serviceAccount"] == "spark-driver"


def test_the_project_takes_its_package_and_its_requirements_along(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    spec = tried(cluster, monkeypatch, tmp_path, "python-project", *options_of("python-project")).json["application"][
        "spec"
    ]
    assert [Path(each).name for each in spec["deps"]["pyFiles"]] == ["shop.zip"]
    assert [Path(each).name for each in spec["deps"]["archives"]] == ["requirements.tar.gz#requirements"]


@pytest.mark.parametrize(("example", "needs"), [("iceberg-table", "lake"), ("jdbc-to-table", "lake")])
def test_admission_puts_the_catalog_on_it_that_its_program_names(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, example: str, needs: str
) -> None:
    stored: Any = tried(cluster, monkeypatch, tmp_path, example).json["admission"]["application"]
    assert f"spark.sql.catalog.{needs}" in stored["spec"]["sparkConf"]


def test_the_schedule_is_accepted_with_the_address_of_the_program_that_was_tried(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tried(cluster, monkeypatch, tmp_path, "nightly").json["application"]["spec"]["mainApplicationFile"]
    schedule = yaml.safe_load((FOLDER / "nightly" / "schedule.yaml").read_text().replace("PROGRAM", program))
    with cluster.made(ENGINEER, schedule) as made:
        assert made["spec"]["template"]["mainApplicationFile"] == program


def test_what_the_dag_submits_is_accepted_with_the_operators_labels(cluster: Cluster) -> None:
    application = application_of_dag(DAY)
    (task,) = tasks_of_dag().values()
    assert task["namespace"] == application["metadata"]["namespace"]
    for role in ("driver", "executor"):
        application["spec"][role]["labels"] = LABELS
    with cluster.made(ENGINEER, application) as made:
        assert made["spec"]["arguments"] == [
            f"s3a://example-ads-raw/events/{DAY}/",
            f"s3a://example-ads-reports/word-count/{DAY}/",
        ]


def test_what_the_dag_submits_can_be_tried_without_airflow(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(cluster.plane.kubeconfig_of(ENGINEER.name, ENGINEER.groups)))
    (tmp_path / "today.yaml").write_text(yaml.safe_dump(application_of_dag(DAY)))
    shown = skate("submit", "--queue", "ads-batch", "--dry-run", str(tmp_path / "today.yaml"))
    assert shown.code == 0, shown.err
