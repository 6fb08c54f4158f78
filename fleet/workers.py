"""Runs programs in processes forked from this one, which has imported the SDKs and never the program."""

from __future__ import annotations

import gc
import importlib
import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Final, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

KUBERNETES_MODULES: Final = (
    "pulumi_kubernetes.admissionregistration.v1",
    "pulumi_kubernetes.apiextensions",
    "pulumi_kubernetes.apiextensions.v1",
    "pulumi_kubernetes.batch.v1",
    "pulumi_kubernetes.core.v1",
    "pulumi_kubernetes.helm.v3",
    "pulumi_kubernetes.networking.v1",
    "pulumi_kubernetes.policy.v1",
    "pulumi_kubernetes.rbac.v1",
    "pulumi_kubernetes.scheduling.v1",
)
AWS_MODULES: Final = (
    "pulumi_aws.autoscaling",
    "pulumi_aws.cloudwatch",
    "pulumi_aws.ec2",
    "pulumi_aws.eks",
    "pulumi_aws.iam",
    "pulumi_aws.kms",
    "pulumi_aws.s3",
    "pulumi_eks",
)
"""What the program uses of the SDKs, whose top-level packages load it only when it is used."""


class WorkerDied(Exception):
    """A worker ended without an answer: killed, or out of memory."""


def load_sdks(*, aws: bool) -> None:
    """Import what programs use of the SDKs, so that forks of this process have it already.

    Args:
        aws: whether any of them has something in AWS.
    """
    for name in (*KUBERNETES_MODULES, *(AWS_MODULES if aws else ())):
        # These modules are lazy: one loads when something in it is asked for, as this is that all of them have.
        _ = importlib.import_module(name)._utilities
    # What is there now is never garbage: no fork needs to look at it, nor copies its memory by looking.
    gc.freeze()


def in_forks(work: Callable[[Item], Result], items: Sequence[Item], jobs: int) -> Iterator[Result]:
    """The results of `work` for each item in order, each computed in a fork of its own, at most `jobs` at a time.

    The Pulumi SDK keeps its settings in the process, so two programs never share one. `work` must not raise: what it
    has to say of a failure belongs in its result.

    Raises:
        WorkerDied: a worker ended without an answer.
    """
    context = multiprocessing.get_context("fork")
    waiting = deque(enumerate(items))
    running: dict[Connection[Any, Any], tuple[int, BaseProcess]] = {}
    done: dict[int, Result] = {}
    try:
        for index in range(len(items)):
            while index not in done:
                while waiting and len(running) < jobs:
                    position, item = waiting.popleft()
                    receiver, sender = context.Pipe(duplex=False)
                    process = context.Process(target=_answer, args=(work, item, sender), daemon=True)
                    process.start()
                    sender.close()
                    running[receiver] = (position, process)
                ready = wait(list(running))
                for receiver in [connection for connection in running if connection in ready]:
                    position, worker = running.pop(receiver)
                    done[position] = _received(receiver, worker)
            yield done.pop(index)
    finally:
        for _, worker in running.values():
            worker.terminate()


def _answer(work: Callable[[Item], Result], item: Item, sender: Connection[Any, Any]) -> None:
    # Whoever interrupts the command reaches this process too; it is the parent that ends it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    sender.send(work(item))


def _received(receiver: Connection[Any, Any], process: BaseProcess) -> Any:  # noqa: ANN401
    try:
        result = receiver.recv()
    except EOFError:
        process.join()
        raise WorkerDied(f"a worker process ended without an answer, exit code {process.exitcode}") from None
    process.join()
    return result
