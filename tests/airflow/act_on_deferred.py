"""Run by a real Airflow: its triggerer runs the trigger of a job until the job runs, and is told that a person acted.

`act_on_deferred.py QUEUE JOB user`: on the task. `... shutdown`: on the triggerer, which ends.
"""

from __future__ import annotations

import asyncio
import sys

from airflow.jobs.triggerer_job_runner import _USER_ACTION_CANCEL_MSG, TriggerRunner
from airflow.sdk._shared.module_loading import import_string
from skate.airflow import SkateTrigger


async def main(queue: str, name: str, act: str) -> None:
    """Start, and act three seconds later."""
    path, arguments = SkateTrigger(queue=queue, name=name, skate_conn_id="skate_default", poll_interval=0.5).serialize()
    trigger = import_string(path)(**arguments)
    assert trigger.serialize() == (path, arguments)
    runner = TriggerRunner()
    running = asyncio.create_task(runner.run_trigger(1, trigger))
    runner.triggers[1] = {"task": running, "is_watcher": False, "name": "the job's", "events": 0}
    await asyncio.sleep(3)
    assert not running.done()
    if act == "user":
        running.cancel(_USER_ACTION_CANCEL_MSG)
    else:
        running.cancel()
    await asyncio.wait([running])
    assert running.cancelled()


asyncio.run(main(*sys.argv[1:]))
