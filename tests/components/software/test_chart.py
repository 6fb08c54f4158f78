import pytest

from components.software import versions
from components.software.chart import ChartSource, release
from components.software.chart_values import resources, spread
from components.software.versions import ChartVersion, supported_kubernetes_versions
from fleet.offline.registration import Registration
from sizing.system import Workload
from tests.components.software.releases import chart
from tests.recording import registrations_of

CHARTS = sorted((v for v in vars(versions).values() if isinstance(v, ChartVersion)), key=lambda c: c.chart)
HTTPS = ChartVersion(repository="https://charts.example.com", chart="thing", version="1.2.3", app_version="4")
OCI = ChartVersion(repository="oci://registry.example.com/charts", chart="thing", version="1.2.3", app_version="4")
WORKLOAD = Workload(name="thing", replicas=2, cpu=1500, memory=3 * 2**29)


def released(version: ChartVersion, mirror: str | None = None) -> Registration:
    source = ChartSource(mirror=mirror)
    return chart(
        registrations_of(lambda: release("x", version, source=source, namespace="somewhere", values={"a": {"b": 1}}))
    )


def test_a_chart_comes_from_its_official_repository() -> None:
    inputs = released(HTTPS).inputs
    assert (inputs["chart"], inputs["version"]) == ("thing", "1.2.3")
    assert inputs["repositoryOpts"] == {"repo": "https://charts.example.com"}


def test_a_chart_in_a_registry_is_named_by_its_whole_address() -> None:
    inputs = released(OCI).inputs
    assert (inputs["chart"], inputs["version"]) == ("oci://registry.example.com/charts/thing", "1.2.3")
    assert "repositoryOpts" not in inputs


@pytest.mark.parametrize("version", [HTTPS, OCI])
def test_a_mirror_in_a_registry_takes_the_place_of_every_repository(version: ChartVersion) -> None:
    inputs = released(version, "oci://mirror.example.com/all/").inputs
    assert (inputs["chart"], inputs["version"]) == ("oci://mirror.example.com/all/thing", "1.2.3")
    assert "repositoryOpts" not in inputs


@pytest.mark.parametrize("version", [HTTPS, OCI])
def test_a_mirror_in_a_folder_has_a_file_for_each_chart_and_version(version: ChartVersion) -> None:
    inputs = released(version, "/charts").inputs
    assert inputs["chart"] == "/charts/thing-1.2.3.tgz"
    assert not inputs.keys() & {"version", "repositoryOpts"}


def test_a_release_is_named_after_its_chart_and_waits_for_its_pods() -> None:
    inputs = released(HTTPS).inputs
    assert (inputs["name"], inputs["namespace"], inputs["values"]) == ("thing", "somewhere", {"a": {"b": 1}})
    assert inputs["createNamespace"] is False
    assert "skipAwait" not in inputs


@pytest.mark.parametrize("version", CHARTS, ids=lambda v: v.chart)
def test_every_chart_is_pinned_exactly(version: ChartVersion) -> None:
    assert version.repository.startswith(("https://", "oci://"))
    assert [part.isdigit() for part in version.version.removeprefix("v").split(".")] == [True, True, True]


def test_the_pinned_charts_are_these() -> None:
    assert [c.chart for c in CHARTS] == [
        "aws-node-termination-handler",
        "cilium",
        "cluster-autoscaler",
        "fluent-bit",
        "gateway-helm",
        "kube-prometheus-stack",
        "prometheus-operator-crds",
        "spark-operator",
        "yunikorn",
    ]


def test_kubernetes_versions_are_supported_for_which_an_autoscaler_of_that_version_is_pinned() -> None:
    assert supported_kubernetes_versions() == ("1.36",)
    for version in supported_kubernetes_versions():
        assert versions.AUTOSCALER_TAGS[version].startswith(f"v{version}.")


def test_memory_is_limited_to_the_request_and_cpu_is_not() -> None:
    assert resources(WORKLOAD) == {"requests": {"cpu": "1500m", "memory": "1536Mi"}, "limits": {"memory": "1536Mi"}}


def test_cpu_is_limited_where_a_chart_would_do_it_otherwise() -> None:
    assert resources(WORKLOAD, cpu_limit=4000)["limits"] == {"cpu": "4", "memory": "1536Mi"}


def test_replicas_run_on_different_nodes_and_in_different_zones_where_there_is_room() -> None:
    constraints = spread({"app": "thing"})
    assert {c["topologyKey"]: c["whenUnsatisfiable"] for c in constraints} == {
        "kubernetes.io/hostname": "DoNotSchedule",
        "topology.kubernetes.io/zone": "ScheduleAnyway",
    }
    assert all(c["labelSelector"] == {"matchLabels": {"app": "thing"}} for c in constraints)


def test_the_selector_is_left_to_a_chart_that_adds_it() -> None:
    assert not any("labelSelector" in c for c in spread(None))
