"""Makes sure that there is an Airflow for these tests: `python -m tests.airflow.setup`."""

from __future__ import annotations

import sys

from tests.airflow.environment import REQUIREMENTS
from tests.programs.cache import CacheError, install


def main() -> None:
    """Install it, once; the exit code says whether that went well."""
    try:
        install("airflow", REQUIREMENTS)
    except CacheError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
