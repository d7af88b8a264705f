import io
from dataclasses import replace
from typing import Any

import msgspec

from llmbench.api import Outcome
from llmbench.console import Console
from llmbench.records.record import Record
from llmbench.report.facts import facts
from llmbench.report.html import html
from llmbench.report.machine import as_csv, as_json
from llmbench.report.markdown import markdown
from llmbench.report.read import read_run
from llmbench.report.terminal import show_run
from llmbench.report.tool_use import tool_rows
from llmbench.score.tools import tool_use
from llmbench.testing.runs import ORDINARY_RUN, MadeSample, RunRecipe, write_run

NOTES: dict[str, Any] = {
    "protocol": "native",
    "ended": "finished",
    "iterations": 4,
    "calls": 6,
    "useful": 3,
    "malformed": 1,
    "failed": 1,
    "errors": 2,
    "corrected": 1,
    "completion_tokens": 200,
    "by_kind": {"read": 3, "write": 2},
    "by_name": {"read": 3, "write": 2},
    "order": ["read", "read", "write", "read", "write"],
    "mistakes": {"unknown_tool": 1},
    "failures": {"error": 1},
}


def record(*notes: dict[str, Any], outcome: Outcome = Outcome.PASSED) -> Record:
    made = MadeSample(
        task="python/leap", outcome=outcome, earlier=(Outcome.FAILED,) * (len(notes) - 1)
    ).record()
    tries = tuple(replace(done, notes={"tools": note}) for done, note in zip(made.tries, notes, strict=True))
    return replace(made, tries=tries)


def test_counts_of_all_tries_are_added_up() -> None:
    second = NOTES | {"iterations": 2, "calls": 4, "useful": 4, "malformed": 0, "failed": 0, "errors": 0}
    second |= {"corrected": 0, "completion_tokens": 40, "protocol": "text", "fell_back": "iteration 1: 500"}
    failed = NOTES | {"iterations": 30, "ended": "max_iterations", "calls": 30, "useful": 2}
    use = tool_use([record(NOTES, second), record(failed, outcome=Outcome.FAILED)])
    assert use is not None
    assert (use.samples, use.calls, use.useful, use.iterations) == (2, 40, 9, 36)
    assert use.iterations_to_success == 6, "of the sample that passed, both tries together"
    assert use.efficiency == 9 / 40
    assert use.self_corrected == 2 / 4
    assert use.tokens_per_iteration == 440 / 36
    assert use.protocols == {"native": 2, "text": 1}
    assert use.ended == {"finished": 2, "max_iterations": 1}
    assert use.fell_back == 1
    assert use.by_name == {"read": 9, "write": 6}


def test_what_is_not_known_is_not_zero() -> None:
    idle = NOTES | {"calls": 0, "useful": 0, "errors": 0, "corrected": 0, "completion_tokens": None}
    use = tool_use([record(idle, outcome=Outcome.FAILED)])
    assert use is not None
    assert use.efficiency is use.self_corrected is use.tokens_per_iteration is None
    assert use.iterations_to_success is None


def test_notes_of_other_agents_are_no_counts() -> None:
    odd = [{"calls": "many"}, ["read"], "read"]
    assert tool_use([record(note) for note in odd]) is None  # type: ignore[arg-type]
    assert tool_use([MadeSample(task="python/leap").record()]) is None


def write(folder: Any, *records: Record) -> Any:
    """Write a run whose samples have tool counts."""
    made = [MadeSample(task=f"python/t{number}") for number, _ in enumerate(records)]
    write_run(folder, RunRecipe(made=made))
    lines = [replace(one, task=f"python/t{number}") for number, one in enumerate(records)]
    (folder / "journal.jsonl").write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))
    return read_run(folder)


def test_every_report_shows_them(tmp_path: Any) -> None:
    fell = NOTES | {"protocol": "text", "fell_back": "iteration 2: answered 500: <b>Failed</b> to parse"}
    run = write(tmp_path / "run", record(NOTES), record(fell, outcome=Outcome.FAILED))
    rows = {fact.label: fact.value for fact in facts(run.summary)}
    assert rows["tool calls"] == "12 (6 read, 4 write)"
    assert rows["malformed calls"] == "2 of 12, 16.7 % (2 unknown_tool)"
    assert rows["failed calls"] == "2 of 12, 16.7 % (2 error)"
    assert rows["self-corrected"] == "2 of 4 errors"
    assert rows["tool efficiency"] == "50.0 % of calls succeeded and were no repetition"
    assert rows["iterations"] == "4 to success (median); 8 in all; ended: 2 finished"
    assert rows["tokens an answer"] == "50 on average"
    assert rows["form of calls"] == ("tries by form: native 1, text 1; 1 sample fell back to plain text")
    screen = io.StringIO()
    show_run(run, Console(file=screen, width=140))
    text = markdown(run)
    for shown in (screen.getvalue(), text, html(run)):
        assert "self-corrected" in shown
        assert "went over to calls in plain text" in shown
        assert "<b>Failed" not in shown or shown is screen.getvalue()
    assert "| read×2 write read write |" in text
    assert '"efficiency": 0.5' in as_json([run])
    head, first, *_ = as_csv([run]).splitlines()
    row = dict(zip(head.split(","), first.split(","), strict=True))
    assert (row["tool_calls"], row["tool_malformed"], row["tool_ended"]) == ("6", "1", "finished")
    compared = as_csv([run, run]).splitlines()
    assert dict(zip(compared[0].split(","), compared[1].split(","), strict=False))["tool_efficiency"] == "0.5"


def test_a_run_without_tools_says_nothing_of_them(tmp_path: Any) -> None:
    write_run(tmp_path / "run", ORDINARY_RUN)
    run = read_run(tmp_path / "run")
    assert run.summary.tools is None
    assert "Tool calls" not in markdown(run)
    assert not [fact for fact in facts(run.summary) if "calls" in fact.label]
    assert {finding.rule for finding in run.summary.trust}.isdisjoint({"tool calls"})


def test_what_the_client_mended_stands_apart_from_the_models_mistakes() -> None:
    mended = replace(record(NOTES), mended={"arguments so far": 2, "placeholders": 1})
    use = tool_use([mended, mended, record(NOTES)])
    assert use is not None
    assert (use.malformed, use.mended) == (3, {"arguments so far": 4, "placeholders": 2})
    rows = dict(tool_rows(use))
    assert rows["mended for the server"].startswith("6 (4 arguments so far, 2 placeholders)")
    assert "arguments so far" not in rows["malformed calls"]
