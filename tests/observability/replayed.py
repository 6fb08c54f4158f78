"""The story of `tests.observability.story` in a running Prometheus, with all that the rules make of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from components.observability.groups import rule_file
from components.observability.objectives import Objectives
from tests.observability import story
from tests.observability.alerts import alerts_of
from tests.observability.cluster_samples import ClusterScript
from tests.observability.programs import Programs
from tests.observability.prometheus import Line, Point, Prometheus, prometheus
from tests.observability.replay import Firing, firings, replay

OBJECTIVES: Final = Objectives()
LIVE_INTERVAL: Final = 2
"""Seconds between evaluations once the story is over."""


@dataclass(frozen=True)
class Replayed:
    """A Prometheus that knows the story.

    Attributes:
        server: it evaluates the rules, from the story's end on.
        script: what happened.
    """

    server: Prometheus
    script: ClusterScript

    @property
    def start(self) -> float:
        """Of the story, in seconds."""
        return self.script.start

    @property
    def end(self) -> float:
        """Of the story, in seconds."""
        return self.script.start + self.script.length

    def at(self, minutes: float, expression: object) -> list[Point]:
        """What an expression gives so many minutes after the story's start."""
        return self.server.query(expression, self.start + minutes * 60)

    def over(self, expression: object, start: float = 0, end: float = story.LENGTH / 60) -> list[Line]:
        """What an expression gives at every evaluation between two minutes of the story."""
        return self.server.query_range(expression, self.start + start * 60, self.start + end * 60, OBJECTIVES.interval)

    def firings(self, alert: str) -> list[Firing]:
        """When an alert fired; times are minutes of the story."""
        (found,) = (known for known in alerts_of(story.groups()) if known.name == alert)
        return [
            Firing(alert, firing.labels, (firing.start - self.start) / 60, (firing.end - self.start) / 60)
            for firing in firings(self.server, found, OBJECTIVES.interval, self.start, self.end)
        ]


@contextmanager
def replayed_story(programs: Programs, folder: Path, end: float) -> Iterator[Replayed]:
    """A Prometheus that was fed the story and what the rules make of it.

    Args:
        programs: which.
        folder: for its data; empty.
        end: the time of the story's last scrape, a multiple of 30 seconds.
    """
    script = story.story(end)
    with prometheus(programs, folder) as server:
        server.write(script.samples())
        replay(server, story.groups(), script.start, end)
        # More often than by their intervals, the first of which would be waited for.
        server.load_rules(rule_file([replace(group, interval=LIVE_INTERVAL) for group in story.groups()]))
        yield Replayed(server, script)
