"""A run that looks broken ends with its report, the reason and exit code 1; in a sweep its cell ends."""

import json
import subprocess
import sys
from pathlib import Path

from llmbench.testing.servers import StubServer


def llmbench(here: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "llmbench", *words]
    return subprocess.run(command, cwd=here, capture_output=True, text=True, timeout=300)


def test_the_report_comes_first_and_the_reason_last(tmp_path: Path) -> None:
    with StubServer(lambda body: "I can't say anything about that.") as stub:
        words = ("backend=openai", f"backend.url={stub.url}", "model=any", "sandbox=auto", "samples=2")
        ran = llmbench(tmp_path, *words)
    assert ran.returncode == 1, ran.stderr
    assert "stopped early" in ran.stdout
    assert ran.stderr.splitlines()[0] == (
        "llmbench: stopped after 10 tasks: 10 of 10 tasks got the very same answer"
    )
    assert "  first: " in ran.stderr
    assert max(map(len, ran.stderr.splitlines())) <= 80
    (summary,) = tmp_path.glob("outputs/quickstart/*/summary.json")
    trust = {finding["rule"]: finding for finding in json.loads(summary.read_text())["trust"]}
    assert trust["stopped early"]["level"] == "red"
    assert "stop_when_suspicious=false" in trust["stopped early"]["advice"]


def test_a_cell_that_is_stopped_ends_no_sweep(tmp_path: Path) -> None:
    with StubServer(lambda body: "I can't say anything about that.") as stub:
        words = ("backend=openai", f"backend.url={stub.url}", "model=any", "sandbox=auto", "samples=2")
        ran = llmbench(tmp_path, "-m", "agent=prompt,oracle", *words)
    assert ran.returncode == 1
    (matrix,) = tmp_path.glob("outputs/sweeps/*/matrix.json")
    first, second = json.loads(matrix.read_text())["cells"]
    assert (first["status"], second["status"]) == ("failed", "done")
    assert first["reason"].startswith("stopped after 10 tasks: 10 of 10 tasks got the very same answer")
    assert first["summary"]["graded"] >= 10
    assert second["summary"]["graded"] == 20
