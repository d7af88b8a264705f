"""Leaderboards: the best run of each model, among runs that can be compared."""

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from llmbench.history.leaders import conditions_of, leader_tables
from llmbench.history.rows import RunRow

ROW = RunRow(
    id=1,
    place="",
    folder="catalog/a",
    stamp="",
    changed=0.0,
    dataset="catalog",
    dataset_sha256="5" * 64,
    model="tiny",
    preset="none",
    tasks=10,
    whole=10,
    tries=1,
    planned=10,
    graded=10,
    pass_at_1=0.5,
    trust="green",
)


def row(**changes: Any) -> RunRow:
    return replace(ROW, **changes)


def best(*rows: RunRow) -> RunRow:
    [table] = leader_tables(rows)
    [leader] = table.leaders
    assert leader.runs == len(rows)
    return leader.row


def test_what_stands_beside_a_score_is_of_that_run() -> None:
    cheap, good = row(id=1, cost_usd=0.1, wall_s=5.0), row(id=2, pass_at_1=0.6, cost_usd=2.0, wall_s=900.0)
    assert best(cheap, good) == good


def test_a_run_that_cannot_be_believed_leads_only_where_there_is_no_other() -> None:
    doubtful, honest = row(id=1, pass_at_1=0.9, trust="red"), row(id=2, pass_at_1=0.4, trust="amber")
    assert best(doubtful, honest) == honest
    assert best(doubtful) == doubtful


def test_of_equals_the_fuller_and_then_the_cheaper_leads() -> None:
    assert best(row(id=1, graded=9), row(id=2)).id == 2
    assert best(row(id=1, cost_usd=2.0), row(id=2, cost_usd=1.0)).id == 2
    assert best(row(id=1), row(id=2, cost_usd=1.0)).id == 2


def test_runs_that_cannot_be_compared_share_no_table() -> None:
    others = [
        row(id=2, dataset_sha256="6" * 64, tasks=5),
        row(id=3, tries=2),
        row(id=4, preset="strict"),
        row(id=5, tests_shown=1),
        row(id=6, dataset="humanevalplus"),
    ]
    tables = leader_tables([row(), *others])
    assert sorted(table.leaders[0].row.id for table in tables) == [1, 2, 3, 4, 5, 6]
    assert all(len(table.leaders) == 1 for table in tables)


def test_whole_datasets_come_first() -> None:
    part = [row(id=number, model=f"m{number}", tasks=5, dataset_sha256="6" * 64) for number in range(3)]
    assert [table.is_whole for table in leader_tables([*part, row()])] == [True, False]


def test_what_was_published_stands_beside_with_what_differs() -> None:
    told = row(published=0.8, published_source="a card", published_date="2026-01")
    [table] = leader_tables([told])
    assert [(found.model, found.pass_at_1, found.source) for found in table.references] == [
        ("tiny", 0.8, "a card")
    ]
    part = replace(told, tasks=5, published_differs="all tasks there, 5 here")
    [table] = leader_tables([part])
    assert [found.differs for found in table.references] == ["all tasks there, 5 here"]


def test_of_a_models_published_figures_the_comparable_one_is_shown() -> None:
    warm = row(id=1, published=0.9, published_source="a board", published_differs="greedy there, 0.7 here")
    greedy = row(id=2, published=0.8, published_source="a card")
    for rows in ([warm, greedy], [greedy, warm]):
        [table] = leader_tables(rows)
        assert [(found.source, found.differs) for found in table.references] == [("a card", "")]


rows = st.builds(
    row,
    id=st.integers(0, 10**6),
    model=st.sampled_from("abc"),
    tries=st.integers(1, 2),
    preset=st.sampled_from(["none", "strict"]),
    pass_at_1=st.one_of(st.none(), st.floats(0, 1)),
    graded=st.integers(0, 10),
    cost_usd=st.one_of(st.none(), st.floats(0, 10)),
    trust=st.sampled_from(["green", "amber", "red"]),
)


@given(st.lists(rows, unique_by=lambda one: one.id))
def test_each_leader_is_the_best_of_its_kind(found: list[RunRow]) -> None:
    scored = [one for one in found if one.pass_at_1 is not None]
    tables = leader_tables(found)
    assert sum(leader.runs for table in tables for leader in table.leaders) == len(scored)
    for table in tables:
        scores = [leader.row.pass_at_1 for leader in table.leaders]
        assert scores == sorted(scores, key=lambda score: -(score or 0.0))
        for leader in table.leaders:
            assert leader.row in scored
            rivals = [
                one
                for one in scored
                if one.model == leader.row.model and conditions_of(one) == table.conditions
            ]
            believable = [one for one in rivals if one.trust != "red"] or rivals
            assert leader.row.pass_at_1 == max(one.pass_at_1 or 0.0 for one in believable)
