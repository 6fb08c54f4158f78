from components.observability.crds import monitoring_crds
from components.software.chart import ChartSource
from fleet.offline.registration import Registrations
from tests.components.software.releases import chart, values
from tests.recording import registrations_of


def registrations() -> Registrations:
    return registrations_of(lambda: monitoring_crds("monitors", ChartSource()))


def test_the_definitions_of_monitors_are_installed_by_their_chart() -> None:
    assert chart(registrations()).inputs["chart"] == "prometheus-operator-crds"
    assert chart(registrations()).inputs["namespace"] == "kube-system"


def test_uninstalling_the_definitions_leaves_them_and_every_monitor() -> None:
    assert values(registrations()) == {"crds": {"annotations": {"helm.sh/resource-policy": "keep"}}}
