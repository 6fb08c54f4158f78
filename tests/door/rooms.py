"""What a program has in a pod: a root of its own, with things where its image has them, and a network of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

AUTHORITIES: Final = Path("/etc/ssl/certs/ca-certificates.crt")
"""Where Envoy Gateway and Envoy look for authorities that a system knows."""
_HOSTS: Final = Path("/etc/hosts")
MACHINE: Final = "198.18.0.1"
POD: Final = "198.18.0.2"
"""Both ends of the way between this machine and a network of a program's own, in a range for tests of networks."""
_SCRIPT: Final = f"""
set -e
root=$1/root files=$1/files
shift
for each in /*; do
  if [ -L "$each" ]; then cp -P "$each" "$root$each"
  elif [ -d "$each" ] && [ ! -d "$files/volumes$each" ]; then mkdir "$root$each"; mount --rbind "$each" "$root$each"
  fi
done
for each in "$files"/volumes/*; do
  mkdir "$root/${{each##*/}}"
  mount --bind "$each" "$root/${{each##*/}}"
done
mount --bind "$files/authorities" "$root{AUTHORITIES}"
mount --bind "$files/hosts" "$root{_HOSTS}"
exec chroot "$root" "$@"
"""


def room(
    folder: Path, volumes: Mapping[str, Mapping[str, bytes]], authorities: bytes, hosts: Mapping[str, str]
) -> list[str]:
    """The beginning of a command whose program has a root of its own, which is gone with it.

    It has everything of this machine there, but for some files. It takes the right to a mount namespace of its own.

    Args:
        folder: for its files; it isn't there yet.
        volumes: files by name, by the folder below the root.
        authorities: that its system knows, PEM.
        hosts: addresses by name, beside those that this machine knows.
    """
    files = folder / "files"
    for name, data in volumes.items():
        (files / "volumes" / name).mkdir(parents=True)
        for file, content in data.items():
            (files / "volumes" / name / file).write_bytes(content)
    (folder / "root").mkdir()
    (files / "authorities").write_bytes(authorities)
    known = [f"{address} {host}" for host, address in hosts.items()]
    (files / "hosts").write_text("\n".join([_HOSTS.read_text(), *known, ""]))
    return ["unshare", "--mount", "sh", "-c", _SCRIPT, "sh", str(folder)]


def missing() -> str:
    """Why there are none here; empty: there can be."""
    if not shutil.which("ip"):
        return "needs ip, of iproute2"
    if subprocess.run(["unshare", "--mount", "--net", "true"], capture_output=True, check=False).returncode:
        return "needs the right to namespaces of its own, as root has it"
    return "" if AUTHORITIES.is_file() else f"needs {AUTHORITIES}, where Envoy looks for authorities"


@contextmanager
def network() -> Iterator[list[str]]:
    """A network with one address, `POD`, from which this machine is at `MACHINE`.

    Gives the beginning of a command whose program is in it.
    """
    name = f"door{os.getpid()}"
    _ip("netns", "add", name)
    try:
        _ip("link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name)
        for where, device, address in (([], name, MACHINE), (["-n", name], "eth0", POD)):
            _ip(*where, "addr", "add", f"{address}/30", "dev", device)
            _ip(*where, "link", "set", device, "up")
        _ip("-n", name, "link", "set", "lo", "up")
        yield ["ip", "netns", "exec", name]
    finally:
        _ip("netns", "del", name)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)
