"""Counts what a model did with its tools, for the record of a try. Nothing here depends on time."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from llmbench.api import Step, ToolKind, Usage
from llmbench_plugins.agents.tools.checking import MALFORMED, Mistake

_ORDER = 300
"""Names of calls that the record keeps, in order."""


@dataclass(slots=True)
class Tally:
    """The counts of one try."""

    protocol: str
    fell_back: str = ""
    """Why the server's form of calls was given up for plain text."""
    ended: str = ""
    iterations: int = 0
    calls: int = 0
    """Calls that were tried, malformed ones included."""
    useful: int = 0
    """Calls that succeeded and were no repetition."""
    by_kind: Counter[str] = field(default_factory=Counter)
    by_name: Counter[str] = field(default_factory=Counter)
    order: list[str] = field(default_factory=list)
    mistakes: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    """Well-formed calls that did not succeed: by what they brought."""
    undone: int = 0
    """Files that a program changed without being allowed to."""
    repaired: int = 0
    """Calls that were understood only kindly: another name for the tool or an argument."""
    repeated: int = 0
    errors: int = 0
    corrected: int = 0
    first_change: int = 0
    """The iteration that first changed a file; 0 for none."""
    shortened: int = 0
    """How often old results were shortened to make room."""
    invented: int = 0
    """Answers that went on with results that the model made up."""
    auto_calls: int = 0
    early_ends: int = 0
    apart: int = 0
    helpers: Counter[str] = field(default_factory=Counter)
    completion_tokens: int | None = 0
    unavailable: Mapping[str, str] = field(default_factory=dict)
    _pending: Counter[str] = field(default_factory=Counter)
    """Errors that the model has read and not yet put right, by tool."""

    def answered(self, usage: Usage) -> None:
        """Count an answer of the model."""
        self.iterations += 1
        known = self.completion_tokens is not None and usage.completion_tokens is not None
        self.completion_tokens = (
            (self.completion_tokens or 0) + (usage.completion_tokens or 0) if known else None
        )

    def mistook(self, mistake: Mistake, name: str = "") -> None:
        """Count an answer or a call that could not be followed; ``name`` is the tool that was meant."""
        self.mistakes[mistake] += 1
        self.calls += mistake in MALFORMED
        if mistake is not Mistake.TOO_MANY:
            self._err(name)

    def did(self, step: Step, kind: ToolKind, *, repeated: bool) -> None:
        """Count a call that was well-formed."""
        self.calls += 1
        self.by_kind[kind] += 1
        self.by_name[step.name] += 1
        if len(self.order) < _ORDER:
            self.order.append(step.name)
        self.undone += len(step.details.get("refused", ()))
        self.repaired += bool(step.details.get("repaired"))
        self.repeated += repeated
        self.apart += step.apart
        if step.before != step.after and not self.first_change:
            self.first_change = self.iterations
        if step.problem:
            self.failed[step.problem] += 1
            self._err(step.name)
            return
        self.useful += not repeated
        self.corrected += self._pending.pop(step.name, 0) + self._pending.pop("", 0)

    def _err(self, name: str) -> None:
        self.errors += 1
        self._pending[name] += 1

    @property
    def malformed(self) -> int:
        """Calls that could not be done as they were written."""
        return sum(count for mistake, count in self.mistakes.items() if mistake in MALFORMED)

    @property
    def done(self) -> int:
        """Well-formed calls, whatever they brought, but for those that would end the try."""
        return self.by_kind.total() - self.by_kind["end"]

    def notes(self) -> dict[str, Any]:
        """Return the counts as JSON-ready data; what did not occur is left out, but for the main ones."""
        always = {
            "protocol": self.protocol,
            "ended": self.ended,
            "iterations": self.iterations,
            "calls": self.calls,
            "useful": self.useful,
            "malformed": self.malformed,
            "failed": self.failed.total(),
            "errors": self.errors,
            "corrected": self.corrected,
            "completion_tokens": self.completion_tokens,
            "by_kind": dict(self.by_kind),
            "by_name": dict(self.by_name),
            "order": self.order,
        }
        sometimes = {
            "fell_back": self.fell_back,
            "mistakes": {str(name): count for name, count in self.mistakes.items()},
            "failures": dict(self.failed),
            "undone": self.undone,
            "repaired": self.repaired,
            "repeated": self.repeated,
            "first_change": self.first_change,
            "shortened": self.shortened,
            "invented_results": self.invented,
            "auto_calls": self.auto_calls,
            "early_ends": self.early_ends,
            "made_anew": self.apart,
            "helpers": dict(self.helpers),
            "unavailable": dict(self.unavailable),
        }
        return always | {name: value for name, value in sometimes.items() if value}
