"""People and pipelines in words: what each may do, by the role that lets them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from components.access.cluster_access import ADMIN, VIEWER
from components.access.platform_viewers import VIEW
from components.access.queue_rbac import PURPOSE_ROLES
from fleet.formats.connections import Connection, Kind
from sizing import names


@dataclass(frozen=True)
class _Words:
    """Of a role: what one who has it is, what several are, and what they may do."""

    one: str
    several: str
    may: str


_ROLES: Final = {
    ADMIN: _Words("administrator", "administrators", "may do everything"),
    names.TENANT_DEPLOYERS: _Words("who deploys tenants", "who deploy tenants", "may deploy tenants"),
    PURPOSE_ROLES["owner"]: _Words("who owns queues", "who own queues", "may submit, and look after the queue"),
    PURPOSE_ROLES["submitter"]: _Words("who may submit", "who may submit", "may submit"),
    PURPOSE_ROLES["viewer"]: _Words("who may look", "who may look", "may look"),
    VIEW: _Words("who may look at everything", "who may look at everything", "may look at everything"),
    VIEWER: _Words("who may look at everything", "who may look at everything", "may look at everything"),
}
"""By what may do most; the words of a role that is not ours are its name."""
_AS: Final = "as "


def counted(connections: Iterable[Connection]) -> list[str]:
    """`1 administrator`, `3 who may submit`: everybody counts once for what they may do, in however many queues."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for one in connections:
        if one.kind is Kind.PEOPLE:
            found[one.how.removeprefix(_AS)].add(one.source)
    order = list(_ROLES)
    said = []
    for role in sorted(found, key=lambda each: (order.index(each) if each in order else len(order), each)):
        count = len(found[role])
        words = _ROLES.get(role, _Words(f"with {role}", f"with {role}", ""))
        said.append(f"{count} {words.one if count == 1 else words.several}")
    return said


def may(connection: Connection) -> str:
    """`may submit (elastic-spark:submitter)`; of other connections, and roles that aren't ours, what they say."""
    role = connection.how.removeprefix(_AS)
    known = connection.kind is Kind.PEOPLE and role in _ROLES
    return f"{_ROLES[role].may} ({role})" if known else connection.how
