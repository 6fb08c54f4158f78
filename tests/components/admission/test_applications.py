"""The lists by which applications are judged; what the API server makes of them is in tests/cluster."""

from __future__ import annotations

import pytest

from components.admission.applications import ApplicationArgs, application_policies
from components.admission.images import image_allowed
from components.admission.spark_conf import NAMES, PREFIXES, REFUSED, keys_refused
from infra.settings.platform import Spark
from sizing.nodes import Resources
from sizing.quantities import GIB
from sizing.shapes import executor_shapes
from sizing.spark.application import OFFICIAL
from sizing.spark.defaults import ENCRYPTION, EventLogs, job_defaults, queue_properties


def args(**changes: object) -> ApplicationArgs:
    given: dict[str, object] = {
        "images": ("docker.io/apache/spark",),
        "packages": ("org.apache.hadoop",),
        "conf_keys": (),
        "region": "eu-central-1",
        "events_bucket": "demo-events",
        "driver_nodes": {},
        "kept_seconds": 24 * 3600,
    }
    return ApplicationArgs(**(given | changes))  # type: ignore[arg-type]


def listed(key: str) -> bool:
    """Whether a setting is on the list, as the list is meant."""
    return key in NAMES or key.startswith(PREFIXES)


def rule(name: str, **changes: object) -> str:
    """Everything that a rule of applications can say and looks at."""
    policy, _ = application_policies(args(**changes)).validating
    (found,) = (rule for rule in policy.rules if rule.name == name)
    variables = " ".join(variable.expression for variable in policy.variables)
    return f"{found} {variables}"


@pytest.mark.parametrize("keys", [NAMES, PREFIXES, REFUSED])
def test_no_name_is_listed_twice(keys: tuple[str, ...]) -> None:
    assert len(set(keys)) == len(keys)


def test_a_prefix_ends_with_a_dot_so_that_no_other_name_starts_so() -> None:
    assert all(prefix.startswith("spark.") and prefix.endswith(".") for prefix in PREFIXES)


def test_no_name_is_listed_whose_prefix_is() -> None:
    assert not [name for name in NAMES if name.startswith(PREFIXES) and name != "spark.eventLog.dir"]


def test_what_admission_itself_puts_into_an_application_is_allowed() -> None:
    assert [key for key in job_defaults("eu-central-1") if not listed(key)] == []


def test_a_queues_properties_for_spark_submit_are_an_applications_too_but_for_what_has_fields() -> None:
    shape = executor_shapes(Resources(cpu=15_610, memory=57 * GIB, pods=20))[0]
    properties = queue_properties(
        namespace="ads-batch",
        driver_account="spark-driver",
        executor_account="spark-executor",
        shape=shape,
        max_executors=12,
        driver=Resources(cpu=2000, memory=8 * GIB),
        image=OFFICIAL,
        events=EventLogs(location="s3a://demo-events/ads/batch/spark-events", region="eu-central-1"),
        of_queue=ENCRYPTION,
    )
    assert {key for key in properties if not listed(key)} == {
        "spark.kubernetes.authenticate.driver.serviceAccountName",
        "spark.kubernetes.authenticate.executor.serviceAccountName",
        "spark.kubernetes.container.image",
    }


@pytest.mark.parametrize(
    "prefix",
    ["spark.kubernetes.", "spark.hadoop.", "spark.hadoop.fs.", "spark.driver.", "spark.jars.", "spark.submit."],
)
def test_nothing_is_allowed_as_a_whole_by_which_spark_submit_acts(prefix: str) -> None:
    assert prefix not in PREFIXES


def test_a_platform_may_allow_more_settings_by_name_and_by_prefix() -> None:
    expression = keys_refused("keys", ("spark.acme.", "spark.rapids.memory.gpu.pool"))
    names, prefixes = expression.split("]", 1)
    assert '"spark.rapids.memory.gpu.pool"' in names
    assert '"spark.acme."' in prefixes
    assert '"spark.acme."' not in names


def test_an_image_is_allowed_with_any_tag_or_digest_and_what_is_below_it() -> None:
    allowed = image_allowed(("docker.io/apache/spark",), "image")
    for start in ("docker.io/apache/spark/", "docker.io/apache/spark:", "docker.io/apache/spark@"):
        assert f'"{start}"' in allowed


def test_of_a_registry_everything_is_allowed_and_nothing_of_another_port() -> None:
    allowed = image_allowed(("registry.example.com",), "image")
    assert '"registry.example.com/"' in allowed
    assert '"registry.example.com:"' not in allowed


def test_refusals_say_what_is_allowed() -> None:
    assert "ghcr.io/acme/spark" in rule("application-images", images=("ghcr.io/acme/spark",))
    assert "com.acme" in rule("application-packages", packages=("com.acme",))


def test_a_group_of_packages_is_matched_as_a_whole() -> None:
    assert '"org.apache.hadoop:"' in rule("application-packages")


def test_without_aws_there_are_no_event_logs_and_nothing_of_s3() -> None:
    policy, _ = application_policies(args(region=None, events_bucket=None)).mutating
    conf = next(mutation for mutation in policy.mutations if mutation.name == "application-conf-defaults")
    assert "variables.defaults" in conf.expression
    put = [variable.expression for variable in policy.variables if variable.name in ("defaults", "fixed")]
    assert len(put) == 2
    assert "s3a" not in " ".join(put)
    assert "application-s3-packages" not in [mutation.name for mutation in policy.mutations]


def test_by_default_jobs_run_the_projects_own_images_and_the_usual_packages() -> None:
    assert Spark().images == ("docker.io/apache/spark",)
    assert Spark().conf_keys == ()
    assert any(package.startswith(f"{group}:") for package in OFFICIAL.packages for group in Spark().packages)
