"""People of an issuer by real ID tokens: what the API server makes of them, with what the platform tells EKS of it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from fleet.offline.programs import run_program
from sizing import names
from sizing.values import Json
from tests import samples
from tests.cluster.api import Api, RefusedError
from tests.cluster.application_shapes import application
from tests.cluster.attacks_identity import OTHER_QUEUE, QUEUE
from tests.cluster.attacks_rbac import applications, core, in_namespace
from tests.cluster.authentication import authentication
from tests.cluster.binaries import Binaries
from tests.cluster.cluster import Cluster
from tests.cluster.control_plane import control_plane
from tests.issuer import Client, Key, Provider, elliptic, served

CONFIG: Final = "aws:eks/identityProviderConfig:IdentityProviderConfig"
IDENTITY: Final[Mapping[str, Any]] = {
    **samples.platform()["identity"],
    "requiredClaims": {"org": "example"},
}
VIEWERS: Final = {"support": {"group": "spark-support", "access": "viewer"}}
TOKEN_SECONDS: Final = 600
READY_SECONDS: Final = 30
"""In which the API server has read the issuer's keys."""
JANE: Final[Mapping[str, Json]] = {
    "aud": IDENTITY["clientId"],
    "email": "jane@example.com",
    "email_verified": True,
    "groups": ["search-analysts", "everybody"],
    "org": "example",
}


@pytest.fixture(scope="module")
def trusted(binaries: Binaries, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Cluster, Provider]]:
    """A cluster of the sample platform and of `search`, whose API server trusts an issuer as the platform tells EKS."""
    settings = samples.changed(samples.platform(), "identity", IDENTITY)
    settings = samples.changed(settings, "access.people", VIEWERS)
    platform = run_program("platform-dev", samples.config_of(settings), {})
    (registered,) = platform.of_type(CONFIG)
    folder: Path = tmp_path_factory.mktemp("issuer")
    with served(folder) as issuer:
        place, issuer.url = issuer.url, IDENTITY["issuer"]
        issuer.describes["jwks_uri"] = f"{place}/keys"
        config = folder / "authentication.json"
        config.write_text(json.dumps(authentication(registered.inputs["oidc"], folder / "ca.crt", place)))
        with control_plane(binaries, api_server=[f"--authentication-config={config}"]) as plane:
            cluster = Cluster(plane)
            cluster.deploy(platform, [samples.sample_registrations("search-dev")])
            end = time.monotonic() + READY_SECONDS
            while _who(cluster.admin.with_token(token(issuer, **JANE))) is None:
                assert time.monotonic() < end, (plane.folder / "kube-apiserver.log").read_text()[-2000:]
                time.sleep(0.2)
            yield cluster, issuer


def token(issuer: Provider, key: Key | None = None, **claims: Json) -> str:
    """An ID token of the issuer, valid for ten minutes unless claims say otherwise; one that is None is left out."""
    now = int(time.time())
    whole = {"iss": issuer.url, "iat": now, "exp": now + TOKEN_SECONDS, **claims}
    return issuer.signed({name: value for name, value in whole.items() if value is not None}, key)


def _who(api: Api) -> tuple[str, set[str]] | None:
    """Whom the API server takes somebody for; None: for nobody."""
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview", "metadata": {}}
    try:
        found = api.request("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", review)["status"]["userInfo"]
    except RefusedError as error:
        assert error.code == 401  # noqa: PT017
        return None
    return found["username"], set(found["groups"]) - {"system:authenticated"}


@pytest.mark.parametrize(
    ("claims", "user", "groups"),
    [
        ({}, "jane@example.com", {"search-analysts", "everybody"}),
        ({"groups": "search-analysts"}, "jane@example.com", {"search-analysts"}),
        ({"groups": None}, "jane@example.com", set()),
        ({"groups": ["system:masters"]}, "jane@example.com", {"system:masters"}),
        ({"groups": ["elastic-spark:tenant-deployers"]}, "jane@example.com", {"elastic-spark:tenant-deployers"}),
        ({"email": "system:admin"}, "system:admin", {"search-analysts", "everybody"}),
    ],
)
def test_users_and_groups_of_a_token_have_the_issuers_prefix(
    trusted: tuple[Cluster, Provider], claims: dict[str, Json], user: str, groups: set[str]
) -> None:
    cluster, issuer = trusted
    found = _who(cluster.admin.with_token(token(issuer, **{**JANE, **claims})))
    assert found == (f"oidc:{user}", set(map(names.issuers_group, groups)))


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": f"{IDENTITY['issuer']}/"},
        {"iss": "https://login.example.org"},
        {"aud": "another-client"},
        {"org": "another"},
        {"org": None},
        {"email": None},
        {"email_verified": False},
        {"exp": 1},
    ],
    ids=json.dumps,
)
def test_a_token_that_says_something_else_is_nobodys(
    trusted: tuple[Cluster, Provider], claims: dict[str, Json]
) -> None:
    cluster, issuer = trusted
    assert _who(cluster.admin.with_token(token(issuer, **{**JANE, **claims}))) is None


def test_another_key_signs_for_nobody(trusted: tuple[Cluster, Provider]) -> None:
    cluster, issuer = trusted
    forged = token(issuer, elliptic(str(issuer.keys[0].kid)), **JANE)
    assert _who(cluster.admin.with_token(forged)) is None


def test_a_group_has_its_purpose_in_its_queue_and_its_people_submit_by_their_own_name(
    trusted: tuple[Cluster, Provider],
) -> None:
    cluster, issuer = trusted
    jane = cluster.admin.with_token(token(issuer, **JANE))
    made = jane.create(in_namespace(application(), QUEUE))
    try:
        assert made["metadata"]["annotations"][names.SUBMITTER_ANNOTATION] == "oidc:jane@example.com"
        assert made["spec"]["driver"]["annotations"][names.SUBMITTER_ANNOTATION] == "oidc:jane@example.com"
    finally:
        jane.delete(made)
    with pytest.raises(RefusedError, match="cannot create"):
        jane.create(in_namespace(application(), OTHER_QUEUE))


def test_a_program_works_in_its_groups_queue_by_its_own_name(trusted: tuple[Cluster, Provider]) -> None:
    cluster, issuer = trusted
    says = {**JANE, "email": "airflow@programs.example.com", "groups": ["search-analysts"]}
    program = cluster.admin.with_token(issuer.signed(issuer.claims_of_program(Client("airflow", says=says))))
    made = program.create(in_namespace(application(), QUEUE))
    try:
        assert made["metadata"]["annotations"][names.SUBMITTER_ANNOTATION] == "oidc:airflow@programs.example.com"
        listed = program.request("GET", applications(QUEUE))["items"]
        assert made["metadata"]["name"] in {each["metadata"]["name"] for each in listed}
    finally:
        program.delete(made)
    with pytest.raises(RefusedError, match="cannot list"):
        program.request("GET", applications(OTHER_QUEUE))


@pytest.mark.parametrize("group", ["system:masters", "elastic-spark:search:owner", names.TENANT_DEPLOYERS])
def test_a_token_with_another_group_by_name_has_its_rights_nowhere(
    trusted: tuple[Cluster, Provider], group: str
) -> None:
    cluster, issuer = trusted
    eve = cluster.admin.with_token(token(issuer, **{**JANE, "groups": [group]}))
    for path in (core("pods", QUEUE), applications(QUEUE), "/api/v1/nodes", "/api/v1/namespaces"):
        with pytest.raises(RefusedError, match="cannot list"):
            eve.request("GET", path)


def test_a_platforms_viewers_look_at_everything_and_change_nothing(trusted: tuple[Cluster, Provider]) -> None:
    cluster, issuer = trusted
    support = cluster.admin.with_token(token(issuer, **{**JANE, "groups": ["spark-support"]}))
    assert support.request("GET", core("pods", OTHER_QUEUE))["kind"] == "PodList"
    for method, path in (
        ("GET", core("secrets", QUEUE)),
        ("DELETE", core("pods", QUEUE)),
        ("POST", applications(QUEUE)),
    ):
        with pytest.raises(RefusedError, match="cannot"):
            support.request(method, path, {} if method == "POST" else None)
