"""The set of exercises and its two ways of grading compose as their page says."""

import pytest

from llmbench.config.arguments import parse
from llmbench.config.build import build_spec
from llmbench.config.compose import compose
from llmbench.runner.spec import RunSpec


def _spec(*overrides: str) -> RunSpec:
    return build_spec(compose(parse(["backend=replay", "dataset=exercism", *overrides])))


def test_it_brings_its_validator_with_the_strict_rules() -> None:
    spec = _spec("tries=2")
    assert spec.validator.name == "exercism"
    assert (spec.validator.options.rules, spec.validator.options.timeout_s) == ("strict", 180.0)
    assert not spec.dataset.options.show_tests


@pytest.mark.parametrize("agent", ["prompt", "oracle", "nop"])
def test_the_preset_takes_aiders_rules_with_any_agent(agent: str) -> None:
    spec = _spec("preset=aider-compat", f"agent={agent}")
    assert (spec.tries, spec.samples) == (2, 1)
    assert (spec.validator.options.rules, spec.validator.options.timeout_s) == ("aider", 180.0)
    shown = spec.dataset.options
    assert (shown.show_tests, shown.context_files, shown.edit_cargo_toml) == (False, False, False)


def test_what_can_change_a_score_is_in_the_runs_name_and_the_choice_of_tasks_is_not() -> None:
    strict = _spec("tries=2").run_id
    assert _spec("preset=aider-compat").run_id != strict
    assert _spec("tries=2", "dataset.show_tests=true").run_id != strict
    assert _spec("tries=2", "dataset.languages=[go]", "tasks=[leap]").run_id == strict
