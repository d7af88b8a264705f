"""Where a run stands follows from its journal alone, however often and at whichever moment one looks."""

import os
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmbench.api import Outcome
from llmbench.errors import RunError
from llmbench.records.journal import read_journal
from llmbench.records.record import Record, UsageTotal
from llmbench.runner.standing import Standing
from llmbench.testing.runs import MadeSample

OUTCOMES = (Outcome.PASSED, Outcome.FAILED, Outcome.INFRA_ERROR, Outcome.BUDGET_EXHAUSTED)


def record(task: str, sample: int, outcome: Outcome, tokens: int) -> Record:
    used = UsageTotal(completions=1, prompt_tokens=tokens, completion_tokens=1, cost_usd=tokens / 8)
    made = MadeSample(task=task, sample=sample, outcome=outcome, usage=used).record()
    return replace(made, models=(f"m{tokens}",))


RECORDS = st.builds(
    record, st.sampled_from(("a/b", "c")), st.integers(0, 2), st.sampled_from(OUTCOMES), st.integers(0, 9)
)


@given(st.lists(RECORDS, max_size=12), st.data())
def test_looking_often_is_looking_once(
    tmp_path_factory: pytest.TempPathFactory, records: list[Record], data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("run") / "journal.jsonl"
    content = b"".join(msgspec.json.encode(one) + b"\n" for one in records)
    often, place = Standing(path, keeps_spent=True), 0
    while place < len(content):
        end = data.draw(st.integers(place + 1, len(content)))
        with path.open("ab") as file:
            file.write(content[place:end])
        often.refreshed()
        place = end
    known = read_journal(path)
    assert often.tasks == {task for task, _ in known}
    assert often.tokens == sum((one.usage.prompt_tokens or 0) + 1 for one in known.values())
    assert often.cost_usd == sum(one.usage.cost_usd or 0 for one in known.values())
    for task in ("a/b", "c"):
        for sample in range(3):
            one = known.get((task, sample))
            assert often.outcome((task, sample)) == (one.outcome if one else None)
            assert often.is_done((task, sample), one.task_digest if one else "") == bool(
                one and one.outcome.graded
            )
            spent = one if one and one.outcome is Outcome.BUDGET_EXHAUSTED else None
            assert often.spent((task, sample)) == spent


def test_a_torn_line_is_read_once_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    line = msgspec.json.encode(record("a", 0, Outcome.PASSED, 3)) + b"\n"
    path.write_bytes(line[:40])
    standing = Standing(path)
    assert standing.refreshed().tasks == frozenset()
    path.write_bytes(line)
    assert standing.refreshed().tasks == {"a"}
    assert standing.damaged == []


def test_a_journal_that_was_mended_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    first, second = (msgspec.json.encode(record(name, 0, Outcome.PASSED, 3)) + b"\n" for name in "ab")
    path.write_bytes(first + b"{broken\n" + second)
    standing = Standing(path).refreshed()
    assert [line.number for line in standing.damaged] == [2]
    (tmp_path / "new").write_bytes(second)
    os.replace(tmp_path / "new", path)  # noqa: PTH105 - as the journal is mended
    assert standing.refreshed().tasks == {"b"}
    assert standing.damaged == []
    path.unlink()
    assert standing.refreshed().tasks == frozenset()


def test_a_journal_that_is_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "journal.jsonl").mkdir()
    with pytest.raises(RunError, match=r"journal\.jsonl can't be read: .*; move it away"):
        Standing(tmp_path / "journal.jsonl").refreshed()
