"""The documented form of a preview in JSON, with a version of its own; `fleet.formats.report` fills it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from sizing.values import Json


class Form(BaseModel):
    """What every form shares: camelCase keys, and no others than those that are documented."""

    model_config = ConfigDict(
        frozen=True, alias_generator=to_camel, populate_by_name=True, use_attribute_docstrings=True, extra="forbid"
    )


class ErrorForm(Form):
    """Something that keeps a stack from being previewed."""

    path: str | None
    """YAML path in the stack file, where it is about a setting."""
    found: str | None
    allowed: str | None
    message: str


class OptionsForm(Form):
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


class ResourceForm(Form):
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


class PoolForm(Form):
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


class ReachedDataForm(Form):
    """Objects in S3 that a queue's jobs use."""

    bucket: str
    prefix: str
    """Without slashes at its ends; empty for the whole bucket."""
    access: Literal["read", "readWrite"]
    kms_key: str | None
    """ARN of the key that encrypts them, where the stack names one."""


class ReachedCatalogForm(Form):
    """Where jobs find tables."""

    name: str
    """What jobs call it."""
    kind: Literal["glue", "rest", "hive"]
    address: str
    """Of AWS Glue its region, of the others where they answer."""
    warehouse: str | None
    """Where new tables go (Glue), or which of its warehouses (REST)."""


class ReachedDatabaseForm(Form):
    """A database of AWS Glue whose tables jobs use."""

    name: str
    access: Literal["read", "readWrite"]


class ReachedPlaceForm(Form):
    """A place outside the cluster; those of catalogs are with the catalogs."""

    name: str
    """What the stack calls it."""
    address: str
    """A host's name, or a range of IPv4 addresses."""
    ports: tuple[int, ...]
    """TCP ports."""
    purpose: str


class ReachedSecretForm(Form):
    """A secret of Secrets Manager or a parameter of Systems Manager; its value is nowhere in a preview."""

    name: str
    """What jobs find it by."""
    arn: str


class QueueForm(Form):
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
    order: Literal["fifo", "fair"]
    """In which YuniKorn gives its applications executors: first come, or who has least."""
    max_executors_per_job: int | None
    """Null where one job may have all that the queue holds."""
    backfill: bool
    """Whether it has a lane for jobs that wait for all others."""
    data: tuple[ReachedDataForm, ...]
    """What its jobs reach beside HTTPS and their own folders of the platform's buckets: this and the next four."""
    catalogs: tuple[ReachedCatalogForm, ...]
    databases: tuple[ReachedDatabaseForm, ...]
    reach: tuple[ReachedPlaceForm, ...]
    secrets: tuple[ReachedSecretForm, ...]
    pools: tuple[str, ...]
    """Identities of its pools."""


class PropertyForm(Form):
    """A property that changes."""

    part: Literal["input", "option", "output"]
    path: str
    """As the engine writes it: `a.b[0].c`, `a["k8s.io/x"]`; below a JSON text it goes on with that document's keys."""
    before: Json
    """In the form of inputs; null where it was not there."""
    after: Json
    forces_replacement: bool


class ChangeForm(Form):
    """What becomes of a resource that doesn't stay as it is."""

    urn: str
    type: str
    name: str
    operation: Literal["added", "changed", "kept", "removed", "replaced"]
    """`kept`: its name, its options or its outputs change, and its provider has nothing to do."""
    former_urn: str | None
    """The URN that it had, where an alias finds it by another; null where it was not there."""
    refused: bool
    """It is protected, and the engine refuses to delete or replace it."""
    replaced_for: tuple[str, ...]
    """URNs of resources whose replacement forces its own."""
    updated_for: tuple[str, ...]
    """URNs of resources whose replacement gives it new values, which it takes in place."""
    properties: tuple[PropertyForm, ...]


class DifferenceForm(Form):
    """What changes in a stack since the base."""

    added: int
    changed: int
    replaced: int
    removed: int
    renamed: int
    kept: int
    unchanged: int
    changes: tuple[ChangeForm, ...]
    """Sorted by URN."""
    not_known: tuple[str, ...]
    """Sentences on what can't be read of the stack as it was, such as its cost, which is null then."""


class CostLineForm(Form):
    """Units of one kind, and what one of them costs."""

    owner: str
    """`platform`, or the queue's namespace."""
    what: str
    unit: str
    minimum: int
    """Units at the minimum."""
    maximum: int
    usd_per_unit_hour: float | None
    """Null where there is no price; `unpriced` says why."""
    unpriced: str | None
    note: str


class OwnerCostForm(Form):
    """The sums of one owner's priced lines, in USD."""

    owner: str
    min_usd_per_hour: float
    max_usd_per_hour: float
    min_usd_per_month: float
    max_usd_per_month: float


class CostForm(Form):
    """What a stack costs by list prices; a month has 730 hours."""

    complete: bool
    """False where a price that is not known makes the sums too low. What is charged by use is never in them."""
    owners: tuple[OwnerCostForm, ...]
    lines: tuple[CostLineForm, ...]


class BudgetForm(Form):
    """A tenant's cost beside its budget, in USD a month."""

    tenant: str
    monthly_usd: float
    min_usd_per_month: float
    max_usd_per_month: float
    complete: bool
    over_at_minimum: bool
    over_at_maximum: bool


class PolicyFindingForm(Form):
    """What a rule of the policy pack says."""

    rule: str
    severity: Literal["low", "medium", "high", "critical"]
    enforcement: Literal["advisory", "mandatory"]
    """`mandatory` stops a preview and a deployment."""
    urn: str
    """Of the resource; the stack's own where it is about the stack as a whole."""
    message: str
    remedy: str
    undecided: bool
    """The rule depends on a value that only the deployment can tell."""


class BaseForm(Form):
    """The revision that stacks are compared with."""

    asked: str
    commit: str
    other_requirements: tuple[str, ...]
    """What it pins in other versions than those that ran."""


class MonthForm(Form):
    """A month of a queue's executor nodes, were it as the trace's weeks."""

    jobs: int
    """Runs that were replayed."""
    weeks: float
    """From the first of them being asked for to the last one's end."""
    usd_per_month: float | None
    """Null where a price isn't known."""
    p95_wait_seconds: float
    """From a job's submission to its driver's start: 95 of a hundred wait less."""
    p95_longer: float
    """Runtime as a share of the recorded one, less 1: 95 of a hundred are below."""
    made_up: bool
    """Whether any of these runs was generated."""


class ExpectedForm(Form):
    """What a trace makes one expect of a queue."""

    queue: str
    before: MonthForm | None
    """Null where nothing is compared, or nothing can be told."""
    now: MonthForm | None
    """Null where nothing can be told, and where the queue is no more."""
    why: str
    """Why there is none now; empty where there is, or the queue is no more."""
    unable_jobs: int
    """Recorded runs that can't run as the queue is declared now."""
    unable_why: str


class StackForm(Form):
    """One stack: its registrations, or its errors."""

    stack: str
    ok: bool
    """Whether it has a preview that breaks no mandatory rule, or is no more."""
    removed: bool
    """Whether it has a file in the base only."""
    errors: tuple[ErrorForm, ...]
    difference: DifferenceForm | None
    """Null without a base, and where a side has no preview."""
    cost_before: CostForm | None
    cost: CostForm | None
    budget: BudgetForm | None
    policy_findings: tuple[PolicyFindingForm, ...]
    """Mandatory ones first."""
    expected: tuple[ExpectedForm, ...]
    """Months of its queues by the trace, by name; empty where none is named."""
    queues: tuple[QueueForm, ...]
    pools: tuple[PoolForm, ...]
    resources: tuple[ResourceForm, ...]
    """Sorted by URN."""


class BetweenForm(Form):
    """Something wrong between stacks, or with what a change makes of one."""

    stacks: tuple[str, ...]
    found: str
    allowed: str


class EnvironmentForm(Form):
    """What the stacks of an environment sum up to, by list prices, in USD a month."""

    name: str | None
    """As the platform's contract says; null where the platform is not in the preview."""
    stacks: tuple[str, ...]
    left_out: tuple[str, ...]
    """Stacks that are not in the sums: one side has no preview."""
    resources: int
    queues: int
    min_nodes: int
    max_nodes: int
    min_usd_per_month: float
    max_usd_per_month: float
    min_usd_per_month_before: float | None
    """Null where nothing is compared, or not all stacks can be."""
    max_usd_per_month_before: float | None
    complete: bool
    """False where a stack is left out, or a price that is not known makes the sums too low."""


class TraceForm(Form):
    """The trace by which months are expected."""

    name: str
    """As it was named."""
    jobs: int
    """Runs in it."""
    weeks: float
    made_up_jobs: int
    """Of the runs, those that `fleet capacity generate` made up."""
    remarks: tuple[str, ...]
    """What it can't answer, a sentence each."""


class PreviewForm(Form):
    """The preview of a fleet. `version` grows when a reader of the previous one would have to change."""

    version: Literal[1] = 1
    base: BaseForm | None
    """Null where nothing was asked to be compared."""
    trace: TraceForm | None
    """Null where none is named."""
    stacks: tuple[StackForm, ...]
    environments: tuple[EnvironmentForm, ...]
    errors: tuple[BetweenForm, ...]
    """What is wrong between stacks, such as driver allowances that the driver pool can't hold; and changes that must
    not be, such as other nodes within a pool's generation."""
