"""``llmbench compare``: which of two runs is better, from their folders alone."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from llmbench.api import Outcome
from llmbench.testing.runs import MadeSample, RunRecipe, write_run

Run = Callable[..., Any]
Made = Mapping[str, Sequence[Outcome]]
PASSED, FAILED, TIMEOUT, INFRA = Outcome.PASSED, Outcome.FAILED, Outcome.TIMEOUT, Outcome.INFRA_ERROR


@pytest.fixture
def write(here: Path) -> Callable[..., Path]:
    """Write a run of these outcomes, by task."""

    def write(run_id: str, made: Made, **changes: Any) -> Path:
        samples = [
            MadeSample(task=task, sample=number, outcome=outcome)
            for task, outcomes in made.items()
            for number, outcome in enumerate(outcomes)
        ]
        several = max(map(len, made.values()))
        recipe = RunRecipe(made=samples, samples=several, run_id=run_id, model=f"m-{run_id[0]}", **changes)
        return write_run(here / "outputs" / "catalog" / f"m-llamacpp-prompt-{run_id}", recipe)

    return write


def table(both: int, only_a: int, only_b: int, neither: int) -> tuple[Made, Made]:
    """Return the outcomes of two runs with these counts."""
    kinds = [(PASSED, PASSED)] * both + [(PASSED, FAILED)] * only_a
    kinds += [(FAILED, PASSED)] * only_b + [(FAILED, FAILED)] * neither
    return (
        {f"go/t{number}": (one,) for number, (one, _) in enumerate(kinds)},
        {f"go/t{number}": (other,) for number, (_, other) in enumerate(kinds)},
    )


@pytest.fixture
def two(write: Callable[..., Path]) -> Callable[..., None]:
    """Write the runs aaaaaaaaaa and bbbbbbbbbb with given counts."""

    def two(*counts: int) -> None:
        one, other = table(*counts)
        write("a" * 10, one)
        write("b" * 10, other)

    return two


def test_a_clear_difference_is_said_in_a_sentence(two: Callable[..., None], run: Run) -> None:
    two(100, 20, 8, 36)
    done = run("compare", "aaaa", "bbbb")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "A is better than B by 7.3 points [+1.1 to +14.0], p = 0.024." in done.stdout
    assert "McNemar mid-p 0.024, exact 0.036" in done.stdout
    assert "only A passed (20): go/t100, go/t101" in done.stdout
    assert "llmbench show bbbbbbbbbb go/t100" in done.stdout


def test_the_order_decides_the_sign_only(two: Callable[..., None], run: Run) -> None:
    two(100, 20, 8, 36)
    assert "B is better than A by 7.3 points [+1.1 to +14.0]" in run("compare", "bbbb", "aaaa").stdout


def test_noise_says_how_many_tasks_would_tell(two: Callable[..., None], run: Run) -> None:
    two(90, 20, 15, 39)
    said = run("compare", "aaaa", "bbbb").stdout
    assert "These can't be told apart: A leads by 3.0 points [-4.2 to +10.4]" in said
    assert "You need about 1\u202f636 more tasks like these to show it (80 % of the time)." in said
    assert "164 tasks show a difference of 10.0 points 80 % of the time" in said


def test_runs_without_a_difference_need_no_number_of_tasks(two: Callable[..., None], run: Run) -> None:
    two(10, 0, 0, 5)
    said = run("compare", "aaaa", "bbbb").stdout
    assert "neither leads, 0.0 points" in said
    assert "They passed equally many" in said
    assert "Read both answers" not in said


def test_what_was_not_graded_drops_out_as_a_pair(write: Callable[..., Path], run: Run) -> None:
    write("a" * 10, {"t0": [PASSED], "t1": [INFRA], "t2": [PASSED], "t3": [FAILED]})
    write("b" * 10, {"t0": [PASSED], "t1": [PASSED], "t2": [FAILED], "t4": [FAILED]})
    found = json.loads(run("compare", "aaaa", "bbbb", "--json").stdout)
    assert found["pairs"] == 2
    assert found["counts"] == {"both": 1, "only_a": 1, "only_b": 0, "neither": 0}
    assert found["left_out"] == {"only in A": 1, "only in B": 1, "not graded in one of them": 1}


def test_samples_that_a_limit_ended_give_bounds(write: Callable[..., Path], run: Run) -> None:
    write("a" * 10, {"t0": [PASSED], "t1": [TIMEOUT], "t2": [PASSED], "t3": [FAILED]})
    write("b" * 10, {"t0": [PASSED], "t1": [FAILED], "t2": [TIMEOUT], "t3": [FAILED]})
    found = json.loads(run("compare", "aaaa", "bbbb", "--json").stdout)
    assert found["difference"] == 0.25
    assert found["bounds"] == {"low": 0.0, "high": 0.5}
    assert "A by 0.0 to +50.0 points, had no limit ended a sample" in run("compare", "aaaa", "bbbb").stdout
    turned = run("compare", "bbbb", "aaaa")
    assert "B leads by 25.0 points" in turned.stdout
    assert "B by 0.0 to +50.0 points, had no limit ended a sample" in turned.stdout


def test_several_samples_are_compared_by_the_rates_of_tasks(write: Callable[..., Path], run: Run) -> None:
    ours = {f"t{number}": [PASSED, PASSED, PASSED, FAILED] for number in range(12)}
    theirs = {f"t{number}": [PASSED, FAILED, FAILED, FAILED] for number in range(12)}
    write("a" * 10, ours)
    write("b" * 10, theirs)
    found = json.loads(run("compare", "aaaa", "bbbb", "--json").stdout)
    assert (found["method"], found["tasks"], found["pairs"]) == ("rates", 12, 48)
    assert found["difference"] == pytest.approx(0.5)
    assert found["p"] < 0.01
    said = run("compare", "aaaa", "bbbb").stdout
    assert "A is better than B by 50.0 points" in said
    assert "sign flips of per-task rates" in said


def test_samples_that_always_agree_count_as_one(write: Callable[..., Path], run: Run) -> None:
    """Eight equal samples of a task are no more evidence than one."""
    write("a" * 10, {f"t{number}": [PASSED] * 8 for number in range(5)})
    write("b" * 10, {f"t{number}": [FAILED] * 8 for number in range(5)})
    found = json.loads(run("compare", "aaaa", "bbbb", "--json").stdout)
    assert found["p"] > 0.05


def test_three_runs_are_compared_each_with_each_by_holm(
    two: Callable[..., None], write: Callable[..., Path], run: Run
) -> None:
    two(100, 20, 8, 36)
    write("c" * 10, table(100, 20, 8, 36)[1])
    found = json.loads(run("compare", "aaaa", "bbbb", "cccc", "--json").stdout)
    assert [one["family"] for one in found] == [3, 3, 3]
    assert found[0]["p_adjusted"] == pytest.approx(3 * found[0]["p"])
    said = run("compare", "aaaa", "bbbb", "cccc").stdout
    assert "p = 0.072 after Holm" in said
    assert "by Holm over all 3 comparisons here" in said


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (
            {"changed": ("go/t1",)},
            "1 of 4 common tasks of aaaaaaaaaa and bbbbbbbbbb are not the same (first: go/t1)",
        ),
        ({"dataset": "humanevalplus"}, "aaaaaaaaaa asked catalog, bbbbbbbbbb asked humanevalplus"),
    ],
)
def test_runs_of_other_tasks_are_refused(
    write: Callable[..., Path], run: Run, other: Mapping[str, Any], said: str
) -> None:
    one, _ = table(1, 1, 1, 1)
    write("a" * 10, one)
    write("b" * 10, one, **other)
    done = run("compare", "aaaa", "bbbb")
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert said in done.stderr


def test_runs_without_a_common_task_are_refused(write: Callable[..., Path], run: Run) -> None:
    write("a" * 10, {"t0": [PASSED]})
    write("b" * 10, {"t1": [PASSED]})
    done = run("compare", "aaaa", "bbbb")
    assert done.exit_code == 2
    assert "have no graded sample in common" in done.stderr


def test_one_run_is_not_enough(two: Callable[..., None], run: Run) -> None:
    two(1, 1, 1, 1)
    done = run("compare", "aaaa", "aaaaaaaaaa")
    assert done.exit_code == 2
    assert "expected two or more different ones" in done.stderr


def test_markdown_can_be_pasted(two: Callable[..., None], run: Run) -> None:
    two(100, 20, 8, 36)
    said = run("compare", "aaaa", "bbbb", "--format", "md").stdout
    assert said.startswith("# m-a · llamacpp · prompt · run aaaaaaaaaa against m-b")
    assert "| A passed | 100 | 20 |" in said


def test_eighty_columns_hold_it(two: Callable[..., None], run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    two(100, 20, 8, 36)
    monkeypatch.setenv("COLUMNS", "80")
    lines = run("compare", "aaaa", "bbbb").stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert not any(line != line.rstrip() for line in lines)


@pytest.fixture
def later(here: Path) -> Callable[..., None]:
    """Write a run of two tries, given what became of both tries of each task."""

    def later(run_id: str, made: Mapping[str, Sequence[Outcome]], tries: int = 2) -> None:
        samples = [
            MadeSample(task=task, outcome=outcomes[-1], earlier=tuple(outcomes[:-1]))
            for task, outcomes in made.items()
        ]
        recipe = RunRecipe(made=samples, tries=tries, run_id=run_id, model=f"m-{run_id[0]}")
        write_run(here / "outputs" / "catalog" / f"m-llamacpp-prompt-{run_id}", recipe)

    return later


@pytest.fixture
def caught_up(later: Callable[..., None]) -> None:
    """Ten tasks that A passed at once and B at its second try, and two that B alone passed, then."""
    later("a" * 10, {f"t{n}": [PASSED] for n in range(10)} | {f"u{n}": [FAILED, FAILED] for n in range(2)})
    later(
        "b" * 10,
        {f"t{n}": [FAILED, PASSED] for n in range(10)} | {f"u{n}": [FAILED, PASSED] for n in range(2)},
    )


@pytest.mark.usefixtures("caught_up")
def test_the_first_try_counts_and_later_ones_stand_beside_it(run: Run) -> None:
    said = run("compare", "aaaa", "bbbb").stdout
    assert "A is better than B by 83.3 points" in said
    assert "the first try counts; --tries last compares what passed within 2" in said
    rows = [line.split("  ") for line in said.splitlines()]
    found = {
        row[1].strip(): [cell.strip() for cell in row[2:] if cell.strip()] for row in rows if len(row) > 2
    }
    assert found["pass@1"] == ["83.3 %", "0.0 %"]
    assert found["pass within 2 tries"] == ["83.3 %", "100.0 %"]


@pytest.mark.usefixtures("caught_up")
@pytest.mark.parametrize("tries", ["last", "2"])
def test_what_passed_at_the_last_try_can_count(run: Run, tries: str) -> None:
    found = json.loads(run("compare", "aaaa", "bbbb", "--tries", tries, "--json").stdout)
    assert found["tries"] == 2
    assert found["counts"] == {"both": 10, "only_a": 0, "only_b": 2, "neither": 0}
    assert [flip["task"] for flip in found["flips"]] == ["u0", "u1"]
    assert found["a"]["by_try"] == [pytest.approx(10 / 12)] * 2
    said = run("compare", "aaaa", "bbbb", "--tries", tries).stdout
    assert "These can't be told apart within 2 tries: B leads by 16.7 points" in said
    assert "what passed within 2 tries counts: as many as both runs allowed" in said
    assert "only B passed (2): u0, u1" in said


def test_a_limit_that_ended_a_later_try_gives_bounds_there(later: Callable[..., None], run: Run) -> None:
    later("a" * 10, {"t0": [FAILED, TIMEOUT], "t1": [PASSED]})
    later("b" * 10, {"t0": [FAILED, FAILED], "t1": [PASSED]})
    assert json.loads(run("compare", "aaaa", "bbbb", "--json").stdout)["bounds"] is None
    found = json.loads(run("compare", "aaaa", "bbbb", "--tries=last", "--json").stdout)
    assert found["bounds"] == {"low": 0.0, "high": 0.5}


def test_runs_of_unequal_tries_are_compared_by_those_that_both_had(
    later: Callable[..., None], run: Run
) -> None:
    later("a" * 10, {"t0": [PASSED], "t1": [FAILED]}, tries=1)
    later("b" * 10, {"t0": [PASSED], "t1": [FAILED, PASSED]})
    found = json.loads(run("compare", "aaaa", "bbbb", "--tries", "last", "--json").stdout)
    assert (found["tries"], found["difference"]) == (1, 0.0)
    done = run("compare", "aaaa", "bbbb", "--tries", "2")
    assert (done.exit_code, done.stderr) == (
        2,
        "llmbench: compare: --tries 2: aaaaaaaaaa allowed 1; expected a number from 1 to 1, or last\n",
    )


@pytest.mark.parametrize("word", ["0", "-1", "two", "1.5", "²"])
def test_a_number_of_tries_that_is_none_is_refused(two: Callable[..., None], run: Run, word: str) -> None:
    two(1, 1, 1, 1)
    done = run("compare", "aaaa", "bbbb", f"--tries={word}")
    assert (done.exit_code, done.stderr) == (
        2,
        f"llmbench: compare: --tries: expected a number from 1, or last, got '{word}'\n",
    )


def test_looks_on_the_way_are_at_first_tries(run: Run) -> None:
    done = run("compare", "model=a,b", "--until-clear", "--tries=last")
    assert (done.exit_code, done.stderr) == (
        2,
        "llmbench: compare: --until-clear looks at first tries; leave --tries out\n",
    )


def test_no_probability_is_certain(write: Callable[..., Path], run: Run) -> None:
    write("a" * 10, {f"t{number}": [PASSED] for number in range(20)})
    write("b" * 10, {f"t{number}": [FAILED] for number in range(20)})
    said = run("compare", "aaaa", "bbbb").stdout
    assert "A is better   with probability over 99.9 %" in said
    assert f"llmbench diff {'a' * 10} {'b' * 10}" in said
    assert "A is better   with probability under 0.1 %" in run("compare", "bbbb", "aaaa").stdout
