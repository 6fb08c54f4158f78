from __future__ import annotations

import json
from pathlib import Path

import pytest

from infra.settings.stack_file import stack_names
from policies.catalogue import RULES
from policies.config import FOLDER, PolicyConfigError, config_file, read_policy_config, settings_of
from policies.model import Enforcement
from tests import samples

BUDGET = "tenant-stays-within-its-budget"
KEYS = "keys-rotate"


def _read(root: Path, text: str) -> dict[str, Enforcement]:
    config_file(root, "x").parent.mkdir(parents=True, exist_ok=True)
    config_file(root, "x").write_text(text)
    return {name: setting.enforcement for name, setting in read_policy_config(root, "x", RULES).items()}


def test_without_a_file_every_rule_is_as_it_says_itself(tmp_path: Path) -> None:
    assert {n: s.enforcement for n, s in read_policy_config(tmp_path, "x", RULES).items()} == {
        rule.name: rule.enforcement for rule in RULES
    }


@pytest.mark.parametrize(
    ("config", "budget", "keys"),
    [
        ({BUDGET: "mandatory"}, "mandatory", "mandatory"),
        ({BUDGET: {"enforcementLevel": "disabled"}}, "disabled", "mandatory"),
        ({"all": "advisory"}, "advisory", "advisory"),
        ({"all": {"enforcementLevel": "disabled"}, KEYS: "mandatory"}, "disabled", "mandatory"),
        ({BUDGET: {"sharePercent": 80}}, "advisory", "mandatory"),
        ({"all": "mandatory", BUDGET: {"sharePercent": 80}}, "mandatory", "mandatory"),
    ],
)
def test_levels_are_those_that_the_engine_takes(
    tmp_path: Path, config: dict[str, object], budget: str, keys: str
) -> None:
    found = _read(tmp_path, json.dumps(config))
    assert (found[BUDGET].value, found[KEYS].value) == (budget, keys)


def test_a_rule_that_is_disabled_is_not_asked() -> None:
    assert settings_of({KEYS: "disabled"}, RULES)[KEYS].enforcement is Enforcement.DISABLED


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is no JSON"),
        ("[]", "is not of type 'object'"),
        ('{"keys-rotat": "advisory"}', "no rule is named keys-rotat; policies/README.md lists them"),
        ('{"keys-rotate": "loud"}', "keys-rotate: 'loud' is not one of"),
        ('{"keys-rotate": {"sharePercent": 1}}', "keys-rotate: Additional properties"),
        (f'{{"{BUDGET}": {{"sharePercent": 0}}}}', f"{BUDGET}.sharePercent: 0 is less than the minimum of 1"),
        (f'{{"{BUDGET}": {{"sharePercent": NaN}}}}', "NaN is no number of JSON's"),
        ('{"keys-rotate": {"enforcementLevel": "loud"}}', "keys-rotate.enforcementLevel: 'loud' is not one of"),
        ('{"$schema": "x"}', "no rule is named $schema"),
    ],
)
def test_what_is_wrong_in_a_configuration_is_told(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(PolicyConfigError, match=r"policies/config/x\.json") as error:
        _read(tmp_path, text)
    assert said in str(error.value)


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(PolicyConfigError) as error:
        _read(tmp_path, '{"a": 1, "b": 2, "keys-rotate": {"enforcementLevel": "loud", "c": 3}}')
    assert len(str(error.value).splitlines()) == 4


def test_a_configuration_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    config_file(tmp_path, "x").mkdir(parents=True)
    with pytest.raises(PolicyConfigError, match="can't be read"):
        read_policy_config(tmp_path, "x", RULES)


def test_every_configuration_here_is_of_a_stack_and_right() -> None:
    stacks = {path.stem for path in (samples.ROOT / FOLDER).glob("*.json")}
    assert stacks <= set(stack_names(samples.ROOT))
    for stack in stacks:
        read_policy_config(samples.ROOT, stack, RULES)
