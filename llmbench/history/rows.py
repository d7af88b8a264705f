"""What the history keeps of a run: one row, and how often each of its tasks was solved.

Imports nothing heavy: a leaderboard reads rows and nothing else.
"""

import hashlib
import os
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run in one line. None where something is not known; a run that can't be read has a ``problem``."""

    id: int
    place: str
    """Which folder of runs it is in; empty for a database that lies in that folder itself."""
    folder: str
    """Relative to that folder, such as ``catalog/demo-llamacpp-prompt-1a2b3c4d5e``."""
    stamp: str
    """What the folder looked like when this row was made; see ``Look``."""
    changed: float
    problem: str = ""
    run_id: str = ""
    started: str = ""
    ended: str = ""
    """When the last command that worked on it ended; empty where none has."""
    dataset: str = ""
    dataset_sha256: str = ""
    model: str = ""
    backend: str = ""
    agent: str = ""
    validator: str = ""
    preset: str = ""
    tests_shown: int = 0
    quantization: str = ""
    server: str = ""
    machine: str = ""
    llmbench: str = ""
    notice: str = ""
    tasks: int = 0
    whole: int | None = None
    """How many tasks the dataset has."""
    samples: int = 0
    tries: int = 0
    planned: int = 0
    graded: int = 0
    damaged: int = 0
    pass_at_1: float | None = None
    low: float | None = None
    high: float | None = None
    """The 95 % interval of pass@1."""
    bound_low: float | None = None
    bound_high: float | None = None
    pass_within: float | None = None
    """Share of samples that pass within all tries."""
    cost_usd: float | None = None
    wall_s: float = 0.0
    generation_s: float = 0.0
    grading_s: float = 0.0
    completions: int = 0
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    reasoning_tokens: int | None = None
    decode_tokens_per_s: float | None = None
    trust: str = ""
    reasons: str = ""
    """The rules that speak against the number, the weightiest first."""
    published: float | None = None
    published_source: str = ""
    published_date: str = ""
    published_differs: str = ""
    """What was done otherwise there; empty where the two can be compared."""

    @property
    def when(self) -> str:
        """When it ended, or at least began; ISO 8601."""
        return self.ended or self.started

    @property
    def tokens(self) -> int | None:
        """Prompt and completion tokens together; None where either is unknown."""
        if self.prompt_tokens is None or self.completion_tokens is None:
            return None
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True, slots=True)
class TaskRow:
    """How a task of a run went: of ``n`` graded samples, how many passed at their first and at any try."""

    task: str
    n: int
    passed: int
    passed_within: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexed:
    """All that the history keeps of a run."""

    row: RunRow
    config: str
    """The composed configuration as JSON: what filters may ask for."""
    tasks: tuple[TaskRow, ...]


COLUMNS = tuple(field.name for field in fields(RunRow))
"""In the order in which rows are read."""


def row_id(place: str, folder: str) -> int:
    """Return the number of a run, which is the same in whichever process it is reckoned."""
    return int.from_bytes(hashlib.sha256(os.fsencode(f"{place}\0{folder}")).digest()[:8]) >> 1


def is_keepable(found: Indexed) -> bool:
    """Say whether every database can hold a run: texts without NUL and half letters, numbers of 64 bits."""
    cells = [getattr(found.row, name) for name in COLUMNS]
    cells += [one.task for one in found.tasks]
    return all(map(_fits, cells))


def _fits(cell: str | float | None) -> bool:
    if isinstance(cell, str):
        return "\0" not in cell and cell.encode(errors="replace").decode() == cell
    return not isinstance(cell, int) or -(2**63) <= cell < 2**63
