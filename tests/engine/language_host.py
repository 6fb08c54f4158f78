"""The engine's language host for Python, for a Pulumi CLI that was built from Go modules, which lack it.

Run as `language_host.py [options] ENGINE-ADDRESS`, it prints the port it serves on, as the engine expects of a plugin,
and serves until the engine ends it. Programs run by the server that the SDK has for the Automation API, in this very
process; policy packs in one of their own, as the official host does it.
Source: pulumi/pulumi v3.274.1, proto/pulumi/language.proto, sdk/python/cmd/pulumi-language-python/main.go
"""
# ruff: noqa: N802

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from collections.abc import Iterator
from concurrent import futures
from pathlib import Path

from google.protobuf.empty_pb2 import Empty
from grpc import ServicerContext, server  # type: ignore[import-untyped]
from pulumi.automation._server import LanguageServer
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import language_pb2 as api
from pulumi.runtime.proto import language_pb2_grpc, plugin_pb2


class LanguageHost(LanguageServer):
    """Runs programs and policy packs for the engine at an address."""

    def __init__(self, engine_address: str) -> None:
        super().__init__(_run_program)
        self._engine_address = engine_address

    def Handshake(
        self, request: api.LanguageHandshakeRequest, context: ServicerContext
    ) -> api.LanguageHandshakeResponse:
        return api.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Empty, context: ServicerContext) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version="0.0.0")

    def Run(self, request: api.RunRequest, context: ServicerContext) -> api.RunResponse:
        request.args[:] = [self._engine_address]
        os.environ["PULUMI_CONFIG"] = json.dumps(dict(request.config))
        os.environ["PULUMI_CONFIG_SECRET_KEYS"] = json.dumps(list(request.configSecretKeys))
        os.chdir(request.info.program_directory)
        answer: api.RunResponse = super().Run(request, context)  # type: ignore[no-untyped-call]
        return answer

    def RunPlugin(self, request: api.RunPluginRequest, context: ServicerContext) -> Iterator[api.RunPluginResponse]:
        folder = request.info.program_directory
        with subprocess.Popen(
            [sys.executable, "-u", "-m", "pulumi.policy", *request.args, folder],
            cwd=folder,
            env={**os.environ, **dict(entry.split("=", 1) for entry in request.env)},
            stdout=subprocess.PIPE,
        ) as plugin:
            context.add_callback(plugin.terminate)
            assert plugin.stdout
            for line in plugin.stdout:
                yield api.RunPluginResponse(stdout=line)
        yield api.RunPluginResponse(exitcode=plugin.returncode)


def _run_program() -> None:
    """The project's program, in the working directory, which is where the engine's own host finds its modules too."""
    sys.path.insert(0, str(Path.cwd()))
    runpy.run_path("__main__.py", run_name="__main__")


def main() -> None:
    """Serve until the engine ends this process."""
    host = server(futures.ThreadPoolExecutor(max_workers=4), options=_GRPC_CHANNEL_OPTIONS)
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(LanguageHost(sys.argv[-1]), host)
    print(host.add_insecure_port("127.0.0.1:0"), flush=True)
    host.start()
    host.wait_for_termination()


if __name__ == "__main__":
    main()
