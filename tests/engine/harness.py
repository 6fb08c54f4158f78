"""Runs a program on the real Pulumi engine with echo providers, and tells what it registered.

What a program registers is read from the engine's own log of its gRPC calls (`PULUMI_DEBUG_GRPC`, one JSON object a
line), which holds every request as the language SDK sent it. Nothing here needs a cloud, a network or an account.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message
from pulumi.runtime import rpc
from pulumi.runtime.proto import resource_pb2
from ruamel.yaml import YAML

from fleet.offline.registration import Registration, Registrations, from_read, from_request, plain_properties
from sizing.values import Json
from tests.engine import cli, echo_provider, language_host
from tests.engine.steps import Step, engine_steps

REPOSITORY = Path(__file__).parents[2]
PACKAGES = ("aws", "eks", "kubernetes")
ORGANIZATION = "organization"
"""The only organization of a file backend."""

_NOT_THE_PROGRAM = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build", "docs", "tests")
_DIAGNOSTICS = '"diagnostics": '
_MONITOR = "/pulumirpc.ResourceMonitor/"

Filled = TypeVar("Filled", bound=Message)


class EngineError(Exception):
    """The `pulumi` command failed; the message is what it printed."""


@dataclass(frozen=True, order=True)
class Diagnostic:
    """What a policy said: its name, the level at which it counts, the URN of the resource, and the message."""

    policy: str
    level: str
    urn: str
    message: str


@dataclass(frozen=True)
class Run:
    """What one preview or update did.

    `registrations` holds the program's own. `config` is the stack's configuration as the program got it, and
    `secret_keys` those of its keys that are secret. `printed` is what the command printed. `diagnostics` are those of
    policy packs.
    """

    registrations: Registrations
    config: Mapping[str, str]
    secret_keys: tuple[str, ...]
    printed: str
    diagnostics: tuple[Diagnostic, ...] = ()


class Engine:
    """The engine with a copy of a project and a state of its own.

    Args:
        workdir: an empty directory; everything is written below it.
        project: the directory of a Pulumi.yaml; without hidden files, documentation and tests it is copied.
    """

    def __init__(self, workdir: Path, project: Path = REPOSITORY) -> None:
        self.project_dir = workdir / "project"
        shutil.copytree(project, self.project_dir, ignore=_NOT_THE_PROGRAM)
        (self.project_dir / ".venv").symlink_to(sys.prefix)
        settings = YAML(typ="safe").load(self.project_dir / "Pulumi.yaml")
        self.project_name: str = settings["name"]
        self._stacks_dir = self.project_dir / settings.get("stackConfigDir", "")
        self._grpc_log = workdir / "grpc.jsonl"
        self._cli = cli.available() or Path("pulumi")
        self._environment = _environment(workdir)
        self._stacks: set[str] = set()

    def configure(self, stack: str, config: Mapping[str, Json]) -> None:
        """Give `stack` this configuration and no other."""
        path = self._stacks_dir / f"Pulumi.{stack}.yaml"
        text = BytesIO()
        yaml = YAML(typ="safe")
        yaml.default_flow_style = False
        yaml.dump({"config": dict(config)}, text)
        path.write_bytes(with_salt(text.getvalue(), path.read_bytes()) if stack in self._stacks else text.getvalue())

    def preview(self, stack: str, *arguments: str) -> Run:
        """What an update of `stack` would do; `arguments` are further ones of `pulumi preview`.

        Raises:
            EngineError: the program fails, a policy or an argument such as `--expect-no-changes` is not met.
        """
        return self._run(stack, "preview", *arguments)

    def steps(self, stack: str) -> dict[str, Step]:
        """What an update of `stack` would make of its resources, by URN. Raises as `preview` does."""
        return engine_steps(self.preview(stack, "--json", "--show-sames").printed)

    def up(self, stack: str, *arguments: str) -> Run:
        """Update `stack`. Raises as `preview` does."""
        return self._run(stack, "up", "--skip-preview", "--yes", *arguments)

    def destroy(self, stack: str) -> list[str]:
        """Destroy `stack`, and give the URNs of what was deleted, in that order. Raises as `preview` does."""
        self._grpc_log.unlink(missing_ok=True)
        self._pulumi("destroy", "--skip-preview", "--yes", "--stack", stack, "--suppress-progress")
        return self.deleted()

    def deleted(self) -> list[str]:
        """The URNs of what the last destroy deleted, in that order, also where it failed."""
        calls = (json.loads(line) for line in self._grpc_log.read_text().splitlines())
        return [
            call["request"]["urn"]
            for call in calls
            if call["method"] == "/pulumirpc.ResourceProvider/Delete"
            and call.get("progress") == "response_completed"
            and not call.get("errors")
        ]

    @contextmanager
    def failing(self, name: str) -> Iterator[None]:
        """As long as this lasts, no resource of the name can be deleted."""
        mark = Path(self._environment[echo_provider.FAILING]) / name
        mark.touch()
        try:
            yield
        finally:
            mark.unlink()

    def add_stack(self, stack: str, outputs: Mapping[str, Json]) -> str:
        """Make a deployed stack of this project that has only `outputs`, and give its full name."""
        self._ensure(stack)
        token = "pulumi:pulumi:Stack"  # noqa: S105
        urn = f"urn:pulumi:{stack}::{self.project_name}::{token}::{self.project_name}-{stack}"
        resource = {"urn": urn, "type": token, "custom": False, "outputs": dict(outputs)}
        deployment = {"manifest": {"time": "2026-01-01T00:00:00Z", "magic": "", "version": ""}, "resources": [resource]}
        self._pulumi("stack", "import", "--stack", stack, stdin=json.dumps({"version": 3, "deployment": deployment}))
        return f"{ORGANIZATION}/{self.project_name}/{stack}"

    def _run(self, stack: str, *command: str) -> Run:
        self._ensure(stack)
        self._grpc_log.unlink(missing_ok=True)
        printed = self._pulumi(*command, "--stack", stack, "--suppress-progress")
        calls = [json.loads(line) for line in self._grpc_log.read_text().splitlines()]
        done = [call for call in calls if call.get("progress") == "response_completed"]
        run = next(call["request"] for call in done if call["method"] == "/pulumirpc.LanguageRuntime/Run")
        return Run(
            registrations=Registrations(_registrations(done)),
            config=run.get("config", {}),
            secret_keys=tuple(run.get("configSecretKeys", ())),
            printed=printed,
            diagnostics=tuple(sorted(_diagnostics(done))),
        )

    def _ensure(self, stack: str) -> None:
        if stack in self._stacks:
            return
        # `stack init` adds a salt and normalizes the values (`0o17` becomes 15): only the salt is kept.
        path = self._stacks_dir / f"Pulumi.{stack}.yaml"
        text = path.read_bytes() if path.exists() else b""
        path.unlink(missing_ok=True)
        self._pulumi("stack", "init", stack)
        if text:
            path.write_bytes(with_salt(text, path.read_bytes()))
        self._stacks.add(stack)

    def _pulumi(self, *arguments: str, stdin: str = "") -> str:
        done = subprocess.run(
            [self._cli, *arguments, "--non-interactive"],
            cwd=self.project_dir,
            env={**self._environment, "PULUMI_DEBUG_GRPC": str(self._grpc_log)},
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            _, _, diagnostics = done.stdout.partition(_DIAGNOSTICS)  # of JSON, that is what tells why
            raise EngineError(f"pulumi {' '.join(arguments)}:\n{diagnostics or done.stdout}\n{done.stderr}")
        return done.stdout


def with_salt(text: bytes, salted: bytes) -> bytes:
    """`text` of a stack file with the `encryptionsalt` line of `salted` above it, or below its directives and `---`."""
    salt = next(line for line in salted.splitlines() if line.startswith(b"encryptionsalt:"))
    head, marker, body = text.partition(b"---\n") if text.startswith((b"---\n", b"%")) else (b"", b"", text)
    return head + marker + salt + b"\n" + body


def run_engine(stack_file: Path, workdir: Path, stack_outputs: Mapping[str, Mapping[str, Json]] | None = None) -> Run:
    """Preview the repository's program with one stack file, as a stack that was never deployed.

    Args:
        stack_file: a `Pulumi.<stack>.yaml`, wherever it is.
        workdir: an empty directory.
        stack_outputs: the exports of the stacks that it refers to, by short name.
    """
    engine = Engine(workdir)
    stack = stack_file.name.removeprefix("Pulumi.").removesuffix(".yaml")
    target = engine.project_dir / "stacks" / stack_file.name
    target.write_bytes(stack_file.read_bytes())
    for name, outputs in (stack_outputs or {}).items():
        engine.add_stack(name, outputs)
    return engine.preview(stack)


def differences(offline: Registrations, engine: Registrations) -> dict[str, str | dict[str, tuple[Any, Any]]]:
    """What is not the same in two recordings, by URN: which one lacks it, or the fields that differ, offline first."""
    found: dict[str, str | dict[str, tuple[Any, Any]]] = {}
    for urn in sorted({*offline, *engine}):
        if urn not in engine or urn not in offline:
            found[urn] = "only offline" if urn in offline else "only on the engine"
        elif offline[urn] != engine[urn]:
            one, other = (
                {f.name: getattr(registrations[urn], f.name) for f in fields(Registration)}
                for registrations in (offline, engine)
            )
            found[urn] = {name: (one[name], other[name]) for name in one if one[name] != other[name]}
    return found


def engine_config(text: str | bytes, workdir: Path) -> dict[str, str]:
    """What a program gets as `PULUMI_CONFIG` for a stack file's `text`, in a project named `elastic-spark`.

    Raises:
        EngineError: the engine refuses the file.
    """
    project = workdir / "config"
    if not project.exists():
        (project / "stacks").mkdir(parents=True)
        (project / "Pulumi.yaml").write_text("name: elastic-spark\nruntime: python\nstackConfigDir: stacks\n")
        (project / "__main__.py").write_text("")
    (project / "stacks" / "Pulumi.test.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    shutil.rmtree(workdir / "engine", ignore_errors=True)
    return dict(Engine(workdir / "engine", project).preview("test").config)


def _environment(workdir: Path) -> dict[str, str]:
    """This process's environment with echo plugins and this Python first on PATH, and Pulumi's files in `workdir`."""
    plugins = workdir / "plugins"
    plugins.mkdir(parents=True, exist_ok=True)
    for package in PACKAGES:
        _plugin(
            plugins / f"pulumi-resource-{package}",
            f'"{echo_provider.__file__}" {package}',
            f'PYTHONPATH="{REPOSITORY}" ',
        )
    if cli.on_path() is None:
        _plugin(plugins / cli.LANGUAGE_HOST, f'"{language_host.__file__}"')
    (workdir / "state").mkdir()
    (workdir / "failing").mkdir()
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "KUBE", "PULUMI_"))}
    return inherited | {
        "PATH": os.pathsep.join([str(plugins), str(Path(sys.executable).parent), os.environ["PATH"]]),
        "VIRTUAL_ENV": sys.prefix,
        echo_provider.FAILING: str(workdir / "failing"),
        "PULUMI_BACKEND_URL": f"file://{workdir / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_HOME": str(workdir / "home"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }


def _plugin(file: Path, script: str, environment: str = "") -> None:
    file.write_text(f'#!/bin/sh\n{environment}exec "{sys.executable}" {script} "$@"\n')
    file.chmod(0o755)


def _registrations(calls: list[dict[str, Any]]) -> Iterator[Registration]:
    """The program's registrations among completed calls, without those that the echo providers made for themselves."""
    found: dict[str, Registration] = {}
    for call in calls:
        request, response = call["request"], call.get("response", {})
        match call["method"].removeprefix(_MONITOR):
            case "RegisterResource":
                registration = from_request(response["urn"], _message(request, resource_pb2.RegisterResourceRequest()))
            case "ReadResource":
                registration = from_read(response["urn"], _message(request, resource_pb2.ReadResourceRequest()))
            case "RegisterResourceOutputs":
                outputs = _message(request, resource_pb2.RegisterResourceOutputsRequest())
                found[outputs.urn] = replace(found[outputs.urn], outputs=plain_properties(outputs.outputs))
                continue
            case _:
                continue
        found[registration.urn] = registration
    return (r for r in found.values() if r.type.split(":")[1] != echo_provider.OUTPUTS_MODULE)


def _diagnostics(calls: list[dict[str, Any]]) -> Iterator[Diagnostic]:
    """What the analyzers of policy packs answered."""
    for call in calls:
        if call["method"] in ("/pulumirpc.Analyzer/Analyze", "/pulumirpc.Analyzer/AnalyzeStack"):
            for found in call.get("response", {}).get("diagnostics", ()):
                level = found.get("enforcementLevel", "ADVISORY").lower()
                urn = found.get("urn") or call["request"].get("urn", "")
                yield Diagnostic(found["policyName"], level, urn, found["message"])


def _message(request: dict[str, Any], message: Filled) -> Filled:
    """The logged `request` as a protobuf `message`; the engine may know fields that this SDK doesn't."""
    return json_format.ParseDict(_plain_outputs(request), message, ignore_unknown_fields=True)


def _plain_outputs(value: Json) -> Json:
    """`value` with its output values in their older forms: a plain value, an unknown or a secret.

    The SDK sends output values to remote components only, and their dependencies a second time beside them.
    """
    if isinstance(value, list):
        return [_plain_outputs(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get(rpc._special_sig_key) != rpc._special_output_value_sig:
        return {key: _plain_outputs(item) for key, item in value.items()}
    plain = _plain_outputs(value.get("value", rpc.UNKNOWN))
    return {rpc._special_sig_key: rpc._special_secret_sig, "value": plain} if value.get("secret") else plain
