"""What secrets as environment variables need of the cluster."""

from __future__ import annotations

from components.queue.secrets import LONGEST_VARIABLE, VOLUME_SIZE
from components.software.versions import supported_kubernetes_versions
from infra.settings.secrets import MAXIMUM_SECRETS
from sizing.quantities import parse_bytes


def test_every_kubernetes_that_the_platform_installs_makes_variables_of_files() -> None:
    """By a feature that is on since 1.35: before it, the API server drops the reference, and refuses the pod."""
    assert min(tuple(map(int, version.split("."))) for version in supported_kubernetes_versions()) >= (1, 35)


def test_all_variables_of_a_queue_fit_into_their_volume_and_into_a_processs_environment() -> None:
    """Linux takes a quarter of the stack's 8 MiB for arguments and environment (execve(2))."""
    assert MAXIMUM_SECRETS * LONGEST_VARIABLE < 8 * 2**20 / 4 / 2
    assert parse_bytes(VOLUME_SIZE) > MAXIMUM_SECRETS * LONGEST_VARIABLE
