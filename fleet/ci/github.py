"""GitHub's API, as far as the workflows use it, and what Actions tells a job of itself.

Source: https://docs.github.com/en/rest and
https://docs.github.com/en/actions/reference/workflows-and-actions/variables
"""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

API_VERSION: Final = "2022-11-28"
PAGE: Final = 100
TIMEOUT_SECONDS: Final = 30
BOT: Final = "github-actions[bot]"
"""Who writes with the token of a job."""
LONGEST_BODY: Final = 65_536
"""Characters of a comment or an issue that GitHub takes."""


class GitHubError(Exception):
    """GitHub could not be asked or said no; the message is one line."""


@dataclass(frozen=True)
class GitHub:
    """One repository.

    Attributes:
        api: address of the API.
        repository: `owner/name`.
        token: of the job.
    """

    api: str
    repository: str
    token: str

    @classmethod
    def of_job(cls) -> GitHub:
        """The repository of the job that this is, by its environment.

        Raises:
            GitHubError: it is none.
        """
        names = ("GITHUB_API_URL", "GITHUB_REPOSITORY", "GITHUB_TOKEN")
        if missing := [name for name in names if not os.environ.get(name)]:
            raise GitHubError(f"no job of GitHub Actions: {', '.join(missing)} not set")
        return cls(*(os.environ[name] for name in names))

    def get(self, path: str, **query: object) -> Any:  # noqa: ANN401
        """What is at a path below the repository."""
        return json.loads(self._asked("GET", f"{path}?{urlencode(query)}" if query else path))

    def every(self, path: str, key: str | None = None, **query: object) -> Iterator[Any]:
        """All entries of a list, page by page; `key` is where an answer has them, None where it is the list."""
        number = 1
        while True:
            answer = self.get(path, **query, per_page=PAGE, page=number)
            entries = answer[key] if key else answer
            yield from entries
            if len(entries) < PAGE:
                return
            number += 1

    def send(self, method: str, path: str, body: Mapping[str, object]) -> Any:  # noqa: ANN401
        """Make or change something; gives what it is then."""
        return json.loads(self._asked(method, path, json.dumps(body).encode()))

    def download(self, path: str, longest: int) -> bytes:
        """What is at a path, wherever GitHub keeps it.

        Raises:
            GitHubError: it is longer than so many bytes.
        """
        return self._asked("GET", path, longest=longest)

    def _asked(self, method: str, path: str, body: bytes | None = None, longest: int | None = None) -> bytes:
        request = urllib.request.Request(f"{self.api}/repos/{self.repository}{path}", data=body, method=method)  # noqa: S310
        request.add_header("Accept", "application/vnd.github+json")
        request.add_header("X-GitHub-Api-Version", API_VERSION)
        if body is not None:
            request.add_header("Content-Type", "application/json")
        # Not for whom GitHub redirects to: a file's own address is all that its store needs to know.
        request.add_unredirected_header("Authorization", f"Bearer {self.token}")
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:  # noqa: S310 - the API's address is the job's
                content: bytes = response.read() if longest is None else response.read(longest + 1)
        except urllib.error.HTTPError as error:
            raise GitHubError(f"{method} {path}: {error.code} {_reason(error)}") from None
        except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
            raise GitHubError(f"{method} {path}: {error}") from None
        if longest is not None and len(content) > longest:
            raise GitHubError(f"GET {path}: more than {longest:,} bytes")
        return content


def event() -> Mapping[str, Any]:
    """What started the job.

    Raises:
        GitHubError: it is not told.
    """
    try:
        found: Mapping[str, Any] = json.loads(Path(os.environ["GITHUB_EVENT_PATH"]).read_text(encoding="utf-8"))
    except (KeyError, OSError, ValueError):
        raise GitHubError("no job of GitHub Actions: GITHUB_EVENT_PATH names no event") from None
    return found


def command(work: Callable[[GitHub], str]) -> None:
    """Run what a workflow's step is for; print what it says, or end with the error."""
    try:
        print(work(GitHub.of_job()))
    except GitHubError as error:
        sys.exit(f"::error::{' '.join(str(error).split())}")


def _reason(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.loads(error.read())["message"])
    except (ValueError, LookupError, TypeError):
        return error.reason
