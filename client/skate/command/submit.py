"""`skate submit`: a job file, or a program in the manner of spark-submit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from typer.core import TyperCommand

from skate.command.session import ContextOption, JsonOption, QueueOption, chosen_queue, ends_in_words
from skate.command.submitting import Asked, Manner, Submission
from skate.errors import InputError

if TYPE_CHECKING:
    from typer._click import Context

    from skate.aio import AsyncClient
    from skate.applications import Request

EPILOG: Final = """
\b
Examples:
  skate submit job.yaml
  skate submit job.yaml -- 2026-11-29           with other arguments
  skate submit --queue ads-batch --executors 20 --py-files lib/ job.py -- arg
  skate submit --class com.example.Main --jars a.jar,b.jar main.jar
  skate submit --requirements requirements.txt job.py
  skate submit --id nightly-1129 job.yaml       once, however often tried
  skate submit --deadline 2h30m job.yaml        or 2026-11-30T06:00:00+01:00
  skate submit --dry-run job.yaml

It waits for the job's end, shows where it is and its driver's log, and ends with 0 if the job succeeded, else with 1.
Ctrl-C asks whether to stop the job; in a pipe it leaves it running. `skate run` stops it then.

Files of this machine are brought to the queue's folder in S3 first; addresses (s3a://, local://, https://) are left as
they are. Options of spark-submit that mean the same are taken too: --num-executors, --conf, --packages and so on. A
job file says itself what they say; with one go --id, --name, --queue, --deadline, --requirements and those of
following. A job that runs past its --deadline alerts its tenant; it is not stopped.
"""
JOB_FILES: Final = (".yaml", ".yml", ".json")
LIST: Final = "LIST"
PLAIN: Final = (
    "name",
    "executors",
    "executor_cores",
    "executor_memory",
    "driver_cores",
    "driver_memory",
    "main_class",
    "pool",
    "backfill",
    "retries",
    "image",
    "spark_version",
)
LISTS: Final = ("py_files", "jars", "files", "archives", "packages")
FLAG_NAMES: Final = {"main_class": "class"}

JobOrProgram = Annotated[
    str, typer.Argument(metavar="FILE", help="A job file (.yaml), or a program: .py, .jar or .R.", show_default=False)
]
Arguments = Annotated[
    list[str] | None, typer.Argument(metavar="-- [ARGS]...", help="What the program is given.", show_default=False)
]
Id = Annotated[
    str | None,
    typer.Option(
        "--id", metavar="ID", help="The job's identifier, and its name: with the same it is never submitted twice."
    ),
]
DeadlineOption = Annotated[
    str | None,
    typer.Option(
        "--deadline",
        metavar="TIME",
        help="By when it must have ended, or its tenant is told: a time with its zone, or 2h30m from now.",
    ),
]
Name = Annotated[str | None, typer.Option(help="What a job without --id is called; a new identifier comes behind it.")]
Executors = Annotated[
    int | None,
    typer.Option("--executors", "--num-executors", "-n", help="At most so many; as many as there is work for."),
]
ExecutorCores = Annotated[int | None, typer.Option(help="Picks the queue's executors of so many cores.")]
ExecutorMemory = Annotated[str | None, typer.Option(metavar="4g", help="An executor's heap, if less than usual.")]
DriverCores = Annotated[int | None, typer.Option(help="Of the driver.")]
DriverMemory = Annotated[str | None, typer.Option(metavar="2g", help="The driver's heap.")]
MainClass = Annotated[str | None, typer.Option("--class", metavar="NAME", help="The main class of a jar.")]
Files = Annotated[list[str] | None, typer.Option(metavar=LIST, help="Put into their working folder.")]
PyFiles = Annotated[list[str] | None, typer.Option(metavar=LIST, help="Modules: .py, .zip, or a folder.")]
Jars = Annotated[list[str] | None, typer.Option(metavar=LIST, help="Put on the class path.")]
Archives = Annotated[list[str] | None, typer.Option(metavar=LIST, help="Unpacked there; FILE#NAME says as what.")]
Packages = Annotated[list[str] | None, typer.Option(metavar=LIST, help="Maven coordinates.")]
Requirements = Annotated[Path | None, typer.Option(metavar="FILE", help="Python packages, packed and taken along.")]
PythonVersion = Annotated[
    str | None, typer.Option("--python", metavar="3.10", help="The image's Python, if it isn't the queue's own image.")
]
Conf = Annotated[list[str] | None, typer.Option("--conf", "-c", metavar="K=V", help="A setting of Spark; repeatable.")]
Env = Annotated[list[str] | None, typer.Option(metavar="K=V", help="A variable of driver and executors; repeatable.")]
PoolName = Annotated[str | None, typer.Option("--pool", help="Where executors run, if not in the usual pool.")]
Backfill = Annotated[bool, typer.Option("--backfill", help="Let all other jobs of the queue go first.")]
Retries = Annotated[int | None, typer.Option(min=0, help="How often it is started again when it fails.")]
Image = Annotated[str | None, typer.Option(help="An image, if not the queue's.")]
SparkVersion = Annotated[str | None, typer.Option(help="Its version of Spark.")]
Detach = Annotated[bool, typer.Option("--detach", "-d", help="End as soon as the job is in the queue; print its name.")]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Show the job, what admission says and what it costs; submit nothing.")
]
Quiet = Annotated[bool, typer.Option("--no-logs", help="Show where the job is, and not its log.")]


class WithArguments(TyperCommand):
    """A command whose last arguments are somebody else's."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """As everywhere; of an option that is none it says where the program's own go."""
        try:
            return super().parse_args(ctx, args)
        except typer.TyperException as error:
            if hasattr(error, "possibilities"):
                error.message = f"{error.message}. What the program is given goes after `--`."
            raise


KIND: Final = WithArguments


@ends_in_words
def submit(
    file: JobOrProgram,
    arguments: Arguments = None,
    queue: QueueOption = None,
    job_id: Id = None,
    name: Name = None,
    deadline: DeadlineOption = None,
    executors: Executors = None,
    executor_cores: ExecutorCores = None,
    executor_memory: ExecutorMemory = None,
    driver_cores: DriverCores = None,
    driver_memory: DriverMemory = None,
    main_class: MainClass = None,
    py_files: PyFiles = None,
    requirements: Requirements = None,
    python: PythonVersion = None,
    jars: Jars = None,
    files: Files = None,
    archives: Archives = None,
    packages: Packages = None,
    conf: Conf = None,
    env: Env = None,
    pool: PoolName = None,
    backfill: Backfill = False,
    retries: Retries = None,
    image: Image = None,
    spark_version: SparkVersion = None,
    detach: Detach = False,
    dry_run: DryRun = False,
    no_logs: Quiet = False,
    json: JsonOption = False,
    context: ContextOption = None,
) -> None:
    """Submit a job file or a program, and follow the job to its end."""
    start(dict(locals()), stops=False)


def start(options: Mapping[str, Any], *, stops: bool) -> None:
    """Submit what the options of `submit` say.

    Args:
        options: by their parameters' names.
        stops: whether the job is stopped when the command is.
    """
    flags = {
        **{key: options[key] for key in PLAIN},
        **{key: _listed(options[key]) for key in LISTS},
        "conf": _pairs("--conf", options["conf"]) or None,
        "env": _pairs("--env", options["env"]) or None,
    }
    # A number counts also where it is 0.
    given = {key: value for key, value in flags.items() if value is not None and value is not False and value != []}
    manner = Manner(
        context=options["context"],
        detach=options["detach"],
        dry_run=options["dry_run"],
        json=options["json"],
        stops=stops,
        logs=not options["no_logs"],
    )
    options = {**options, "deadline": checked_deadline(options["deadline"])}
    Submission(lambda client: _asked(client, options, given), manner).run()


async def _asked(client: AsyncClient, options: Mapping[str, Any], given: Mapping[str, Any]) -> Asked:
    file, arguments = options["file"], options["arguments"] or []
    is_file = file.lower().endswith(JOB_FILES)
    job = _from_file(Path(file), arguments, given) if is_file else _request(file, arguments, given)
    said = options["queue"] or (job["metadata"].get("namespace") if isinstance(job, dict) else None)
    return Asked(
        queue=await chosen_queue(client, said),
        job=job,
        folder=Path(file).parent if is_file else Path(),
        job_id=options["job_id"],
        deadline=options["deadline"],
        requirements=options["requirements"],
        python=options["python"],
    )


def _from_file(path: Path, arguments: Sequence[str], given: Mapping[str, Any]) -> dict[str, Any]:
    """The application of a job file, with other arguments if some are given.

    Raises:
        JobFileError: it is none.
        InputError: flags are given that a job file says itself.
    """
    from skate.job_files import read_job_file

    if unasked := [flag for flag in given if flag != "name"]:
        flags = ", ".join(f"--{FLAG_NAMES.get(flag, flag.replace('_', '-'))}" for flag in unasked)
        raise InputError(
            f"{path} is a job file; {flags} is for a program.",
            "Write it into the file; `skate init` shows where. "
            "With one go --id, --name, --queue, --deadline, --requirements.",
        )
    application = read_job_file(path)
    metadata = application.setdefault("metadata", {})
    if arguments:
        application["spec"]["arguments"] = list(arguments)
    metadata["name"] = given.get("name") or metadata.get("name") or path.stem
    return application


def _request(program: str, arguments: Sequence[str], given: Mapping[str, Any]) -> Request:
    from skate.applications import Request
    from skate.local_files import program_name

    named = {"name": program_name(program), **given}
    return Request(main=program, arguments=list(arguments), **named)


def checked_deadline(given: str | None) -> str | None:
    """A deadline as an application has it, before anything is asked of the cluster.

    Raises:
        InputError: it is none.
    """
    from datetime import UTC, datetime

    from skate.deadlines import deadline_text

    return None if given is None else deadline_text(given, datetime.now(UTC))


def _listed(values: Sequence[str] | None) -> list[str]:
    """What is given once with commas, or several times."""
    return [each.strip() for value in values or () for each in value.split(",") if each.strip()]


def _pairs(flag: str, values: Sequence[str] | None) -> dict[str, str]:
    pairs = {}
    for value in values or ():
        key, sign, text = value.partition("=")
        if not sign or not key.strip():
            raise InputError(f"{flag} {value} is no setting.", f"Say {flag} NAME=VALUE.")
        pairs[key.strip()] = text
    return pairs
