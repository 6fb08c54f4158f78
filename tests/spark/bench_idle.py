"""How long idle executors stay, by what Spark is told of shuffle files: `python -m tests.spark.bench_idle`.

Executors that do nothing shall go after 5 seconds here, and after 10 if they keep shuffle files and that has an end.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from sizing.spark.defaults import ALWAYS
from tests.cluster.spark import Spark, spark_here

TRACKING: Final = "spark.dynamicAllocation.shuffleTracking"
STORAGE: Final = "spark.storage.decommission"
EXECUTORS: Final = 4
WAIT_SECONDS: Final = 60
ENDLESS: Final = {f"{TRACKING}.enabled": "true", f"{TRACKING}.timeout": f"{10**9}s"}
ENDING: Final = {f"{TRACKING}.enabled": "true", f"{TRACKING}.timeout": "10s"}
NONE: Final = {f"{TRACKING}.enabled": "false"}
CASES: Final[Mapping[str, Mapping[str, str]]] = {
    "tracking without end, blocks handed over": ENDLESS,
    "tracking without end, shuffle blocks not handed over": {**ENDLESS, f"{STORAGE}.shuffleBlocks.enabled": "false"},
    "tracking without end, nothing handed over": {**ENDLESS, f"{STORAGE}.enabled": "false"},
    "tracking that ends, blocks handed over": ENDING,
    "tracking that ends, nothing handed over": {**ENDING, f"{STORAGE}.enabled": "false"},
    "no tracking, blocks handed over": NONE,
    "no tracking, nothing handed over": {**NONE, f"{STORAGE}.enabled": "false"},
}
WARNING: Final = "will cause idle executors not to be released in a timely"


def measure(spark: Spark, case: Mapping[str, str]) -> dict[str, Any]:
    """What the job saw with these settings, and whether Spark warned."""
    with tempfile.TemporaryDirectory() as folder:
        here = spark.that_leaves_all_in(Path(folder))
        conf = {
            **ALWAYS,
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.ui.port": "0",
            "spark.dynamicAllocation.enabled": "true",
            "spark.dynamicAllocation.initialExecutors": str(EXECUTORS),
            "spark.dynamicAllocation.maxExecutors": str(EXECUTORS),
            "spark.dynamicAllocation.executorIdleTimeout": "5s",
            "spark.executor.memory": "512m",
            **case,
        }
        done = subprocess.run(
            [
                *here.command(f"--master=local-cluster[{EXECUTORS},1,1024]", conf=conf),
                Path(__file__).with_name("idle_job.py"),
                str(EXECUTORS),
                str(WAIT_SECONDS),
            ],
            env={**here.environment(), "SPARK_LOCAL_IP": "127.0.0.1"},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        sys.exit(done.stderr[-4000:])
    found: dict[str, Any] = json.loads(done.stdout)
    return {**found, "warned": WARNING in done.stderr}


def main() -> None:
    """Prints a table."""
    spark = spark_here()
    if isinstance(spark, str):
        sys.exit(spark)
    sys.stdout.write(
        "| | executors at the end of a job with one slow task | all gone after | tasks done again | the next job took "
        "| Spark warns |\n|---|---|---|---|---|---|\n"
    )
    for name, case in CASES.items():
        found = measure(spark, case)
        gone = "still there" if found["gone"] is None else f"{found['gone']} s"
        warned = "yes" if found["warned"] else "no"
        sys.stdout.write(
            f"| {name} | {found['after_job']} | {gone} | {found['again']} | {found['seconds']} s | {warned} |\n"
        )
        sys.stdout.flush()


if __name__ == "__main__":
    main()
