"""The bill as people write it, and what of it falls into a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.errors import CapacityError
from capacity.paid import bill
from capacity.paid.bill import Charge, Covered

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
HEADER = "queue,begin,end,usd,what\n"


def day(number: float) -> datetime:
    return BEGIN + timedelta(days=number)


def charge(begin: float, end: float, usd: float, queue: str = "ads-batch", what: str = "") -> Charge:
    return Charge(queue=queue, begin=day(begin), end=day(end), usd=usd, what=what)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bill.csv"


def findings(path: Path, text: str) -> list[str]:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CapacityError) as error:
        bill.read(path)
    return [finding.removeprefix(f"{path}").lstrip(",: ") for finding in error.value.findings]


def test_a_bill_is_read_with_times_of_any_zone(path: Path) -> None:
    text = '\ufeff"what",queue,begin,end,usd\n'
    text += '"EMR, m5.2xlarge core",ads-batch,2026-11-01T00:00Z,2026-11-02 01:00+01:00,12.50\n'
    path.write_text(text, encoding="utf-8")
    assert bill.read(path) == [charge(0, 1, 12.5, what="EMR, m5.2xlarge core")]


def test_what_for_may_be_missing(path: Path) -> None:
    path.write_text("queue,begin,end,usd\nads-batch,2026-11-01T00:00Z,2026-11-02T00:00Z,0\n", encoding="utf-8")
    assert bill.read(path) == [charge(0, 1, 0)]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("ads-batch,2026-11-01T00:00,2026-11-02T00:00Z,1,", "`begin`: 2026-11-01T00:00 has no time zone; write it as"),
        ("ads-batch,2026-11-01,2026-11-02T00:00Z,1,", "`begin`: 2026-11-01 has no time zone"),
        ("ads-batch,2026-11-01T00:00Z,20261102,1,", "`end`: 20261102 has no time zone"),
        ("ads-batch,1.11.2026,2026-11-02T00:00Z,1,", "`begin`: '1.11.2026' is no time, such as 2026-11-01T00:00Z"),
        ("ads-batch,2026-11-02T00:00Z,2026-11-01T00:00Z,1,", "`end`: 2026-11-01T00:00Z is not after `begin`, 2026-11"),
        ("ads-batch,2026-11-01T01:00+01:00,2026-11-01T00:00Z,1,", "`end`: 2026-11-01T00:00Z is not after `begin`"),
        ("ads-batch,2026-11-01T00:00Z,2026-11-02T00:00Z,-1,", "`usd`: -1 is negative; take credits and refunds off"),
        ("ads-batch,2026-11-01T00:00Z,2026-11-02T00:00Z,nan,", "`usd`: 'nan' is no amount of US dollars"),
        ("ads-batch,2026-11-01T00:00Z,2026-11-02T00:00Z,$5,", "`usd`: '$5' is no number of US dollars"),
        ("ads,2026-11-01T00:00Z,2026-11-02T00:00Z,1,", "`queue`: 'ads' is no queue; name its namespace"),
        (",2026-11-01T00:00Z,2026-11-02T00:00Z,,", "`queue` is empty; `usd` is empty"),
        ("ads-batch,2026-11-01T00:00Z,2026-11-02T00:00Z,1,a,b", "has more than the header's columns; put text with a"),
        ("ads-batch,2026-11-01T00:00Z", "`end` is empty; `usd` is empty"),
    ],
)
def test_a_wrong_line_is_told_with_its_number_and_what_to_write(path: Path, line: str, said: str) -> None:
    good = "ads-batch,2026-11-01T00:00Z,2026-11-02T00:00Z,1,good\n"
    (finding,) = findings(path, HEADER + good + line + "\n")
    assert finding.startswith(f"line 3: {said}")


def test_all_that_is_wrong_with_a_line_is_told_at_once(path: Path) -> None:
    (finding,) = findings(path, HEADER + "x,2026-11-01,2026-11-02T00:00Z,-1,\n")
    assert [word in finding for word in ("`queue`", "`begin`", "`usd`")] == [True] * 3


def test_of_many_wrong_lines_ten_are_told(path: Path) -> None:
    found = findings(path, HEADER + "x,,,,\n" * 14)
    assert (len(found), found[-1]) == (11, "and 4 more lines")


def test_lines_may_overlap_but_the_same_line_twice_is_refused(path: Path) -> None:
    line = "ads-batch,2026-11-01T00:00Z,2026-11-02T00:00Z,1,node 1\n"
    (finding,) = findings(
        path, HEADER + line + line.replace("node 1", "node 2") + line.replace("00:00Z", "00:00+00:00")
    )
    assert finding.startswith("line 4: is line 2 once more; take it out, or say in `what`")
    path.write_text(HEADER + line + line.replace("node 1", "node 2"), encoding="utf-8")
    assert bill.of_queues(bill.read(path), day(0), day(1)) == {"ads-batch": Covered(2.0, 1.0)}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("queue,begin,end\n", "the bill has no column usd; its columns are queue,begin,end,usd,what"),
        ("queue,begin,end,usd,team\n", "a bill has no column 'team'; it has queue,begin,end,usd,what"),
        ("queue;begin;end;usd\n", "the bill has no column queue, begin, end, usd"),
        ("queue,begin,end,usd,usd\n", "the column usd is there twice"),
        ("", "the bill has no column queue, begin, end, usd"),
        (HEADER, "there is no charge in it"),
        (HEADER + 'ads-batch,"2026', "can't be read: unexpected end of data; a bill is CSV in UTF-8"),
    ],
)
def test_another_file_is_refused(path: Path, text: str, said: str) -> None:
    assert findings(path, text)[0].startswith(said)


def test_a_file_that_is_not_there_or_not_text_is_told(path: Path) -> None:
    with pytest.raises(CapacityError, match="can't be read: No such file"):
        bill.read(path)
    path.write_bytes(HEADER.encode() + b"\xff\n")
    with pytest.raises(CapacityError, match="a bill is CSV in UTF-8"):
        bill.read(path)


@pytest.mark.parametrize(
    ("begin", "end", "expected"),
    [
        (0, 30, Covered(300, 1)),
        (0, 15, Covered(150, 1)),
        (-10, 10, Covered(100, 0.5)),
        (29, 31, Covered(10, 0.5)),
        (30, 40, Covered(0, 0)),
        (-5, 55, Covered(300, 0.5)),
    ],
)
def test_a_charge_is_shared_evenly_over_its_time(begin: float, end: float, expected: Covered) -> None:
    assert bill.of_queues([charge(0, 30, 300)], day(begin), day(end)) == {"ads-batch": expected}


def test_queues_are_apart_and_overlaps_cover_a_time_once() -> None:
    charges = [
        charge(0, 2, 20),
        charge(1, 3, 20),
        charge(1.5, 1.75, 1),
        charge(5, 6, 0),
        charge(0, 10, 5, queue="web-etl"),
        charge(20, 30, 5, queue="old-etl"),
    ]
    found = bill.of_queues(charges, day(0), day(8))
    assert [*found.items()] == [
        ("ads-batch", Covered(41, 0.5)),
        ("old-etl", Covered(0, 0)),
        ("web-etl", Covered(4, 1)),
    ]


def test_a_time_needs_zones_and_a_length() -> None:
    with pytest.raises(ValueError, match="time zone"):
        bill.of_queues([], BEGIN.replace(tzinfo=None), day(1))
    with pytest.raises(ValueError, match="is not after"):
        bill.of_queues([], day(1), day(1))


SPANS = st.tuples(
    st.integers(0, 500), st.integers(1, 300), st.floats(0, 1e5), st.sampled_from(["ads-batch", "web-etl"])
)
CHARGES = st.lists(SPANS, max_size=12).map(
    lambda spans: [
        charge(begin / 24, (begin + hours) / 24, round(usd, 6), queue, f"{number}")
        for number, (begin, hours, usd, queue) in enumerate(spans)
    ]
)


@given(CHARGES, st.integers(1, 800))
def test_a_time_cut_in_two_costs_and_is_covered_as_its_parts(charges: list[Charge], cut: int) -> None:
    whole, first, second = (
        bill.of_queues(charges, day(begin), day(end)) for begin, end in ((0, 40), (0, cut / 24), (cut / 24, 40))
    )
    assert whole.keys() == first.keys() == second.keys()
    for queue, one in whole.items():
        assert one.usd == pytest.approx(first[queue].usd + second[queue].usd)
        hours = first[queue].share * cut + second[queue].share * (40 * 24 - cut)
        assert one.share * 40 * 24 == pytest.approx(hours)
        assert one.usd == pytest.approx(sum(paid.usd for paid in charges if paid.queue == queue))


@given(CHARGES.filter(bool))
def test_what_is_written_is_read_again(tmp_path_factory: pytest.TempPathFactory, charges: list[Charge]) -> None:
    path = tmp_path_factory.mktemp("bill") / "bill.csv"
    path.write_text(bill.text_of(charges), encoding="utf-8")
    assert sorted(bill.read(path), key=lambda one: one.what) == sorted(charges, key=lambda one: one.what)
    there = bill.span(charges)
    assert there == (min(one.begin for one in charges), max(one.end for one in charges))


def test_other_zones_are_written_as_utc() -> None:
    zone = timezone(timedelta(hours=2))
    text = bill.text_of([Charge(queue="a-b", begin=day(0).astimezone(zone), end=day(1).astimezone(zone), usd=0.1)])
    assert text == HEADER + "a-b,2026-11-01T00:00:00Z,2026-11-02T00:00:00Z,0.1,\n"
