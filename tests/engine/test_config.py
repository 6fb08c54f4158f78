"""Stack files are read as the engine reads them: the tables hold what the engine was seen to do.

The engine's YAML is Go's yaml.v3: 1.2 for booleans, 1.1 for numbers and timestamps. Where that is a trap (an account
id that loses its zeros), refusing the file is as good as reading it alike; reading it otherwise is not.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from infra.settings.findings import SettingsError
from infra.settings.stack_file import read_config
from tests.engine.harness import EngineError, engine_config

KEY = "elastic-spark:platform"

PLAIN: list[tuple[str, Any]] = [
    ("7:30", "7:30"),
    ("12:30:45", "12:30:45"),
    ("on", "on"),
    ("yes", "yes"),
    ("n", "n"),
    ("Off", "Off"),
    ("true", True),
    ("False", False),
    ('"true"', "true"),
    ("17", 17),
    ("1e3", 1000),
    ("1.0", 1),
    ("1.36", 1.36),
    ("1.30", 1.3),
    ('"1.30"', "1.30"),
    (".5", 0.5),
    ("-0", 0),
    ("+12", 12),
    ("1e-7", 1e-7),
    ("9007199254740993", 9007199254740993),
    ('"000123456789"', "000123456789"),
    ("123456789012", 123456789012),
    ("null", None),
    ("~", None),
    ('""', ""),
    ("10.0.0.0/16", "10.0.0.0/16"),
    ("a#b # c", "a#b"),
    ("nan", "nan"),
    ("1.5.2", "1.5.2"),
    ("[1, '1', null, {b: yes, a: 2}]", [1, "1", None, {"a": 2, "b": "yes"}]),
    ("{}", {}),
    ("[]", []),
    ('"<&>é\\u00e9\\t"', "<&>éé\t"),
    ("'a ''b'''", "a 'b'"),
    ("{on: 1, yes: 2}", {"on": 1, "yes": 2}),
    ("{a: &x {n: 1}, b: *x}", {"a": {"n": 1}, "b": {"n": 1}}),
]
"""A value inside an object, and what the program gets of it."""

ODD: list[tuple[str, Any]] = [
    ("0o17", 15),
    ("0o018", "0o018"),
    ("017", 15),
    ("08", 8),
    ("0777", 511),
    ("000123456789", 123456789),
    ("0x1F", 31),
    ("0b101", 5),
    ("1_000", 1000),
    ("12345678901234567890", 12345678901234567000),
    ("1e400", "1e400"),
    ("2026-11-22", "2026-11-22 00:00:00 +0000 UTC"),
    ("2026-11-22T10:00:00Z", "2026-11-22 10:00:00 +0000 UTC"),
    ("2026-11-22T10:00:00", "2026-11-22T10:00:00"),
    ("2026-13-40", "2026-13-40"),
    ("!!str 17", "17"),
    ("!!binary aGVsbG8=", "hello"),
    ("!custom foo", "foo"),
    ("!!set {a, b}", {"a": None, "b": None}),
    ("{1: a, true: b}", {"1": "a", "true": "b"}),
    ("{1.50: a}", {"1.5": "a"}),
    ("{null: a}", {"<nil>": "a"}),
    ("{a: &x {n: 1, m: 2}, b: {<<: *x, m: 3}}", {"a": {"n": 1, "m": 2}, "b": {"n": 1, "m": 3}}),
]
"""The same for what a person hardly means."""

REFUSED: dict[str, str | bytes] = {
    "infinity": f"config:\n  {KEY}: {{a: .inf}}\n",
    "duplicate setting": f"config:\n  {KEY}: {{a: 1}}\n  {KEY}: {{a: 2}}\n",
    "duplicate key": f"config:\n  {KEY}:\n    a: 1\n    a: 2\n",
    "duplicate section": f"config:\n  {KEY}: {{a: 1}}\nconfig: {{}}\n",
    "duplicate as text": f"config:\n  {KEY}: {{1: a, '1': b}}\n",
    "tab": f"config:\n\t{KEY}: 1\n",
    "unknown alias": f"config:\n  {KEY}: *nope\n",
    "control character": f'config:\n  {KEY}: "a\x07b"\n',
    "scalar": "hello\n",
    "list": "- a\n",
    "config is a list": "config:\n  - a\n",
    "three parts": "config:\n  a:b:c: 1\n",
    "complex key": f"config:\n  {KEY}:\n    ? [a, b]\n    : 1\n",
    "binary": b"\x89PNG\r\n\x1a\n\x00\xff\xfe",
}


def _with_value(yaml: str) -> str:
    return f"config:\n  {KEY}:\n    v: {yaml}\n"


def _read(text: str | bytes, root: Path) -> dict[str, str]:
    (root / "stacks").mkdir()
    (root / "stacks" / "Pulumi.test.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_config(root, "test")


@pytest.mark.parametrize(("yaml", "value"), PLAIN, ids=[yaml for yaml, _ in PLAIN])
def test_a_plain_value_is_read_as_the_engine_reads_it(yaml: str, value: object, tmp_path: Path) -> None:
    assert json.loads(_read(_with_value(yaml), tmp_path)[KEY]) == {"v": value}


@pytest.mark.parametrize(("yaml", "value"), ODD, ids=[yaml for yaml, _ in ODD])
def test_an_odd_value_is_read_as_the_engine_reads_it_or_refused(yaml: str, value: object, tmp_path: Path) -> None:
    try:
        config = _read(_with_value(yaml), tmp_path)
    except SettingsError:
        return
    assert json.loads(config[KEY]) == {"v": value}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
def test_a_file_that_the_engine_refuses_is_refused(text: str | bytes, tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        _read(text, tmp_path)


def test_two_spellings_of_one_setting_are_refused_because_the_engine_picks_one_at_random(tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        _read(f"config:\n  platform: {{a: 1}}\n  {KEY}: {{a: 2}}\n", tmp_path)


def test_the_engine_reads_values_as_the_tables_say(engine_dir: Path) -> None:
    cases = [*PLAIN, *ODD]
    lines = [f"    v{index}: {yaml}" for index, (yaml, _) in enumerate(cases)]
    config = engine_config("\n".join(["config:", f"  {KEY}:", *lines, ""]), engine_dir / "values")
    read = json.loads(config[KEY])
    assert {yaml: read[f"v{index}"] for index, (yaml, _) in enumerate(cases)} == dict(cases)


@pytest.mark.parametrize("case", REFUSED)
def test_the_engine_refuses_what_the_tables_say(case: str, engine_dir: Path) -> None:
    with pytest.raises(EngineError, match="getting stack configuration"):
        engine_config(REFUSED[case], engine_dir / "refused")


def test_keys_sections_and_scalars_reach_the_program_alike(engine_dir: Path, tmp_path: Path) -> None:
    text = f"config:\n  platform: {{b: 1, a: [x]}}\n  {KEY}Again: true\n  aws:region: eu-west-1\n  aws:skip: 17\n"
    given = engine_config(text, engine_dir / "keys")
    assert given == _read(text, tmp_path)
    assert given == {KEY: '{"a":["x"],"b":1}', f"{KEY}Again": "true", "aws:region": "eu-west-1", "aws:skip": "17"}
