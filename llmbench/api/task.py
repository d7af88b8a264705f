"""Task: one problem, as a dataset hands it out."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

import msgspec

from llmbench.api.toolchain import Packages

Files = Mapping[str, bytes]
"""File contents by relative POSIX path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """A wrong solution that a task's author has thought of: the tests have to catch it."""

    files: Files = field(repr=False)
    """Laid over the reference."""
    why: str
    """Which shortcut or misreading it is, as one line."""
    fails: tuple[str, ...]
    """Names of tests, each of which has to fail; a name's last part will do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One problem. Only ``instructions``, ``starter`` and ``shown_tests`` are for the model's eyes."""

    id: str
    """Unique in its dataset: ``python/leap``, ``HumanEval/0``."""
    instructions: str
    """What the model is asked, in Markdown."""
    starter: Files
    """The files of the workspace before the agent begins."""
    editable: tuple[str, ...]
    """Glob patterns of the files that the agent may change or add; the first is the main one."""
    protected: tuple[str, ...] = ()
    """Glob patterns of files that could steer the grader: touching one makes the answer ``tampered``."""
    toolchain: str = "python"
    language: str = "python"
    grading: Mapping[str, Any] = field(default_factory=dict)
    """What the dataset's validator needs to know (command, number of tests, entry point …)."""
    tests: Files = field(default_factory=dict, repr=False)
    """Hidden tests. Never in the workspace, nor in a box where model-written code runs."""
    commands: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What an agent may run in its box over the workspace, by the name of the tool that runs it.

    ``run_tests`` is there only where the dataset lets the model see tests: those that the starter holds, or
    ``shown_tests``.
    """
    packages: Packages | None = None
    """What has to be in its toolchain; ``toolchain`` is then ``packages.name``."""
    unfit: str = ""
    """Why this run can't do it: its samples are skipped, with this as the reason."""
    shown_tests: Files = field(default_factory=dict, repr=False)
    """Tests, and what they need, that the model may see: in the workspace, protected, not used by grading."""
    reference: Files = field(default_factory=dict, repr=False)
    """A solution that passes: for self-test, oracle and ``check tasks``; in no box before grading."""
    digest: str = ""
    """sha256 of all of the above; filled in by ``__post_init__``."""
    about: Mapping[str, Any] = field(default_factory=dict)
    """For lists and reports: ``title``, ``kind``, ``difficulty``, ``minutes``, ``tags`` …"""
    wrong: Mapping[str, Wrong] = field(default_factory=dict, repr=False)
    """Wrong solutions by name, for ``check tasks`` alone."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", self.digest or _digest(self))

    @property
    def workspace(self) -> Files:
        """The files that an agent begins with: the starter, and tests that are shown."""
        return {**self.starter, **self.shown_tests}

    def may_change(self, path: str) -> bool:
        """Say whether the agent may change or add ``path``."""
        return any(fnmatchcase(path, pattern) for pattern in self.editable)

    def is_protected(self, path: str) -> bool:
        """Say whether changing ``path`` is an attempt to steer the grader."""
        return path in self.shown_tests or any(fnmatchcase(path, pattern) for pattern in self.protected)


def _digest(task: Task) -> str:
    parts = [
        task.id,
        task.instructions,
        task.editable,
        task.protected,
        task.toolchain,
        task.grading,
        *([task.commands] if task.commands else []),
        *([sorted(task.shown_tests.items())] if task.shown_tests else []),
        *(sorted(files.items()) for files in (task.starter, task.tests, task.reference)),
    ]
    return hashlib.sha256(msgspec.json.encode(parts, order="deterministic")).hexdigest()
