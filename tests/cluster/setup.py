"""Makes sure that all is there which these tests need: `python -m tests.cluster.setup`."""

from __future__ import annotations

import sys
from pathlib import Path

from sizing.spark.catalogs import RUNTIME
from tests.airflow.environment import REQUIREMENTS as AIRFLOW
from tests.cluster import binaries, java, postgresql, spark, spark_packages
from tests.cluster.binaries import BinariesError
from tests.programs.cache import CacheError, install
from tests.programs.go_build import BuildError

AWS_CLI = Path(__file__).parents[1] / "spark" / "requirements-aws-cli.txt"
"""By which tests read secrets as pods do."""


def main() -> None:
    """Build or install what is missing, once; the exit code says whether that went well."""
    try:
        binaries.ensure()
        install("spark", spark.REQUIREMENTS)
        java.ensure()
        spark_packages.ensure()
        spark_packages.ensure((RUNTIME,))
        install("aws-cli", AWS_CLI)
        install("airflow", AIRFLOW)
        postgresql.ensure()
        spark_packages.ensure((postgresql.DRIVER,))
    except (BinariesError, BuildError, CacheError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
