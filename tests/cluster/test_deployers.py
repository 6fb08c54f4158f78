"""The rows of tenants' deployers are all that there could be: for each pair, each kind that they write, each way."""

from __future__ import annotations

from components.access.tenant_deployers import RULES
from tests.cluster.attacks_deployers import CASES, METHODS, PAIRS, TENANTS, Try, quota_of, things_of
from tests.cluster.attempts import Attempt
from tests.cluster.cluster import deployer_of
from tests.cluster.objects import CustomKind


def test_every_kind_that_deployers_write_is_tried_on_every_tenant() -> None:
    written = {(group, resource) for group, resources, verbs in RULES if "create" in verbs for resource in resources}
    for tenant in TENANTS:
        things = [*things_of(tenant).values(), quota_of(tenant)]
        kinds = ((*thing["apiVersion"].rpartition("/"), thing["kind"]) for thing in things)
        assert {(group, CustomKind(group, version, kind).plural) for group, _, version, kind in kinds} == written


def test_every_pair_of_tenants_is_tried_in_both_directions() -> None:
    assert len(TENANTS) > 2
    rows = {
        (case.who, case.twin_who, case.does.thing["kind"], case.does.verb)
        for case in CASES
        if isinstance(case, Attempt) and isinstance(case.does, Try)
    }
    assert {
        (deployer_of(neighbour), deployer_of(tenant), kind, verb)
        for neighbour, tenant in PAIRS
        for kind in (*things_of(tenant), quota_of(tenant)["kind"])
        for verb in METHODS
    } <= rows
