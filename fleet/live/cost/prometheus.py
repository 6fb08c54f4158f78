"""Asking a Prometheus, or what answers as one does: Amazon Managed Prometheus, Thanos, Mimir."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import SplitResult, urlsplit, urlunsplit

import requests
from requests.auth import AuthBase

from fleet.live.cost.access import LOCAL_URL, PORT_FORWARD, TOKEN_VARIABLE
from fleet.live.cost.amounts import CostReportError
from fleet.live.nodes import INSTALL, LiveError, aws_errors

CONNECT_SECONDS: Final = 10
AMP_HOST: Final = re.compile(r"aps-workspaces(?:-fips)?\.(?P<region>[a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|api\.aws)")
"""Amazon Managed Prometheus, which takes requests that are signed.

Source: https://docs.aws.amazon.com/general/latest/gr/prometheus-service.html
"""


@dataclass(frozen=True)
class Point:
    """A value of one series at one time.

    Attributes:
        labels: of the series.
        time: seconds since 1970.
        value: may be infinite or not a number.
    """

    labels: Mapping[str, str]
    time: float
    value: float


class Prometheus:
    """A Prometheus's query API.

    Args:
        url: as in a browser, with the path before `/api/v1` where there is one; user and password may be in it.
        token: a bearer token; None without.
        ca_file: certificates to trust instead of the usual ones; None for these.
        timeout: seconds to wait for an answer.

    Attributes:
        warnings: what answers were qualified with, each once.

    Raises:
        CostReportError: the URL is none; boto3 is not installed or has no credentials, where requests must be signed.
            The methods raise it when there is no good answer.
    """

    def __init__(self, url: str, *, token: str | None, ca_file: Path | None, timeout: float) -> None:
        parts = _parts(url)
        self._url = urlunsplit(parts._replace(path=parts.path.rstrip("/"), query="", fragment=""))
        self._shown = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment=""))
        self._timeout = timeout
        self._session = requests.Session()
        # As the session's own setting it would yield to REQUESTS_CA_BUNDLE.
        self._verify = str(ca_file) if ca_file else None
        if amp := AMP_HOST.fullmatch(parts.hostname or ""):
            self._session.auth = _signature(amp["region"])
        elif token:
            self._session.auth = _Bearer(token)
        self.warnings: list[str] = []

    def __str__(self) -> str:
        """Its address, without a password."""
        return self._shown

    def at(self, expression: str, time: float) -> list[Point]:
        """The values of an expression at one time."""
        return self._ask("query", {"query": expression, "time": f"{time:.0f}"}, "vector")

    def between(self, expression: str, first: float, last: float, step: float) -> list[Point]:
        """The values of an expression at times so many seconds apart, from the first to the last."""
        asked = {"query": expression, "start": f"{first:.0f}", "end": f"{last:.0f}", "step": f"{step:.0f}"}
        return self._ask("query_range", asked, "matrix")

    def _ask(self, what: str, parameters: Mapping[str, str], kind: Literal["vector", "matrix"]) -> list[Point]:
        """What an endpoint found, by the form of its answers.

        Source: https://prometheus.io/docs/prometheus/latest/querying/api/
        """
        answer = self._post(f"/api/v1/{what}", parameters)
        try:
            document = answer.json()
            if document["status"] != "success":
                raise CostReportError(f"Prometheus at {self} refused the query: {document['error']}")
            if document["data"]["resultType"] != kind:
                raise ValueError(document["data"]["resultType"])
            self.warnings += [str(text) for text in document.get("warnings", ()) if str(text) not in self.warnings]
            return [
                Point(dict(series["metric"]), float(time), float(value))
                for series in list(document["data"]["result"])
                for time, value in (series["values"] if kind == "matrix" else [series["value"]])
            ]
        except (ValueError, LookupError, TypeError, AttributeError):
            came = answer.headers.get("Content-Type", "no type").partition(";")[0]
            raise CostReportError(
                f"{self} answers, with {answer.status_code} and {came}, but not as Prometheus does; give the address "
                "before /api/v1, without a login page in front of it"
            ) from None

    def _post(self, path: str, parameters: Mapping[str, str]) -> requests.Response:
        try:
            answer = self._session.post(
                self._url + path,
                data=parameters,
                timeout=(CONNECT_SECONDS, self._timeout),
                verify=self._verify,
                allow_redirects=False,
            )
        except requests.exceptions.SSLError as error:
            raise CostReportError(
                f"{self}: its certificate is not trusted: {_reason(error)}; name the authority with --ca-file"
            ) from None
        except requests.exceptions.Timeout:
            raise CostReportError(
                f"{self} didn't answer within {self._timeout:g} seconds; a shorter time asks for less, "
                "and --timeout waits longer"
            ) from None
        except OSError as error:  # also all that requests raises, and a --ca-file that isn't there
            raise CostReportError(
                f"{self} can't be reached: {_reason(error)}; a Prometheus inside the cluster is reached by "
                f"`{PORT_FORWARD}` and --prometheus {LOCAL_URL}"
            ) from None
        except (ValueError, LiveError) as error:
            raise CostReportError(f"{self}: {_reason(error)}") from None
        if answer.status_code in (502, 503, 504):
            raise CostReportError(f"{self} is not ready: {answer.status_code} {answer.reason}; try again in a minute")
        if answer.status_code in (401, 403):
            raise CostReportError(
                f"{self} refuses: {answer.status_code} {answer.reason}; put a token into {TOKEN_VARIABLE}, or into a "
                "file for --token-file; Amazon Managed Prometheus takes AWS credentials that may aps:QueryMetrics"
            )
        return answer


def token(file: Path | None) -> str | None:
    """The bearer token in a file, or in the environment; None without.

    Raises:
        CostReportError: the file can't be read, or either has something else.
    """
    if file is None:
        where, text = TOKEN_VARIABLE, os.environ.get(TOKEN_VARIABLE, "").strip()
        if not text:
            return None
    else:
        where = f"--token-file {file}"
        try:
            text = file.read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            raise CostReportError(f"{where} can't be read: {_reason(error)}") from None
    if not re.fullmatch(r"[!-~]+", text):
        raise CostReportError(f"{where}: a token is one word of ASCII characters")
    return text


class _Bearer(AuthBase):
    """A token in each request. As a mere header, requests would replace it by what ~/.netrc has for the host."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _signature(region: str) -> AuthBase:
    """Signs each request as AWS wants it, by the credentials that boto3 finds."""
    try:
        import boto3  # type: ignore[import-untyped]
        from botocore.auth import SigV4Auth  # type: ignore[import-untyped]
        from botocore.awsrequest import AWSRequest  # type: ignore[import-untyped]
    except ImportError:
        raise CostReportError(f"Amazon Managed Prometheus takes signed requests, for which {INSTALL}") from None

    class Signature(AuthBase):
        def __init__(self) -> None:
            try:
                with aws_errors():
                    self._credentials = boto3.Session().get_credentials()
            except LiveError as error:
                raise CostReportError(str(error)) from None
            if self._credentials is None:
                raise CostReportError("AWS: no credentials; set AWS_PROFILE or log in (aws sso login)")

        def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
            with aws_errors():
                signed = AWSRequest(
                    method=request.method,
                    url=request.url,
                    data=request.body,
                    headers={"Content-Type": request.headers["Content-Type"]},
                )
                SigV4Auth(self._credentials.get_frozen_credentials(), "aps", region).add_auth(signed)
            request.headers.update(signed.headers.items())
            return request

    return Signature()


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise CostReportError(f"--prometheus is no URL; one such as {LOCAL_URL} is needed")
    return parts


def _reason(error: BaseException) -> str:
    """The innermost of what libraries wrapped: `Connection refused`, not four classes with their addresses."""
    innermost: Any = error
    while True:
        inside = getattr(innermost, "reason", None)
        inside = (
            inside
            if isinstance(inside, BaseException)
            else next(
                (arg for arg in getattr(innermost, "args", ()) if isinstance(arg, BaseException)), innermost.__cause__
            )
        )
        if inside is None:
            break
        innermost = inside
    said = innermost.strerror if isinstance(innermost, OSError) and innermost.strerror else str(innermost)
    return " ".join(re.sub(r"^<[^>]*>: |^\w*Connection\([^)]*\): ", "", said).split())
