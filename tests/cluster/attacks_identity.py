"""What people of the platform's issuer might do, and what whoever writes their groups might make them.

In the sample stacks the group `search-analysts` may submit to `search-adhoc`, and does nothing in the tenant's other
queue. EKS tells the API server of users and groups with the prefix `oidc:`; `test_identity.py` does so by real tokens.
"""

from __future__ import annotations

from typing import Final

from sizing import names
from tests.cluster.api import Object
from tests.cluster.application_shapes import application, connect, scheduled
from tests.cluster.attacks_applications_runs import submitter, submitter_in_pods
from tests.cluster.attacks_kinds import volume
from tests.cluster.attacks_rbac import CANNOT, applications, core, in_namespace
from tests.cluster.attempts import Action, Ask, Attempt, Case, Completion, Create
from tests.cluster.cluster import User
from tests.cluster.pod_shapes import ADMINISTRATOR, driver

QUEUE: Final = "search-adhoc"
OTHER_QUEUE: Final = "search-scheduled"
OTHER_TENANT: Final = "ads-batch"
ANALYST: Final = User("oidc:jane@example.com", ("oidc:search-analysts",))
QUOTED: Final = User('oidc:jane "o\\reilly", jane@example.com', ANALYST.groups)
"""Whose claim has what JSON and Spark's settings put in quotes."""
OWNER: Final = User("lead", ("elastic-spark:search:owner",))
"""Of the same queues, by a principal."""


def here(thing: Object) -> Object:
    """The same in the analysts' queue."""
    return in_namespace(thing, QUEUE)


def _claiming(*groups: str) -> User:
    """Somebody of the issuer whose token has these groups."""
    return User("oidc:eve@example.com", tuple(map(names.issuers_group, groups)))


def _cannot(name: str, who: User, does: Action, twin: Action, twin_who: User = ANALYST) -> Attempt:
    return Attempt(name=name, who=who, does=does, refused=CANNOT, twin=twin, twin_who=twin_who)


SUBMITS: Final = Create(here(application()))
LOOKS: Final = Ask("GET", core("pods", QUEUE))
POLICIES: Final = "/apis/networking.k8s.io/v1/namespaces/search-adhoc/networkpolicies"

CASES: Final[tuple[Case, ...]] = (
    *(
        _cannot(
            f"an analyst who submits to {queue}",
            ANALYST,
            Create(in_namespace(application(), queue)),
            SUBMITS,
        )
        for queue in (OTHER_QUEUE, OTHER_TENANT)
    ),
    *(
        _cannot(f"an analyst who looks at {queue}", ANALYST, Ask("GET", applications(queue)), LOOKS)
        for queue in (OTHER_QUEUE, OTHER_TENANT)
    ),
    _cannot("an analyst who makes a pod", ANALYST, Create(here(driver())), SUBMITS),
    _cannot("an analyst who reads secrets", ANALYST, Ask("GET", core("secrets", QUEUE)), LOOKS),
    _cannot("a group of the same name that is not the issuer's", User("jane", ("search-analysts",)), SUBMITS, SUBMITS),
    _cannot("somebody of the issuer in no group", _claiming(), LOOKS, LOOKS),
    *(
        _cannot(f"a token that says {group}", _claiming(group), does, does, twin_who)
        for group, does, twin_who in (
            ("elastic-spark:search:owner", LOOKS, OWNER),
            ("elastic-spark:shared:airflow:search-adhoc:viewer", LOOKS, OWNER),
            ("oidc:search-analysts", LOOKS, ANALYST),
            ("system:masters", Ask("GET", "/api/v1/nodes"), ADMINISTRATOR),
            (names.TENANT_DEPLOYERS, Ask("GET", POLICIES), User("p", (names.TENANT_DEPLOYERS,))),
            (names.deployers_group("search"), Ask("GET", POLICIES), User("p", (names.deployers_group("search"),))),
        )
    ),
    Attempt(
        name="a volume that is a node's root folder by one of the issuer's groups with too many rights",
        who=User(ANALYST.name, (*ANALYST.groups, *ADMINISTRATOR.groups)),
        does=Create(volume()),
        rule="volumes",
        twin=Create(volume()),
        twin_who=ADMINISTRATOR,
    ),
    *(
        Completion(
            name=f"{what} says which of the issuer's people submitted it",
            who=who,
            does=Create(here(thing())),
            rule="application-submitter",
            field=submitter,
            becomes=who.name,
            twin=Create(here(thing())),
            twin_who=OWNER,
            stays=OWNER.name,
        )
        for what, thing, who in (
            ("an application", application, ANALYST),
            ("a schedule", scheduled, ANALYST),
            ("a server", connect, ANALYST),
            ("an application of somebody with a name in quotes", application, QUOTED),
        )
    ),
    *(
        Completion(
            name=f"{what} tells its pods which of the issuer's people submitted it",
            who=who,
            does=Create(here(thing())),
            rule="application-submitter-pods",
            field=submitter_in_pods,
            becomes=[who.name] * 2,
            twin=Create(here(thing())),
            twin_who=OWNER,
            stays=[OWNER.name] * 2,
        )
        for what, thing, who in (
            ("an application", application, ANALYST),
            ("an application of somebody with a name in quotes", application, QUOTED),
        )
    ),
)
