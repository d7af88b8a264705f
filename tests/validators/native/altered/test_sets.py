"""Sets of alterations: proven, kept where nobody else reads, and met by answers that pass."""

import asyncio
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmbench.api import Outcome
from llmbench_plugins.validators.native import Judge, Suite
from llmbench_plugins.validators.native.altered.kept import KeptSets
from llmbench_plugins.validators.native.altered.places import Place, Rank
from llmbench_plugins.validators.native.altered.sets import Alteration, AlteredSet, altered

from .conftest import Wall


def test_alterations_are_made_together() -> None:
    suite = Suite(
        task_id="t", language="go", tree={}, tests={"a": b"one 1 two 2"}, support={"b": b"3"}, reference={}
    )

    def at(path: str, start: int, new: bytes) -> Alteration:
        place = Place(
            path=path, start=start, end=start + 1, replacements=(new,), unit="u", tests=frozenset("T")
        )
        return Alteration.of(place, new)

    made = altered(suite, [at("a", 4, b"123"), at("a", 10, b"9"), at("b", 0, b"")])
    assert (made.tests, made.support) == ({"a": b"one 123 two 9"}, {"b": b""})
    assert suite.tests == {"a": b"one 1 two 2"}


def test_sets_are_read_by_nobody_else_and_come_back_as_they_were(tmp_path: Path) -> None:
    one = Alteration(
        path="a",
        start=1,
        end=2,
        new=b"\xff",
        unit="u",
        tests=frozenset("T"),
        parts=frozenset(),
        rank=Rank.NAMED,
    )
    made = AlteredSet(alterations=(one,), fails={"T": frozenset(["a:1"])}, passes=frozenset("S"))
    KeptSets(tmp_path / "altered").put("key", made)
    seed = KeptSets(tmp_path / "altered").seed("key")
    assert KeptSets(tmp_path / "altered").get("key") == made
    assert KeptSets(tmp_path / "altered").seed("key") == seed
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "altered").iterdir()} == {0o600}
    assert stat.S_IMODE((tmp_path / "altered").stat().st_mode) == 0o700


def test_a_damaged_set_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "key.json").write_bytes(b'{"alterations": [')
    assert KeptSets(tmp_path).get("key") is None


@pytest.mark.parametrize("language", ["go", "rust"])
def test_the_sets_of_a_suite_differ_and_leave_some_as_it_is(
    wall: Callable[[str], Wall], language: str
) -> None:
    held = wall(language)
    expected = asyncio.run(held.expected())
    made = [
        asyncio.run(held.altered.set_of("key", held.suite, expected, number, held.boxes))
        for number in range(3)
    ]
    assert {name for one in made for name in one.fails} >= expected.passed
    for one in made:
        assert one.fails
        assert one.passes | one.rows
        assert not one.fails.keys() & (one.passes | one.rows)
    assert len({one.passes | one.rows for one in made}) == 3
    assert len({one.alterations for one in made}) == 3


def test_an_answer_that_names_the_tests_data_is_tampered_for_people_to_read(
    compiled: Callable[[str], Any], tmp_path: Path
) -> None:
    grader = compiled("go")
    suite = grader.job({}).suite
    text = (
        grader.reference("coin_jar.go") + "\nfunc init() { worthCases[0].want, worthCases[1].want = 0, 41 }\n"
    )
    judge = Judge(tmp_path)
    honest = asyncio.run(judge.grade(suite, {"coin_jar.go": text.encode()}, grader.boxes))
    forged = text.replace("total += coin", "total = 0").replace("0, 41 }", "0, 0; worthCases[2].want = 0 }")
    verdict = asyncio.run(judge.grade(suite, {"coin_jar.go": forged.encode()}, grader.boxes))
    assert verdict.outcome is not Outcome.PASSED
    assert verdict.score == 0.0
    assert honest.outcome is not Outcome.PASSED, "it rewrites what is expected, if only to what is right"
