"""A plugin that hands in what can't be kept: its sample is an infra_error that says why; the others go on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from llmbench.api import Outcome, Sandbox
from llmbench.records.journal import scan_journal
from llmbench.records.manifest import read_manifest

PLUGIN = """
from llmbench.api import Backend, Completion, Finish, Usage

ODD = {
    "python/leap": {"content": "half \\ud83d"},
    "python/caesar": {"usage": Usage(prompt_tokens=11.0)},
    "python/flatten": {"raw": {"at": object()}},
}


class Odd(Backend):
    async def __aenter__(self):
        return self

    async def __aexit__(self, *error):
        pass

    async def complete(self, request):
        plain = {"content": "I can't.", "finish": Finish.STOP}
        return Completion(**plain | ODD.get(request.task, {}))

    async def describe(self):
        return {"server": "odd", "port": object()}

    @property
    def capacity(self):
        return 2
"""


@pytest.mark.slow
def test_only_its_own_samples_are_lost(tmp_path: Path, isolating_sandbox: Sandbox) -> None:
    (tmp_path / "odd_plugin.py").write_text(PLUGIN)
    metadata = tmp_path / "odd-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: odd\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[llmbench.backends]\nodd = odd_plugin:Odd\n")
    (tmp_path / "conf/backend").mkdir(parents=True)
    (tmp_path / "conf/backend/odd.yaml").write_text("name: odd\n")
    words = ["backend=odd", "model=any", "tasks=[leap,caesar,flatten,brackets]"]
    command = [
        sys.executable,
        "-m",
        "llmbench",
        *words,
        f"sandbox={type(isolating_sandbox).__name__.lower()}",
    ]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    ran = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 1, ran.stderr
    assert "Traceback" not in ran.stderr
    [path] = tmp_path.rglob("journal.jsonl")
    content = scan_journal(path)
    assert content.damaged == ()
    records = {task: record for (task, _), record in content.records.items()}
    assert records["python/brackets"].outcome is Outcome.FAILED
    said = {task: record.reason for task, record in records.items() if record.outcome is Outcome.INFRA_ERROR}
    assert said == {
        "python/leap": "backend 'odd' handed in what can't be kept: completion.content: it holds half a "
        "character (a lone surrogate)",
        "python/caesar": "backend 'odd': completion.usage.prompt_tokens: expected int or null, got float",
        "python/flatten": "backend 'odd' handed in what can't be kept: completion.raw.at: expected what JSON "
        "can hold, got object",
    }
    session = read_manifest(path.parent).sessions[-1]
    assert session.server == {"server": "odd"}
    assert any("backend 'odd': describe(): 'port' can't be kept" in text for text in session.warnings)


_RAISING = """
from llmbench.api import Validator


class Strict(Validator):
    async def grade(self, task, files, boxes):
        return task.tests["stdout.txt"]
"""


@pytest.mark.slow
def test_a_validator_that_raises_is_named_by_the_run(tmp_path: Path) -> None:
    (tmp_path / "strict_plugin.py").write_text(_RAISING)
    metadata = tmp_path / "strict-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: strict\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[llmbench.validators]\nstrict = strict_plugin:Strict\n")
    (tmp_path / "conf/validator").mkdir(parents=True)
    (tmp_path / "conf/validator/strict.yaml").write_text("name: strict\n")
    ran = subprocess.run(
        [sys.executable, "-m", "llmbench", "validator=strict", "agent=oracle", "limit=1"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 1
    assert ran.stderr.splitlines()[-2:] == [
        "KeyError: 'stdout.txt'",
        "llmbench: a fault of validator 'strict' of strict 1.0",
    ]


@pytest.mark.slow
def test_a_box_that_is_too_small_is_blamed_before_the_grader(
    tmp_path: Path, isolating_sandbox: Sandbox
) -> None:
    kind = type(isolating_sandbox).__name__.lower()
    ran = subprocess.run(
        [sys.executable, "-m", "llmbench", "agent=oracle", "limit=1", "box.memory_mb=1", f"sandbox={kind}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 1
    assert "(the box may be too small: box.memory_mb=1, usually 1024)" in ran.stderr
