"""A server whose certificate the kubeconfig's authority has not signed."""

from __future__ import annotations

import asyncio
import datetime
import ssl
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from skate import kubeconfig
from skate.cluster import Cluster
from skate.errors import UnreachableError


def signed_by_itself(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate of 127.0.0.1, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    there = folder / f"{name}.crt", folder / f"{name}.key"
    there[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    there[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return there


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    certificate, key = signed_by_itself(tmp_path, "server")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    listening = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    listening.socket = context.wrap_socket(listening.socket, server_side=True)
    thread = threading.Thread(target=listening.serve_forever, daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{listening.server_port}"
    listening.shutdown()
    thread.join()
    listening.server_close()


def test_an_untrusted_certificate_names_the_setting_and_is_not_tried_again(tmp_path: Path, server: str) -> None:
    other, _ = signed_by_itself(tmp_path, "other")
    content = {
        "current-context": "dev",
        "clusters": [{"name": "dev", "cluster": {"server": server, "certificate-authority": str(other)}}],
        "users": [{"name": "dev", "user": {"token": "t"}}],
        "contexts": [{"name": "dev", "context": {"cluster": "dev", "user": "dev"}}],
    }
    (tmp_path / "config").write_text(yaml.safe_dump(content))

    async def ask() -> None:
        cluster = Cluster(kubeconfig.load(kubeconfig=tmp_path / "config"))
        try:
            await cluster.application("ads-batch", "x")
        finally:
            await cluster.close()

    began = time.monotonic()
    with pytest.raises(UnreachableError) as error:
        asyncio.run(ask())
    assert time.monotonic() - began < 5
    assert error.value.what.startswith(f"The certificate of {server} (context dev) is not trusted ")
    assert "`certificate-authority: FILE`" in error.value.remedy
    assert "VPN" not in error.value.remedy
