from components.queue.history import PORT, QueueHistory, QueueHistoryArgs
from fleet.offline.registration import Registration, Registrations
from sizing.arns import Arns
from sizing.history import history_server
from sizing.quantities import MIB, parse_bytes, parse_cpu
from sizing.spark.application import OFFICIAL
from tests.recording import registrations_of

SERVER = history_server(200, 14)


def registrations(**changes: object) -> Registrations:
    args = {
        "platform": "dev",
        "arns": Arns("111122223333", "eu-central-1"),
        "tenant": "ads",
        "queue": "batch",
        "events_bucket": "dev-events",
        "key_alias": "alias/dev-data",
        "image": OFFICIAL.image,
        "packages": OFFICIAL.packages,
        "server": SERVER,
    }
    return registrations_of(lambda: QueueHistory("ads-batch-history", QueueHistoryArgs(**{**args, **changes})))  # type: ignore[arg-type]


def server(of: Registrations) -> Registration:
    return of.one("kubernetes:apps/v1:StatefulSet")


def command(of: Registrations) -> list[str]:
    found: list[str] = server(of).inputs["spec"]["template"]["spec"]["containers"][0]["command"]
    return found


def test_it_runs_on_driver_nodes_as_an_application_of_its_queue() -> None:
    template = server(registrations()).inputs["spec"]["template"]
    assert template["metadata"]["labels"]["yunikorn.apache.org/app-id"] == "ads-batch-spark-history"
    assert template["spec"]["schedulerName"] == "yunikorn"
    assert template["spec"]["nodeSelector"] == {"elastic-spark/pool": "driver"}


def test_it_has_an_account_of_its_own_without_a_token_for_kubernetes() -> None:
    spec = server(registrations()).inputs["spec"]["template"]["spec"]
    assert (spec["serviceAccountName"], spec["automountServiceAccountToken"]) == ("spark-history", False)
    association = registrations().one("aws:eks/podIdentityAssociation:PodIdentityAssociation").inputs
    assert (association["namespace"], association["serviceAccount"]) == ("ads-batch", "spark-history")


def test_its_pod_requests_what_the_queues_maximum_counts_and_may_not_grow() -> None:
    resources = server(registrations()).inputs["spec"]["template"]["spec"]["containers"][0]["resources"]
    assert parse_cpu(resources["requests"]["cpu"]) == SERVER.pod.cpu
    assert parse_bytes(resources["requests"]["memory"]) == SERVER.pod.memory
    assert resources["limits"] == {"memory": resources["requests"]["memory"]}


def test_it_reads_the_queues_own_folder_as_often_as_is_paid_for_and_removes_nothing() -> None:
    found = command(registrations())
    assert "--conf=spark.history.fs.logDirectory=s3a://dev-events/ads/batch/spark-events" in found
    assert f"--conf=spark.history.fs.update.interval={SERVER.refresh_seconds}s" in found
    assert "--conf=spark.history.fs.cleaner.enabled=false" in found
    assert f"--driver-memory={SERVER.heap // MIB}m" in found


def test_an_image_that_reaches_s3_fetches_nothing() -> None:
    assert any(argument.startswith("--packages=") for argument in command(registrations()))
    image = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/spark:4"
    own = registrations(image=image, packages=())
    assert not any(argument.startswith("--packages") for argument in command(own))
    assert server(own).inputs["spec"]["template"]["spec"]["containers"][0]["image"] == image


def test_it_is_reached_within_the_cluster_only() -> None:
    spec = registrations().one("kubernetes:core/v1:Service").inputs["spec"]
    assert [port["port"] for port in spec["ports"]] == [PORT]
    assert "type" not in spec


def test_an_up_does_not_wait_for_a_place_in_a_full_queue() -> None:
    assert server(registrations()).inputs["metadata"]["annotations"] == {"pulumi.com/skipAwait": "true"}
