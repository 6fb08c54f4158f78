"""What Pulumi runs for `--policy-pack policies`: it serves the rules until the engine is done."""

import sys
from pathlib import Path

# The engine runs this file by its path, from inside this folder.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pulumi_policy import EnforcementLevel, PolicyPack

from policies.catalogue import RULES
from policies.pack import policies_of

PolicyPack("elastic-spark", enforcement_level=EnforcementLevel.MANDATORY, policies=policies_of(RULES))
