"""What Airflow is told of this package: the connection type, with its form.

Source: apache-airflow-core 3.3.2, airflow/provider.yaml.schema.json (connection-types, conn-fields)
"""

from __future__ import annotations

from typing import Any, Final

CONNECTION_TYPE: Final = "skate"
CONTEXT: Final = "context"
KUBECONFIG: Final = "kubeconfig"
KUBECONFIG_PATH: Final = "kubeconfig_path"
QUEUE: Final = "queue"
"""Names in a connection's extra."""


def get_provider_info() -> dict[str, Any]:
    """What the entry point `apache_airflow_provider` answers."""
    return {
        "package-name": "elastic-spark-client",
        "name": "elastic-spark",
        "description": "Spark jobs in the queues of an elastic-spark platform.",
        "integrations": [{"integration-name": "elastic-spark", "tags": ["software"]}],
        "operators": [{"integration-name": "elastic-spark", "python-modules": ["skate.airflow.operator"]}],
        "hooks": [{"integration-name": "elastic-spark", "python-modules": ["skate.airflow.hook"]}],
        "triggers": [{"integration-name": "elastic-spark", "python-modules": ["skate.airflow.trigger"]}],
        "connection-types": [
            {
                "connection-type": CONNECTION_TYPE,
                "hook-class-name": "skate.airflow.hook.SkateHook",
                "hook-name": "elastic-spark",
                "conn-fields": {
                    QUEUE: _text("Queue", "Its namespace, such as ads-batch; for tasks that name none."),
                    KUBECONFIG: {
                        "label": "Kubeconfig",
                        "description": "Its text, YAML or JSON. Without one, the worker's own, or its pod's account.",
                        "schema": {"type": ["string", "null"], "format": "password"},
                    },
                    KUBECONFIG_PATH: _text(
                        "Kubeconfig's path", "On the worker and the triggerer; instead of its text."
                    ),
                    CONTEXT: _text("Context", "Of the kubeconfig; without one, its current one."),
                },
                "ui-field-behaviour": {
                    "hidden-fields": ["host", "port", "schema", "login", "extra"],
                    "relabeling": {"password": "Token"},
                    "placeholders": {"password": "instead of the kubeconfig's own login"},
                },
            }
        ],
    }


def _text(label: str, description: str) -> dict[str, Any]:
    return {"label": label, "description": description, "schema": {"type": ["string", "null"]}}
