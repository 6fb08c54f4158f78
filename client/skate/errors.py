"""What can go wrong, in words for the person who runs a job: what was found, and what they or somebody else can do."""

from __future__ import annotations

from collections.abc import Sequence


class SkateError(Exception):
    """Something that the person who asked must know.

    Attributes:
        what: what was found, a sentence with the value.
        remedy: what to do about it, or who can.
        exit_code: of the command that ends with it.
    """

    exit_code = 1

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(f"{what}\n{remedy}" if remedy else what)
        self.what = what
        self.remedy = remedy


class InputError(SkateError):
    """What was asked for makes no sense, or not here."""

    exit_code = 2


class UnknownQueueError(InputError):
    """No such queue that the person may use; the remedy names theirs."""


class JobFileError(InputError):
    """A job file is no application.

    Attributes:
        faults: each with `file:line:column`.
    """

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults), "`skate init` writes a job file with all that is usual.")
        self.faults = tuple(faults)


class RefusedError(InputError):
    """Admission refused the application.

    Attributes:
        faults: each rule's words.
    """

    def __init__(self, what: str, faults: Sequence[str]) -> None:
        super().__init__("\n".join([what, *(f"- {fault}" for fault in faults)]), "Change the job and submit it again.")
        self.faults = tuple(faults)


class JobNotFoundError(InputError):
    """No job of that name, nor a trace of it."""


class JobExistsError(InputError):
    """Another job has that name or id."""


class UploadError(SkateError):
    """A file could not be brought to the queue's bucket; nothing is half there."""


class LoginError(SkateError):
    """There is no login, or it has ended."""

    exit_code = 3


class NotAllowedError(SkateError):
    """The person may not do this; the remedy says who can let them."""

    exit_code = 3


class UnreachableError(SkateError):
    """The API server, or a page of the queue, doesn't answer."""

    exit_code = 4


class JobFailedError(SkateError):
    """A job that was waited for has failed."""
