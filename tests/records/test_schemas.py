"""The committed schemas are those of the dataclasses, and every file that a run writes keeps to them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from llmbench.api import Completion, Finish, Message, Outcome, SelfTest, ToolCall, Verdict
from llmbench.api.options import schema_of
from llmbench.records.journal import Journal, read_journal
from llmbench.records.manifest import Manifest, Plan, Session, machine, now, read_manifest, write_manifest
from llmbench.records.masking import Mask
from llmbench.records.record import Record, SampleTiming, TryRecord, UsageTotal
from llmbench.records.schemas import NAMES, derived, encoded, read_schema, titled
from llmbench.records.transcript import CompletionEvent, ErrorEvent, SubmissionEvent, Transcript, VerdictEvent
from llmbench.resources import resource_dir
from llmbench.score.summary import Summary, summarize
from llmbench_plugins.datasets.catalog import Metadata
from llmbench_plugins.shared.vue_spec import Specification

MASK = Mask({})


def current() -> dict[str, dict[str, Any]]:
    return derived() | {
        "summary": titled("summary", schema_of(Summary)),
        "task": titled("task", schema_of(Metadata)),
        "vue": titled("vue", schema_of(Specification)),
    }


@pytest.mark.parametrize("name", NAMES)
def test_the_committed_schema_is_that_of_the_dataclass(name: str) -> None:
    assert encoded(read_schema(name)) == encoded(current()[name]), (
        f"{name}.json differs from its dataclass; write it anew: python tools/make_schemas.py"
    )


@pytest.mark.parametrize("name", NAMES)
def test_it_is_a_schema(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(read_schema(name))


def test_every_file_of_a_run_is_valid(tmp_path: Path) -> None:
    _write_run(tmp_path)
    checked = 0
    for name, data in _written(tmp_path):
        jsonschema.validate(data, read_schema(name))
        checked += 1
    assert checked == 1 + 2 + 1 + 4


def test_a_wrong_record_is_not_valid(tmp_path: Path) -> None:
    _write_run(tmp_path)
    record = json.loads((tmp_path / "journal.jsonl").read_text().splitlines()[0])
    for wrong in ({"outcome": "excellent"}, {"task": 7}, {"unheard_of": 1}, {"score": None}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(record | wrong, read_schema("record"))


def test_the_metadata_of_our_tasks_are_valid() -> None:
    paths = sorted(resource_dir("tasks").rglob("metadata.json"))
    assert paths
    for path in paths:
        jsonschema.validate(json.loads(path.read_text(encoding="utf-8")), read_schema("task"))


def _written(folder: Path) -> Iterator[tuple[str, Any]]:
    yield "manifest", json.loads((folder / "manifest.json").read_text())
    for line in (folder / "journal.jsonl").read_text().splitlines():
        yield "record", json.loads(line)
    summary = summarize(read_manifest(folder), read_journal(folder / "journal.jsonl"))
    yield "summary", json.loads(msgspec.json.encode(summary))
    for line in (folder / "transcript.jsonl").read_text().splitlines():
        yield "transcript", json.loads(line)


def _write_run(folder: Path) -> None:
    manifest = Manifest(
        run_id="1a2b3c4d5e",
        config={"seed": 0},
        providers={"backend": "llmbench 0.1.0"},
        names={"model": "tiny"},
        plan=Plan(tasks=("a", "b"), digests=("x", "x"), samples=1, tries=1),
        dataset={"sha256": "5"},
        self_test=SelfTest(passed=True, checked=("a",)),
    )
    write_manifest(folder, manifest.with_session(Session(started=now(), machine=machine())), MASK)
    with Journal(folder / "journal.jsonl", MASK) as journal:
        journal.append(_record("a", Outcome.PASSED, UsageTotal(completions=1, prompt_tokens=3)))
        journal.append(_record("b", Outcome.SKIPPED, UsageTotal()))
    transcript = Transcript(folder / "transcript.jsonl", MASK)
    call = ToolCall(id="1", name="ls", arguments={"path": "."}, raw="{}")
    answer = Completion(content="x", finish=Finish.TOOL_CALLS, tool_calls=(call,), raw={"id": 1})
    messages = (Message("user", "go"), Message("tool", "a.py", tool_call_id="1"))
    transcript.append(CompletionEvent(number=1, call=0, digest="d", messages=messages, completion=answer))
    transcript.append(ErrorEvent(number=1, call=1, kind="BackendError", message="gone"))
    transcript.append(SubmissionEvent.of(1, {"a.py": b"1", "b": b"\xff"}, (), {"fences": 1}))
    transcript.append(VerdictEvent(number=1, verdict=Verdict(outcome=Outcome.PASSED, score=1.0)))
    transcript.close()


def _record(task: str, outcome: Outcome, usage: UsageTotal) -> Record:
    tries = (TryRecord(number=1, outcome=outcome),) if outcome.graded else ()
    return Record(
        task=task,
        sample=0,
        outcome=outcome,
        score=1.0 if outcome is Outcome.PASSED else 0.0,
        tries=tries,
        usage=usage,
        timing=SampleTiming(),
        task_digest="x",
    )
