"""The page of the best run of each model."""

from typing import Any

import pytest

HOSTILE = "<script>alert(1)</script>\x1b[31m\u202eevil"


def test_the_best_run_of_each_model_with_the_cost_of_that_very_run(place: Any) -> None:
    place.add("good", 2, cost=0.5)
    best = place.add("good", 3, cost=0.25)
    place.add("poor", 1)
    page = place.open("/leaderboard")
    assert [cell.split()[0] for cell in page.column("model")] == ["good", "poor"]
    assert page.column("pass@1") == ["75.0 %", "25.0 %"]
    assert page.column("cost") == ["$1.00", "–"]
    assert [cell.endswith("4 of 4") for cell in page.column("trust, graded")] == [True, True]
    assert page.column("tokens") == ["560 42.5/s", "560 42.5/s"]
    assert "best of 2 runs" in page.column("run")[0]
    assert page.links["good"] == f"/runs/{best}"


def test_the_interval_is_drawn_and_said(place: Any) -> None:
    place.add("good", 2)
    page = place.open("/leaderboard")
    drawn = page.column("0 95 % interval 100")
    assert drawn == ["15.0–85.0"]
    assert 'class="range" x="27.6" y="4.5" width="100.8"' in page.html


def test_what_can_not_be_compared_stands_apart_and_says_why(place: Any) -> None:
    place.add("one", 3)
    place.add("two", 3, tries=2)
    place.add("three", 1, tasks=("python/leap", "python/caesar"), manifest={"dataset": {"sha256": "6" * 64}})
    place.add("four", 3, dataset="quickstart")
    page = place.open("/leaderboard")
    assert len(page.tables) == 4
    assert "tries=2 instead of tries=1" in page.text
    assert "2 tasks instead of 4" in page.text
    assert "Another dataset" in page.text


def test_published_figures_are_rows_of_another_look(place: Any) -> None:
    ours = {"pass_at_1": 0.8, "source": "our lab", "date": "2026-05", "temperature": 0}
    place.add(
        "warm",
        2,
        dataset="humanevalplus",
        config={"model": {"reference": {"humanevalplus": ours}}, "sampling": {"temperature": 0.7}},
    )
    page = place.open("/leaderboard")
    assert page.tables[0][-1][1] == "warm published, not comparable"
    assert page.tables[0][-1][2] == "80.0 %"
    assert "our lab (2026-05)" in page.tables[0][-1][-1]
    assert "0.7 here" in page.tables[0][-1][-1]
    assert '<tr class="published">' in page.html


@pytest.mark.parametrize(
    ("query", "models"),
    [
        ("", ["small", "large"]),
        ("?dataset=quickstart", []),
        ("?where=model=lar*", ["large"]),
        ("?where=model=lar*&where=cost%3E100", []),
        ("?where=&since=", ["small", "large"]),
        ("?since=2026-01-01", ["small", "large"]),
        ("?since=2026-04-01", []),
        ("?where=seed=3", ["small", "large"]),
        ("?sort=model", ["large", "small"]),
        ("?sort=cost", ["large", "small"]),
    ],
)
def test_filters_are_in_the_address(place: Any, query: str, models: list[str]) -> None:
    place.add("small", 4, cost=2)
    place.add("large", 3, cost=1)
    page = place.open(f"/leaderboard{query}")
    assert page.status == 200
    assert [cell.split()[0] for cell in page.column("model")] if page.tables else models == []
    assert ("No run fits" in page.text) == (not models)


def test_the_same_runs_are_found_on_the_other_pages(place: Any) -> None:
    place.add("small", 4, cost=2)
    place.add("large", 3, cost=1)
    query = "?dataset=catalog&since=2026-01-01&sort=cost&where=model%3Dsm%2A&where=cost%3E1"
    page = place.open(f"/leaderboard{query}")
    for name in ("Matrix", "Pareto", "Runs"):
        assert page.links[name] == f"/{name.lower()}{query}"
        other = place.open(page.links[name])
        assert ("small" in other.text, "large" in other.text) == (True, False), name


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ("where=model", "where model: expected KEY=VALUE, such as model=glm or cost<0.5"),
        ("where=mdel=x", "where mdel: no run has it; did you mean 'model'?"),
        ("since=yesterday", "since yesterday: expected a date such as 2026-11-01, or 12h, 7d, 4w"),
        ("sort=beauty", "sort beauty: expected one of"),
    ],
)
def test_a_wrong_filter_is_told_beside_the_form(place: Any, query: str, complaint: str) -> None:
    place.add("small", 4)
    page = place.open(f"/leaderboard?{query}")
    assert page.status == 400
    assert complaint in page.text
    assert not page.tables
    assert query.partition("=")[2] in (*page.fields["where"], *page.fields["since"], "beauty")


def test_a_filter_too_long_is_refused(place: Any) -> None:
    assert place.open(f"/leaderboard?where={'x' * 401}").status == 422


def test_without_runs_it_says_how_to_make_one(place: Any) -> None:
    page = place.open("/leaderboard")
    assert (page.status, page.links["Launch a run"]) == (200, "/launch")


def test_hostile_names_are_harmless(place: Any) -> None:
    place.add(HOSTILE, 2, notice=HOSTILE, dataset="catalog")
    page = place.open("/leaderboard")
    assert "<script>alert" not in page.html
    assert page.column("model")[0].startswith("<script>alert(1)</script>␛[31m\\u202eevil")
    assert not {"\x1b", "\u202e"} & set(page.html)


def test_addresses_hold_behind_a_proxy(place: Any) -> None:
    name = place.add("good", 2)
    page = place.open("/bench/leaderboard", root_path="/bench")
    assert page.links["good"] == f"/bench/runs/{name}"
