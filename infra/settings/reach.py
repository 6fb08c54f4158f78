"""What a queue's jobs reach beside the services of AWS: hosts and ranges."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, WithJsonSchema

from infra.settings.fields import Cidr, Label, Model, Unique, allowed
from sizing.reach import HOST, LONGEST_HOST, Opening, host_error, range_error

MAXIMUM_PLACES = 50
"""That a queue names; each is a rule that every node with one of its pods holds."""


def _host(value: str) -> str:
    if error := host_error(value):
        raise allowed(error)
    return value


def _range(value: IPv4Network) -> IPv4Network:
    if error := range_error(value):
        raise allowed(error)
    return value


ReachedHost = Annotated[
    str,
    AfterValidator(_host),
    WithJsonSchema({"type": "string", "pattern": f"^{HOST}$", "maxLength": LONGEST_HOST}),
]
ReachedRange = Annotated[Cidr, AfterValidator(_range)]
Port = Annotated[int, Field(ge=1, le=65535)]


class Place(Model):
    """A place outside the cluster that the queue's jobs reach; exactly one of `host` and `cidr`."""

    host: ReachedHost | None = None
    """Its full name; `*.` at the start is for one label. Not on an existing cluster."""
    cidr: ReachedRange | None = None
    """Or the IPv4 network in which it is: at most a /16 of a private network, a /24 of a public one."""
    ports: Annotated[tuple[Port, ...], Field(min_length=1, max_length=20), Unique]
    """TCP ports."""
    purpose: Literal["api", "jdbc", "kafka", "metastore", "other"]
    """What is there, for whoever reads the settings."""


Places = Annotated[dict[Label, Place], Field(max_length=MAXIMUM_PLACES)]


def openings(places: Mapping[str, Place]) -> tuple[Opening, ...]:
    """What network policies open for a queue's places, sorted."""
    return tuple(
        sorted(
            Opening(place.host or str(place.cidr), port, name, place.purpose)
            for name, place in places.items()
            for port in place.ports
        )
    )
