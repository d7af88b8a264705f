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
