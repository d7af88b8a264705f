"""Damaged files of runs, through the commands that read them: never a traceback, and good runs are shown."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llmbench.records.monitors import MonitorSession, Stretch
from llmbench.testing.runs import ORDINARY_RUN, write_run

NAME = "catalog/tiny-llamacpp-prompt-1a2b3c4d5e"
OTHER = "catalog/tiny-llamacpp-prompt-5e4d3c2b1a"
WATCHED = (
    MonitorSession(
        started="2026-03-01T20:00:00.000+00:00", interval_s=0.5, is_local=True, monitors={"process": {}}
    ),
    Stretch(ended="2026-03-01T20:00:05.000+00:00", seconds=5.0, readings=10, answering=9, mean={"cpu": 12.5}),
)
FILES = (
    "manifest.json",
    "journal.jsonl",
    "monitors.jsonl",
    "summary.json",
    "REPORT.md",
    "samples/python/leap/0/transcript.jsonl",
)
COMMANDS = (
    ("list", "runs"),
    ("list", "runs", "--json"),
    ("report", "1a2b"),
    ("report", "1a2b", "5e4d", "--format", "json"),
    ("show", "1a2b", "leap"),
    ("show", "1a2b", "leap", "--transcript"),
    ("show", "1a2b", "leap", "--transcript", "--raw"),
)


@pytest.fixture
def outputs(here: Path) -> Path:
    """Two runs: one to be damaged, and one that stays."""
    for name in (NAME, OTHER):
        write_run(here / "whole" / name, replace(ORDINARY_RUN, monitors=WATCHED))
        (here / "whole" / name / "summary.json").write_text(
            '{"score":{"pass_at_1":0.6},"graded":5,"planned":5}'
        )
        (here / "whole" / name / "REPORT.md").write_text("# Report\n" * 40)
    return here / "outputs"


def damaged(outputs: Path, name: str) -> Path:
    """Lay the runs out anew and return the file to be damaged."""
    shutil.rmtree(outputs, ignore_errors=True)
    shutil.copytree(outputs.parent / "whole", outputs)
    return outputs / NAME / name


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(data=st.data())
def test_no_bytes_in_a_run_end_a_command_with_a_traceback(
    data: st.DataObject, run: Any, outputs: Path
) -> None:
    path = damaged(outputs, data.draw(st.sampled_from(FILES)))
    content = path.read_bytes()
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(len(content), start + 200)))
    path.write_bytes(content[:start] + data.draw(st.binary(max_size=8)) + content[end:])
    for words in COMMANDS:
        ran = run(*words)
        assert ran.exit_code in (0, 2), ran.stderr
        assert "Traceback" not in ran.stderr
        assert ran.exit_code == 0 or len(ran.stderr.splitlines()) == 1
    assert OTHER[-10:] in run("list", "runs").stdout
    assert run("report", "1a2b", "5e4d").exit_code == 0


def test_damaged_lines_are_counted_and_the_good_ones_reported(run: Any, outputs: Path) -> None:
    path = damaged(outputs, "journal.jsonl")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(
        lines[0] + b"\xff\xfe\n" + lines[1].replace(b'"score":', b'"scare":') + b"".join(lines[2:])
    )
    said = "journal.jsonl: 2 lines can't be read (2, 3: "
    report = run("report", "1a2b")
    assert report.exit_code == 0
    assert said in report.stderr
    assert "2 lines can't be read and not counted" in report.stdout
    assert "graded 4 of 5" in " ".join(report.stdout.split())
    assert "4 of 5, 2 lines damaged" in run("list", "runs").stdout
    of_its_own = json.loads(lines[1])["task"]
    assert said in run("show", "1a2b", of_its_own).stderr, "its record is lost: here is why"
    assert run("show", "1a2b", "leap").stderr == "", "what is whole is shown without a word of others"
    assert lines[1].replace(b'"score":', b'"scare":') in path.read_bytes(), "a reader changes nothing"


def test_a_journal_of_a_newer_llmbench_says_so(run: Any, outputs: Path) -> None:
    path = damaged(outputs, "journal.jsonl")
    path.write_bytes(path.read_bytes().replace(b"llmbench.record/1", b"llmbench.record/2"))
    ran = run("report", "1a2b")
    assert ran.exit_code == 0
    assert "5 lines made by a newer llmbench (1, 2, 3, 4, 5: llmbench.record/2)" in ran.stderr
    assert "upgrade llmbench" in ran.stderr


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "give the run's command again"),
        (b"\xff", "give the run's command again"),
        (b'{"schema":"llmbench.manifest/7"}', "made by a newer llmbench (llmbench.manifest/7)"),
    ],
)
def test_a_run_whose_manifest_can_not_be_read_is_named_beside_the_others(
    content: bytes, said: str, run: Any, outputs: Path
) -> None:
    damaged(outputs, "manifest.json").write_bytes(content)
    (outputs / NAME / "summary.json").unlink()
    alone = run("report", "1a2b")
    assert alone.exit_code == 2
    assert said in alone.stderr
    both = run("report", "1a2b", "5e4d")
    assert both.exit_code == 0
    assert said in both.stderr
    assert "5e4d" in both.stdout
    listed = run("list", "runs").stdout
    assert "can't be read: llmbench report tiny-llamacpp-prompt-1a2b3c4d5e" in listed
    assert "60.0 %" in listed


def test_a_transcript_is_shown_without_its_bad_lines(run: Any, outputs: Path) -> None:
    path = damaged(outputs, "samples/python/leap/0/transcript.jsonl")
    first, *rest = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"\x00" + first[1:] + b"".join(rest))
    ran = run("show", "1a2b", "leap", "--transcript")
    assert ran.exit_code == 0
    assert "1 line of transcript.jsonl can't be read: 1" in ran.stdout
    assert "passed" in ran.stdout
