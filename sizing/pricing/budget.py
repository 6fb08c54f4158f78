"""Whether a tenant stays within its budget: for previews, and for the policy rule."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sizing.pricing.costs import Cost


@dataclass(frozen=True, kw_only=True)
class BudgetComparison:
    """What a tenant costs beside what it may cost, in USD a month.

    Attributes:
        tenant: whose it is.
        monthly_usd: its budget.
        minimum: its cost at its minimum.
        maximum: its cost at its maximum, all month long.
        complete: False where a price is not known, so that `minimum` and `maximum` are too low.
    """

    tenant: str
    monthly_usd: Decimal
    minimum: Decimal
    maximum: Decimal
    complete: bool

    @classmethod
    def of(cls, tenant: str, monthly_usd: Decimal, cost: Cost) -> BudgetComparison:
        """A tenant's budget beside what its stack costs."""
        usd, cents = cost.per_month, Decimal("0.01")
        return cls(
            tenant=tenant,
            monthly_usd=monthly_usd,
            minimum=usd.minimum.quantize(cents),
            maximum=usd.maximum.quantize(cents),
            complete=not cost.unknown,
        )

    @property
    def over_at_minimum(self) -> bool:
        """Whether even its minimum costs more than its budget."""
        return self.minimum > self.monthly_usd

    @property
    def over_at_maximum(self) -> bool:
        """Whether its maximum, all month long, would cost more than its budget."""
        return self.maximum > self.monthly_usd
