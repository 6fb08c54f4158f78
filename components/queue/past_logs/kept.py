"""What is kept of a queue's logs, read from S3 through the signer, by the standard library alone."""

from __future__ import annotations

import gzip
import json
import re
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from http.client import HTTPResponse

TIMEOUT_SECONDS = 60
LINE_AT_MOST = 8 * 1024 * 1024
"""Of a record; Fluent Bit leaves out lines of more than 1 MB."""
LINES_AT_MOST = 1_000_000
BYTES_AT_MOST = 512 * 1024 * 1024
"""Of a log, uncompressed: a page is to be read, and what is longer is fetched from S3 itself."""
_ANSWERS = {
    403: "S3 answers 403: this pod has no credentials, or they have no right to the queue's logs.",
    404: "S3 answers 404: it isn't there, or isn't there any more.",
}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class NotReadableError(Exception):
    """S3 doesn't give it: the message says why, in plain words."""


class Kept:
    """A queue's folder in the bucket of logs.

    Args:
        address: of the signer, such as `http://127.0.0.1:18082`.
        bucket: the platform's bucket of logs.
        folder: the queue's, such as `ads/batch`.
    """

    def __init__(self, address: str, bucket: str, folder: str) -> None:
        self._bucket = f"{address}/{bucket}"
        self._folder = folder

    def folders(self, *path: str) -> list[str]:
        """Names of applications, or of the pods of one (`path`), sorted."""
        return [name for name, is_folder in self._names(path) if is_folder]

    def files(self, application: str, pod: str) -> list[str]:
        """Names of a pod's objects, sorted."""
        return [name for name, is_folder in self._names((application, pod)) if not is_folder]

    def lines(self, application: str, pod: str, file: str) -> Iterator[str]:
        """The messages of one object, in order; nothing of it is held but a line.

        Raises:
            NotReadableError: a name that none can be, S3's refusal, or an object that isn't whole.
        """
        url = f"{self._bucket}/{self._folder}/{_joined((application, pod, file))}"
        size = 0
        try:
            with self._opened(url) as answer, gzip.open(answer) as records:
                for count, record in enumerate(iter(lambda: records.readline(LINE_AT_MOST), b"")):
                    size += len(record)
                    if count >= LINES_AT_MOST or size > BYTES_AT_MOST:
                        yield "(The log is longer than this page shows. The rest is in S3.)"
                        return
                    yield str(json.loads(record)["message"])
        except (EOFError, ValueError, KeyError, OSError) as error:
            raise NotReadableError(f"{file} can't be read to its end: {error}") from error

    def _names(self, path: tuple[str, ...]) -> Iterator[tuple[str, bool]]:
        prefix = f"{self._folder}/" + (f"{_joined(path)}/" if path else "")
        query, more = f"{self._bucket}?list-type=2&delimiter=/&prefix={prefix}", ""
        while True:
            with self._opened(query + more) as answer:
                page = ET.fromstring(answer.read())  # noqa: S314 - S3's, by TLS
            for key, is_folder in (("CommonPrefixes/{*}Prefix", True), ("Contents/{*}Key", False)):
                for found in page.iterfind(f"{{*}}{key}"):
                    name = (found.text or "").removeprefix(prefix).rstrip("/")
                    if _NAME.fullmatch(name):
                        yield name, is_folder
            token = page.findtext("{*}NextContinuationToken")
            if not token:
                return
            more = f"&continuation-token={urllib.parse.quote(token, safe='')}"

    def _opened(self, url: str) -> HTTPResponse:
        try:
            answer: HTTPResponse = urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS)  # noqa: S310 - the signer's
        except urllib.error.HTTPError as error:
            error.close()
            raise NotReadableError(_ANSWERS.get(error.code, f"S3 answers {error.code}.")) from error
        except OSError as error:
            raise NotReadableError(f"S3 can't be asked: {error}") from error
        return answer


def _joined(path: tuple[str, ...]) -> str:
    for name in path:
        if not _NAME.fullmatch(name):
            raise NotReadableError(f"No application, pod or log is called {name!r}.")
    return "/".join(path)
