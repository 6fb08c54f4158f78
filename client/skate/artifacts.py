"""The queue's folder in the platform's bucket of artifacts: files of jobs by their content, and records of jobs.

Needs boto3 (`pip install 'elastic-spark-client[aws]'`), and the role that the tenant's stack makes for the queue's
submitters: it reaches this folder and nothing else.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from threading import Lock
from typing import Any, Final

from skate.aws import connected, needed, told
from skate.card import Artifacts, QueueCard
from skate.errors import InputError, UploadError

Progress = Callable[[str, int, int], None]
"""Told of a file's name, how many of its bytes are there, and how many it has."""
PURPOSE: Final = "Files are brought to the queue"
CHUNK: Final = 1024 * 1024
PART_BYTES: Final = 16 * 1024 * 1024
"""Larger files go in parts, which count only once all are there."""
AT_ONCE: Final = 4


class ArtifactStore:
    """A queue's folder, as its submitters reach it.

    Args:
        card: the queue's.
        endpoint: of S3 and STS, where it isn't AWS's own.

    Raises:
        InputError: the queue has no such folder, or boto3 isn't installed.
    """

    def __init__(self, card: QueueCard, endpoint: str | None = None) -> None:
        if card.artifacts is None or card.artifacts.upload_role_arn is None:
            raise InputError(
                f"The queue {card.namespace} takes no files.",
                "Put them into the image (local://), or somewhere that the queue may read (s3a://), and name them so.",
            )
        needed(PURPOSE)
        self._card = card
        self._place: Artifacts = card.artifacts
        self._role: str = card.artifacts.upload_role_arn
        self._endpoint = endpoint
        self._client: Any = None

    async def upload(self, files: Sequence[Path], progress: Progress | None = None) -> dict[Path, str]:
        """Bring files to the queue's folder; what is there already is not sent again.

        Args:
            files: of this machine.
            progress: told as bytes arrive.

        Returns:
            Each file's address, as driver and executors find it.

        Raises:
            InputError: one isn't there, or is no file.
            UploadError: one did not arrive; nothing of it is there.
            LoginError, NotAllowedError, UnreachableError: as their names say.
        """
        for file in files:
            if not file.is_file():
                raise InputError(f"{file} is no file of this machine.", "Give a path that is there, or an address.")
        turns = asyncio.Semaphore(AT_ONCE)

        async def one(file: Path) -> str:
            async with turns:
                return await asyncio.to_thread(self._upload, file, progress or _silent)

        distinct = list(dict.fromkeys(files))
        return dict(zip(distinct, await asyncio.gather(*map(one, distinct)), strict=True))

    async def remember(self, application: dict[str, Any]) -> None:
        """Keep an application as it was submitted, so that it can be run again when its object is gone."""
        key = self._record(application["metadata"]["name"])
        await asyncio.to_thread(self._put, key, json.dumps(application, sort_keys=True).encode())

    async def recall(self, name: str) -> dict[str, Any] | None:
        """An application as it was submitted, if it was remembered."""
        return await asyncio.to_thread(self._get, self._record(name))

    def _record(self, name: str) -> str:
        return f"{self._place.records}jobs/{name}.json"

    def _upload(self, file: Path, progress: Progress) -> str:
        digest = _digest(file)
        key = _key(self._place, file, digest)
        address = f"s3a://{self._place.bucket}/{key}"
        size, sent, lock = file.stat().st_size, 0, Lock()

        def count(more: int) -> None:
            nonlocal sent
            with lock:
                sent += more
                progress(file.name, min(sent, size), size)

        with self._told(f"uploading {file.name}"):
            if self._size(key) == size:
                count(size)
                return address
            if size <= PART_BYTES:
                self._put(key, file.read_bytes(), digest)
                count(size)
            else:
                self._put_in_parts(file, key, count)
        return address

    def _put(self, key: str, content: bytes, digest: str | None = None) -> None:
        known = digest or hashlib.sha256(content).hexdigest()
        with self._told(f"writing {key}"):
            self._s3().put_object(
                Bucket=self._place.bucket,
                Key=key,
                Body=content,
                # S3 keeps nothing whose bytes are others.
                ChecksumSHA256=base64.b64encode(bytes.fromhex(known)).decode(),
            )

    def _put_in_parts(self, file: Path, key: str, count: Callable[[int], None]) -> None:
        from boto3.s3.transfer import TransferConfig  # type: ignore[import-untyped]

        config = TransferConfig(multipart_threshold=PART_BYTES, multipart_chunksize=PART_BYTES)
        self._s3().upload_file(
            str(file),
            self._place.bucket,
            key,
            Config=config,
            Callback=count,
            ExtraArgs={"ChecksumAlgorithm": "SHA256"},
        )

    def _size(self, key: str) -> int | None:
        from botocore.exceptions import ClientError  # type: ignore[import-untyped]

        try:
            return int(self._s3().head_object(Bucket=self._place.bucket, Key=key)["ContentLength"])
        except ClientError as error:
            # Who may not list the folder is told 403 of what isn't there.
            if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") in (403, 404):
                return None
            raise

    def _get(self, key: str) -> dict[str, Any] | None:
        from botocore.exceptions import ClientError

        with self._told(f"reading {key}"):
            try:
                body = self._s3().get_object(Bucket=self._place.bucket, Key=key)["Body"].read()
            except ClientError as error:
                if error.response["Error"]["Code"] in ("AccessDenied", "NoSuchKey"):
                    return None
                raise
        found: dict[str, Any] = json.loads(body)
        return found

    def _s3(self) -> Any:  # noqa: ANN401 - boto3 makes its classes at run time
        if self._client is None:
            self._client = connected(
                self._card,
                self._role,
                ("s3",),
                region=self._place.region,
                purpose=PURPOSE,
                endpoint=self._endpoint,
            )["s3"]
        return self._client

    def _told(self, doing: str) -> AbstractContextManager[None]:
        return told(self._card, doing, UploadError)


def address(place: Artifacts, file: Path) -> str:
    """Where a file of this machine would be in a queue's folder; nothing is sent."""
    return f"s3a://{place.bucket}/{_key(place, file, _digest(file))}"


def _key(place: Artifacts, file: Path, digest: str) -> str:
    return f"{place.uploads}{digest}/{file.name}"


def _digest(file: Path) -> str:
    found = hashlib.sha256()
    with file.open("rb") as content:
        while chunk := content.read(CHUNK):
            found.update(chunk)
    return found.hexdigest()


def _silent(_file: str, _sent: int, _size: int) -> None:
    """Tells nobody."""
