"""Why a job ended as it did, or waits: one cause and one remedy, from what is left of it.

    from skate.why import cause_of

    print("\\n".join(cause_of(evidence).lines()))

Everything but `skate.why.gather` is a pure function of plain data.
"""

from __future__ import annotations

from skate.why.causes import MEANINGS, Cause, Kind
from skate.why.evidence import Evidence
from skate.why.of_submission import refused_by_admission
from skate.why.table import cause_of

__all__ = ["MEANINGS", "Cause", "Evidence", "Kind", "cause_of", "refused_by_admission"]
