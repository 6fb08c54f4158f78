"""The queue's folder in the platform's bucket of artifacts: files of jobs by their content, and records of jobs.

Needs boto3 (`pip install 'elastic-spark-client[aws]'`), and the role that the tenant's stack makes for the queue's
submitters: it reaches this folder and nothing else.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, Final

from skate.card import Artifacts, QueueCard
from skate.errors import InputError, LoginError, NotAllowedError, UnreachableError, UploadError

Progress = Callable[[str, int, int], None]
"""Told of a file's name, how many of its bytes are there, and how many it has."""
SESSION: Final = "skate"
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
            self._client = self._connected()
        return self._client

    def _connected(self) -> Any:  # noqa: ANN401 - boto3 makes its classes at run time
        try:
            import boto3  # type: ignore[import-untyped]
            from botocore.exceptions import ClientError
        except ImportError as error:
            raise InputError(
                "Files are brought to the queue by boto3, which isn't installed.",
                "Install it: pip install 'elastic-spark-client[aws]'",
            ) from error
        region = self._place.region
        session = boto3.Session(region_name=region)
        with self._told(f"taking the role {self._role}"):
            try:
                given = session.client("sts", endpoint_url=self._endpoint).assume_role(
                    RoleArn=self._role, RoleSessionName=SESSION
                )["Credentials"]
            except ClientError as error:
                if error.response["Error"]["Code"] == "AccessDenied":
                    raise NotAllowedError(
                        f"You may not take the role {self._role}, by which files are brought to the queue.",
                        f"An owner of {self._card.tenant} can let you: your IAM principal under `people` of the "
                        "tenant's stack file, with the purpose `submitter`.",
                    ) from error
                raise
        return session.client(
            "s3",
            endpoint_url=self._endpoint,
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"],
            aws_session_token=given["SessionToken"],
        )

    @contextmanager
    def _told(self, doing: str) -> Iterator[None]:
        """What AWS says when something goes wrong, said to a person."""
        from boto3.exceptions import S3UploadFailedError  # type: ignore[import-untyped]
        from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, NoCredentialsError

        try:
            yield
        except NoCredentialsError as error:
            raise LoginError(
                f"You have no login to AWS, {doing}.", "Log in, such as by `aws sso login`, or set AWS_PROFILE."
            ) from error
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in ("ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"):
                raise LoginError(
                    f"Your login to AWS has expired, {doing}.", "Log in again, such as by `aws sso login`."
                ) from error
            raise UploadError(
                f"AWS refuses it, {doing}: {error}", "Try again; if it stays so, tell an owner."
            ) from error
        except S3UploadFailedError as error:
            raise UploadError(f"It broke off, {doing}: {error}", "Submit the job again: it starts over.") from error
        except HTTPClientError as error:
            raise UnreachableError(
                f"AWS can't be reached, {doing}: {error}", "Is the network there? Then again: it starts over."
            ) from error
        except BotoCoreError as error:
            raise LoginError(f"AWS can't be asked, {doing}: {error}", "Look at your AWS profile.") from error


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
