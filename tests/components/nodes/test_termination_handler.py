from typing import Any

from components.nodes.termination_handler import TerminationHandler, TerminationHandlerArgs
from components.software.chart import ChartSource
from sizing import names
from sizing.daemonsets import TERMINATION_HANDLER
from sizing.quantities import parse_bytes, parse_cpu
from tests.components.software.releases import chart, values
from tests.recording import registrations_of


def chosen() -> dict[str, Any]:
    return values(registrations_of(lambda: TerminationHandler("th", TerminationHandlerArgs(source=ChartSource()))))


def test_it_runs_on_spot_nodes_only_so_that_it_drains_no_others() -> None:
    assert chosen()["daemonsetNodeSelector"] == {names.CAPACITY_LABEL: "spot"}
    assert chosen()["daemonsetTolerations"] == [{"operator": "Exists"}]


def test_it_drains_for_interruptions_and_for_nothing_else() -> None:
    draining = {key: value for key, value in chosen().items() if key.endswith("Draining")}
    assert draining == {
        "enableASGLifecycleDraining": False,
        "enableRebalanceDraining": False,
        "enableScheduledEventDraining": False,
        "enableSpotInterruptionDraining": True,
        "enableSqsTerminationDraining": False,
    }


def test_executors_get_their_own_grace_period_within_the_notice() -> None:
    assert chosen()["podTerminationGracePeriod"] == -1
    assert chosen()["nodeTerminationGracePeriod"] < 120


def test_executors_local_files_do_not_stop_a_drain() -> None:
    assert chosen()["deleteLocalData"] is True


def test_it_asks_for_metadata_from_the_hosts_network_which_is_one_hop_away() -> None:
    assert chosen()["useHostNetwork"] is True


def test_it_has_a_seccomp_profile_and_no_capabilities() -> None:
    assert chosen()["podSecurityContext"] == {"seccompProfile": {"type": "RuntimeDefault"}}
    context = chosen()["securityContext"]
    assert context["capabilities"] == {"drop": ["ALL"]}
    assert context["runAsNonRoot"] is context["readOnlyRootFilesystem"] is True
    assert context["allowPrivilegeEscalation"] is False


def test_it_requests_what_usable_is_computed_with() -> None:
    requests = chosen()["resources"]["requests"]
    assert parse_cpu(requests["cpu"]) == TERMINATION_HANDLER.cpu
    assert parse_bytes(requests["memory"]) == TERMINATION_HANDLER.memory


def test_its_metrics_are_scraped() -> None:
    assert chosen()["enablePrometheusServer"] is True
    assert chosen()["podMonitor"] == {"create": True, "labels": {"release": "elastic-spark"}}


def test_the_chart_comes_from_its_registry() -> None:
    registered = registrations_of(lambda: TerminationHandler("th", TerminationHandlerArgs(source=ChartSource())))
    assert chart(registered).inputs["chart"].startswith("oci://")
    assert chart(registered).inputs["namespace"] == "kube-system"
