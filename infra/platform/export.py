"""How a platform's stack exports its contract."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from infra.contract import CONTRACT_OUTPUT, AwsPart, contract_type
from infra.settings.door import Door, door_login
from infra.settings.fields import Model
from infra.settings.identity import Identity, ListedIdentity
from infra.settings.platform import Spark, SparkOperator
from infra.settings.shared import SharedGroups, SharedPrincipal


def export_contract(values: Mapping[str, Any]) -> None:
    """Export the contract; values that only AWS knows may be Outputs.

    Raises:
        ValueError: the keys are not exactly those of the contract.
    """
    _same_keys(contract_type(values), values, CONTRACT_OUTPUT)
    if values["aws"] is not None:
        _same_keys(AwsPart, values["aws"], f"{CONTRACT_OUTPUT}.aws")
    pulumi.export(CONTRACT_OUTPUT, values)


def job_rules(spark: Spark, operator: SparkOperator) -> dict[str, Any]:
    """What jobs may run on the platform, as the contract has it."""
    return {
        "images": list(spark.images),
        "packageGroups": list(spark.packages),
        "keptHours": operator.applications_kept_hours,
    }


def shared_principals(shared: Mapping[str, SharedPrincipal | SharedGroups]) -> dict[str, Any]:
    """The principals that serve several queues, as the contract has them."""
    return {name: shared[name].model_dump(by_alias=True, exclude_none=True) for name in sorted(shared)}


def listed_identity(identity: Identity | None) -> dict[str, Any] | None:
    """The issuer of people's tokens, as the contract has it."""
    if identity is None:
        return None
    return identity.model_dump(by_alias=True, include=set(ListedIdentity.model_fields))


def listed_door(door: Door | None, identity: Identity | None) -> dict[str, Any] | None:
    """The door, as the contract has it."""
    login = door_login(door, identity)
    if door is None or login is None:
        return None
    return {
        "domain": door.domain,
        "issuer": login.issuer,
        "jwksUri": login.jwks_uri,
        "audiences": list(login.audiences),
        "groupsClaim": login.groups_claim,
        "requiredClaims": dict(sorted(login.required_claims.items())),
    }


def _same_keys(model: type[Model], values: Mapping[str, Any], path: str) -> None:
    expected = {field.alias or name for name, field in model.model_fields.items()}
    if difference := expected.symmetric_difference(values):
        raise ValueError(f"{path}: missing or unknown: {', '.join(sorted(difference))}")
