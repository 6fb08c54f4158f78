from __future__ import annotations

from typing import Any

import pytest

from infra.settings.findings import SettingsError
from infra.settings.validation import PLATFORM_KEY, stack_settings
from tests.samples import changed, config_of, platform


def refused(setting: str, value: Any, stack: str = "platform-dev") -> bool:  # noqa: ANN401
    """Whether something is found wrong, of `spark` alone."""
    region = None if stack == "platform-kind" else "eu-central-1"
    config = config_of(changed(platform(stack), "spark", {setting: value}), region=region)
    try:
        stack_settings("test", config)
    except SettingsError as error:
        return all(f.path.startswith(f"{PLATFORM_KEY}.spark.") for f in error.findings)
    return False


@pytest.mark.parametrize(
    "image",
    [
        "docker.io/apache/spark",
        "docker.io/apache/spark:4.0.4",
        "docker.io/apache/spark@sha256:" + "0" * 64,
        "111122223333.dkr.ecr.eu-central-1.amazonaws.com",
        "registry.example.com:5000/data/spark",
        "ghcr.io/acme",
    ],
)
def test_an_image_is_a_registry_a_folder_or_an_image(image: str) -> None:
    assert not refused("images", [image])


@pytest.mark.parametrize(
    "image", ["", "docker.io/apache/spark/", "https://docker.io/apache/spark", "*", "Docker.io/a b"]
)
def test_what_no_image_starts_with_is_refused(image: str) -> None:
    assert refused("images", [image])


def test_some_image_must_be_allowed() -> None:
    assert refused("images", [])


def test_an_image_is_listed_once() -> None:
    assert refused("images", ["docker.io/apache/spark", "docker.io/apache/spark"])


@pytest.mark.parametrize(
    ("package", "wrong"),
    [
        ("org.apache.iceberg", False),
        ("io.delta:delta-spark_2.13", False),
        ("org.apache.iceberg:", True),
        ("*", True),
        ("a,b", True),
    ],
)
def test_a_package_is_a_group_or_an_artifact(package: str, wrong: bool) -> None:
    assert refused("packages", [package]) == wrong


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("spark.acme.", False),
        ("spark.rapids.sql.enabled", False),
        ("spark.", True),
        ("acme.", True),
        ("spark.a b", True),
    ],
)
def test_more_settings_are_named_or_start_like_sparks(key: str, wrong: bool) -> None:
    assert refused("confKeys", [key]) == wrong


def test_a_platform_on_an_existing_cluster_has_them_too() -> None:
    assert not refused("images", ["ghcr.io/acme/spark"], "platform-kind")
