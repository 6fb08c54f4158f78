"""What an identity provider says of itself, and how it is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, ValidationError

from skate.errors import InputError, LoginError, SkateError, UnreachableError

if TYPE_CHECKING:
    import httpx2

DISCOVERY: Final = "/.well-known/openid-configuration"
TIMEOUT_SECONDS: Final = 15.0
USUAL_SCOPES: Final = ("profile", "email", "groups", "offline_access")
"""Beside `openid`, of those that an issuer lists; the last one is for a login that is renewed without a person."""
UNLISTED_SCOPES: Final = ("profile", "email", "offline_access")
"""Of an issuer that lists none. `groups` is no scope of the standard, so that some refuse it."""
ENDPOINTS: Final = (
    "authorization_endpoint",
    "token_endpoint",
    "jwks_uri",
    "device_authorization_endpoint",
    "revocation_endpoint",
)
FORM: Final = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
BASIC: Final = "client_secret_basic"
"""How a client proves to be itself where an issuer lists nothing. Source: RFC 8414, section 2"""
NEEDS: Final = ("filelock", "jwt", "oauthlib.oauth2")
"""What a person's login takes, of the extra `[login]`."""
IDENTITY_TEAM: Final = "whoever runs your identity provider"


class Issuer(BaseModel):
    """An identity provider's own description, as far as a login needs it.

    Source: https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata, RFC 8414, RFC 8628, RFC 9207
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    device_authorization_endpoint: str | None = None
    revocation_endpoint: str | None = None
    token_endpoint_auth_methods_supported: tuple[str, ...] = (BASIC,)
    scopes_supported: tuple[str, ...] | None = None
    authorization_response_iss_parameter_supported: bool = False

    def scopes(self, more: tuple[str, ...] = ()) -> list[str]:
        """What a login asks for: `openid`, what is usual here, and what the person named."""
        listed = self.scopes_supported
        usual = UNLISTED_SCOPES if listed is None else [each for each in USUAL_SCOPES if each in listed]
        return list(dict.fromkeys(["openid", *usual, *more]))


class RefusedByIssuerError(Exception):
    """The issuer answered with an error of OAuth.

    Attributes:
        code: its name, such as `invalid_grant`.
        said: the issuer's own words, if any.
    """

    def __init__(self, code: str, said: str = "") -> None:
        super().__init__(f"{code}: {said}" if said else code)
        self.code = code
        self.said = said


@contextmanager
def asking(issuer: str, needs: tuple[str, ...] = NEEDS) -> Iterator[httpx2.Client]:
    """What to ask an issuer with; that it can't be reached is said to a person.

    Certificates are checked against the machine's authorities, or those of the file that SSL_CERT_FILE names.

    Raises:
        InputError: what is named isn't an address of one.
        LoginError: what a login takes isn't installed.
        UnreachableError: it gives no answer, or is not trusted.
    """
    needs_extra(needs)
    import httpx2

    check_address(issuer, "The issuer")
    try:
        with httpx2.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False) as http:
            yield http
    except httpx2.TimeoutException as error:
        raise UnreachableError(
            f"The issuer {issuer} gave no answer in {TIMEOUT_SECONDS:.0f} seconds.",
            "Is the VPN on? If it stays so, tell " + IDENTITY_TEAM + ".",
        ) from error
    except httpx2.HTTPError as error:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            raise UnreachableError(
                f"The certificate of the issuer {issuer} is not trusted: {error}",
                "If your company has an authority of its own, name its file: SSL_CERT_FILE=FILE in the environment.",
            ) from error
        raise UnreachableError(
            f"The issuer {issuer} can't be reached: {error}", "Is the VPN on, and is this its address?"
        ) from error


def needs_extra(modules: tuple[str, ...] = NEEDS) -> None:
    """Raises LoginError, if what a login takes isn't installed."""
    try:
        for each in modules:
            import_module(each)
    except ImportError as error:
        raise LoginError(
            f"This skate was installed without what a login at an identity provider takes ({error.name}).",
            "Install it with its extra: pip install 'elastic-spark-client[login]'",
        ) from error


def check_address(url: str, what: str) -> None:
    """Raises InputError, if a URL is none to send a login to."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise InputError(
            f"{what} {url} is no address of an identity provider.",
            "It starts with https://, and has neither a user, nor a query, nor a fragment.",
        )


def discover(issuer: str, http: httpx2.Client) -> Issuer:
    """What an issuer offers.

    Raises:
        InputError: the address is of no issuer, or of another one.
        UnreachableError: it fails.
    """
    url = issuer.rstrip("/") + DISCOVERY
    response = http.get(url)
    if response.status_code >= 500:
        raise UnreachableError(f"The issuer {issuer} answers with {response.status_code}.", "Try again in a while.")
    try:
        if response.status_code != 200:
            raise ValueError(f"the answer is {response.status_code}")
        found = Issuer.model_validate(response.json())
    except (ValidationError, ValueError) as error:
        raise InputError(
            f"{issuer} is no issuer of OpenID Connect: {_first(error)} at {url}.",
            f"Ask {IDENTITY_TEAM} for the issuer's address, to the letter.",
        ) from error
    if found.issuer != issuer:
        raise InputError(
            f"{url} is of another issuer: {found.issuer}, not {issuer}.",
            f"If that is yours, name it as it names itself: --issuer {found.issuer}",
        )
    for each in ENDPOINTS:
        if (endpoint := getattr(found, each)) and urlsplit(endpoint).scheme != "https":
            raise InputError(
                f"The issuer {issuer} names an address without TLS as its {each}: {endpoint}.",
                f"Nothing was sent there. Tell {IDENTITY_TEAM}.",
            )
    return found


def _first(error: ValidationError | ValueError) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc'])) or 'its description'}: {first['msg']}"
    return str(error)


def post(http: httpx2.Client, url: str, body: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What an endpoint answers to a form.

    Raises:
        RefusedByIssuerError: an error of OAuth.
        UnreachableError: it fails, or answers with something else.
    """
    response = http.post(url, content=body, headers={**FORM, **(headers or {})})
    try:
        answer = response.json() if response.content else {}
    except ValueError:
        answer = None
    if response.status_code == 200 and isinstance(answer, dict):
        return answer
    if isinstance(answer, dict) and answer.get("error"):
        raise RefusedByIssuerError(str(answer["error"]), str(answer.get("error_description") or ""))
    raise UnreachableError(
        f"{url} answered with {response.status_code} and nothing that tells why.",
        f"Try again; if it stays so, tell {IDENTITY_TEAM}.",
    )


def in_words(issuer: str, client_id: str, error: RefusedByIssuerError) -> SkateError:
    """An issuer's refusal of a login, as a person can do something about it."""
    said = f" It says: {error.said}" if error.said else ""
    match error.code:
        case "access_denied":
            return LoginError(
                f"The login at {issuer} was declined, by you or by a rule of the issuer's.{said}",
                f"Log in again and agree, or ask {IDENTITY_TEAM} whether you may use the client {client_id}.",
            )
        case "invalid_client" | "unauthorized_client":
            return InputError(
                f"The issuer {issuer} doesn't let the client {client_id} log people in this way ({error.code}).{said}",
                f"Check --client-id; {IDENTITY_TEAM} must have it as a public client (without a secret), with "
                "authorization code and PKCE, or device code, and with refresh tokens.",
            )
        case "invalid_scope":
            return InputError(
                f"The issuer {issuer} doesn't know a scope that was asked for.{said}",
                "Leave out the --scope that it doesn't know.",
            )
        case "expired_token":
            return LoginError(
                "The code has expired before anybody used it.", "Log in again, and enter the new code in time."
            )
        case "temporarily_unavailable" | "server_error":
            return UnreachableError(f"The issuer {issuer} fails ({error.code}).{said}", "Try again in a while.")
        case _:
            return LoginError(
                f"The issuer {issuer} refused the login ({error.code}).{said}",
                f"Log in again; if it stays so, show this to {IDENTITY_TEAM}.",
            )
