"""What an application's services may be: reached from within the cluster, and by nobody else's leave.

The operator makes services of the interface and of Spark Connect with its own rights; annotations by which other
software acts, such as names in DNS, are not for a queue to say.

Source: kubeflow/spark-operator v2.5.2, internal/controller/sparkapplication/web_ui.go, sparkconnect/reconciler.go
"""

from __future__ import annotations

from typing import Final

from components.admission.application_pods import found_rule
from components.admission.policy import AdmissionRule, Variable, cel_list
from components.admission.spark_settings_rows import SCRAPED

CLUSTER_ONLY: Final = "ClusterIP"
SPEC_FIELDS: Final = (
    "clusterIP",
    "clusterIPs",
    "internalTrafficPolicy",
    "ipFamilies",
    "ipFamilyPolicy",
    "ports",
    "publishNotReadyAddresses",
    "selector",
    "sessionAffinity",
    "sessionAffinityConfig",
    "type",
)
"""Of a service's own, those by which it is no other's affair."""
METADATA_FIELDS: Final = ("annotations", "creationTimestamp", "labels", "name", "namespace")
LARGEST_PORT: Final = 65_535
LABEL: Final = "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"
_SERVICE: Final = "variables.driver.?service"
_UI: Final = "variables.spec.?sparkUIOptions"
_PORT_NAME: Final = f"{_UI}.?servicePortName.orValue('spark-driver-ui-port')"
_PORT: Final = f"{_UI}.?servicePort.orValue(1)"


def _type(what: str, value: str) -> str:
    text = f"{value}.orValue('{CLUSTER_ONLY}')"
    return f"({text} in ['', '{CLUSTER_ONLY}'] ? [] : ['{what}=' + {text}])"


def _keys(what: str, keys: str, allowed: tuple[str, ...] = ()) -> str:
    return f"{keys}.orValue({{}}).map(key, key).filter(key, !(key in {cel_list(allowed)})).map(key, '{what}.' + key)"


_FOUND: Final = " + ".join(
    (
        _type("sparkUIOptions.serviceType", f"{_UI}.?serviceType"),
        _keys("sparkUIOptions.serviceAnnotations", f"{_UI}.?serviceAnnotations", SCRAPED),
        f"({_PORT} < 1 || {_PORT} > {LARGEST_PORT} ? ['sparkUIOptions.servicePort=' + string({_PORT})] : [])",
        f"({_PORT_NAME}.matches('{LABEL}') ? [] : ['sparkUIOptions.servicePortName=' + {_PORT_NAME}])",
        f"({_UI}.?ingressTLS.orValue([]).size() > 0 ? ['sparkUIOptions.ingressTLS'] : [])",
        "(variables.spec.?driverIngressOptions.orValue([]).size() > 0 ? ['driverIngressOptions'] : [])",
        _type("server.service.spec.type", f"{_SERVICE}.?spec.?type"),
        _keys("server.service.spec", f"{_SERVICE}.?spec", SPEC_FIELDS),
        _keys("server.service.metadata", f"{_SERVICE}.?metadata", METADATA_FIELDS),
        _keys("server.service.metadata.annotations", f"{_SERVICE}.?metadata.?annotations", SCRAPED),
    )
)
SERVICE_RULES: Final[tuple[tuple[Variable, AdmissionRule], ...]] = (
    found_rule(
        "application-services",
        _FOUND,
        f"services are of type {CLUSTER_ONLY}, without ingresses, addresses and annotations of their own: what "
        "runs in a queue is reached from the queue",
        f"'type {CLUSTER_ONLY}; annotations {', '.join(SCRAPED)}'",
    ),
)
