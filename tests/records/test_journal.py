"""The journal: append-only, whole after any crash, the last word counts."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmbench.api import Outcome
from llmbench.errors import RunError
from llmbench.records.journal import Journal, read_journal
from llmbench.records.masking import MASKED, Mask
from llmbench.records.record import Record, SampleTiming, TryRecord, UsageTotal

NO_MASK = Mask({})


def record(task: str = "a/b", sample: int = 0, outcome: Outcome = Outcome.PASSED, reason: str = "") -> Record:
    return Record(
        task=task,
        sample=sample,
        outcome=outcome,
        score=float(outcome is Outcome.PASSED),
        tries=(TryRecord(number=1, outcome=outcome, notes={"extraction": "named"}),),
        usage=UsageTotal(completions=1, prompt_tokens=3),
        timing=SampleTiming(generation_s=0.5),
        reason=reason,
    )


def write(path: Path, *records: Record, mask: Mask = NO_MASK) -> None:
    with Journal(path, mask) as journal:
        for one in records:
            journal.append(one)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    write(path, record(), record(sample=1, outcome=Outcome.FAILED, reason="Zeile\n“é”\u2028"))
    records = read_journal(path)
    assert list(records) == [("a/b", 0), ("a/b", 1)]
    assert records["a/b", 1].reason == "Zeile\n“é”\u2028"
    assert records["a/b", 0] == record()


def test_a_missing_journal_is_an_empty_one(tmp_path: Path) -> None:
    assert read_journal(tmp_path / "none.jsonl") == {}


def test_the_last_line_about_a_sample_counts(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    write(path, record(outcome=Outcome.INFRA_ERROR), record(task="c"))
    write(path, record(outcome=Outcome.PASSED))
    records = read_journal(path)
    assert records["a/b", 0].outcome is Outcome.PASSED
    assert list(records) == [("a/b", 0), ("c", 0)]
    assert len(path.read_text().splitlines()) == 3


@given(cut=st.integers(min_value=0, max_value=10_000))
def test_a_torn_last_line_is_dropped_and_the_rest_kept(
    cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("torn") / "journal.jsonl"
    write(path, *(record(sample=number) for number in range(4)))
    whole = path.read_bytes()
    cut %= len(whole) + 1
    path.write_bytes(whole[:cut])
    complete = whole[:cut].count(b"\n")
    assert len(read_journal(path)) == complete
    write(path, record(task="new"))
    assert len(read_journal(path)) == complete + 1
    assert path.read_bytes().endswith(b"\n")


def test_a_broken_line_in_the_middle_is_named(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    write(path, record())
    with path.open("a") as file:
        file.write('{"task": 5}\n')
    write(path, record(sample=1))
    with pytest.raises(RunError, match=r"journal\.jsonl:2: not a record"):
        read_journal(path)


def test_secrets_stay_out_even_where_json_escapes_them(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    mask = Mask({"MY_API_KEY": 'ab"cd\\ef', "HOME": "/home/me/folder", "SHORT_KEY": "abc"})
    write(path, record(reason='key ab"cd\\ef in /home/me/folder, abc'), mask=mask)
    text = path.read_text()
    assert "cd" + "\\\\" + "ef" not in text
    assert MASKED in text
    assert "/home/me/folder" in text
    assert read_journal(path)["a/b", 0].reason == f"key {MASKED} in /home/me/folder, abc"


def test_the_longer_of_two_secrets_is_masked_whole() -> None:
    mask = Mask({"A_KEY": "secret-1", "B_KEY": "secret-1234"})
    assert mask.text("secret-1234 secret-1") == f"{MASKED} {MASKED}"


def test_a_closed_journal_takes_nothing(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl", NO_MASK)
    with pytest.raises(RuntimeError, match="not open"):
        journal.append(record())


def test_what_options_name_is_secret_whatever_it_is_called() -> None:
    variables = {"MY_AUTH": "hidden-value", "EDITOR": "some-editor"}
    assert Mask(variables, {"MY_AUTH"}).text("hidden-value some-editor") == f"{MASKED} some-editor"
