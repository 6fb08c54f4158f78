"""How big queues should be, from recorded jobs: import them, and look at what there is."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

SUMMARIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "import": "Make a trace of recorded jobs, from what other systems wrote down.",
        "generate": "Make up a trace for the queues that stacks declare: no recorded job is in it.",
        "paid": "Make a bill: what queues' work costs today, where it runs now.",
        "show": "Say what a trace holds: queues, jobs, weeks, and how fine it is.",
        "replay": "Say what each queue, as its stack declares it, would have done with the jobs of a trace: waits, "
        "runtimes, nodes.",
        "compare": "Compare what a trace's jobs cost on nodes fixed at their peak, as declared, and declared in other "
        "ways.",
        "report": "Write a report of a trace: what queues cost, the jobs at most risk, and figures, in one page that "
        "loads nothing.",
        "demo": "Compare the stacks' queues on made-up jobs and write the report: no account, nothing asked.",
        "recommend": "Recommend the cheapest minimum, maximum, schedule and unneeded time of each queue for what is "
        "wanted of it.",
        "backtest": "Hold a replay of a trace's last weeks, on queues as declared, against what was measured of these "
        "weeks.",
        "verify": "Say how far replays are from runs recorded of the real YuniKorn and cluster-autoscaler "
        "(docs/capacity.md).",
    }
)
"""Of each command the line that the help shows; its code is imported when it is called."""
EPILOG: Final = (
    "Start with `fleet capacity import --help`, or with made-up jobs: `fleet capacity generate --out t.parquet`, then "
    "`fleet capacity replay t.parquet`. What a trace is: docs/traces.md."
)
