"""A run whose files were damaged goes on: what is whole is not asked again, and the rest is made anew."""

import random
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from llmbench.api import Outcome, Sandbox
from llmbench.records.journal import read_journal
from llmbench.records.manifest import read_manifest
from llmbench.testing.servers import Answer, StubServer

Solver = Callable[[Mapping[str, Any]], Answer | str]
TASKS = ("leap", "caesar", "flatten")


class Command:
    """One run from the command line, and what its server was asked."""

    def __init__(self, root: Path, url: str, sandbox: str) -> None:
        self.root = root
        self._words = (f"output_root={root}", "model=any", "backend=openai", f"backend.url={url}")
        self._sandbox = f"sandbox={sandbox}"

    def __call__(self) -> "subprocess.CompletedProcess[str]":
        words = [*self._words, self._sandbox, f"tasks=[{','.join(TASKS)}]"]
        command = [sys.executable, "-m", "llmbench", *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    @property
    def folder(self) -> Path:
        """The run's folder."""
        [manifest] = self.root.rglob("manifest*.json")
        return manifest.parent


class Counted:
    """Counts what the server is asked besides whether it is ready."""

    def __init__(self, solver: Solver) -> None:
        self._solver = solver
        self.asked = 0

    def __call__(self, body: Mapping[str, Any]) -> Answer | str:
        answer = self._solver(body)
        self.asked += answer != "ready"
        return answer


@pytest.fixture
def sandbox(isolating_sandbox: Sandbox) -> str:
    return type(isolating_sandbox).__name__.lower()


@pytest.mark.slow
def test_damage_costs_what_was_damaged_and_is_named_once(
    tmp_path: Path, solver: Solver, sandbox: str
) -> None:
    counted = Counted(solver)
    with StubServer(counted) as stub:
        command = Command(tmp_path / "outputs", stub.url, sandbox)
        assert command().returncode == 0
        folder, asked = command.folder, counted.asked
        journal = folder / "journal.jsonl"
        first, second, third = journal.read_bytes().splitlines(keepends=True)
        journal.write_bytes(first + second.replace(b'"outcome"', b'"out\xffome"') + third)
        (folder / "manifest.json").write_bytes(b"\x00" * 100)
        again = command()
        assert again.returncode == 0, again.stderr
        said = " ".join((again.stdout + again.stderr).split())
        assert "journal.jsonl: 1 line can't be read (2: " in said
        assert "they are kept in journal.damaged.jsonl" in said
        assert "it is kept as manifest.damaged.json" in said
        assert command().returncode == 0
    assert counted.asked == asked, "the transcripts had all answers"
    assert {record.outcome for record in read_journal(journal).values()} == {Outcome.PASSED}
    assert len(journal.read_bytes().splitlines()) == len(TASKS)
    assert read_manifest(folder).self_test is not None
    warned = [text for session in read_manifest(folder).sessions for text in session.warnings]
    assert len([text for text in warned if "journal.damaged.jsonl" in text]) == 1


@pytest.mark.slow
def test_a_finished_run_whose_manifest_is_lost_is_believed_again(
    tmp_path: Path, solver: Solver, sandbox: str
) -> None:
    counted = Counted(solver)
    with StubServer(counted) as stub:
        command = Command(tmp_path / "outputs", stub.url, sandbox)
        assert command().returncode == 0
        asked, folder = counted.asked, command.folder
        (folder / "manifest.json").unlink()
        again = command()
    assert again.returncode == 0, again.stderr
    assert counted.asked == asked
    test = read_manifest(folder).self_test
    assert test is not None
    assert test.passed
    assert "100.0 %" in again.stdout


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_any_damage_is_got_over(seed: int, tmp_path: Path, solver: Solver, sandbox: str) -> None:
    dice = random.Random(seed)  # noqa: S311 - it chooses bytes, not keys
    counted = Counted(solver)
    with StubServer(counted) as stub:
        command = Command(tmp_path / "outputs", stub.url, sandbox)
        assert command().returncode == 0
        asked, folder = counted.asked, command.folder
        files = [path for path in folder.rglob("*.json*") if path.is_file()]
        for path in dice.sample(sorted(files), 3):
            data = bytearray(path.read_bytes())
            start = dice.randrange(len(data))
            data[start : start + dice.choice([1, 1, 20, 400])] = dice.randbytes(dice.choice([0, 1, 5]))
            path.write_bytes(data)
        again = command()
    assert again.returncode == 0, again.stderr
    assert "Traceback" not in again.stderr
    assert counted.asked <= asked + len(TASKS)
    records = read_journal(folder / "journal.jsonl")
    assert {key[0].rpartition("/")[2] for key in records} >= set(TASKS)
