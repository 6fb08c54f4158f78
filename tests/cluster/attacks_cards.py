"""What a queue's card could be made to say by somebody who works in the queue, or deploys another."""

from __future__ import annotations

from typing import Final

from sizing import names
from tests.cluster.api import Json, Object
from tests.cluster.attacks_deployers import Try, things_of
from tests.cluster.attacks_rbac import VIEWED, VIEWER, configuration, core, forbidden
from tests.cluster.attempts import Ask, Attempt, Case, Create, Delete
from tests.cluster.cluster import OPERATOR, TENANT_DEPLOYER, Cluster, User, Who, deployer_of
from tests.cluster.pod_shapes import ADMINISTRATOR, DRIVER, ENGINEER, NAMESPACE, OWNER

CARD: Final = things_of("ads")["ConfigMap"]
AT: Final = f"{core('configmaps')}/{names.QUEUE_CARD}"
OTHERS: Final = f"{core('configmaps', 'search-adhoc')}/{names.QUEUE_CARD}"
LIE: Final[Object] = {"data": {names.QUEUE_CARD_KEY: '{"version": 1}'}}
MADE: Final = Create(configuration())
AIRFLOW: Final = User("airflow", (names.shared_group("airflow", NAMESPACE, "submitter"),))
"""As its access entry has it."""


def _remove_all(cluster: Cluster, who: Who) -> Json:
    return cluster.acting(who).request("DELETE", core("configmaps"), {}, dryRun="All")


def _remove_own(cluster: Cluster, who: Who) -> Json:
    """As a driver does when its application ends (apache/spark 4.0, KubernetesClusterSchedulerBackend.stop)."""
    return cluster.acting(who).request(
        "DELETE", core("configmaps"), {}, dryRun="All", labelSelector="spark-app-selector=spark-1,spark-role=executor"
    )


def _applied(cluster: Cluster, who: Who) -> Json:
    """Server-side, as spark-submit makes a driver's configuration."""
    return cluster.acting(who).request(
        "PATCH",
        AT,
        {**CARD, **LIE},
        content_type="application/apply-patch+yaml",
        dryRun="All",
        force="true",
        fieldManager="spark",
    )


def _writing(name: str, who: Who, does: object, twin: object = MADE, twin_who: Who | None = None) -> Attempt:
    return Attempt(name=name, who=who, does=does, rule="card-writer", twin=twin, twin_who=twin_who)  # type: ignore[arg-type]


CHANGE: Final = Try("change", CARD, LIE)
REMOVE: Final = Try("remove", CARD)
MAKE: Final = Try("make", CARD)
DEPLOYER: Final = deployer_of("ads")

CASES: Final[tuple[Case, ...]] = (
    _writing("a driver that changes its queue's card", DRIVER, CHANGE, CHANGE, DEPLOYER),
    _writing("a driver that applies its queue's card", DRIVER, _applied, CHANGE, ADMINISTRATOR),
    _writing("a driver that removes its queue's card", DRIVER, REMOVE, REMOVE, DEPLOYER),
    _writing("a driver that removes all configurations of its queue", DRIVER, _remove_all, _remove_own),
    _writing("a driver that makes a card", DRIVER, MAKE, MAKE, DEPLOYER),
    _writing("the operator's token on a queue's card", OPERATOR, CHANGE),
    _writing("an administrator's twin of a driver's removal", DRIVER, REMOVE, REMOVE, ADMINISTRATOR),
    Attempt(
        name="a tenant's deployer who makes a configuration of another name",
        who=DEPLOYER,
        does=Create(configuration()),
        rule="deployer-cards",
        twin=MAKE,
    ),
    Attempt(
        name="a deployer of all who makes a configuration of another name",
        who=TENANT_DEPLOYER,
        does=Create(configuration()),
        rule="deployer-cards",
        twin=CHANGE,
    ),
    Attempt(
        name="a deployer of ads who changes search's card",
        who=DEPLOYER,
        does=Try("change", things_of("search")["ConfigMap"], LIE),
        rule="deployer-tenant",
        twin=CHANGE,
    ),
    *(
        forbidden(f"{name} of a queue's card", who, does, Ask("GET", at))
        for who, at in ((ENGINEER, AT), (OWNER, AT), (AIRFLOW, AT), (VIEWER, OTHERS))
        for name, does in (
            (f"the change by {who.name}", Ask("PATCH", at, LIE)),
            (f"the removal by {who.name}", Ask("DELETE", at)),
            (f"a list by {who.name}, which shows jobs' configurations too,", Ask("GET", at.rpartition("/")[0])),
        )
    ),
    forbidden("an engineer who reads another tenant's card", ENGINEER, Ask("GET", OTHERS), Ask("GET", AT)),
    forbidden(
        "an engineer who reads a driver's configuration",
        ENGINEER,
        Ask("GET", f"{core('configmaps')}/spark-drv-conf-map"),
        Ask("GET", AT),
    ),
    forbidden(
        "a deployer who reads a driver's configuration",
        DEPLOYER,
        Ask("GET", f"{core('configmaps')}/spark-drv-conf-map"),
        Ask("GET", AT),
    ),
    forbidden(
        "a principal of several queues in another queue of the tenants that it serves",
        AIRFLOW,
        Ask("GET", OTHERS),
        Ask("GET", AT),
    ),
    forbidden(
        "a shared viewer who submits",
        User("airflow", (names.shared_group("airflow", VIEWED, "viewer"),)),
        Ask("POST", f"/apis/sparkoperator.k8s.io/v1beta2/namespaces/{VIEWED}/sparkapplications", {}),
        Ask("GET", core("pods", VIEWED)),
    ),
    forbidden(
        "a principal whose purpose its platform shares, and its tenant doesn't",
        User("airflow", (names.shared_group("airflow", NAMESPACE, "owner"),)),
        Ask("GET", core("pods")),
        Ask("GET", "/version"),
    ),
    forbidden("a driver's removal of another queue's card", DRIVER, Ask("DELETE", OTHERS), Delete(configuration())),
)
