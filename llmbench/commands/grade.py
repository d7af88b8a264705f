"""``llmbench grade``: grade the stored answers of a run again, with the grader as it is now."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from llmbench.commands.arguments import Parser
from llmbench.config.arguments import parse
from llmbench.config.build import build_spec
from llmbench.config.compose import Composed, compose
from llmbench.console import Console
from llmbench.errors import UsageError
from llmbench.records.bundle import bundle_of
from llmbench.records.manifest import read_manifest
from llmbench.records.runs import NEWEST, find_run
from llmbench.report import close_run
from llmbench.runner.regrade import Regraded, regrade
from llmbench.runner.spec import RunSpec
from llmbench.wording import plural

_HOW = ("sandbox", "graders")
"""How grading is executed may be chosen anew; what was asked and how it is judged is the run's own."""


def main(argv: list[str]) -> int:
    """Grade again, show what changed, and close the run with a new report."""
    parser = Parser(
        "grade",
        "Grade the stored answers of a run again; no model is asked. RUN is a folder, a run's id or part of "
        f"its name, or 'last'. Of the overrides, those of {' and '.join(_HOW)} are allowed. "
        "With --solutions, grade what somebody else made: EvalPlus's samples.jsonl, or a folder of files "
        "named after tasks.",
        "[RUN] [sandbox=… graders=…] [--root DIR] | --solutions PATH dataset=… [--name NAME]",
    )
    parser.add_argument("--solutions", type=Path, metavar="PATH", help="file or folder")
    parser.add_argument("--name", default="solutions", help="who made them, as the report names it")
    parser.add_argument("--root", type=Path, default=Path("outputs"), help="where the runs are (outputs)")
    options, words = parser.split(argv)
    if options.solutions is not None:
        from llmbench.commands.grade_solutions import grade_solutions

        return grade_solutions(options.solutions, options.name, words, Console())
    overrides = [word for word in words if "=" in word]
    runs = [word for word in words if "=" not in word] or [NEWEST[0]]
    if len(runs) > 1:
        raise UsageError(f"grade: expected one run, got {', '.join(runs)}")
    console = Console()
    folder = find_run(runs[0], options.root)
    if bundle_of(folder):
        raise UsageError(
            f"grade: {runs[0]} is a bundle, and stays as it is; check it: llmbench verify {runs[0]}"
        )
    _show(regrade(stored_spec(folder, overrides), console=console), console)
    close_run(folder, console)
    return 0


def stored_spec(folder: Path, overrides: Sequence[str]) -> RunSpec:
    """Return the spec of a run as its manifest has it, executed as ``overrides`` say.

    Raises:
        UsageError: an override would change what the run is.
    """
    for word in overrides:
        if word.partition("=")[0].partition(".")[0] not in _HOW:
            raise UsageError(f"grade: '{word}' would make it another run; allowed are {'=, '.join(_HOW)}=")
    manifest = read_manifest(folder)
    now = compose(parse(list(overrides), with_own_defaults=False))
    values = {**manifest.config, **{key: now.values[key] for key in _HOW}}
    stored = Composed(
        values=values,
        choices={},
        overrides=manifest.overrides,
        sources=now.sources,
        sweep_dir=now.sweep_dir,
    )
    return replace(build_spec(stored), folder=folder)


def _show(regraded: Regraded, console: Console) -> None:
    console.print(
        f"{plural(regraded.graded, 'sample')} graded again, {len(regraded.changes)} with another outcome"
    )
    for change in regraded.changes:
        console.print(
            f"  {change.task} sample {change.sample}: {change.before} → {change.after}",
            highlight=False,
        )
