import json
from typing import Any

from components.access.iam import Statement, pod_identity_trust, policy_document, service_trust
from components.nodes.placement import every_pool_tolerations, every_taint_tolerations, system_placement, zone_spread

CLUSTER = "arn:aws:eks:eu-central-1:111122223333:cluster/demo"


def statement(document: str) -> dict[str, Any]:
    policy = json.loads(document)
    assert policy["Version"] == "2012-10-17"
    (only,) = policy["Statement"]
    return dict(only)


def test_a_statement_holds_what_it_was_given_and_nothing_empty() -> None:
    document = policy_document(Statement(sid="Read", actions=("s3:GetObject",), resources=("arn:aws:s3:::b/*",)))
    assert statement(document) == {
        "Sid": "Read",
        "Effect": "Allow",
        "Action": ["s3:GetObject"],
        "Resource": ["arn:aws:s3:::b/*"],
    }


def test_everybody_is_a_principal() -> None:
    deny = Statement(effect="Deny", principals="*", actions=("s3:*",), resources=("arn:aws:s3:::b",))
    assert statement(policy_document(deny))["Principal"] == "*"


def test_the_order_in_which_a_statement_was_written_does_not_show() -> None:
    one = Statement(
        actions=("a:B", "a:A"),
        resources=("y", "x"),
        principals={"AWS": ("q", "p")},
        conditions={"StringEquals": {"k": ("2", "1")}},
    )
    other = Statement(
        actions=("a:A", "a:B"),
        resources=("x", "y"),
        principals={"AWS": ("p", "q")},
        conditions={"StringEquals": {"k": ("1", "2")}},
    )
    assert policy_document(one) == policy_document(other)


def test_statements_keep_their_order() -> None:
    document = policy_document(Statement(sid="B", actions=("b:B",)), Statement(sid="A", actions=("a:A",)))
    assert [s["Sid"] for s in json.loads(document)["Statement"]] == ["B", "A"]


def test_a_role_of_pods_is_for_one_cluster() -> None:
    trust = statement(pod_identity_trust("111122223333", CLUSTER))
    assert trust["Principal"] == {"Service": "pods.eks.amazonaws.com"}
    assert trust["Action"] == ["sts:AssumeRole", "sts:TagSession"]
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "111122223333"},
        "ArnEquals": {"aws:SourceArn": CLUSTER},
    }
    assert "Resource" not in trust


def test_a_role_of_pods_can_be_for_one_service_account() -> None:
    trust = statement(pod_identity_trust("111122223333", CLUSTER, namespace="ads-batch", service_account="spark"))
    assert trust["Condition"]["StringEquals"] == {
        "aws:SourceAccount": "111122223333",
        "aws:RequestTag/kubernetes-namespace": "ads-batch",
        "aws:RequestTag/kubernetes-service-account": "spark",
    }


def test_a_service_takes_a_role() -> None:
    assert statement(service_trust("ec2.amazonaws.com")) == {
        "Effect": "Allow",
        "Principal": {"Service": "ec2.amazonaws.com"},
        "Action": ["sts:AssumeRole"],
    }


def test_a_service_can_be_held_to_one_resource_of_one_account() -> None:
    trust = statement(service_trust("eks.amazonaws.com", "111122223333", CLUSTER))
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "111122223333"},
        "ArnLike": {"aws:SourceArn": CLUSTER},
    }


def test_system_pods_select_the_system_pool_and_tolerate_its_taint_only() -> None:
    toleration = {"key": "elastic-spark/pool", "operator": "Equal", "value": "system", "effect": "NoSchedule"}
    assert system_placement() == {"nodeSelector": {"elastic-spark/pool": "system"}, "tolerations": [toleration]}


def test_placement_is_fresh_every_time() -> None:
    system_placement()["tolerations"].clear()
    every_taint_tolerations().clear()
    assert system_placement()["tolerations"]
    assert every_taint_tolerations() == [{"operator": "Exists"}]
    every_pool_tolerations().clear()
    assert [t["key"] for t in every_pool_tolerations()] == ["elastic-spark/pool"]


def test_zone_spread_prefers_and_does_not_insist() -> None:
    (constraint,) = zone_spread({"app": "x"})
    assert constraint["whenUnsatisfiable"] == "ScheduleAnyway"
    assert constraint["labelSelector"] == {"matchLabels": {"app": "x"}}
