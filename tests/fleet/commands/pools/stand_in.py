"""What `fleet pools patch` asks: a small API server over HTTP and Auto Scaling groups in moto."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import typer
from typer.testing import CliRunner, Result

from fleet.commands.pools.patch import EPILOG, patch
from sizing.names import ami_parameter


class ApiServer(ThreadingHTTPServer):
    """Nodes and pods over HTTP, as much as the command uses."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.nodes: dict[str, dict[str, Any]] = {}
        self.pods: list[dict[str, Any]] = []
        self.on_cordon: Callable[[str], None] = lambda name: None
        self.status = 200

    def add_node(
        self,
        name: str,
        instance: str,
        *,
        days: float = 3,
        pool: str = "driver",
        purpose: str = "driver",
        generation: str = "a",
        release: str = "v20991231",
        ec2: bool = True,
    ) -> None:
        created = datetime.now(UTC) - timedelta(days=days)
        self.nodes[name] = {
            "metadata": {
                "name": name,
                "creationTimestamp": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "labels": {
                    "elastic-spark/pool": pool,
                    "elastic-spark/purpose": purpose,
                    "elastic-spark/ami-release": release,
                    "elastic-spark/generation": generation,
                    **({"topology.kubernetes.io/region": "eu-central-1"} if ec2 else {}),
                },
            },
            "spec": {"providerID": f"aws:///eu-central-1a/{instance}" if ec2 else f"kind://docker/kind/{name}"},
            "status": {"conditions": [{"type": "Ready", "status": "True"}]},
        }

    def add_pod(self, name: str, on: str, *, owner: str = "", phase: str = "Running", static: bool = False) -> None:
        self.pods.append(
            {
                "metadata": {
                    "name": name,
                    "namespace": "ads-batch",
                    "annotations": {"kubernetes.io/config.mirror": "x"} if static else {},
                    "ownerReferences": (
                        [{"apiVersion": "v1", "kind": owner, "name": "o", "uid": "u", "controller": True}]
                        if owner
                        else []
                    ),
                },
                "spec": {"nodeName": on, "containers": [{"name": "c"}]},
                "status": {"phase": phase},
            }
        )

    def cordoned(self) -> set[str]:
        return {name for name, item in self.nodes.items() if item["spec"].get("unschedulable")}

    def annotations(self, name: str) -> dict[str, str]:
        return dict(self.nodes[name]["metadata"].get("annotations", {}))


class Handler(BaseHTTPRequestHandler):
    server: ApiServer

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(url.query).items()}
        if url.path == "/api/v1/nodes":
            wanted = [pair.split("=") for pair in query["labelSelector"].split(",")]
            found = [(n, n["metadata"]["labels"]) for n in self.server.nodes.values()]
            self._answer(
                "NodeList",
                [
                    n
                    for n, labels in found
                    if all(labels.get(key) in (value or [labels.get(key)]) for key, *value in wanted)
                ],
            )
        elif url.path == "/api/v1/pods":
            name = query["fieldSelector"].removeprefix("spec.nodeName=")
            self._answer("PodList", [pod for pod in self.server.pods if pod["spec"]["nodeName"] == name])

    def do_PATCH(self) -> None:
        name = self.path.split("/")[-1].split("?")[0]
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        node = self.server.nodes[name]
        node["spec"].update(body.get("spec", {}))
        annotations = {**node["metadata"].get("annotations", {}), **body["metadata"]["annotations"]}
        node["metadata"]["annotations"] = {key: value for key, value in annotations.items() if value is not None}
        if body.get("spec", {}).get("unschedulable"):
            self.server.on_cordon(name)
        self._send(node)

    def _answer(self, kind: str, items: list[dict[str, Any]]) -> None:
        self._send({"kind": kind, "apiVersion": "v1", "metadata": {}, "items": items})

    def _send(self, body: dict[str, Any]) -> None:
        if self.server.status != 200:
            body = {
                "kind": "Status",
                "message": 'nodes is forbidden: User "me" cannot list',
                "code": self.server.status,
            }
        data = json.dumps(body).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet."""


def run(*arguments: str, columns: int = 200) -> Result:
    app = typer.Typer()
    app.command(epilog=EPILOG)(patch)
    return CliRunner().invoke(app, arguments, env={"COLUMNS": str(columns)})


@dataclass
class Platform:
    """A driver group of three nodes: two idle and old, one with a driver."""

    api: ApiServer
    autoscaling: Any
    kubeconfig: Path
    ec2: Any
    on_sleep: Callable[[], None] = lambda: None

    def run(self, *arguments: str, platform: str = "platform-prod", columns: int = 200) -> Result:
        fixed = ("--root", str(self.kubeconfig.parent), "--kubeconfig", str(self.kubeconfig), "--settle", "0")
        return run(platform, *fixed, *arguments, columns=columns)

    def releases(self, release: str) -> None:
        """New nodes get this release of the AMI."""
        data = {"ImageId": ami_parameter("1.36", "amd64", release)}
        made = self.ec2.create_launch_template_version(LaunchTemplateName="prod-driver-a", LaunchTemplateData=data)
        self.ec2.modify_launch_template(
            LaunchTemplateName="prod-driver-a", DefaultVersion=str(made["LaunchTemplateVersion"]["VersionNumber"])
        )

    def booted(self) -> None:
        """New instances are nodes, and those of instances that ended are none."""
        there = {instance_of(self, name) for name in self.api.nodes}
        for instance in sorted(self.instances() - there):
            self.api.add_node(f"new-{instance}", instance, days=0)

    def group(self) -> dict[str, Any]:
        (found,) = self.autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"]
        return dict(found)

    def instances(self) -> set[str]:
        return {instance["InstanceId"] for instance in self.group()["Instances"]}


def instance_of(platform: Platform, name: str) -> str:
    return str(platform.api.nodes[name]["spec"]["providerID"].rsplit("/", 1)[-1])
