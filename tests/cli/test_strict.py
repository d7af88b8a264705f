"""strict=true: a number that should not be believed ends the command with exit code 1."""

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    ("agent", "strict", "code"), [("nop", "true", 1), ("nop", "false", 0), ("oracle", "true", 0)]
)
def test_only_a_problem_ends_a_strict_run(tmp_path: Path, agent: str, strict: str, code: int) -> None:
    words = (f"agent={agent}", "sandbox=local", f"strict={strict}")
    ran = subprocess.run(
        [sys.executable, "-m", "llmbench", *words], cwd=tmp_path, capture_output=True, timeout=300
    )
    assert ran.returncode == code, ran.stderr.decode()
    (summary,) = tmp_path.glob("outputs/quickstart/*/summary.json")
    levels = {finding["level"] for finding in json.loads(summary.read_text())["trust"]}
    assert ("red" in levels) == (agent == "nop")


def test_a_strict_cell_of_a_sweep_fails_with_the_reason(tmp_path: Path) -> None:
    words = ("-m", "agent=nop,oracle", "sandbox=local", "strict=true")
    ran = subprocess.run(
        [sys.executable, "-m", "llmbench", *words], cwd=tmp_path, capture_output=True, timeout=300
    )
    assert ran.returncode == 1
    assert ran.stdout.decode().count("its trust report has a problem (strict)") == 1
