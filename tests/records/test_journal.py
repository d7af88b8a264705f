"""The journal: append-only, whole after any crash, the last word counts."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llmbench.api import Outcome
from llmbench.errors import RecordError, RunError
from llmbench.records.journal import (
    DAMAGED_FILE,
    Journal,
    damage,
    read_journal,
    records_of,
    scan_journal,
    set_aside,
)
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


NAMES = ("a/b", "a/bc", 'q"uote', "ü", "a\\b", "\u2028", "task")


@given(
    st.lists(st.tuples(st.sampled_from(NAMES), st.integers(0, 2), st.sampled_from(NAMES)), max_size=12),
    st.booleans(),
)
def test_the_records_of_one_task_are_those_of_the_whole(
    tmp_path_factory: pytest.TempPathFactory, made: list[tuple[str, int, str]], spaced: bool
) -> None:
    path = tmp_path_factory.mktemp("run") / "journal.jsonl"
    write(path, *(record(task, sample, reason=f'"task":"{said}"') for task, sample, said in made))
    if spaced:  # as other writers of JSON do it
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]
        path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")
    whole = read_journal(path)
    for task in NAMES:
        expected = {sample: one for (name, sample), one in whole.items() if name == task}
        assert records_of(path, task, []) == expected


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


def test_a_bad_line_loses_itself_alone_and_is_named(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    write(path, record())
    with path.open("ab") as file:
        file.write(b'{"task": 5}\n\xff\xfe\n')
    write(path, record(sample=1))
    content = scan_journal(path)
    assert list(content.records) == [("a/b", 0), ("a/b", 1)]
    assert [line.number for line in content.damaged] == [2, 3]
    [said] = damage(path, content.damaged)
    assert said.startswith(f"{path}: 2 lines can't be read (2, 3: ")


def test_bad_lines_are_set_aside_once(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    write(path, record())
    with path.open("ab") as file:
        file.write(b"what is this?\n")
    write(path, record(sample=1))
    [said] = set_aside(path)
    assert "1 line can't be read (2: " in said
    assert "journal.damaged.jsonl" in said
    assert (tmp_path / DAMAGED_FILE).read_bytes() == b"what is this?\n"
    assert set_aside(path) == ()
    assert list(read_journal(path)) == [("a/b", 0), ("a/b", 1)]
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [DAMAGED_FILE, "journal.jsonl"]


def test_a_line_of_a_newer_llmbench_is_named_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    write(path, record())
    newer = b'{"schema":"llmbench.record/2","task":"c","sample":0,"all":"else"}\n'
    with path.open("ab") as file:
        file.write(newer)
    [said] = set_aside(path)
    assert "1 line made by a newer llmbench (2: llmbench.record/2)" in said
    assert "upgrade llmbench" in said
    assert path.read_bytes().endswith(newer)
    assert not (tmp_path / DAMAGED_FILE).exists()


def test_a_half_written_line_does_not_take_the_next_one_with_it(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    write(path, record(), record(sample=1), record(sample=2))
    first, second, third = path.read_bytes().splitlines()
    path.write_bytes(first + b"\n" + second[:100] + third + b"\n")
    assert list(read_journal(path)) == [("a/b", 0), ("a/b", 2)]
    set_aside(path)
    assert path.read_bytes() == first + b"\n" + third + b"\n"
    assert (tmp_path / DAMAGED_FILE).read_bytes() == second[:100] + b"\n"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(data=st.data())
def test_whatever_bytes_are_changed_all_other_records_survive(data: st.DataObject, tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.unlink(missing_ok=True)
    (tmp_path / DAMAGED_FILE).unlink(missing_ok=True)
    write(path, *(record(sample=number, reason="x" * number) for number in range(6)))
    whole = path.read_bytes()
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 900)))
    path.write_bytes(whole[:start] + data.draw(st.binary(max_size=12)) + whole[end:])
    untouched = [
        number for number, (begins, ends) in enumerate(_spans(whole)) if ends < start or begins >= end
    ]
    before = read_journal(path)
    assert {("a/b", number) for number in untouched} <= before.keys()
    assert all(before["a/b", number] == record(sample=number, reason="x" * number) for number in untouched)
    set_aside(path)
    after = scan_journal(path)
    assert after.records == before
    assert not [line for line in after.damaged if not line.newer]


def _spans(whole: bytes) -> list[tuple[int, int]]:
    """Return where each line begins, and where its newline is."""
    spans, begins = [], 0
    for line in whole.splitlines(keepends=True):
        spans.append((begins, begins + len(line) - 1))
        begins += len(line)
    return spans


@pytest.mark.parametrize(
    ("bad", "named"),
    [
        (
            replace(record(), usage=UsageTotal(prompt_tokens=11.0)),
            "usage.prompt_tokens: expected int or null",
        ),  # type: ignore[arg-type]
        (replace(record(), score=float("nan")), "score: nan is no number"),
        (replace(record(), reason="half \ud83d"), "reason: it holds half a character"),
        (
            replace(record(), tries=(replace(record().tries[0], notes={"at": object()}),)),
            r"tries\[0\].notes.at",
        ),
        (replace(record(), timing=SampleTiming(finished_at="noon")), "noon"),
        (replace(record(), tries=()), "without a try"),
    ],
)
def test_what_could_not_be_read_back_is_not_written(tmp_path: Path, bad: Record, named: str) -> None:
    path = tmp_path / "journal.jsonl"
    with Journal(path, NO_MASK) as journal, pytest.raises(RecordError, match=named):
        journal.append(bad)
    assert path.read_bytes() == b""


def test_a_secret_that_is_in_numbers_and_words_of_ours_leaves_the_line_readable(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    secrets = {"A_PASSWORD": "123456", "B_PASSWORD": "passed", "C_PASSWORD": "sample", "D_KEY": "line\nbreak"}
    made = replace(
        record(reason="123456 passed, line\nbreak"),
        usage=UsageTotal(prompt_tokens=1234567),
        task="python/sample",
    )
    write(path, made, mask=Mask(secrets))
    [(key, read)] = read_journal(path).items()
    assert key == ("python/sample", 0)
    assert (read.outcome, read.usage.prompt_tokens) == (Outcome.PASSED, 1234567)
    assert read.reason == f"{MASKED} {MASKED}, {MASKED}"


def test_a_journal_that_is_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "journal.jsonl").mkdir()
    with pytest.raises(RunError, match=r"journal\.jsonl can't be read: Is a directory"):
        read_journal(tmp_path / "journal.jsonl")


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


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "LLMBENCH_HISTORY_URL"])
def test_the_password_in_a_url_is_a_secret_and_the_rest_is_none(name: str) -> None:
    mask = Mask({name: "http://me:pass%2Fword@proxy.example:3128", "OTHER_PROXY": "http://proxy.example:1"})
    said = "http://me:pass%2Fword@proxy.example:3128 refuses pass/word; http://proxy.example:1 does not"
    kept = "http://[secret]@proxy.example:3128 refuses [secret]; http://proxy.example:1 does not"
    assert mask.text(said) == kept
