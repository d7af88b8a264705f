"""What ``llmbench doctor`` says, asked as a person asks: it makes plugins, the dashboard makes none."""

import atexit
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_LIMIT_S = 120.0
_TONES = {"ok": "good", "note": "other", "missing": "bad"}
_LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One of its checks."""

    check: str
    status: str
    detail: str

    @property
    def tone(self) -> str:
        """The colour of its word."""
        return _TONES.get(self.status, "other")


@dataclass(frozen=True, slots=True)
class Checkup:
    """What it found, or why it could not say."""

    findings: tuple[Finding, ...] = ()
    problem: str = ""

    @property
    def missing(self) -> int:
        """How much keeps a run from starting."""
        return sum(finding.status == "missing" for finding in self.findings)


def check(folder: Path | None = None) -> Checkup:
    """Ask doctor about the configuration of a plain run; no model's server is started.

    Args:
        folder: where to ask; else where the dashboard was started.
    """
    command = [sys.executable, "-P", "-m", "llmbench", "doctor", "--no-server", "--json"]
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        text=True,
        errors="replace",
    )
    atexit.register(process.kill)  # its thread ends with the dashboard, without a word
    try:
        told, complaint = process.communicate(timeout=_LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return Checkup(problem=f"doctor gave no answer in {_LIMIT_S:.0f} s; llmbench doctor says more")
    finally:
        atexit.unregister(process.kill)
    return read_answer(told, complaint)


def read_answer(told: str, complaint: str) -> Checkup:
    """Return what doctor printed, or what it complained of where that is no answer."""
    try:
        found = json.loads(told)["findings"]
        return Checkup(tuple(Finding(one["check"], one["status"], one["detail"]) for one in found))
    except (ValueError, KeyError, TypeError):
        return Checkup(problem=complaint.strip()[-_LONGEST:] or "doctor said nothing")
