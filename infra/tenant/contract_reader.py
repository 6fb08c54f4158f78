"""A platform's contract, as a tenant stack reads it through a StackReference."""

from __future__ import annotations

import json

import pulumi
from pydantic import ValidationError

from infra.contract import CONTRACT_OUTPUT, CONTRACT_VERSION, PlatformContract, contract_type
from sizing.values import Json, mapped, whole


def platform_reference(stack: str) -> pulumi.StackReference:
    """The reference to a platform's stack of this project, by a name that works on every backend."""
    full_name = f"{pulumi.get_organization()}/{pulumi.get_project()}/{stack}"
    return pulumi.StackReference(stack, stack_name=full_name)


async def read_contract(stack: str, reference: pulumi.StackReference) -> PlatformContract:
    """What the platform `stack` exports.

    Raises:
        pulumi.RunError: it exports no contract, or one of another version; the message says what to update first.
    """
    details = await reference.get_output_details(CONTRACT_OUTPUT)
    value = details.secret_value if details.value is None else details.value
    return parse_contract(stack, value)


def parse_contract(stack: str, value: Json) -> PlatformContract:
    """The contract in an export; see `read_contract`."""
    if not isinstance(value, dict):
        raise pulumi.RunError(
            f"the platform stack {stack} exports no contract: deploy it first, with pulumi up --stack {stack}"
        )
    version = whole(value.get("version"))
    if version != CONTRACT_VERSION:
        older = isinstance(version, int) and version < CONTRACT_VERSION
        remedy = (
            f"update the platform first, with pulumi up --stack {stack}"
            if older
            else "update this program first, to the one that the platform was deployed with"
        )
        found = f"the platform stack {stack} has a contract of version {version}"
        raise pulumi.RunError(f"{found}, and this program needs {CONTRACT_VERSION}: {remedy}")
    try:
        return contract_type(value).model_validate_json(json.dumps(mapped(value, whole)))
    except ValidationError as error:
        raise pulumi.RunError(f"the contract of the platform stack {stack} can't be read: {error}") from None
