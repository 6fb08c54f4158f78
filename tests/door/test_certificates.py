"""Clients that look at the load balancer's certificate send nothing to who has none for the door."""

from __future__ import annotations

import datetime
import http.client
import ssl
from pathlib import Path
from typing import Final

import pytest

from tests.cluster.certificates import VALID, Authority
from tests.door import wire
from tests.door.attempts import ADS, BEHIND, GOOD
from tests.door.balancer import balancer
from tests.door.manifests import DOMAIN
from tests.door.running import Door

DOORS: Final = (f"*.{DOMAIN}",)
ENDED: Final = datetime.timedelta(minutes=-5)
MISMATCH: Final = "Hostname mismatch"
EXPIRED: Final = "certificate has expired"
UNKNOWN: Final = "certificate signature failure"
"""The unknown authority has the name of the known one, and another key."""


def asked(port: int, authority: Path, token: str, mark: str) -> int:
    """The status that a client gets that trusts one authority."""
    context = ssl.create_default_context(cafile=str(authority))
    plain = wire.connected(port, tls=False)
    with plain, context.wrap_socket(plain, server_hostname=ADS) as there:
        there.sendall(wire.written(ADS, "GET", "/", [("Authorization", f"Bearer {token}")], b"", mark))
        response = http.client.HTTPResponse(there)
        response.begin()
        return response.status


@pytest.mark.parametrize(
    ("hosts", "valid", "trusted", "fault"),
    [
        pytest.param(("*.example.org",), VALID, True, MISMATCH, id="another-name"),
        pytest.param((DOMAIN,), VALID, True, MISMATCH, id="the-domain-alone"),
        pytest.param((f"*.{ADS}",), VALID, True, MISMATCH, id="names-below"),
        pytest.param(DOORS, ENDED, True, EXPIRED, id="ended"),
        pytest.param(DOORS, VALID, False, UNKNOWN, id="an-unknown-authority"),
    ],
)
def test_a_client_refuses_a_certificate_that_is_not_the_doors(
    door: Door, tmp_path: Path, hosts: tuple[str, ...], valid: datetime.timedelta, trusted: bool, fault: str
) -> None:
    for name in ("known", "other"):
        (tmp_path / name).mkdir()
    known, other = Authority(tmp_path / "known"), Authority(tmp_path / "other")
    wrong = (known if trusted else other).server("wrong", hosts, valid=valid)
    token, mark, twin = GOOD(door), wire.new_mark(), wire.new_mark()
    with balancer(wrong, door.plain_port) as port, pytest.raises(ssl.SSLCertVerificationError, match=fault):
        asked(port, known.certificate, token, mark)
    assert door.marked(mark) == []
    with balancer(known.server("right", DOORS), door.plain_port) as port:
        assert asked(port, known.certificate, token, twin) == 200
    assert door.marked(twin) == [BEHIND[ADS]]
