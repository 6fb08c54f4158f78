"""Programs before and after a change, one for each kind of change that a program can make, for comparing differences.

All cases are in one program, so that one update and one preview of the engine answer for all of them.
"""

from tests.engine.changes import inputs, options, replacements, resources
from tests.engine.changes.cases import CASES, program
from tests.engine.changes.replacements import protected

__all__ = ["CASES", "inputs", "options", "program", "protected", "replacements", "resources"]
