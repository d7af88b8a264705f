"""Whole pictures: well-formed, inside their frames, readable, and with the same numbers in words."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from llmbench.api import Outcome, SelfTest
from llmbench.records.record import UsageTotal
from llmbench.report.compare import compare_html
from llmbench.report.html import html
from llmbench.report.pictures import Picture, figures, run_pictures, sweep_pictures
from llmbench.report.read import Run
from llmbench.score.machine import MachineUse
from llmbench.score.summary import summarize
from llmbench.testing.runs import MadeSample, RunRecipe

from .drawn import drawn, root_of, view

HOSTILE = [
    "<script>alert(1)</script>",
    "x" * 300,
    "\u202eevil\u200f",
    "a\x1b[31m\n</text>]]>&amp;\ufffe",
    "e" + "\u0301" * 90,
    "模型" * 60,
    "אבגד",
    '"><svg onload="alert(1)">',
]


def made_run(recipe: RunRecipe) -> Run:
    """Return a run as it is read, without its files."""
    manifest, records = recipe.manifest(), [made.record() for made in recipe.made]
    known = {record.key: record for record in records}
    return Run(Path(recipe.run_id), manifest, known, tuple(records), summarize(manifest, known))


def runs_of(models: Sequence[str], words: Sequence[str] = (), amounts: Sequence[float] = ()) -> list[Run]:
    """Return runs of one dataset, each with its model, a word of its command, a share and an amount."""
    runs = []
    for number, model in enumerate(models):
        made = [
            MadeSample(task=f"t{n}", outcome=Outcome.PASSED if n <= number % 9 else Outcome.FAILED)
            for n in range(10)
        ]
        recipe = RunRecipe(
            made=made, model=model, run_id=f"{number:010x}", overrides=tuple(words[number : number + 1])
        )
        runs.append(measured(made_run(recipe), amounts[number] if amounts else 10.0 + number))
    return runs


def measured(run: Run, amount: float | None) -> Run:
    """Return the run with all that can be measured: the same amount of each."""
    peak = {} if amount is None else {"gpu0.memory_mb": amount}
    machine = MachineUse(seconds=1, readings=1, peak=peak, energy_per_solved_j=amount)
    speed = replace(run.summary.speed, decode_tokens_per_s=amount)
    return replace(run, summary=replace(run.summary, machine=machine, speed=speed, cost_usd=amount))


def check(pictures: Sequence[Picture]) -> None:
    """Check what holds of every picture."""
    ids: list[str] = []
    for picture in pictures:
        root = root_of(picture)
        ids += [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
        words = {f"{picture.title}", picture.alternative}
        assert {element.text for element in root if element.get("id")} == words
        assert root.get("role") == "img"
        assert root.attrib["aria-labelledby"].split() == [e.attrib["id"] for e in root if e.get("id")]
        assert "nan" not in str(picture.svg).replace("dominated", "")
        check_places(picture)
    assert len(set(ids)) == len(ids)


def check_places(picture: Picture) -> None:
    """Check that nothing lies outside the picture, and no words on other words."""
    frame, parts = view(picture), drawn(picture)
    for part in parts:
        assert frame.holds(part.box), (picture.title, part)
    words = [part for part in parts if part.kind == "text" and part.is_level]
    for number, part in enumerate(words):
        for other in words[:number]:
            assert not part.box.overlaps(other.box), (picture.title, part.text, other.text)


def texts(picture: Picture) -> Iterator[str]:
    """Yield the words that are drawn."""
    return (part.text for part in drawn(picture) if part.kind == "text")


@pytest.mark.parametrize("number", [2, 8, 9, 30])
def test_pictures_of_several_runs(number: int) -> None:
    pictures = sweep_pictures(runs_of([f"model-{n}" for n in range(number)]))
    check(pictures)
    assert [picture.title for picture in pictures] == [
        "pass@1 of the runs, with 95 % intervals",
        "pass@1 against decode speed",
        "pass@1 against peak memory of the GPU",
        "pass@1 against energy of a solved task",
        "pass@1 against cost of a sample",
    ]
    for picture in pictures:
        assert all(f"model-{n}" in picture.alternative for n in range(number))


def test_one_run_is_no_comparison() -> None:
    assert sweep_pictures(runs_of(["one"])) == ()


@pytest.mark.parametrize(
    "amounts",
    [
        [0.0] * 9,
        [5.0] * 9,
        [0.0] * 8 + [1e9],
        [10.0**power for power in range(-4, 5)],
        [1000.0 + n / 1e6 for n in range(9)],
        [float("nan"), None, float("inf"), 1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        [float("nan")] * 9,
    ],
)
def test_figures_of_any_kind(amounts: list[float]) -> None:
    check(sweep_pictures(runs_of([f"m{n}" for n in range(9)], (), amounts)))


def test_runs_of_which_a_figure_is_not_known_are_named() -> None:
    amounts = [1.0, 2.0, float("nan")]
    speed = sweep_pictures(runs_of(["one", "two", "three"], (), amounts))[1]
    assert "Decode speed not known: three." in speed.alternative
    assert "three" not in "".join(texts(speed))


def test_a_range_of_more_than_50_times_is_logarithmic() -> None:
    wide = sweep_pictures(runs_of(["one", "two"], (), [1.0, 51.0]))[1]
    assert any("logarithmic" in text for text in texts(wide))


def test_the_front_is_drawn_and_said() -> None:
    # They pass 1, 2 and 3 of 10 tasks: the second is slower than the third, and the first the quickest.
    speed = sweep_pictures(runs_of(["quick", "middling", "good"], (), [90.0, 20.0, 40.0]))[1]
    front, _, dominated = speed.alternative.partition("Dominated: ")
    assert "quick 10.0 %, 90 tokens/s; good 30.0 %, 40 tokens/s." in front
    assert dominated.startswith("middling 20.0 %, 20 tokens/s")
    strong = {part.text for part in drawn(speed) if "strong" in part.classes}
    assert strong == {"quick", "good"}
    assert sum(part.kind == "path" and "front" in part.classes for part in drawn(speed)) == 3  # a key, too


def test_hostile_names_stay_words() -> None:
    pictures = sweep_pictures(runs_of(HOSTILE))
    check(pictures)
    whole = str(figures(pictures))
    assert "<script>alert" not in whole
    assert "onload=" not in re.sub(r"&#34;[^<]*", "", whole)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200f\u202e\ufffe\ud800]", whole)


def test_many_hostile_names_have_numbers() -> None:
    check(sweep_pictures(runs_of([f"{n}{name}" for name in HOSTILE for n in range(3)])))


def test_a_matrix_is_a_heat_map() -> None:
    models = [model for model in ("glm", "qwen") for _ in range(3)]
    words = ["seed=1", "seed=2", "seed=3"] * 2
    heat = sweep_pictures(runs_of(models, words))[-1]
    check([heat])
    assert heat.title == "pass@1 of the matrix in %"
    numbers = [text for text in texts(heat) if re.fullmatch(r"\d+\.\d", text)]
    assert numbers == ["10.0", "20.0", "30.0", "40.0", "50.0", "60.0"]
    assert "qwen, seed=2: 50.0 %" in heat.alternative
    assert all(f"{number} %" in heat.alternative for number in numbers)


@pytest.mark.parametrize("columns", [2, 15])
def test_a_matrix_with_long_names_and_a_missing_run(columns: int) -> None:
    models = [model for model in ("a" * 90, "b") for _ in range(columns)]
    words = [f"sampling.system={'long ' * 9}{n}" for n in range(columns)] * 2
    heat = sweep_pictures(runs_of(models, words)[:-1])[-1]
    check([heat])
    assert "no run" in heat.alternative
    assert "–" in list(texts(heat))


def test_runs_that_differ_in_everything_are_no_matrix() -> None:
    pictures = sweep_pictures(runs_of([f"m{n}" for n in range(4)], [f"seed={n}" for n in range(4)]))
    assert not any("matrix" in picture.title for picture in pictures)
    assert "; m2: 30.0 %" in pictures[0].alternative


def test_runs_that_no_choice_tells_apart_have_their_ids() -> None:
    [intervals, *_] = sweep_pictures(runs_of(["same", "same"]))
    assert "0000000001: 20.0 %" in intervals.alternative


def test_runs_of_other_tasks_share_no_front() -> None:
    one, two, three = runs_of(["one", "two", "three"])
    other = replace(three, manifest=replace(three.manifest, dataset={"sha256": "6" * 64}))
    pictures = sweep_pictures([one, two, other])
    check(pictures)
    assert "three" in pictures[0].alternative
    assert [picture.title for picture in pictures][1] == "pass@1 against decode speed, catalog (10 tasks)"
    assert not any("three" in picture.alternative for picture in pictures[1:])


def test_a_run_that_should_not_be_believed_is_marked() -> None:
    doubted = made_run(
        RunRecipe(made=[MadeSample(task="a")], model="m", notice="trained on it", overrides=())
    )
    pictures = sweep_pictures([*runs_of(["one"]), doubted])
    check(pictures)
    assert "100.0 [2.5–100.0] ?" in list(texts(pictures[0]))
    assert "? its trust report has a problem" in list(texts(pictures[0]))
    assert "m: 100.0 %, 95 % interval 2.5–100.0, 1 sample graded, its trust report" in pictures[0].alternative


def test_a_run_without_a_score_has_no_bar() -> None:
    failed = SelfTest(passed=False, checked=("a",), problems=("a: the starter passed",))
    unscored = made_run(RunRecipe(made=[MadeSample(task="a")], model="m", self_test=failed, overrides=()))
    [intervals, *others] = sweep_pictures([*runs_of(["one"]), unscored])
    assert "m: no score, 1 sample graded" in intervals.alternative
    assert "no score" in list(texts(intervals))
    assert not others


def test_intervals_are_those_of_the_summary() -> None:
    runs = runs_of(["one", "two"])
    found = [run.summary.score.interval_95 for run in runs]
    intervals = sweep_pictures(runs)[0]
    for interval in filter(None, found):
        assert f"95 % interval {100 * interval.low:.1f}–{100 * interval.high:.1f}" in intervals.alternative


def sample(number: int, tokens: int | None, *, passed: bool = True, language: str = "python") -> MadeSample:
    usage = UsageTotal(completions=1, prompt_tokens=9, completion_tokens=tokens)
    outcome = Outcome.PASSED if passed else Outcome.FAILED
    return MadeSample(task=f"{language}/t{number}", outcome=outcome, usage=usage)


def test_pictures_of_one_run() -> None:
    made = [sample(n, 10 * n, passed=n % 3 > 0, language="go" if n % 2 else "rust") for n in range(1, 31)]
    pictures = run_pictures(made_run(RunRecipe(made=made)))
    check(pictures)
    assert [picture.title for picture in pictures] == [
        "pass@1 by group of tasks, with 95 % intervals",
        "Completion tokens of the samples",
        "Time of the samples, asking and grading",
    ]
    groups, tokens, _ = pictures
    assert "go: 66.7 %" in groups.alternative
    assert tokens.alternative.startswith(
        "30 samples, in tokens: median 155, 90th percentile 270, least 10, most 300."
    )
    assert {"median 155 tokens", "90 % up to 270 tokens", "n = 30"} <= set(texts(tokens))
    counts = [int(count) for count in re.findall(r": (\d+), of which", tokens.alternative)]
    passed = [int(count) for count in re.findall(r"of which (\d+) passed", tokens.alternative)]
    assert (sum(counts), sum(passed)) == (30, 20)


@pytest.mark.parametrize(
    "tokens",
    [[5, 5], [0, 0, 0], [1, 100_000], [0, 1, 10**9], [3, None, 4], list(range(0, 2000, 7)), [7] * 200 + [9]],
)
def test_distributions_of_any_kind(tokens: list[int | None]) -> None:
    made = [sample(n, amount, passed=n % 2 > 0) for n, amount in enumerate(tokens)]
    pictures = run_pictures(made_run(RunRecipe(made=made)))
    check(pictures)
    known = len([amount for amount in tokens if amount is not None])
    assert f"n = {known}" in list(texts(pictures[0]))


@pytest.mark.parametrize("made", [[sample(1, 5)], [sample(1, None), sample(2, None)]])
def test_too_few_samples_have_no_distribution_of_tokens(made: list[MadeSample]) -> None:
    pictures = run_pictures(made_run(RunRecipe(made=made)))
    assert not any("tokens" in picture.title for picture in pictures)


def test_the_same_runs_give_the_same_bytes() -> None:
    names = ["one", "two", "three"]
    assert sweep_pictures(runs_of(names)) == sweep_pictures(runs_of(names))
    assert run_pictures(runs_of(names)[0]) == run_pictures(runs_of(names)[0])


def test_pictures_stand_below_trust_and_score_of_a_report() -> None:
    made = [sample(n, 10 * n) for n in range(1, 9)]
    whole = html(made_run(RunRecipe(made=made)))
    places = [
        whole.index(words)
        for words in ("Can this number be believed?", "graded", '<svg class="picture"', "Provenance</h2>")
    ]
    assert places == sorted(places)
    assert whole.count('<svg class="picture"') == 2


def test_pictures_stand_below_the_table_of_compared_runs() -> None:
    whole = compare_html(runs_of(["one", "two"]))
    assert whole.index("</table>") < whole.index("<svg")
    assert whole.count("<svg") == 5


def test_a_matrix_without_models_has_what_was_swept_first_downwards() -> None:
    words = [("tries=1", "seed=1"), ("tries=1", "seed=2"), ("tries=2", "seed=1"), ("tries=2", "seed=2")]
    runs = [
        replace(run, manifest=replace(run.manifest, overrides=chosen))
        for run, chosen in zip(runs_of(["same"] * 4), words, strict=True)
    ]
    heat = sweep_pictures(runs)[-1]
    assert "tries=2, seed=1: 30.0 %; tries=2, seed=2: 40.0 %." in heat.alternative


def test_names_that_would_stand_at_other_points_give_way_to_numbers() -> None:
    runs = runs_of([f"a-long-name-of-number-{n}" for n in range(3)], (), [10.0, 10.2, 20.0])
    alike = [replace(run, summary=replace(run.summary, score=runs[0].summary.score)) for run in runs]
    assert {"1", "2", "3", "2 a-long-name-of-number-1"} <= set(texts(sweep_pictures(alike)[1]))
    check(sweep_pictures(alike))


def test_overrides_name_runs_only_where_axes_do_not() -> None:
    paths = [f"dataset.path=/tmp/{n}.jsonl" for n in range(2)]
    intervals = sweep_pictures(runs_of(["one", "two"], paths))[0]
    assert intervals.alternative.count("dataset.path") == 0
    assert "one: 10.0 %" in intervals.alternative


def test_an_override_that_says_what_is_so_anyway_tells_nothing_apart() -> None:
    first, second = runs_of(["same", "same"], ["seed=0", "tries=1"])
    runs = [
        replace(run, manifest=replace(run.manifest, config={"seed": 0, "tries": 1}))
        for run in (first, second)
    ]
    assert "seed" not in sweep_pictures(runs)[0].alternative


def test_a_front_names_runs_by_what_differs_among_its_own() -> None:
    one, two, three = runs_of(["one", "two", "two"], ["seed=0", "seed=1", "seed=2"])
    other = replace(one.manifest, dataset={"sha256": "other"})
    pictures = sweep_pictures([replace(one, manifest=other), two, three])
    [front] = [picture for picture in pictures if picture.title.startswith("pass@1 against decode speed")]
    assert "seed=1" in front.alternative
    assert "two · seed" not in front.alternative
