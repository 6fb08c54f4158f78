"""A platform's picture, and what may talk to what: both as the registrations have it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from itertools import pairwise

import pytest

from fleet.formats.connections import JOBS, Connection, Kind
from fleet.formats.drawing import Arrow, Box, Drawing, Label, broken, fitted, text_width, wrapped
from fleet.formats.people import counted, may
from fleet.formats.topology import Nodes, Topology, by_platform, topology
from fleet.formats.topology_drawing import MANY_QUEUES, drawing
from fleet.offline.registration import Registration, Registrations
from sizing.values import Json
from tests.fleet.offline.recorded import sample
from tests.samples import changed, tenant, tenant_registrations

POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
GROUP = "aws:autoscaling/group:Group"
TENANTS = ("ads-dev", "research-dev", "search-dev")


@cache
def recorded() -> Mapping[str, Registrations]:
    return {stack: sample(stack) for stack in ("platform-dev", *TENANTS)}


@cache
def whole() -> Topology:
    return topology("platform-dev", recorded())


def with_plan(stack: str, registrations: Registrations) -> Topology:
    """The platform, with other registrations of one of its stacks."""
    return topology("platform-dev", {**recorded(), stack: registrations})


def without(registrations: Registrations, type_: str, name: str = "") -> Registrations:
    """Registrations without the resources of a type, or those of them with such a name."""
    return Registrations(one for one in registrations.values() if one.type != type_ or not one.name.endswith(name))


def edited(registrations: Registrations, type_: str, **inputs: Json) -> Registrations:
    """Registrations whose resources of a type have other inputs."""
    return Registrations(
        replace(one, inputs={**one.inputs, **inputs}) if one.type == type_ else one for one in registrations.values()
    )


def of_kind(found: Topology, kind: Kind, queue: str = "") -> list[Connection]:
    return [one for one in found.connections if one.kind is kind and (not queue or queue in one.queues)]


def said(sheet: Drawing) -> list[str]:
    return [shape.text for shape in sheet.shapes if isinstance(shape, Label)]


def lines(sheet: Drawing, style: str) -> list[Arrow]:
    return [shape for shape in sheet.shapes if isinstance(shape, Arrow) and shape.style == style and shape.head]


def policy(spec: Json) -> Registration:
    """A network policy that somebody adds to a queue by hand."""
    metadata = {"name": "mine", "namespace": "ads-batch"}
    return Registration("urn:mine", POLICY, "mine", "", True, False, {"metadata": metadata, "spec": spec})


def grown() -> Registrations:
    return tenant_registrations(changed(tenant("ads-dev"), "queues.batch.pools.main.maxNodes", 40), "ads-dev")


def test_tenants_are_drawn_on_the_platform_that_they_refer_to() -> None:
    stacks = {**recorded(), "platform-kind": sample("platform-kind"), "demo-kind": sample("demo-kind")}
    assert {platform: sorted(found) for platform, found in by_platform(stacks).items()} == {
        "platform-dev": ["ads-dev", "platform-dev", "research-dev", "search-dev"],
        "platform-kind": ["demo-kind", "platform-kind"],
    }


def test_zones_have_their_subnets_and_gateways() -> None:
    first, second = whole().zones
    assert (first.name, first.subnet, first.nat) == ("eu-central-1a", "10.40.0.0/18", True)
    assert (second.name, second.subnet, second.nat) == ("eu-central-1b", "10.40.64.0/18", False)
    assert whole().gateways == ("s3",)


def test_pools_have_their_nodes_by_zone() -> None:
    system, driver = sorted(whole().pools, key=lambda pool: pool.row.identity, reverse=True)
    assert system.zones == {"eu-central-1a": Nodes(1, 1), "eu-central-1b": Nodes(1, 1)}
    assert driver.zones == {"eu-central-1a": Nodes(0, 4), "eu-central-1b": Nodes(0, 4)}
    assert (system.kept, driver.kept) == (False, True)
    (ads, *_) = whole().queues
    assert [(pool.row.identity, pool.zones) for pool in ads.pools] == [
        ("ads-batch-main", {"eu-central-1a": Nodes(2, 20)})
    ]


def test_the_api_server_says_from_where_it_is_reached() -> None:
    plane = whole().control_plane
    assert plane is not None
    assert plane.name == "EKS cluster spark-dev, Kubernetes 1.36"
    assert plane.endpoint == "reached inside the VPC and from 203.0.113.0/24"
    closed = edited(sample("platform-dev"), "eks:index:Cluster", endpointPublicAccess=False)
    found = with_plan("platform-dev", closed).control_plane
    assert found is not None
    assert found.endpoint == "reached inside the VPC"


def test_people_reach_the_api_server_by_their_access_entries_and_roles() -> None:
    found = {(one.source, one.how): one for one in of_kind(whole(), Kind.PEOPLE)}
    lead = found["role/ads-lead", "as elastic-spark:owner"]
    assert (lead.queues, lead.because) == (("ads-batch",), "AccessEntry ads-people-lead")
    assert found["role/data-platform", "as AmazonEKSClusterAdminPolicy"].queues == ()
    assert found["role/search-auditors", "as elastic-spark:viewer"].queues == ("search-adhoc", "search-scheduled")


def test_an_issuers_people_come_by_their_groups() -> None:
    found = {(one.source, one.how): one for one in of_kind(whole(), Kind.PEOPLE)}
    assert found["group oidc:search-analysts", "as elastic-spark:submitter"].queues == ("search-adhoc",)
    issuer = "people of https://login.example.com/realms/example"
    (trust,) = [one for one in of_kind(whole(), Kind.SERVICES) if one.source == issuer]
    assert (trust.target, trust.because) == ("API server", "IdentityProviderConfig spark-dev-identity-issuer")


def test_a_group_without_an_access_entry_is_named_by_its_binding() -> None:
    found = topology("platform-kind", {"platform-kind": sample("platform-kind"), "demo-kind": sample("demo-kind")})
    owners = [one for one in of_kind(found, Kind.PEOPLE) if one.queues == ("demo-try",)]
    assert [(one.source, one.how) for one in owners] == [("group demo-users", "as elastic-spark:owner")]


def test_people_are_counted_once_for_what_they_may_do_in_words() -> None:
    assert counted(whole().connections) == [
        "1 administrator",
        "3 who deploy tenants",
        "2 who own queues",
        "4 who may submit",
        "2 who may look",
    ]
    entry = next(one for one in of_kind(whole(), Kind.PEOPLE) if one.how == "as elastic-spark:viewer")
    assert may(entry) == "may look (elastic-spark:viewer)"
    other = replace(entry, how="as team-role")
    assert (counted([other]), may(other)) == (["1 with team-role"], "as team-role")
    pods = of_kind(whole(), Kind.PODS)[0]
    assert may(pods) == pods.how


def test_all_that_people_may_do_is_in_the_picture() -> None:
    found = topology("platform-prod", {name: sample(name) for name in ("platform-prod", "ads-prod")})
    text = " ".join(said(drawing(None, found)))
    for words in counted(found.connections):
        assert words in text


@pytest.mark.parametrize(
    "name",
    ["s3-" + "abcdefgh" * 7 + "-eu", "spark-dev-artifacts-111122223333-eu-central-1", "short", "-" * 80, "W" * 63],
)
def test_a_name_is_whole_on_as_many_lines_as_it_needs(name: str) -> None:
    lines = broken(name, 160, 11.5)
    assert "".join(lines) == name
    assert all(text_width(line, 11.5) <= 160 for line in lines)
    assert len(lines) <= 2 * text_width(name, 11.5) / 160 + 1


def test_names_of_buckets_are_whole_in_the_picture() -> None:
    text = said(drawing(None, whole()))
    assert not [line for line in text if "…" in line]
    at = text.index("rw spark-dev-artifacts-")
    assert "".join(text[at : at + 3]) == "rw spark-dev-artifacts-111122223333-eu-central-1/search/scheduled"


def test_drivers_reach_the_executors_of_their_queue_where_a_policy_lets_them() -> None:
    queue = ("pods of the queue", "pods of the queue")
    assert queue in [(one.source, one.target) for one in of_kind(whole(), Kind.PODS, "ads-batch")]
    found = with_plan("ads-dev", without(sample("ads-dev"), POLICY, "same-queue"))
    assert queue not in [(one.source, one.target) for one in of_kind(found, Kind.PODS, "ads-batch")]
    assert len(lines(drawing(None, found), "driver")) == len(lines(drawing(None, whole()), "driver")) - 1


def test_what_policies_let_pass_is_said_with_ports_and_exceptions() -> None:
    found = {one.because: (one.source, one.target, one.how) for one in of_kind(whole(), Kind.PODS, "ads-batch")}
    assert found == {
        "NetworkPolicy dns": ("pods of the queue", "pods with k8s-app=kube-dns of kube-system", "UDP 53, TCP 53"),
        "NetworkPolicy metrics": (
            "pods with app.kubernetes.io/name=prometheus of spark-system",
            "connect-servers and drivers of the queue",
            "TCP 4040",
        ),
        "NetworkPolicy outside": ("pods of the queue", "any address but 169.254.169.254/32", "TCP 443"),
        "NetworkPolicy pod-identity": ("pods of the queue", "169.254.170.23/32", "TCP 80"),
        "NetworkPolicy same-queue": ("pods of the queue", "pods of the queue", "any port"),
    }


def test_a_queue_in_which_nothing_is_refused_is_open_to_anybody() -> None:
    registrations = without(sample("ads-dev"), POLICY)
    because = "no NetworkPolicy that closes the queue"
    found = of_kind(with_plan("ads-dev", registrations), Kind.PODS, "ads-batch")
    assert [(one.source, one.target, one.because) for one in found] == [
        ("anybody", "pods of the queue", because),
        ("pods of the queue", "anybody", because),
    ]
    closed = policy({"podSelector": {}, "policyTypes": ["Ingress"]})
    (outwards,) = of_kind(
        with_plan("ads-dev", Registrations([*registrations.values(), closed])), Kind.PODS, "ads-batch"
    )
    assert (outwards.source, outwards.target) == ("pods of the queue", "anybody")


def test_selectors_of_all_kinds_have_words() -> None:
    spec = {
        "podSelector": {
            "matchExpressions": [
                {"key": "a", "operator": "Exists"},
                {"key": "b", "operator": "NotIn", "values": ["1", "2"]},
            ]
        },
        "policyTypes": ["Ingress"],
        "ingress": [
            {"from": [{"namespaceSelector": {"matchLabels": {"team": "x"}}, "podSelector": {}}]},
            {"from": [{"namespaceSelector": {}}], "ports": [{"port": 1, "endPort": 9}]},
            {},
        ],
    }
    found = with_plan("ads-dev", Registrations([*sample("ads-dev").values(), policy(spec)]))
    own = [one for one in of_kind(found, Kind.PODS) if one.because == "NetworkPolicy mine"]
    assert {one.target for one in own} == {"pods with a set, b not in 1, 2 of the queue"}
    assert {(one.source, one.how) for one in own} == {
        ("pods of namespaces with team=x", "any port"),
        ("pods of any namespace", "TCP 1 to 9"),
        ("anybody", "any port"),
    }


def test_the_autoscaler_sets_the_sizes_of_the_groups_whose_tag_its_role_names() -> None:
    targets = {one.target for one in of_kind(whole(), Kind.SCALING)}
    assert "Auto Scaling group spark-dev-ads-batch-main-eu-central-1a-a" in targets
    assert "Auto Scaling group spark-dev-driver-eu-central-1b-a" in targets
    assert not [target for target in targets if "system" in target]
    found = with_plan("ads-dev", edited(sample("ads-dev"), GROUP, tags=[]))
    assert targets - {one.target for one in of_kind(found, Kind.SCALING)} == {
        "Auto Scaling group spark-dev-ads-batch-main-eu-central-1a-a"
    }
    assert len(lines(drawing(None, found), "scaling")) == len(lines(drawing(None, whole()), "scaling")) - 1


def test_a_queue_reads_and_writes_what_its_role_allows() -> None:
    found = {one.target: one.how for one in of_kind(whole(), Kind.STORAGE, "ads-batch")}
    assert found["s3://example-ads-raw/events"] == "reads"
    assert found["s3://example-ads-reports"] == "reads and writes"
    assert found["s3://spark-dev-events-111122223333-eu-central-1/ads/batch"] == "reads and writes"
    none = with_plan("ads-dev", without(sample("ads-dev"), "aws:eks/podIdentityAssociation:PodIdentityAssociation"))
    assert not [one for one in of_kind(none, Kind.STORAGE, "ads-batch") if one.source == JOBS]


def test_buckets_have_their_names_in_every_partition() -> None:
    policy = "aws:iam/rolePolicy:RolePolicy"
    moved = Registrations(
        replace(one, inputs={**one.inputs, "policy": one.inputs["policy"].replace("arn:aws:", "arn:aws-us-gov:")})
        if one.type == policy
        else one
        for one in sample("ads-dev").values()
    )
    here, there = (of_kind(found, Kind.STORAGE, "ads-batch") for found in (whole(), with_plan("ads-dev", moved)))
    assert {one.target for one in there} == {one.target for one in here}


def test_services_are_reached_by_endpoints_from_the_addresses_that_their_group_lets_in() -> None:
    found = topology("platform-prod", {"platform-prod": sample("platform-prod")})
    services = {one.target: (one.source, one.how) for one in of_kind(found, Kind.SERVICES)}
    assert services["ecr.api"] == ("addresses in 10.64.0.0/16", "TCP 443")
    assert services["s3"] == ("nodes and pods", "by the subnets' routes")
    assert found.zones[2].endpoints == (
        "autoscaling",
        "ec2",
        "ecr.api",
        "ecr.dkr",
        "eks",
        "eks-auth",
        "kms",
        "logs",
        "secretsmanager",
        "sts",
    )
    text = said(drawing(None, found))
    assert text.count("10 endpoints") == 3
    assert text.count("NAT gateway") == 3


def test_a_tenant_alone_is_drawn_without_its_platform_and_says_so() -> None:
    found = topology("platform-dev", {"ads-dev": sample("ads-dev")})
    assert found.control_plane is None
    text = said(drawing(None, found))
    assert "of platform-dev, which is not in this preview" in text
    assert "ads-batch" in text
    assert "Driver pool" not in text


def test_a_cluster_of_which_only_labels_are_known_has_one_column() -> None:
    found = topology("platform-kind", {"platform-kind": sample("platform-kind"), "demo-kind": sample("demo-kind")})
    text = said(drawing(None, found))
    assert "nodes by their labels" in text
    assert text.count("1 node") == 3
    assert not lines(drawing(None, found), "scaling")


def test_the_picture_shows_what_changes_with_what_it_was() -> None:
    text = said(drawing(whole(), with_plan("ads-dev", grown())))
    assert "2 to 20 → 2 to 40 nodes" in text
    assert "maximum 156.8 → 307.4 CPU" in text or "maximum 157 → 307 CPU" in text
    assert text.count("changed") == 1


def test_the_picture_shows_what_comes_and_what_goes() -> None:
    few = topology(
        "platform-dev", {stack: registrations for stack, registrations in recorded().items() if stack != "search-dev"}
    )
    assert said(drawing(few, whole())).count("added") == 2
    gone = drawing(whole(), few)
    assert said(gone).count("removed") == 2
    assert "search-adhoc" in said(gone)
    nothing = drawing(whole(), Topology("platform-dev"))
    assert said(nothing).count("removed") == 6


def test_nothing_is_marked_where_nothing_is_compared_or_changes() -> None:
    for before in (None, whole()):
        text = said(drawing(before, whole()))
        assert not {"added", "changed", "removed"} & set(text)


@pytest.mark.parametrize("many", [False, True])
def test_everything_is_inside_the_picture_and_texts_are_inside_their_boxes(many: bool) -> None:
    found = whole()
    if many:
        names = [
            replace(queue, row=replace(queue.row, queue=f"{queue.row.queue}{index}"))
            for queue in found.queues
            for index in range(9)
        ]
        found = replace(found, queues=tuple(names))
    sheet = drawing(None, found)
    boxes = [shape for shape in sheet.shapes if isinstance(shape, Box)]
    assert all(box.x >= 0 and box.right <= sheet.width for box in boxes)
    assert all(box.y >= 0 and box.bottom <= sheet.height for box in boxes)
    outlines = [box for box in boxes if not box.style.startswith(("zone", "minimum", "maximum", "mark"))]
    for label in (shape for shape in sheet.shapes if isinstance(shape, Label) and shape.anchor == "start"):
        around = [box for box in outlines if box.x <= label.x <= box.right and box.y <= label.y <= box.bottom]
        limit = min((box.right for box in around), default=sheet.width)
        assert label.x + text_width(label.text, 13 if label.style == "h" else 11.5) <= limit, label


def test_rows_do_not_overlap() -> None:
    sheet = drawing(whole(), with_plan("ads-dev", grown()))
    rows = sorted((box.y, box.bottom) for box in sheet.shapes if isinstance(box, Box) and box.style.startswith("queue"))
    assert len(rows) == 4
    assert all(first[1] < second[0] for first, second in pairwise(rows))


def test_many_queues_take_a_line_each_and_changes_come_first() -> None:
    queues = tuple(
        replace(queue, row=replace(queue.row, queue=f"q{index:03}"))
        for index, queue in enumerate([whole().queues[0]] * (MANY_QUEUES + 1))
    )
    before = replace(whole(), queues=queues)
    last = replace(queues[-1], row=replace(queues[-1].row, applications=99))
    text = said(drawing(before, replace(before, queues=(*queues[:-1], last))))
    assert text.index("q016") < text.index("q000")
    assert "6 → 99 jobs at once" in text
    assert sum("guaranteed" in each for each in text) == 1


def test_the_description_names_every_zone_pool_and_queue() -> None:
    described = drawing(None, whole()).description
    for name in ("eu-central-1a", "eu-central-1b", "driver pool 0 to 8", "ads-batch", "search-scheduled-main 1 to 10"):
        assert name in described


def test_a_text_is_shortened_to_its_width_and_words_are_wrapped() -> None:
    assert fitted("short", 100, 12) == "short"
    cut = fitted("a very long text that does not fit", 100, 12)
    assert cut.endswith("…")
    assert text_width(cut, 12) <= 100
    assert wrapped(["one", "two", "three"], 60, 12) == ["one, two,", "three"]
    assert wrapped([], 60, 12) == []
