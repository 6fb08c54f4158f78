"""What nodes cost: by the hour, with Savings Plans, and the shares of what all queues use."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from capacity.replay.world import Floats


def with_savings_plan(hourly: Floats, rate: float) -> float:
    """USD of all hours with the Compute Savings Plan that costs least over them.

    A plan is a promise to spend so much an hour, whether it is used or not; what it covers costs the rate less. Of one
    more dollar of use covered, 1 - rate is paid in every hour, and saved in those with as much use: it pays up to the
    use that is exceeded in a share 1 - rate of the hours.

    Args:
        hourly: USD on demand of each hour, without what no plan covers, such as Spot.
        rate: by which a plan's prices are lower, from 0 to less than 1.

    Source: https://docs.aws.amazon.com/savingsplans/latest/userguide/sp-applying.html
    """
    if not len(hourly) or rate == 0.0:
        return float(hourly.sum())
    covered = float(np.quantile(hourly, rate, method="inverted_cdf"))
    return float(((1 - rate) * covered + np.maximum(0.0, hourly - covered)).sum())


def shared_out(usd: float, weights: Mapping[str, float]) -> dict[str, float]:
    """An amount shared by weights; evenly where all of them are 0.

    Args:
        usd: to be shared.
        weights: of each, at least 0.
    """
    total = sum(weights.values())
    if total <= 0:
        return {name: usd / len(weights) for name in weights}
    return {name: usd * weight / total for name, weight in weights.items()}
