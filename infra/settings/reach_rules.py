"""Rules about the places that queues name: each is one thing, and none is the platform's own."""

from __future__ import annotations

from collections.abc import Iterator

from infra.contract import PlatformContract
from infra.settings.findings import Finding
from infra.settings.reach import Place
from infra.settings.tenant import AwsTenant, ExistingTenant, queues_of
from sizing.reach import range_error


def places_are_one_thing(settings: AwsTenant | ExistingTenant) -> Iterator[Finding]:
    """Each place is a host or a range."""
    for path, place in _places(settings):
        if (place.host is None) == (place.cidr is None):
            yield Finding(path, "both host and cidr" if place.host else "neither host nor cidr", "exactly one of them")


def places_differ(settings: AwsTenant | ExistingTenant) -> Iterator[Finding]:
    """A queue names a port of a place once: the second is a copy in which something was to be changed."""
    seen: dict[tuple[str, str, int], str] = {}
    for path, place in _places(settings):
        queue, _, name = path.removeprefix("queues.").partition(".reach.")
        for index, port in enumerate(place.ports):
            at = place.host or str(place.cidr)
            if (first := seen.setdefault((queue, at, port), name)) != name:
                yield Finding(
                    f"{path}.ports[{index}]", f"{port} of {at}", f"a port or place of its own: {first} has it"
                )


def hosts_need_cilium(settings: ExistingTenant) -> Iterator[Finding]:
    """Network policies of Kubernetes' own know addresses alone."""
    for path, place in _places(settings):
        if place.host:
            yield Finding(
                f"{path}.host",
                place.host,
                "a cidr: hosts are known by name only to Cilium, which platforms in AWS have",
            )


def places_on_platform(settings: AwsTenant | ExistingTenant, contract: PlatformContract) -> Iterator[Finding]:
    """No place is the platform's own: its nodes, pods, services or API."""
    for path, place in _places(settings):
        if place.cidr and (error := range_error(place.cidr, contract.cluster_cidrs)):
            yield Finding(f"{path}.cidr", str(place.cidr), error)
        if place.host and contract.aws and place.host == contract.aws.api_server:
            yield Finding(f"{path}.host", place.host, f"a host other than the API of {settings.platform}")


def _places(settings: AwsTenant | ExistingTenant) -> Iterator[tuple[str, Place]]:
    for name, queue in queues_of(settings):
        for place, found in sorted(queue.reach.items()):
            yield f"queues.{name}.reach.{place}", found
