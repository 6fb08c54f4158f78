"""Run by a real Airflow: runs a DAG's tasks as its scheduler would, and says how they ended.

`play.py start DAG ...`: a new run of each. `play.py retry DAG`: the next try of the last one's tasks. `play.py clear
DAG`: the same, after a person has cleared them.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from airflow.dag_processing.dagbag import DagBag
from airflow.models.dagrun import DagRun
from airflow.models.taskinstance import TaskInstance, clear_task_instances
from airflow.sdk.definitions.dag import DAG, _run_task
from airflow.utils.session import create_session
from airflow.utils.state import TaskInstanceState
from sqlalchemy import select
from sqlalchemy.orm import Session


def main(doing: str, *dag_ids: str) -> None:
    """Do it, and write how each DAG's tasks ended to the file RESULT."""
    bag = DagBag(os.environ["AIRFLOW__CORE__DAGS_FOLDER"], bundle_name="dags-folder")
    if bag.import_errors:
        sys.exit(str(bag.import_errors))
    for dag_id in dag_ids:
        if doing == "start":
            bag.dags[dag_id].test()
        else:
            again(bag.dags[dag_id], doing)
    ended = {dag_id: [told(task) for task in tasks(dag_id)] for dag_id in dag_ids}
    Path(os.environ["RESULT"]).write_text(json.dumps(ended), encoding="utf-8")


def again(dag: DAG, doing: str) -> None:
    """The tasks of the last run once more, as the scheduler does it after a worker was lost, or after a clear."""
    with create_session() as session:
        found = tasks(dag.dag_id, session)
        if doing == "clear":
            for task in found:
                # What the scheduler says of a task whose worker is lost.
                task.state = TaskInstanceState.FAILED if task.state == TaskInstanceState.RUNNING else task.state
            session.flush()
            clear_task_instances(found, session)
        for task in found:
            # Of one that was deferred: the next try begins anew.
            task.clear_next_method_args()
            task.try_number += 1
            task.state = TaskInstanceState.SCHEDULED
        session.commit()
    for task in tasks(dag.dag_id):
        _run_task(ti=task, task=dag.task_dict[task.task_id], run_triggerer=True)


def tasks(dag_id: str, session: Session | None = None) -> list[TaskInstance]:
    """The tasks of the last run of a DAG."""
    if session is None:
        with create_session() as own:
            return tasks(dag_id, own)
    last = select(DagRun).where(DagRun.dag_id == dag_id).order_by(DagRun.id.desc())
    run = session.scalars(last).first()
    return run.get_task_instances(session=session)


def told(task: TaskInstance) -> dict[str, Any]:
    """How a task ended, as JSON."""
    return {
        "state": task.state,
        "try": task.try_number,
        "most": task.max_tries,
        "queue": task.queue,
        "map_index": task.map_index,
        "run": task.run_id,
    }


main(*sys.argv[1:])
