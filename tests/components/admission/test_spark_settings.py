"""The table of settings by itself; that it knows all of Spark's is in tests/spark."""

from __future__ import annotations

import pytest

from components.admission.spark_conf import WITHIN, keys_refused
from components.admission.spark_settings import Row, Table, Verdict, always
from components.admission.spark_settings_page import PAGE, page
from components.admission.spark_settings_rows import TABLE
from sizing.spark.defaults import job_defaults
from tests import samples


def verdict(setting: str) -> Verdict | None:
    row = TABLE.row(setting)
    return row.verdict if row else None


def row(verdict: Verdict, *keys: str) -> Row:
    return Row(about="tests", verdict=verdict, reason="so", keys=keys)


@pytest.mark.parametrize(
    ("setting", "wanted"),
    [
        ("spark.sql.shuffle.partitions", Verdict.ALLOWED),
        ("spark.history.fs.logDirectory", Verdict.ALLOWED),
        ("spark.delta.logStore.s3a.impl", Verdict.ALLOWED),
        ("spark.driver.defaultJavaOptions", Verdict.ALLOWED),
        ("spark.hadoop.fs.s3a.impl", Verdict.SAME),
        ("spark.submit.deployMode", Verdict.SAME),
        ("spark.yarn.maxAppAttempts", Verdict.ALLOWED),
        ("spark.yarn.keytab", Verdict.REFUSED),
        ("spark.kubernetes.driver.volumes.hostPath.root.mount.path", Verdict.REFUSED),
        ("spark.kubernetes.driver.volumes.emptyDir.scratch.mount.path", Verdict.ALLOWED),
        ("hoodie.metadata.enable", Verdict.REFUSED),
        ("spark.sqlx.evil", None),
    ],
)
def test_the_longest_key_that_fits_decides(setting: str, wanted: Verdict | None) -> None:
    assert verdict(setting) is wanted


def test_a_key_is_in_one_row() -> None:
    with pytest.raises(ValueError, match=r"spark\.sql\. is in two rows"):
        Table([row(Verdict.ALLOWED, "spark.sql."), row(Verdict.REFUSED, "spark.sql.")])


def test_nothing_is_allowed_below_what_is_refused_within_what_is_allowed() -> None:
    """The expression for the API server knows no third turn."""
    starts = tuple(key for key in WITHIN if key.endswith("."))
    assert [key for key in TABLE.keys(Verdict.ALLOWED) if key.startswith(starts)] == []


def test_what_admission_itself_puts_into_an_application_is_allowed() -> None:
    assert {verdict(key) for key in job_defaults("eu-central-1")} == {Verdict.ALLOWED}


def test_a_reason_is_a_sentence_without_its_full_stop() -> None:
    for one in TABLE.rows:
        assert one.reason
        assert not one.reason.endswith(".") or one.reason.endswith("`")


def test_a_platform_may_allow_what_the_table_refuses_by_its_name() -> None:
    assert '"spark.yarn.access."' in keys_refused("keys", ())
    whole = keys_refused("keys", ("spark.yarn.access.",))
    assert whole.count('"spark.yarn.access."') == 1


def test_nothing_shows_as_a_word() -> None:
    assert always("").shown == "nothing"


def test_the_page_is_current() -> None:
    assert (samples.ROOT / PAGE).read_text() == page(), "run `make spark-settings`"
