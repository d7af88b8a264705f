"""The page of runs by two of their choices."""

from typing import Any

import pytest

from llmbench.api import SelfTest

HOSTILE = "<img src=x onerror=alert(1)>\u202e"


def test_models_by_datasets(place: Any) -> None:
    first = place.add("glm", 3)
    place.add("glm", 1)
    place.add("glm", 2, dataset="quickstart")
    place.add("qwen", 1)
    page = place.open("/matrix")
    head, glm, qwen = page.tables[0]
    assert head == ["model ↓ dataset →", "catalog 4 tasks · 1 try", "quickstart 4 tasks · 1 try"]
    assert glm[0] == "glm"
    assert glm[1].startswith("75.0 4 of 4 graded, best of 2")
    assert glm[2].startswith("50.0 4 of 4 graded")
    assert qwen[2] == "–"
    assert page.links["75.0"] == f"/runs/{first}"


def test_cells_say_how_far_they_can_be_trusted(place: Any) -> None:
    place.add("glm", 2, notice="a demo model", self_test=None)
    page = place.open("/matrix")
    assert any(word in page.tables[0][1][1] for word in ("caution", "problem"))


def test_any_two_choices_apart_for_what_can_not_be_compared(place: Any) -> None:
    place.add("glm", 3)
    place.add("glm", 2, manifest={"names": {"agent": "tools"}})
    place.add("glm", 4, tries=2)
    page = place.open("/matrix?rows=model&columns=agent")
    assert [table[0][1:] for table in page.tables] == [["prompt", "tools"], ["prompt"]]
    assert "catalog · 4 tasks · 2 tries" in page.text


def test_keys_of_the_configuration_are_axes_too(place: Any) -> None:
    for seed, solved in ((10, 1), (9, 2)):
        place.add("glm", solved, config={"seed": seed})
    page = place.open("/matrix?rows=seed&columns=model")
    assert [row[0] for row in page.tables[0][1:]] == ["9", "10"]


def test_an_axis_that_no_run_has_is_told(place: Any) -> None:
    place.add("glm", 1)
    page = place.open("/matrix?rows=colour")
    assert (page.status, "colour: no run has it" in page.text) == (400, True)


def test_runs_are_chosen_by_name(place: Any) -> None:
    first, second = place.add("glm", 3), place.add("qwen", 1)
    place.add("phi", 1)
    page = place.open(f"/matrix?run={first}&run={second.rpartition('-')[2]}")
    assert [row[0] for row in page.tables[0][1:]] == ["glm", "qwen"]
    assert page.fields["run"] == [first, second.rpartition("-")[2]]


def test_a_run_without_a_score_says_so(place: Any) -> None:
    place.add("glm", 2)
    place.add("qwen", 2, self_test=SelfTest(passed=False, checked=(), problems=("the reference fails",)))
    page = place.open("/matrix")
    [cell] = [row[1] for row in page.tables[0] if row[0] == "qwen"]
    assert cell.startswith("no score")


@pytest.mark.parametrize("query", ["rows=a%20b", "rows=<b>", f"run={'x' * 513}"])
def test_what_is_no_key_is_refused(place: Any, query: str) -> None:
    assert place.open(f"/matrix?{query}").status == 422


def test_hostile_names_are_harmless(place: Any) -> None:
    place.add(HOSTILE, 1, dataset="catalog")
    page = place.open("/matrix")
    assert "<img" not in page.html
    assert page.tables[0][1][0] == "<img src=x onerror=alert(1)>\\u202e"
