"""Runs programs in processes forked from this one, which has imported the SDKs and never the program."""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Died:
    """A worker ended without an answer: killed, out of memory, or by its program's own doing.

    Attributes:
        code: its exit code; of a signal, negative.
    """

    code: int | None

    def __str__(self) -> str:
        if self.code is not None and self.code < 0:
            return f"its process was ended by signal {-self.code}: out of memory, or stopped by somebody"
        return f"its process ended without an answer, with exit code {self.code}"


def in_forks(work: Callable[[Item], Result], items: Sequence[Item], jobs: int) -> Iterator[Result | Died]:
    """The results of `work` for each item in order, each computed in a fork of its own, at most `jobs` at a time.

    The Pulumi SDK keeps its settings in the process, so two programs never share one. `work` must not raise: what it
    has to say of a failure belongs in its result. In place of the result of a worker that died there is `Died`.
    """
    context = multiprocessing.get_context("fork")
    waiting = deque(enumerate(items))
    running: dict[Connection[Any, Any], tuple[int, BaseProcess]] = {}
    done: dict[int, Result | Died] = {}
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
        return Died(process.exitcode)
    process.join()
    return result
