"""The end of a journal: every line once, whatever is written meanwhile."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from llmbench.records.masking import Mask
from llmbench.serve.runs import RunName
from llmbench.serve.tail import MOST, Batch, Tail
from llmbench.testing.runs import MadeSample, RunRecipe, write_run

NAME = RunName("catalog", "run")


def _journal(root: Path, samples: int) -> Path:
    made = [MadeSample(task=f"go/t{number}") for number in range(samples)]
    lines = write_run(root / "made", RunRecipe(made=made)) / "journal.jsonl"
    folder = root / "catalog" / "run"
    folder.mkdir(parents=True)
    return lines.rename(folder / "journal.jsonl")


def _tail(root: Path) -> Tail:
    tail = Tail(root, NAME, Mask({"A_KEY": "very-secret-word"}))
    tail.look()
    return tail


def _told(batch: Batch) -> list[dict[str, Any]]:
    return [json.loads(event) for event in batch.events]


def _numbers(batch: Batch) -> list[int]:
    return [event["seq"] for event in _told(batch)]


def test_lines_have_their_numbers(tmp_path: Path) -> None:
    _journal(tmp_path, 5)
    tail = _tail(tmp_path)
    batch = tail.after(0)
    assert _numbers(batch) == [1, 2, 3, 4, 5]
    assert (batch.seq, batch.has_more) == (5, False)
    assert _told(batch)[1]["row"]["task"] == "go/t1"
    assert _numbers(tail.after(3)) == [4, 5]
    assert tail.after(5).events == []


def test_rows_have_no_texts(tmp_path: Path) -> None:
    journal = _journal(tmp_path, 1)
    line = json.loads(journal.read_bytes())
    line["reason"] = "why " * 10_000 + "\x1b[31m"
    journal.write_text(json.dumps(line) + "\n")
    [event] = _tail(tmp_path).after(0).events
    assert len(event) < 1000
    assert b"\\u001b" not in event


def test_a_torn_line_waits_for_its_end(tmp_path: Path) -> None:
    journal = _journal(tmp_path, 3)
    whole = journal.read_bytes()
    journal.write_bytes(whole[:-1])
    tail = _tail(tmp_path)
    assert _numbers(tail.after(0)) == [1, 2]
    with journal.open("ab") as file:
        file.write(b"\n")
    assert tail.look()
    assert _numbers(tail.after(2)) == [3]
    assert not tail.look()


def test_a_line_that_cannot_be_read_keeps_its_number(tmp_path: Path) -> None:
    journal = _journal(tmp_path, 2)
    first, second = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(first + b'{"task": 7}\n\n\xff\x00\n' + second)
    told = _told(_tail(tmp_path).after(0))
    assert [event["seq"] for event in told] == [1, 2, 3, 4, 5]
    assert [event["kind"] for event in told] == ["record", "damaged", "damaged", "damaged", "record"]


def test_a_shorter_journal_begins_anew(tmp_path: Path) -> None:
    journal = _journal(tmp_path, 4)
    tail = _tail(tmp_path)
    seen = tail.after(0)
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:2]))
    tail.look()
    told = _told(tail.after(seen.seq, seen.journal))
    assert [(event["seq"], event["kind"]) for event in told] == [(0, "reset"), (1, "record"), (2, "record")]


def test_a_journal_in_the_place_of_another_begins_anew(tmp_path: Path) -> None:
    journal = _journal(tmp_path, 3)
    tail = _tail(tmp_path)
    seen = tail.after(0)
    lines = journal.read_bytes().splitlines(keepends=True)
    other = journal.with_name("other")
    other.write_bytes(b"".join([*lines[1:], *lines[1:]]))
    other.replace(journal)
    tail.look()
    batch = tail.after(seen.seq, seen.journal)
    assert _numbers(batch) == [0, 1, 2, 3, 4]
    assert batch.journal != seen.journal
    assert _numbers(tail.after(batch.seq, batch.journal)) == []


def test_a_restarted_dashboard_knows_the_journal_again(tmp_path: Path) -> None:
    _journal(tmp_path, 3)
    before = _tail(tmp_path).after(0)
    assert _tail(tmp_path).after(2, before.journal).events == before.events[2:]


def test_no_journal_yet(tmp_path: Path) -> None:
    tail = _tail(tmp_path)
    assert tail.after(0).events == []
    assert _numbers(tail.after(7)) == [0]


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    journal = _journal(tmp_path, 3)
    elsewhere = tmp_path / "elsewhere.jsonl"
    journal.rename(elsewhere)
    journal.symlink_to(elsewhere)
    assert _tail(tmp_path).after(0).events == []


def test_many_lines_come_in_batches(tmp_path: Path) -> None:
    journal = _journal(tmp_path, 3)
    journal.write_bytes(journal.read_bytes() * 900)
    tail, seq, numbers = _tail(tmp_path), 0, []
    while (batch := tail.after(seq)).events:
        assert len(batch.events) <= MOST
        numbers += _numbers(batch)
        assert batch.has_more == (batch.seq < 2700)
        seq = batch.seq
    assert numbers == list(range(1, 2701))


def test_long_lines_come_in_smaller_batches(tmp_path: Path) -> None:
    journal = _journal(tmp_path, 1)
    line = json.loads(journal.read_bytes())
    line["reason"] = "x" * 5_000_000
    journal.write_text((json.dumps(line) + "\n") * 3)
    tail = _tail(tmp_path)
    assert [_numbers(tail.after(seq)) for seq in range(3)] == [[1], [2], [3]]


def test_secrets_are_masked(tmp_path: Path) -> None:
    journal = _journal(tmp_path, 1)
    line = json.loads(journal.read_bytes())
    line["reason"] = "the key is very-secret-word"
    journal.write_text(json.dumps(line) + "\n")
    [event] = _tail(tmp_path).after(0).events
    assert b"very-secret-word" not in event
    assert b"[secret]" in event


@given(st.data())
def test_everything_comes_once(data: st.DataObject) -> None:
    """However a journal grows, and whenever somebody asks, or begins to."""
    with TemporaryDirectory() as folder:
        journal = _journal(Path(folder), 6)
        whole = journal.read_bytes()
        journal.write_bytes(b"")
        tail = Tail(Path(folder), NAME, Mask({}))
        cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))
        seen, numbers = {"a": (0, ""), "b": (0, "")}, {"a": [], "b": []}  # type: ignore[var-annotated]
        for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True):
            with journal.open("ab") as file:
                file.write(whole[start:end])
            tail.look()
            asking = ["a", "b"] if end == len(whole) else data.draw(st.sampled_from([["a"], ["b"], []]))
            for who in asking:
                batch = tail.after(*seen[who])
                numbers[who] += _numbers(batch)
                seen[who] = (batch.seq, batch.journal)
        assert numbers == {"a": [1, 2, 3, 4, 5, 6], "b": [1, 2, 3, 4, 5, 6]}
