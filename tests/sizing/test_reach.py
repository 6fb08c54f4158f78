"""Which hosts and ranges a queue may name for its jobs to reach."""

from __future__ import annotations

from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sizing.reach import NO_PLACES, Opening, host_error, range_error

OWN = ("10.40.0.0/18", "172.20.0.0/16")


@pytest.mark.parametrize(
    "host",
    [
        "db.example.com",
        "example.com",
        "db-1.internal.example.com",
        "*.kafka.example.com",
        "ads.c1a2b3.eu-central-1.rds.amazonaws.com",
        "*.c1a2b3.eu-central-1.rds.amazonaws.com",
        "b-1.ads.c1a2b3.c2.kafka.eu-central-1.amazonaws.com",
        "rest.corp.local",
        "xn--bcher-kva.example",
        "example.svc.com",
        "notlocalhost.com",
    ],
)
def test_a_host_outside_may_be_named(host: str) -> None:
    assert host_error(host) is None


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("", "the full name"),
        ("*", "the full name"),
        ("*.com", "there must be 3"),
        ("**.example.com", "the full name"),
        ("db*.example.com", "the full name"),
        ("db.*.com", "the full name"),
        ("*.example.com", "3 labels or more behind the wildcard, which has 2"),
        ("*.co.uk", "3 labels"),
        ("*.eu-central-1.rds.amazonaws.com", "5 labels"),
        ("*.execute-api.eu-central-1.amazonaws.com", "5 labels"),
        ("*.blob.core.windows.net", "5 labels"),
        ("warehouse", "the full name"),
        ("kubernetes", "the full name"),
        ("Db.example.com", "lower case"),
        ("db.example.com.", "the full name"),
        ("db.example.com:5432", "the full name"),
        ("https://db.example.com", "the full name"),
        ("-db.example.com", "the full name"),
        ("db..example.com", "the full name"),
        ("db.example.com\n", "the full name"),
        (f"{'a' * 64}.example.com", "the full name"),
        (f"{'a.' * 124}example.com", "the full name"),
        ("169.254.169.254", "an address goes under cidr"),
        ("0xa9.0xfe.0xa9.0xfe", "the full name"),
        ("2852039166", "the full name"),
        ("fd00:ec2::254", "the full name"),
        ("localhost", "the full name"),
        ("db.localhost", "a host outside"),
        ("kubernetes.default", "a host outside"),
        ("kubernetes.default.svc", "a host outside"),
        ("kubernetes.default.svc.cluster.local", "a host outside"),
        ("*.default.svc.cluster.local", "a host outside"),
        ("cluster.local", "a host outside"),
        ("ip-10-40-0-9.eu-central-1.compute.internal", "not a node"),
        ("*.eu-central-1.compute.internal", "not a node"),
        ("ip-10-0-0-9.ec2.internal", "not a node"),
        ("instance-data.ec2.internal", "not a node"),
        ("0a1b.gr7.eu-central-1.eks.amazonaws.com", "the API of an EKS cluster"),
        ("*.gr7.eu-central-1.eks.amazonaws.com", "the API of an EKS cluster"),
        ("0a1b.gr7.cn-north-1.eks.amazonaws.com.cn", "the API of an EKS cluster"),
        ("0a1b.eks-cluster.eu-central-1.api.aws", "the API of an EKS cluster"),
    ],
)
def test_a_host_that_a_queue_may_not_name_is_told_apart(host: str, said: str) -> None:
    assert said in (host_error(host) or "")


@pytest.mark.parametrize("cidr", ["10.60.0.0/16", "10.40.64.0/24", "192.168.7.9/32", "203.0.113.0/24", "100.64.0.0/16"])
def test_a_narrow_range_outside_may_be_named(cidr: str) -> None:
    assert range_error(IPv4Network(cidr), OWN) is None


@pytest.mark.parametrize(
    ("cidr", "said"),
    [
        ("0.0.0.0/0", "/24 or narrower"),
        ("0.0.0.0/1", "/24 or narrower"),
        ("8.0.0.0/7", "/24 or narrower"),
        ("10.0.0.0/8", "/16 or narrower"),
        ("10.60.0.0/15", "/16 or narrower"),
        ("203.0.112.0/23", "/24 or narrower"),
        ("172.0.0.0/8", "/24 or narrower"),
        ("169.254.169.254/32", "outside of 169.254.0.0/16"),
        ("169.254.170.0/24", "outside of 169.254.0.0/16"),
        ("127.0.0.1/32", "outside of 127.0.0.0/8"),
        ("0.0.0.0/32", "outside of 0.0.0.0/8"),
        ("224.0.0.251/32", "multicast"),
        ("255.255.255.255/32", "reserved"),
        ("10.40.0.0/16", "outside of 10.40.0.0/18"),
        ("10.40.63.255/32", "outside of 10.40.0.0/18"),
        ("172.20.0.1/32", "outside of 172.20.0.0/16"),
    ],
)
def test_a_range_that_a_queue_may_not_name_is_told_apart(cidr: str, said: str) -> None:
    assert said in (range_error(IPv4Network(cidr), OWN) or "")


@given(st.integers(0, 2**32 - 1), st.integers(0, 32))
def test_no_range_that_may_be_named_holds_an_address_of_the_cluster_or_of_every_node(address: int, bits: int) -> None:
    found = IPv4Network((address, bits), strict=False)
    if range_error(found, OWN) is None:
        assert not any(found.overlaps(IPv4Network(closed)) for closed in (*NO_PLACES, *OWN))


def test_an_opening_is_by_name_unless_it_is_a_range() -> None:
    assert Opening("db.example.com", 5432).by_name
    assert not Opening("10.60.1.0/24", 5432).by_name
