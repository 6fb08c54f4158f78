"""Envoy Gateway on a real API server, as a platform on EKS has it: its account's rights, and the objects of stacks.

No node runs pods, so it runs beside the cluster, with its account's token. It sees a root of its own, with the
certificates where its image has them: what certgen, with its own account's rights, wrote into the cluster.
"""

from __future__ import annotations

import base64
import os
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import yaml

from sizing import names
from tests.cluster.cluster import Account, Cluster
from tests.cluster.control_plane import running
from tests.cluster.logins import login_of
from tests.door import programs
from tests.door.chart import ACCOUNT, CERTGEN, Chart, configuration
from tests.door.running import XDS_PORT, DoorError

CERTIFICATES: Final = "envoy-gateway"
"""The secret that certgen makes for Envoy Gateway."""
_ROOM: Final = """
set -e
room=$1 certs=$2
shift 2
for each in /*; do
  if [ -L "$each" ]; then cp -P "$each" "$room$each"
  elif [ -d "$each" ] && [ "$each" != /certs ]; then mkdir "$room$each"; mount --rbind "$each" "$room$each"
  fi
done
mkdir "$room/certs"
mount --bind "$certs" "$room/certs"
exec chroot "$room" "$@"
"""


def missing() -> str:
    """Why it can't run here; empty: it can."""
    if not programs.available():
        return programs.MISSING
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode:
        return "needs the right to a mount namespace of its own, as root has it"
    try:
        Chart()
    except LookupError as error:
        return str(error)
    return ""


@contextmanager
def envoy_gateway(cluster: Cluster, folder: Path) -> Iterator[Path]:
    """Envoy Gateway runs while this is entered; gives the file that it writes to.

    Args:
        cluster: with the chart's accounts and the platform's namespace.
        folder: for all files.

    Raises:
        DoorError: another one runs on this machine.
    """
    with socket.socket() as taken:
        if taken.connect_ex(("127.0.0.1", XDS_PORT)) == 0:
            raise DoorError(f"port {XDS_PORT} is taken: another Envoy Gateway runs on this machine, and only one can")
    binary = str(programs.gateway().path)
    subprocess.run(
        [binary, "certgen", "--disable-topology-injector"],
        check=True,
        capture_output=True,
        env=_environment(cluster, CERTGEN, folder),
    )
    room, certs = folder / "room", folder / "certs"
    room.mkdir()
    certs.mkdir()
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": CERTIFICATES, "namespace": ACCOUNT.namespace}}
    for name, value in cluster.admin.read(secret)["data"].items():
        (certs / name).write_bytes(base64.b64decode(value))
    config = folder / "envoy-gateway.yaml"
    config.write_text(yaml.safe_dump(configuration()))
    command = ["unshare", "--mount", "sh", "-c", _ROOM, "sh", str(room), str(certs)]
    command += [binary, "server", "--config-path", str(config)]
    log = folder / "gateway.log"
    with running(command, log, _environment(cluster, ACCOUNT, folder)):
        yield log


def _environment(cluster: Cluster, account: Account, folder: Path) -> Mapping[str, str]:
    login = login_of(cluster, account, folder / f"{account.name}.kubeconfig")
    return {**os.environ, "KUBECONFIG": str(login), "ENVOY_GATEWAY_NAMESPACE": names.SYSTEM_NAMESPACE}
