from __future__ import annotations

from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kubeflow_spark_api.models import SparkV1beta2SparkApplication  # type: ignore[import-untyped]

from sizing.nodes import Resources
from sizing.quantities import GIB, MIB, parse_cpu
from sizing.shapes import executor_shapes
from sizing.spark.application import OFFICIAL, SparkApplication, driver_memory, spark_application_template

USABLE = Resources(cpu=15_610, memory=57 * GIB, pods=20)
shapes = executor_shapes(USABLE)


def template(**changes: Any) -> SparkApplication:  # noqa: ANN401
    given: dict[str, Any] = {
        "namespace": "ads-batch",
        "driver_account": "spark-driver",
        "executor_account": "spark-executor",
        "pool_identity": "ads-batch-main",
        "shape": shapes[0],
        "max_executors": 12,
        "driver": Resources(cpu=2000, memory=8 * GIB),
        "image": OFFICIAL,
    }
    return spark_application_template(**(given | changes))


def mebibytes(text: str) -> int:
    assert text.endswith("m")
    return int(text[:-1]) * MIB


@pytest.mark.parametrize("shape", shapes)
def test_the_operators_models_know_every_field(shape: Any) -> None:  # noqa: ANN401
    """A field that they don't know would be missing from what they give back."""
    application = template(shape=shape)
    known = SparkV1beta2SparkApplication.from_dict(application)
    assert known is not None
    assert known.to_dict() == application


@pytest.mark.parametrize("shape", shapes)
def test_executors_request_their_shape(shape: Any) -> None:  # noqa: ANN401
    executor = template(shape=shape)["spec"]["executor"]
    assert parse_cpu(executor["coreRequest"]) == shape.request.cpu
    assert mebibytes(executor["memory"]) + mebibytes(executor["memoryOverhead"]) == shape.request.memory
    assert executor["cores"] * 1000 <= shape.core_request


@given(st.integers(100, 64_000), st.integers(896 * MIB, 512 * GIB))
def test_the_driver_stays_within_its_allowance(cpu: int, memory: int) -> None:
    driver = template(driver=Resources(cpu=cpu, memory=memory))["spec"]["driver"]
    assert parse_cpu(driver["coreRequest"]) == cpu
    assert memory - MIB < mebibytes(driver["memory"]) + mebibytes(driver["memoryOverhead"]) <= memory
    assert driver["cores"] >= 1


@pytest.mark.parametrize(
    ("pod", "heap", "overhead"),
    [
        (896 * MIB, 512 * MIB, 384 * MIB),
        (2 * GIB, 1664 * MIB, 384 * MIB),
        (8 * GIB, 7447 * MIB, 745 * MIB),
        (8 * GIB + 1, 7447 * MIB, 745 * MIB),
    ],
)
def test_a_drivers_memory_is_heap_and_overhead(pod: int, heap: int, overhead: int) -> None:
    assert driver_memory(pod) == (heap, overhead)


def test_a_driver_too_small_for_spark_is_refused() -> None:
    with pytest.raises(ValueError, match="a driver of 512 MiB is too small for Spark, which takes at least 896 MiB"):
        template(driver=Resources(cpu=1000, memory=512 * MIB))


@pytest.mark.parametrize(
    ("role", "account", "pool"),
    [("driver", "spark-driver", "driver"), ("executor", "spark-executor", "ads-batch-main")],
)
def test_pods_run_under_their_account_on_their_pool(
    role: Literal["driver", "executor"], account: str, pool: str
) -> None:
    part = template()["spec"][role]
    assert part["serviceAccount"] == account
    assert part["nodeSelector"] == {"elastic-spark/pool": pool}
    assert part["tolerations"] == [
        {"key": "elastic-spark/pool", "operator": "Equal", "value": pool, "effect": "NoSchedule"}
    ]


def test_jobs_grow_and_shrink_up_to_what_the_pool_holds() -> None:
    allocation = template(max_executors=40)["spec"]["dynamicAllocation"]
    assert allocation["enabled"]
    assert allocation["shuffleTrackingEnabled"]
    assert allocation["maxExecutors"] == 40


def test_what_the_platform_says_is_left_to_admission() -> None:
    spec = template()["spec"]
    assert "sparkConf" not in spec
    assert "deps" not in spec


def test_pods_are_within_restricted_pod_security() -> None:
    for role in ("driver", "executor"):
        context = template()["spec"][role]["securityContext"]
        assert context["runAsNonRoot"]
        assert context["allowPrivilegeEscalation"] is False
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert context["seccompProfile"] == {"type": "RuntimeDefault"}
