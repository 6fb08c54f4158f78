"""What `fleet preview --format json` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel

from fleet.formats.report_forms import (
    BaseForm,
    BetweenForm,
    BudgetForm,
    ChangeForm,
    CostForm,
    CostLineForm,
    DifferenceForm,
    EnvironmentForm,
    ErrorForm,
    ExpectedForm,
    MonthForm,
    OptionsForm,
    OwnerCostForm,
    PolicyFindingForm,
    PoolForm,
    PreviewForm,
    PropertyForm,
    QueueForm,
    ResourceForm,
    StackForm,
    TraceForm,
)
from fleet.offline.changes.comparison import FleetComparison, StackComparison
from fleet.offline.changes.difference import Change, Difference, Operation
from fleet.offline.changes.property_changes import Absent, PropertyChange
from fleet.offline.changes.property_paths import written
from fleet.offline.environments import NOT_KNOWN, EnvironmentSums, environment_sums
from fleet.offline.expected import ExpectedQueue, NamedTrace
from fleet.offline.pools import PoolRow, QueueRow, pool_rows, queue_rows
from fleet.offline.registration import Registration, Secret, Unknown
from fleet.offline.stack_preview import Failure
from policies.evaluation import PolicyFinding
from sizing.pricing.budget import BudgetComparison
from sizing.pricing.costs import Cost
from sizing.values import Json, mapped

if TYPE_CHECKING:
    from capacity.expected import Month


def preview_form(comparison: FleetComparison) -> PreviewForm:
    """The documented form of a preview."""
    base = comparison.base
    return PreviewForm(
        base=BaseForm(asked=base.asked, commit=base.commit, other_requirements=base.other_requirements)
        if base
        else None,
        trace=_trace_form(comparison.trace) if comparison.trace else None,
        stacks=tuple(_stack_form(stack) for stack in comparison.stacks),
        environments=tuple(map(_environment_form, environment_sums(comparison.stacks, compared=base is not None))),
        errors=tuple(BetweenForm.model_validate(vars(finding)) for finding in comparison.preview.findings),
    )


def _environment_form(sums: EnvironmentSums) -> EnvironmentForm:
    return EnvironmentForm(
        name=None if sums.name == NOT_KNOWN else sums.name,
        stacks=sums.stacks,
        left_out=sums.left_out,
        resources=sums.resources,
        queues=sums.queues,
        min_nodes=sums.min_nodes,
        max_nodes=sums.max_nodes,
        min_usd_per_month=float(sums.after.minimum),
        max_usd_per_month=float(sums.after.maximum),
        min_usd_per_month_before=float(sums.before.minimum) if sums.before else None,
        max_usd_per_month_before=float(sums.before.maximum) if sums.before else None,
        complete=sums.complete,
    )


def to_json(form: BaseModel) -> str:
    """JSON with camelCase keys, two spaces deep, without options that are not set."""
    return form.model_dump_json(by_alias=True, indent=2) + "\n"


def _stack_form(stack: StackComparison) -> StackForm:
    registrations = stack.registrations
    return StackForm(
        stack=stack.stack,
        ok=stack.after is None or stack.after.ok,
        removed=stack.after is None,
        errors=errors_form(stack.after.failure if stack.after else None),
        difference=_difference_form(stack.difference, stack.not_known) if stack.difference else None,
        cost_before=_cost_form(stack.cost_before) if stack.cost_before else None,
        cost=_cost_form(stack.cost_after) if stack.cost_after else None,
        budget=_budget_form(stack.budget) if stack.budget else None,
        policy_findings=tuple(map(policy_form, stack.policy_findings)),
        expected=tuple(map(_expected_form, stack.expected)),
        queues=tuple(_queue_form(row) for row in queue_rows(registrations)) if registrations else (),
        pools=tuple(_pool_form(row) for row in pool_rows(registrations, stack.spot_prices)) if registrations else (),
        resources=tuple(_resource_form(r) for r in registrations.values()) if registrations else (),
    )


def errors_form(failure: Failure | None) -> tuple[ErrorForm, ...]:
    """The documented form of why a stack can't be previewed; empty where it can."""
    if failure is None:
        return ()
    findings = tuple(
        ErrorForm(
            path=f.path, found=f.found, allowed=f.allowed, message=f"{f.path}: found {f.found}; allowed: {f.allowed}"
        )
        for f in failure.findings
    )
    return findings or (ErrorForm(path=None, found=None, allowed=None, message=failure.message),)


def policy_form(finding: PolicyFinding) -> PolicyFindingForm:
    """The documented form of what a rule says."""
    return PolicyFindingForm.model_validate(vars(finding))


def _difference_form(difference: Difference, not_known: tuple[str, ...]) -> DifferenceForm:
    return DifferenceForm(
        **{operation.value: difference.count(operation) for operation in Operation},
        renamed=difference.renamed,
        unchanged=difference.unchanged,
        changes=tuple(map(_change_form, difference.changes)),
        not_known=not_known,
    )


def _change_form(change: Change) -> ChangeForm:
    resource = change.resource
    return ChangeForm(
        urn=resource.urn,
        type=resource.type,
        name=resource.name,
        operation=change.operation.value,
        former_urn=change.before.urn if change.before else None,
        refused=change.refused,
        replaced_for=change.replaced_for,
        updated_for=change.updated_for,
        properties=tuple(map(_property_form, change.properties)),
    )


def _property_form(change: PropertyChange) -> PropertyForm:
    return PropertyForm(
        part=change.part,
        path=written(change.path),
        before=_printable(change.before),
        after=_printable(change.after),
        forces_replacement=change.forces_replacement,
    )


def _cost_form(cost: Cost) -> CostForm:
    return CostForm(
        complete=not cost.unknown,
        owners=tuple(_owner_form(owner, cost.of(owner)) for owner in cost.owners),
        lines=tuple(CostLineForm.model_validate(vars(line)) for line in cost.lines),
    )


def _owner_form(owner: str, cost: Cost) -> OwnerCostForm:
    hour, month = cost.per_hour, cost.per_month
    return OwnerCostForm(
        owner=owner,
        min_usd_per_hour=float(hour.minimum),
        max_usd_per_hour=float(hour.maximum),
        min_usd_per_month=float(month.minimum),
        max_usd_per_month=float(month.maximum),
    )


def _budget_form(budget: BudgetComparison) -> BudgetForm:
    return BudgetForm(
        tenant=budget.tenant,
        monthly_usd=float(budget.monthly_usd),
        min_usd_per_month=float(budget.minimum),
        max_usd_per_month=float(budget.maximum),
        complete=budget.complete,
        over_at_minimum=budget.over_at_minimum,
        over_at_maximum=budget.over_at_maximum,
    )


def _trace_form(trace: NamedTrace) -> TraceForm:
    return TraceForm(
        name=trace.name, jobs=trace.jobs, weeks=trace.weeks, made_up_jobs=trace.made_up, remarks=trace.remarks
    )


def _expected_form(one: ExpectedQueue) -> ExpectedForm:
    return ExpectedForm(
        queue=one.queue,
        before=_month_form(one.then) if one.then else None,
        now=_month_form(one.now) if one.now else None,
        why=one.why,
        unable_jobs=one.unable.jobs if one.unable else 0,
        unable_why=one.unable.why if one.unable else "",
    )


def _month_form(month: Month) -> MonthForm:
    return MonthForm(
        jobs=month.jobs,
        weeks=month.weeks,
        usd_per_month=month.usd,
        p95_wait_seconds=month.wait,
        p95_longer=month.longer,
        made_up=month.made_up,
    )


def _pool_form(row: PoolRow) -> PoolForm:
    return PoolForm.model_validate(vars(row))


def _queue_form(row: QueueRow) -> QueueForm:
    numbers = {name: value for name, value in vars(row).items() if name != "reached"}
    reached = row.reached
    return QueueForm.model_validate(
        numbers
        | {
            "data": tuple(map(vars, reached.data)),
            "catalogs": tuple(map(vars, reached.catalogs)),
            "databases": tuple(map(vars, reached.databases)),
            "reach": tuple(map(vars, reached.places)),
            "secrets": tuple(map(vars, reached.secrets)),
            "pools": tuple(pool.identity for pool in row.pools),
        }
    )


def _resource_form(registration: Registration) -> ResourceForm:
    options = vars(registration.options) | {
        "timeouts": dict(registration.options.timeouts),
        "aliases": tuple(map(str, registration.options.aliases)),
    }
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


def _printable(value: Json) -> Json:
    return mapped(value, _printable_leaf)


def _printable_leaf(leaf: Json) -> Json:
    match leaf:
        case Absent():
            return None
        case Unknown(sources):
            return {"$unknown": list(sources)}
        case Secret():
            return {"$secret": True}
        case _:
            return leaf
