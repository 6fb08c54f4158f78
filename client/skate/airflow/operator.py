"""The operator: one job in a queue, once for a task's run, however often the task is tried."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from airflow.sdk import BaseOperator, conf
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowTaskTimeout
from anyio.from_thread import start_blocking_portal

from skate.airflow.attempts import Try, find_or_submit, task_job_id
from skate.airflow.hook import DEFAULT_CONNECTION, Login, SkateHook
from skate.airflow.trigger import SkateTrigger
from skate.airflow.watching import TIMEOUT, Outcome, outcome, watched
from skate.applications import Request
from skate.deadlines import Deadline
from skate.errors import InputError, JobExistsError, SkateError
from skate.identifiers import LABEL, name_of
from skate.job_files import parse_job
from skate.states import Phase

if TYPE_CHECKING:
    from skate.aio import AsyncClient
    from skate.async_job import AsyncJob
    from skate.cluster import Object

KILL_SECONDS: Final = 4.0
"""For a job to be stopped: Airflow kills what hasn't ended after five.

Source: apache-airflow-task-sdk 1.3.2, airflow/sdk/execution_time/supervisor.py (escalation_delay)
"""


class SkateOperator(BaseOperator):
    """Runs a job and waits for it.

    A try that finds its task's job running, or done, doesn't submit another: a worker may die, and the next goes on
    with the job. One that has failed is submitted anew. A task that is cleared stops its job and submits a new one.

    Of `job`, `job_file` and `main` there is one. The error of a task whose job failed says why, and what to do.

    Args:
        queue: the queue's namespace, such as `ads-batch`; by default the connection's. It isn't Airflow's `queue`, by
            which executors choose workers: that one is `executor_queue` here.
        spark_queue: another name for `queue`, for mapped tasks: there Airflow takes `queue` for its own.
        job: an application as in a job file, which may leave out what the queue says.
        job_file: a job file's path, from the DAG's folder. Its text is a template.
        main: where the program is: `s3a://`, `local://`, or a file in the DAG's folder.
        arguments: of the program that `main` names.
        options: more of a job in the manner of spark-submit, such as `{"executors": 20, "pool": "spot"}`: what
            `skate.applications.Request` has.
        job_id: the job's identifier; by default made of the DAG, the task, its run and its place among mapped ones.
        deadline: by when the job must have ended, or its tenant is told: a time with its zone, or a length from when it
            is submitted, such as `2h30m`. Text is a template: `{{ data_interval_end + macros.timedelta(hours=4) }}` is
            the same in each try.
        skate_conn_id: the connection.
        deferrable: whether the triggerer waits, and no worker; by default as Airflow's configuration says.
        wait_for_completion: whether anybody waits; if not, the task ends when the job is in the queue.
        logs: whether the driver's log goes into the task's.
        poll_interval: seconds between two looks at the job.
        executor_queue: Airflow's own `queue`.

    Returns:
        The XCom: `{"job": NAME, "queue": NAMESPACE}`.

    Raises:
        AirflowFailException: the job isn't one that the queue takes; trying again doesn't help.
        AirflowException: the job has failed, or the cluster can't be reached.
        AirflowTaskTimeout: it took longer than `execution_timeout`, and was stopped.
    """

    template_fields: Sequence[str] = (
        "spark_queue",
        "job",
        "job_file",
        "main",
        "arguments",
        "options",
        "job_id",
        "deadline",
    )
    template_fields_renderers: Mapping[str, str] = {"job": "json", "options": "json"}
    ui_color = "#f4a460"

    def __init__(
        self,
        *,
        queue: str | None = None,
        spark_queue: str | None = None,
        job: Mapping[str, Any] | None = None,
        job_file: str | None = None,
        main: str | None = None,
        arguments: Sequence[str] = (),
        options: Mapping[str, Any] | None = None,
        job_id: str | None = None,
        deadline: Deadline | None = None,
        skate_conn_id: str = DEFAULT_CONNECTION,
        deferrable: bool = conf.getboolean("operators", "default_deferrable", fallback=False),
        wait_for_completion: bool = True,
        logs: bool = True,
        poll_interval: float = 10.0,
        executor_queue: str | None = None,
        **kwargs: Any,  # noqa: ANN401
    ) -> None:
        if executor_queue is not None:
            kwargs["queue"] = executor_queue
        super().__init__(**kwargs)
        self.spark_queue = spark_queue or queue
        self.job = job
        self.job_file = job_file
        self.main = main
        self.arguments = arguments
        self.options = options
        self.job_id = job_id
        self.deadline = deadline
        self.skate_conn_id = skate_conn_id
        self.deferrable = deferrable
        self.wait_for_completion = wait_for_completion
        self.logs = logs
        self.poll_interval = poll_interval
        self._login: Login | None = None
        self._where = ""
        self._name = ""
        self._killed = False

    def execute(self, context: Any) -> dict[str, str]:  # noqa: ANN401
        """Submit the job, or find it, and wait."""
        deadline = time.time() + self.execution_timeout.total_seconds() if self.execution_timeout else None
        # Read here, not when it is needed: a task that is being stopped can ask Airflow nothing.
        self._login = SkateHook(self.skate_conn_id).login()
        waits_here = self.wait_for_completion and not self.deferrable
        try:
            asked = self._asked(context)
            # In a thread of its own: what stops a task comes as a signal to this one, and must not get lost in a loop.
            with start_blocking_portal() as portal:
                ended = portal.call(self._run, self._login, asked, context, waits_here)
        except InputError as error:
            kind = AirflowException if isinstance(error, JobExistsError) else AirflowFailException
            raise kind(str(error)) from error
        except SkateError as error:
            raise AirflowException(str(error)) from error
        if self.wait_for_completion and self.deferrable and ended["ended"] != Phase.SUCCEEDED:
            self.defer(
                trigger=SkateTrigger(
                    queue=ended["queue"],
                    name=ended["job"],
                    skate_conn_id=self.skate_conn_id,
                    logs=self.logs,
                    poll_interval=self.poll_interval,
                    deadline=deadline,
                ),
                method_name="execute_complete",
            )
        return self.execute_complete(context, ended) if self.wait_for_completion else _xcom(ended)

    def execute_complete(self, context: Any, event: Outcome) -> dict[str, str]:  # noqa: ANN401
        """End the task as its job has ended."""
        if event["ended"] == Phase.SUCCEEDED:
            return _xcom(event)
        if event["ended"] == TIMEOUT:
            raise AirflowTaskTimeout(event["message"])
        raise AirflowException(event["message"])

    def on_kill(self) -> None:
        """Stop the job: somebody has acted on the task, or its time is up. Of a deferred one the trigger does."""
        self._killed = True
        if self._login is None or not self._name:
            return
        # The thread in which signals come may be in the midst of anything.
        killing = threading.Thread(target=self._kill, args=(self._login,), daemon=True)
        killing.start()
        killing.join(KILL_SECONDS)

    def _kill(self, login: Login) -> None:
        with start_blocking_portal() as portal:
            try:
                if portal.call(self._deleted, login):
                    self.log.info("Stopped the job %s.", self._name)
            except SkateError as error:
                self.log.warning("The job %s may go on: %s", self._name, error)

    async def _deleted(self, login: Login) -> bool:
        async with login.client() as client:
            return await client.cluster.delete(self._where, self._name)

    async def _run(self, login: Login, asked: Object | Request, context: Any, waits: bool) -> Outcome:  # noqa: ANN401
        queue = self.spark_queue or login.queue
        if not queue:
            raise InputError(
                f"The task {self.task_id} names no queue, nor does the connection {self.skate_conn_id}.",
                "Give it: queue='ads-batch'.",
            )
        self._where = queue
        async with login.client() as client:
            job = await self._job(client, queue, asked, context)
            self.log.info(
                "The job %s in %s %s.", job.name, queue, "was submitted before" if job.found else "is submitted"
            )
            if self._killed:
                await job.kill()
            if waits:
                return await watched(job, self.log, logs=self.logs, pause_seconds=self.poll_interval, deadline=None)
            return outcome(job, (await job.state()).phase if job.found else Phase.SUBMITTED, "")

    async def _job(self, client: AsyncClient, queue: str, asked: Object | Request, context: Any) -> AsyncJob:  # noqa: ANN401
        task = context["ti"]
        attempt = Try.of(task.try_number, task.max_tries, self.retries or 0)

        async def make(job_id: str) -> Object:
            whole = await client.application(asked, queue, job_id, self.deadline)
            await self._bring_files(client, queue, whole)
            return whole

        return await find_or_submit(
            client, queue, self._own_id(task), attempt, make, named=self._named, told=self.log.info
        )

    def _named(self, name: str) -> None:
        self._name = name

    def _own_id(self, task: Any) -> str:  # noqa: ANN401
        if self.job_id:
            # A run's identifier, of which it is often made, has signs that no label may have.
            return self.job_id if LABEL.fullmatch(self.job_id) else name_of(self.job_id)
        return task_job_id(
            installation=conf.get("api", "base_url", fallback=""),
            dag_id=task.dag_id,
            task_id=task.task_id,
            run_id=task.run_id,
            map_index=-1 if task.map_index is None else task.map_index,
        )

    def _asked(self, context: Any) -> Object | Request:  # noqa: ANN401
        """The job as the task describes it.

        Raises:
            InputError: it is described in no way, or in several; the job file is none.
        """
        given = [name for name in ("job", "job_file", "main") if getattr(self, name) is not None]
        if len(given) != 1:
            raise InputError(
                f"The task {self.task_id} has {' and '.join(given) or 'no job'}.",
                "Give one of: job (an application), job_file (its path), main (the program).",
            )
        if self.main is None and (self.arguments or self.options):
            raise InputError(
                f"The task {self.task_id} has arguments or options beside {given[0]}, which says them itself.",
                "Give them with main only.",
            )
        if self.main is not None:
            return _request(self.main, self.arguments, self.options or {})
        if self.job_file is not None:
            path = self._folder() / self.job_file
            try:
                text = path.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise InputError(
                    f"{path} can't be read: {error}", "The path is meant from the DAG's folder."
                ) from error
            return parse_job(self.render_template(text, context), str(path))
        return dict(self.job or {})

    def _folder(self) -> Path:
        """From which paths are meant: where the DAG's file is."""
        return Path(self.dag.folder) if self.has_dag() else Path()

    async def _bring_files(self, client: AsyncClient, queue: str, application: Object) -> None:
        from skate.local_files import local_files, with_files

        folder = self._folder()
        if not local_files(application, folder):
            return
        from skate.artifacts import ArtifactStore

        card = await client.card(queue)
        self.log.info("Bringing files of %s to the queue.", folder)
        await with_files(card, application, folder, store=ArtifactStore(card))


def _request(main: str, arguments: Sequence[str], options: Mapping[str, Any]) -> Request:
    with suppress(TypeError):
        return Request(main=main, arguments=[str(each) for each in arguments], **options)
    own = ("main", "arguments")
    known = [name for name in Request.__dataclass_fields__ if name not in own]
    raise InputError(
        f"A job has no option {', '.join(name for name in options if name not in known)}.",
        f"There are: {', '.join(known)}.",
    )


def _xcom(ended: Outcome) -> dict[str, str]:
    return {"job": ended["job"], "queue": ended["queue"]}
