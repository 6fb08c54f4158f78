"""What `fleet preview --format json` prints: a documented form with a version of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from fleet.pools import PoolRow, QueueRow, pool_rows, queue_rows
from fleet.preview import FleetPreview, StackPreview
from fleet.registration import Json, Registration, Secret, Unknown


class _Form(BaseModel):
    model_config = ConfigDict(
        frozen=True, alias_generator=to_camel, populate_by_name=True, use_attribute_docstrings=True, extra="forbid"
    )


class ErrorForm(_Form):
    """Something that keeps a stack from being previewed."""

    path: str | None
    """YAML path in the stack file, where it is about a setting."""
    found: str | None
    allowed: str | None
    message: str


class OptionsForm(_Form):
    """Resource options that the engine acts upon; left out where they are not set."""

    protect: bool = False
    retain_on_delete: bool = False
    delete_before_replace: bool | None = None
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    additional_secret_outputs: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    deleted_with: str = ""
    import_id: str = ""
    timeouts: Mapping[str, str] = Field(default_factory=dict)


class ResourceForm(_Form):
    """A resource as the program registers it."""

    urn: str
    type: str
    name: str
    parent: str
    """URN of the parent; empty for the stack itself."""
    custom: bool
    """True for what a provider manages, false for components."""
    provider: str
    """URN of the explicit provider, or empty."""
    inputs: Mapping[str, Json]
    """Inputs; `{"$unknown": [URN, ...]}` where only the deployment can tell the value, made of outputs of those
    resources; `{"$secret": true}` where the value is secret."""
    outputs: Mapping[str, Json]
    """What a component registered as its outputs; the stack's are its exports."""
    dependencies: tuple[str, ...]
    options: OptionsForm


class PoolForm(_Form):
    """A pool; its nodes over all its zones."""

    identity: str
    """The value of the pool's node label and taint."""
    purpose: Literal["system", "driver", "executor"]
    queue: str
    """The queue whose executors it runs; empty for nodes that all share."""
    capacity: Literal["on-demand", "spot", "spot or on-demand", "existing"]
    zones: tuple[str, ...]
    instance_types: tuple[str, ...]
    min_nodes: int
    max_nodes: int
    vcpus_per_node: float
    memory_gib_per_node: float
    """Nominal memory, in GiB."""
    min_usd_per_hour: float | None
    """Nodes and root volumes by list price, Spot at an assumed share of it; null where a price is not known."""
    max_usd_per_hour: float | None


class QueueForm(_Form):
    """A queue: what it is guaranteed, and what it may have at most."""

    queue: str
    """The queue's namespace, which is the last part of its name in YuniKorn."""
    guaranteed_cpu: int
    """Millicores."""
    guaranteed_memory: int
    """Bytes."""
    maximum_cpu: int
    """Millicores, the driver allowance included."""
    maximum_memory: int
    """Bytes, the driver allowance included."""
    applications: int
    """Applications at once."""
    pools: tuple[str, ...]
    """Identities of its pools."""


class StackForm(_Form):
    """One stack: its plan, or its errors."""

    stack: str
    ok: bool
    errors: tuple[ErrorForm, ...]
    queues: tuple[QueueForm, ...]
    pools: tuple[PoolForm, ...]
    resources: tuple[ResourceForm, ...]
    """Sorted by URN."""


class BetweenForm(_Form):
    """Something wrong between stacks."""

    stacks: tuple[str, ...]
    found: str
    allowed: str


class PreviewForm(_Form):
    """The preview of a fleet. `version` grows when a reader of the previous one would have to change."""

    version: Literal[1] = 1
    stacks: tuple[StackForm, ...]
    errors: tuple[BetweenForm, ...]
    """What is wrong between stacks, such as driver allowances that the driver pool can't hold."""


def preview_form(preview: FleetPreview) -> PreviewForm:
    """The documented form of a preview."""
    return PreviewForm(
        stacks=tuple(_stack_form(stack) for stack in preview.stacks),
        errors=tuple(BetweenForm.model_validate(vars(finding)) for finding in preview.findings),
    )


def to_json(form: BaseModel) -> str:
    """JSON with camelCase keys, two spaces deep, without options that are not set."""
    return form.model_dump_json(by_alias=True, indent=2) + "\n"


def _stack_form(preview: StackPreview) -> StackForm:
    plan, failure = preview.plan, preview.failure
    errors: tuple[ErrorForm, ...] = ()
    if failure:
        errors = tuple(
            ErrorForm(
                path=f.path,
                found=f.found,
                allowed=f.allowed,
                message=f"{f.path}: found {f.found}; allowed: {f.allowed}",
            )
            for f in failure.findings
        ) or (ErrorForm(path=None, found=None, allowed=None, message=failure.message),)
    return StackForm(
        stack=preview.stack,
        ok=plan is not None,
        errors=errors,
        queues=tuple(_queue_form(row) for row in queue_rows(plan)) if plan else (),
        pools=tuple(_pool_form(row) for row in pool_rows(plan)) if plan else (),
        resources=tuple(_resource_form(r) for r in plan.values()) if plan else (),
    )


def _pool_form(row: PoolRow) -> PoolForm:
    return PoolForm.model_validate(vars(row))


def _queue_form(row: QueueRow) -> QueueForm:
    return QueueForm.model_validate(vars(row) | {"pools": tuple(pool.identity for pool in row.pools)})


def _resource_form(registration: Registration) -> ResourceForm:
    options = vars(registration.options) | {"timeouts": dict(registration.options.timeouts)}
    return ResourceForm(
        urn=registration.urn,
        type=registration.type,
        name=registration.name,
        parent=registration.parent,
        custom=registration.custom,
        provider=registration.provider,
        inputs=_printable(registration.inputs),
        outputs=_printable(registration.outputs),
        dependencies=registration.dependencies,
        options=OptionsForm.model_validate(options),
    )


def _printable(value: Json) -> Any:  # noqa: ANN401
    match value:
        case Unknown(sources):
            return {"$unknown": list(sources)}
        case Secret():
            return {"$secret": True}
        case Mapping():
            return {key: _printable(value[key]) for key in sorted(value)}
        case list() | tuple():
            return [_printable(item) for item in value]
        case _:
            return value
