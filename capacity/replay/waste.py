"""Where the hours of a pool's nodes went that no executor used."""

from __future__ import annotations

from dataclasses import dataclass

from capacity.replay.state import State

_HOUR = 3600.0


@dataclass(frozen=True, kw_only=True)
class Waste:
    """Node hours by what they were spent on; with the hours that executors used they are all that is paid for.

    Args:
        booting: before nodes were Ready.
        kept: nodes without executors that the minimum, or a schedule's, keeps: as many as it lacks nodes with some.
        waiting: the other nodes without executors, until the autoscaler lets them go.
        leaving: from the autoscaler's decision to their end.
        partly: of nodes with executors, the share that these leave unused.
    """

    booting: float
    kept: float
    waiting: float
    leaving: float
    partly: float

    @property
    def hours(self) -> float:
        """All of them."""
        return self.booting + self.kept + self.waiting + self.leaving + self.partly

    @classmethod
    def of(cls, state: State, pool: int, booting: float) -> Waste:
        """Of a pool.

        Args:
            state: a replay's last.
            pool: its position.
            booting: hours before nodes were Ready.
        """
        row = state.pools[pool]
        return cls(
            booting=booting,
            kept=float(row["kept_seconds"]) / _HOUR,
            waiting=float(row["spare_seconds"]) / _HOUR,
            leaving=float(row["leaving_seconds"]) / _HOUR,
            partly=max(0.0, float(row["partly_seconds"])) / _HOUR,
        )
