"""The job file that `skate init` writes: what is a person's own to say, with the rest in comments."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Final, Literal

from skate.applications import shape_of
from skate.card import QueueCard
from skate.errors import InputError
from skate.job_files import SCHEMA_FILE

Language = Literal["python", "scala", "r"]
SCHEMA_PATH: Final = f".skate/{SCHEMA_FILE}"
"""Beside the job file, so that every editor finds it, without a network, also in a colleague's clone."""
PROGRAMS: Final = {
    "python": ("Python", "job.py", ""),
    "scala": ("Scala", "job.jar", "  mainClass: com.example.Main\n"),
    "r": ("R", "job.R", ""),
}
_FILE: Final = Template("""\
# yaml-language-server: $$schema=$schema
#
# A job: a SparkApplication of the Spark operator. What it leaves out the queue
# says: image, size of driver and executors, pool, account, Spark's settings.
#
#   skate submit$queue $name
#
apiVersion: sparkoperator.k8s.io/v1beta2
kind: SparkApplication
metadata:
  name: $job  # of this run and the next; each gets an id behind it
spec:
  type: $kind
  # A file beside this one, which `skate submit` brings to the queue's folder; or
  # an address that the queue may read: s3a://BUCKET/KEY, or local:///PATH in the
  # image.
  mainApplicationFile: $program
$main_class\
  arguments: []
  # deps:
  #   pyFiles: [lib/]             # a folder of modules or a package, .py or .zip
  #   packages: []                # Maven coordinates
$packages\
  #   jars: []
  #   files: []                   # in the working folder of driver and executors
  #   archives: []                # unpacked there; FILE#NAME says as what
$executors\
  # sparkConf:
  #   spark.sql.shuffle.partitions: "200"
  # restartPolicy: {type: OnFailure, onFailureRetries: 2, onFailureRetryInterval: 60}
""")


def starter(name: str, job: str, language: Language, card: QueueCard | None) -> str:
    """The text of a job file.

    Args:
        name: of the file, for what its comments say.
        job: what the job is called.
        language: of the program.
        card: of the queue, if it is known.

    Raises:
        InputError: there is no such language.
    """
    if language not in PROGRAMS:
        raise InputError(f"{language} is no language that Spark runs here.", f"There are: {', '.join(PROGRAMS)}.")
    kind, program, main_class = PROGRAMS[language]
    return _FILE.substitute(
        schema=SCHEMA_PATH,
        queue=f" --queue {card.namespace}" if card else "",
        name=name,
        job=job,
        kind=kind,
        program=program,
        main_class=main_class,
        packages=_packages(card),
        executors=_executors(card),
    )


def schema_text() -> str:
    """The JSON Schema of job files, as it is published."""
    return files("skate").joinpath("data", SCHEMA_FILE).read_text(encoding="utf-8")


def write_schema(folder: Path) -> Path:
    """Put the schema where job files of a folder name it; one that is there gives way to this skate's."""
    path = folder / SCHEMA_PATH
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(schema_text(), encoding="utf-8", newline="\n")
    return path


def _packages(card: QueueCard | None) -> str:
    if card is None or not card.spark.packages:
        return ""
    return f"  #                               # there already: {', '.join(card.spark.packages)}\n"


def _executors(card: QueueCard | None) -> str:
    if card is None:
        return (
            "  # As many executors as there is work for, at most:\n"
            "  # dynamicAllocation: {enabled: true, initialExecutors: 1, minExecutors: 1, maxExecutors: 10}\n"
        )
    usual = shape_of(card.default_pool, None)
    lines = [
        f"As many executors as there is work for; of the usual shape at most {card.maximum_executors}:",
        "dynamicAllocation: {enabled: true, initialExecutors: 1, minExecutors: 1, "
        f"maxExecutors: {card.maximum_executors}}}",
        f"Executors that fill a node of the pool {card.default_pool.name}:",
        *(
            f"executor: {{cores: {shape.cores}, coreRequest: {shape.core_request}, memory: {shape.memory}, "
            f"memoryOverhead: {shape.memory_overhead}}}{'  # the usual one' if shape == usual else ''}"
            for shape in card.default_pool.shapes
        ),
        f"driver: {{cores: {card.driver.cores}, memory: {card.driver.memory}}}  # the largest, and the usual one",
    ]
    return "".join(f"  # {line}\n" for line in lines)
