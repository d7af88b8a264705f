"""The page of correctness against what it took."""

from typing import Any

import pytest

from llmbench.history.rows import RunRow
from llmbench.serve.fronts import MOST, QUANTITIES, fronts, told_apart, usual_quantity
from llmbench.serve.runs import Runs
from llmbench.serve.settings import Settings


def test_the_front_by_cost_with_every_point_named(place: Any) -> None:
    dear = place.add("dear", 4, cost=0.4)
    place.add("cheap", 2, cost=0.1)
    place.add("bad", 1, cost=0.3)
    page = place.open("/pareto")
    assert page.column("front") == ["◆ front", "◆ front", "dominated"]
    assert page.column("cost of a sample") == ["$0.4000", "$0.1000", "$0.3000"]
    assert page.column("run") == ["1 dear", "2 cheap", "3 bad"]
    assert page.links["dear"] == f"/runs/{dear}"
    assert '<svg class="picture"' in page.html
    assert "style=" not in page.html


@pytest.mark.parametrize(
    ("x", "heading"),
    [
        ("time", "time of a sample"),
        ("tokens", "tokens of a sample"),
        ("speed", "decode speed"),
        ("cost", "cost of a sample"),
    ],
)
def test_what_correctness_is_held_against_is_chosen(place: Any, x: str, heading: str) -> None:
    place.add("one", 4)
    place.add("two", 2)
    page = place.open(f"/pareto?x={x}")
    assert heading in page.tables[0][0]


def test_only_runs_that_were_asked_the_same_share_a_front(place: Any) -> None:
    place.add("one", 4)
    place.add("two", 2)
    place.add("other", 1, dataset="quickstart")
    place.add("twice", 1, tries=2)
    page = place.open("/pareto?x=tokens")
    assert len(page.tables) == 3
    assert page.html.count('<svg class="picture"') == 1
    assert "one run alone has no front" in page.text


def test_nothing_paid_is_said(place: Any) -> None:
    place.add("one", 4)
    place.add("two", 2)
    page = place.open("/pareto?x=cost")
    assert "fewer than two of these runs have a cost of a sample" in page.text


def test_another_quantity_is_refused(place: Any) -> None:
    assert place.open("/pareto?x=beauty").status == 422


def test_the_front_is_of_all_runs_though_not_all_are_drawn(place: Any) -> None:
    rows = [_row(number, 0.5 + number / 1000, tokens=2000 - number) for number in range(100)]
    rows.append(_row(100, 0.1, tokens=10))
    runs = Runs(Settings(root=place.root), lambda text: None)
    [front] = fronts(runs, rows, QUANTITIES["tokens"])
    assert (len(front.dots), front.left_out) == (MOST, 101 - MOST)
    assert {dot.name for dot in front.dots if dot.on_front} >= {"m99", "m100"}


def test_names_have_no_more_than_tells_runs_apart() -> None:
    rows = [_row(1, 0.5, model="glm"), _row(2, 0.5, model="glm", quantization="Q8"), _row(3, 0.5, model="x")]
    assert told_apart(rows) == ["glm", "glm · Q8", "x"]


def test_cost_is_held_against_where_most_were_paid() -> None:
    paid, free = _row(1, 0.5, cost_usd=1.0), _row(2, 0.5)
    assert [usual_quantity(rows) for rows in ([paid], [paid, free], [free], [free, free, paid], [])] == [
        *("cost", "cost"),
        *("time", "time", "time"),
    ]


def _row(number: int, share: float, *, tokens: int = 0, **more: Any) -> RunRow:
    return RunRow(
        id=number,
        place="",
        folder=f"catalog/{number}",
        stamp="",
        changed=0.0,
        pass_at_1=share,
        graded=10,
        planned=10,
        prompt_tokens=0,
        completion_tokens=tokens,
        **({"model": f"m{number}"} | more),
    )
