import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sizing import names

UID = "0b0d8a3e-7a3c-4b5e-9c39-2f5d1c7a9e10"

tenants = st.from_regex(r"[a-z][a-z0-9]{0,15}", fullmatch=True)
queues = st.from_regex(r"[a-z]([a-z0-9-]{0,18}[a-z0-9])?", fullmatch=True)
namespaces = st.builds(names.namespace, tenants, queues)


@given(namespaces)
def test_an_applications_identifier_is_a_label_whatever_the_namespace(namespace: str) -> None:
    for end in (UID, "uniqueautogen", "queue-sync-0123abcd"):
        identifier = f"{names.application_prefix(namespace)}-{end}"
        assert re.fullmatch(r"[a-z0-9A-Z]([\w.-]{0,61}[a-z0-9A-Z])?", identifier)


@given(namespaces)
def test_yunikorn_can_name_placeholders_after_an_application(namespace: str) -> None:
    """apache/yunikorn-k8shim v1.9.0, pkg/cache/gang_utils.go (GeneratePlaceholderName): 28 characters of it."""
    name = f"tg-{names.application_prefix(namespace)}-{UID}"[:31] + "-spark-executor-0123456789"
    assert len(name) <= 63
    assert all(re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", part) for part in name.split("."))


@given(namespaces, namespaces)
def test_no_two_queues_have_one_application(one: str, other: str) -> None:
    """Identifiers end with a UID, whose length nobody can choose."""
    assert (names.application_prefix(one) == names.application_prefix(other)) == (one == other)


@pytest.mark.parametrize(
    ("namespace", "prefix"),
    [
        ("ads-batch", "ads-batch"),
        ("a" * 16 + "-" + "b" * 9, "a" * 16 + "-" + "b" * 9),
        ("a" * 16 + "-" + "b" * 10, "1dca3de3." + "a" * 16 + "-"),
    ],
)
def test_only_a_long_namespace_is_shortened(namespace: str, prefix: str) -> None:
    assert names.application_prefix(namespace) == prefix


@given(namespaces)
def test_no_queue_has_the_host_of_a_page_of_the_platform(namespace: str) -> None:
    assert namespace not in names.DOOR_PAGES
    host = names.door_host(namespace, "a" * names.MAXIMUM_DOMAIN)
    assert len(host) <= 253
    assert len(host.partition(".")[0]) <= 63
