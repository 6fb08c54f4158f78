"""Gets Prometheus for the tests here, where it can: `python -m tests.observability.setup`."""

from __future__ import annotations

import sys

from tests.observability.programs import ProgramsError, ensure


def main() -> None:
    """Fetch what is missing, once. Where that can't be done the tests that need it skip, and say why."""
    try:
        ensure()
    except ProgramsError as error:
        sys.stderr.write(f"Tests with a real Prometheus will be skipped: {error}\n")


if __name__ == "__main__":
    main()
