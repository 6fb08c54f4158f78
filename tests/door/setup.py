"""Makes sure that all is there which these tests need: `python -m tests.door.setup`."""

from __future__ import annotations

import sys

from tests.door import programs
from tests.programs.cache import CacheError
from tests.programs.go_build import BuildError


def main() -> None:
    """Build or install what is missing, once; the exit code says whether that went well."""
    try:
        programs.ensure()
    except (BuildError, CacheError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
