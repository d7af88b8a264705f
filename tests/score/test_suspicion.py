"""Signs of a broken set-up: what ends a run early, what must not, and how often each errs."""

from dataclasses import replace
from typing import Any

import pytest
from scipy.stats import binom

from llmbench.api import Outcome
from llmbench.records.record import Record
from llmbench.score.suspicion import error_of, is_look, same_answers, suspicion

P, F = Outcome.PASSED, Outcome.FAILED


def mixed(make: Any, total: int, odd: int, outcome: Outcome = F, **trait: Any) -> list[Record]:
    """Return records of so many tasks, the odd ones first; others fail honestly, each by its own words."""
    ones = [make.record(f"odd{n}", outcome, **trait) for n in range(odd)]
    return ones + [make.record(f"t{n}", F, reason=f"got {n}, expected -1") for n in range(total - odd)]


def answering(record: Record, digest: str) -> Record:
    return replace(record, tries=tuple(replace(done, answer_digest=digest) for done in record.tries))


@pytest.mark.parametrize(
    ("odd", "passing", "trait", "words"),
    [
        (3, 4, {"chars": 0}, "4 of 10 answers are empty"),
        (
            6,
            7,
            {"reason": "f: ModuleNotFoundError: No module named 'x'"},
            "7 of 10 fail by the very same error",
        ),
        (9, 10, {"notes": {"extraction": "none"}}, "nothing passes, 10 of 10 for one cause: no code found"),
        (9, 10, {"outcome": Outcome.BUDGET_EXHAUSTED}, "10 of 10 for one cause: ran out of tokens"),
        (9, 10, {"outcome": Outcome.TIMEOUT}, "10 of 10 for one cause: time"),
    ],
)
def test_each_sign_needs_more_than_its_share(
    make: Any, odd: int, passing: int, trait: dict[str, Any], words: str
) -> None:
    assert suspicion(mixed(make, 10, odd, **trait)) is None
    found = suspicion(mixed(make, 10, passing, **trait))
    assert found is not None
    assert words in found.what
    assert found.first.task == "odd0"
    assert len(found.advice) > 20


def test_fewer_than_ten_tasks_are_never_suspected(make: Any) -> None:
    assert suspicion(mixed(make, 9, 9, chars=0)) is None
    samples = [make.record("t0", F, sample=n, chars=0) for n in range(50)]
    assert suspicion(samples) is None, "samples of one task tell no more than one"


def test_a_weak_model_on_hard_tasks_goes_on(make: Any) -> None:
    """Nothing of 640 passes: wrong answers, each in its own words, are what weak models give."""
    assert suspicion(mixed(make, 640, 0)) is None
    same = [make.record(f"t{n}", F, reason="2 of 5 tests failed: expected true") for n in range(640)]
    assert suspicion(same) is None
    crashes = [make.record(f"t{n}", F, reason=f"TypeError: {n}") for n in range(640)]
    assert suspicion(crashes) is None


def test_one_pass_clears_the_suspicion_that_nothing_passes(make: Any) -> None:
    failed = [make.record(f"t{n}", F, notes={"extraction": "none"}) for n in range(19)]
    assert suspicion(failed) is not None
    assert suspicion([*failed, make.record("good", P)]) is None


def test_what_is_asked_again_with_more_tokens_is_no_sign(make: Any) -> None:
    cut = mixed(make, 10, 10, Outcome.BUDGET_EXHAUSTED, chars=0, finish="length")
    assert suspicion(cut) is not None
    assert suspicion(cut, asks_again=True) is None


def test_the_same_answer_to_many_tasks_is_a_sign_also_where_some_pass(make: Any) -> None:
    same = [answering(record, "x") for record in mixed(make, 4, 4, P)]
    others = [answering(record, str(n)) for n, record in enumerate(mixed(make, 6, 0))]
    found = suspicion([*same, *others])
    assert found is not None
    assert found.what == "4 of 10 tasks got the very same answer"
    assert suspicion([*same[:3], *others, make.record("t9", P)]) is None


def test_what_agents_with_tools_say_last_may_be_alike(make: Any) -> None:
    done = [answering(make.record(f"t{n}", P, notes={"tools": {"calls": 3}}), "done") for n in range(10)]
    assert same_answers(done) == []
    assert suspicion(done) is None
    assert same_answers([answering(make.record("t", P, sample=n), "x") for n in range(5)]) == []


def test_an_error_is_the_same_whatever_the_task_is_called() -> None:
    assert error_of("has_close: base test 3: NameError: name 'List' is not defined") == error_of(
        "separate: plus test 1: NameError: name 'List' is not defined"
    )
    assert error_of("2 of 5 tests failed") == "2 of 5 tests failed"


def test_looks_double() -> None:
    assert [n for n in range(700) if is_look(n)] == [10, 20, 40, 80, 160, 320, 640]


@pytest.mark.parametrize(
    ("share", "over", "chance"),
    [(0.05, 0.3, 0.00104), (0.1, 0.3, 0.0139), (0.2, 0.6, 0.00087), (0.5, 0.9, 0.00099), (0.6, 0.9, 0.0063)],
)
def test_false_alarms_are_as_rare_as_the_documentation_says(
    share: float, over: float, chance: float, pytestconfig: pytest.Config
) -> None:
    """The chance that a look finds more than ``over`` where each answer has the trait with ``share``."""
    alarm, before, going = 0.0, 0, {0: 1.0}
    for look in (n for n in range(700) if is_look(n)):
        step = dict(enumerate(binom.pmf(range(look - before + 1), look - before, share)))
        going = _added(going, step)
        alarm += sum(weight for count, weight in going.items() if count > over * look + 1e-9)
        going = {count: weight for count, weight in going.items() if count <= over * look + 1e-9}
        before = look
    assert alarm == pytest.approx(chance, rel=0.01)
    text = (pytestconfig.rootpath / "docs/design/statistics.md").read_text(encoding="utf-8")
    assert f"{100 * alarm:.2f} %" in text


def _added(one: dict[int, float], other: dict[int, float]) -> dict[int, float]:
    found: dict[int, float] = {}
    for a, first in one.items():
        for b, second in other.items():
            found[a + b] = found.get(a + b, 0.0) + first * second
    return found
