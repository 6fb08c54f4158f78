"""A Kubernetes control plane on loopback ports, for one test run.

`python -m tests.cluster.control_plane` starts one to try things on by hand, and stops it at Ctrl-C.
"""

from __future__ import annotations

import ctypes
import json
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import urllib3

from tests.cluster.binaries import Binaries, available
from tests.cluster.certificates import LOOPBACK, Authority, KeyPair, token_keys

READY_SECONDS: Final = 120
POLL_SECONDS: Final = 0.05
ATTEMPTS: Final = 3
"""A free port may be another program's by the time it is used."""
ADMIN: Final = "admin"
ADMIN_GROUP: Final = "system:masters"
ISSUER: Final = "https://kubernetes.default.svc"
SERVICE_ADDRESSES: Final = "10.96.0.0/16"
ADMISSION_PLUGINS: Final = ("NodeRestriction", "ExtendedResourceToleration")
"""What EKS switches on beside the defaults.

Source: https://docs.aws.amazon.com/eks/latest/userguide/platform-versions.html
"""
NO_LIMITS: Final = (
    "--enable-priority-and-fairness=false",
    "--max-requests-inflight=0",
    "--max-mutating-requests-inflight=0",
)
"""Nobody but tests uses it, so nobody has to be held back."""
CONTROLLERS: Final = (
    "clusterrole-aggregation-controller",
    "garbage-collector-controller",
    "job-controller",
    "namespace-controller",
    "root-ca-certificate-publisher-controller",
    "serviceaccount-controller",
    "serviceaccount-token-controller",
    "statefulset-controller",
)
"""No nodes, no volumes, no endpoints: nothing here runs a pod."""
TYPE_CHECKER: Final = "validatingadmissionpolicy-status-controller"
"""It compiles all variables of a policy anew for each of its rules: half an hour on one core for the policy of
applications, in which tests would run more slowly.

Source: kubernetes/apiserver 0.36.3, pkg/admission/plugin/policy/validating/typechecking.go (`CheckExpression`)
"""
_KILL_WITH_PARENT: Final = 1
"""PR_SET_PDEATHSIG of Linux's <sys/prctl.h>."""


class StartError(Exception):
    """A part of the control plane did not start; the message has the end of its log."""


@dataclass(frozen=True)
class ControlPlane:
    """A running control plane.

    Attributes:
        server: the API server's URL.
        authority: the PEM file of the authority that issued its certificate.
        admin: the certificate of somebody who may do everything.
        kubeconfig: a file with the above, for other programs.
        folder: where its data and logs are while it runs.
        issuer: the authority itself.
    """

    server: str
    authority: Path
    admin: KeyPair
    kubeconfig: Path
    folder: Path
    issuer: Authority

    def kubeconfig_of(self, user: str, groups: Sequence[str] = ()) -> Path:
        """A file with the login of somebody whom the API server knows by name and groups."""
        login = self.issuer.client(user, groups)
        return _kubeconfig(self.folder / f"{user}.kubeconfig", self.server, self.authority, login)


@contextmanager
def control_plane(
    binaries: Binaries, *, as_in_production: bool = False, api_server: Sequence[str] = ()
) -> Iterator[ControlPlane]:
    """A control plane that is ready when this is entered, and gone with all its data when it is left.

    Args:
        binaries: its programs.
        as_in_production: writes wait for the disk, and requests take turns by priority and fairness, as they would
            where somebody else's work is on it.
        api_server: more arguments of kube-apiserver.

    Raises:
        StartError: a part of it ended, or was not ready within READY_SECONDS.
    """
    with ExitStack() as stack:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                yield stack.enter_context(_started(binaries, as_in_production, api_server))
            except _PortTaken:
                if attempt == ATTEMPTS:
                    raise
            else:
                return


@contextmanager
def _started(binaries: Binaries, as_in_production: bool, api_server: Sequence[str]) -> Iterator[ControlPlane]:
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="elastic-spark-cluster-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        authority = Authority(folder)
        etcd_url = _start_etcd(stack, binaries, folder, as_in_production)
        arguments = [*([] if as_in_production else NO_LIMITS), *api_server]
        plane = _start_api_server(stack, binaries, folder, authority, etcd_url, arguments)
        _start_controllers(stack, binaries, plane, "controllers", CONTROLLERS)
        yield plane


@contextmanager
def types_checked(binaries: Binaries, plane: ControlPlane) -> Iterator[None]:
    """While this is entered, the types in admission policies are checked, which their status then says."""
    with ExitStack() as stack:
        _start_controllers(stack, binaries, plane, "type-checker", [TYPE_CHECKER])
        yield


def _start_etcd(stack: ExitStack, binaries: Binaries, folder: Path, as_in_production: bool) -> str:
    client, peer = (f"http://{LOOPBACK}:{port}" for port in free_ports(2))
    process = stack.enter_context(
        running(
            [
                str(binaries.etcd),
                f"--data-dir={folder / 'etcd'}",
                f"--listen-client-urls={client}",
                f"--advertise-client-urls={client}",
                f"--listen-peer-urls={peer}",
                f"--initial-advertise-peer-urls={peer}",
                f"--initial-cluster=default={peer}",
                # Nothing has to survive: no write waits for the disk.
                *([] if as_in_production else ["--unsafe-no-fsync"]),
                "--log-level=warn",
            ],
            folder / "etcd.log",
        )
    )
    process.wait_until_ready(f"{client}/health", urllib3.PoolManager(retries=False))
    return client


def _start_api_server(
    stack: ExitStack,
    binaries: Binaries,
    folder: Path,
    authority: Authority,
    etcd_url: str,
    arguments: Sequence[str],
) -> ControlPlane:
    (port,) = free_ports(1)
    serving = authority.server("kube-apiserver")
    signing_key, checking_key = token_keys(folder)
    admin = authority.client(ADMIN, [ADMIN_GROUP])
    process = stack.enter_context(
        running(
            [
                str(binaries.kube_apiserver),
                f"--etcd-servers={etcd_url}",
                f"--bind-address={LOOPBACK}",
                f"--secure-port={port}",
                f"--tls-cert-file={serving.certificate}",
                f"--tls-private-key-file={serving.key}",
                f"--client-ca-file={authority.certificate}",
                "--authorization-mode=Node,RBAC",
                f"--enable-admission-plugins={','.join(ADMISSION_PLUGINS)}",
                f"--service-account-issuer={ISSUER}",
                f"--service-account-signing-key-file={signing_key}",
                f"--service-account-key-file={checking_key}",
                f"--service-cluster-ip-range={SERVICE_ADDRESSES}",
                # A loopback address can't be an endpoint of the service `kubernetes`.
                "--endpoint-reconciler-type=none",
                "--allow-privileged=true",
                "--profiling=false",
                *arguments,
            ],
            folder / "kube-apiserver.log",
        )
    )
    server = f"https://{LOOPBACK}:{port}"
    kubeconfig = _kubeconfig(folder / "admin.kubeconfig", server, authority.certificate, admin)
    http = urllib3.PoolManager(
        cert_file=str(admin.certificate), key_file=str(admin.key), ca_certs=str(authority.certificate), retries=False
    )
    process.wait_until_ready(f"{server}/readyz", http)
    return ControlPlane(server, authority.certificate, admin, kubeconfig, folder, authority)


def _start_controllers(
    stack: ExitStack, binaries: Binaries, plane: ControlPlane, name: str, controllers: Sequence[str]
) -> None:
    login = plane.issuer.client("system:kube-controller-manager")
    kubeconfig = _kubeconfig(plane.folder / f"{name}.kubeconfig", plane.server, plane.authority, login)
    (port,) = free_ports(1)
    serving = plane.issuer.server(name)
    process = stack.enter_context(
        running(
            [
                str(binaries.kube_controller_manager),
                f"--kubeconfig={kubeconfig}",
                f"--controllers={','.join(controllers)}",
                "--use-service-account-credentials=true",
                f"--service-account-private-key-file={plane.folder / 'service-accounts.key'}",
                f"--root-ca-file={plane.authority}",
                "--leader-elect=false",
                f"--bind-address={LOOPBACK}",
                f"--secure-port={port}",
                f"--tls-cert-file={serving.certificate}",
                f"--tls-private-key-file={serving.key}",
                "--authorization-always-allow-paths=/healthz",
                "--kube-api-qps=200",
                "--kube-api-burst=400",
            ],
            plane.folder / f"{name}.log",
        )
    )
    process.wait_until_ready(
        f"https://{LOOPBACK}:{port}/healthz", urllib3.PoolManager(ca_certs=str(plane.authority), retries=False)
    )


class _PortTaken(StartError):
    """Another program was quicker."""


@dataclass(frozen=True)
class Process:
    """A program that runs, and the file that it writes to."""

    popen: subprocess.Popen[bytes]
    log: Path

    def wait_until_ready(self, url: str, http: urllib3.PoolManager) -> None:
        """Wait until a URL answers well. Raises StartError."""
        end = time.monotonic() + READY_SECONDS
        while time.monotonic() < end:
            if self.popen.poll() is not None:
                text = self.log.read_text(errors="replace")
                error = _PortTaken if "address already in use" in text else StartError
                raise error(f"{self.log.stem} ended with {self.popen.returncode}:\n{text[-4000:]}")
            try:
                if http.request("GET", url, timeout=2).status == 200:
                    return
            except urllib3.exceptions.HTTPError:
                pass
            time.sleep(POLL_SECONDS)
        raise StartError(f"{self.log.stem} was not ready in {READY_SECONDS} s:\n{self.log.read_text()[-4000:]}")


@contextmanager
def running(command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None) -> Iterator[Process]:
    """A program that runs until this is left, in the folder of its log; by default in this process's environment."""
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=log.parent,
            env=environment,
            # Ctrl-C is for the tests, which then stop this in order.
            start_new_session=True,
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,
        ) as popen,
    ):
        try:
            yield Process(popen, log)
        finally:
            # Nothing has to survive, so nothing has to be closed in order.
            popen.kill()


def _end_with_parent() -> None:
    """Runs in the child: the kernel kills it when the thread that started it ends, in whatever way."""
    ctypes.CDLL(None).prctl(_KILL_WITH_PARENT, signal.SIGKILL)


def free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((LOOPBACK, 0))
        return [one.getsockname()[1] for one in sockets]


def _kubeconfig(path: Path, server: str, authority: Path, user: KeyPair) -> Path:
    """Writes a kubeconfig; JSON is YAML."""
    name = "test"
    path.write_text(
        json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "clusters": [{"name": name, "cluster": {"server": server, "certificate-authority": str(authority)}}],
                "users": [
                    {
                        "name": name,
                        "user": {"client-certificate": str(user.certificate), "client-key": str(user.key)},
                    }
                ],
                "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
                "current-context": name,
            }
        )
    )
    return path


def main() -> None:
    """Start a control plane, say where it is, and stop it when told to."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with control_plane(available()) as plane:
        print(f"server:     {plane.server}\nkubeconfig: {plane.kubeconfig}\nlogs:       {plane.folder}", flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
