"""``llmbench report``: recompute the report of finished runs from their journals, or compare several."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from llmbench.commands.arguments import Parser
from llmbench.errors import LlmbenchError, UsageError
from llmbench.records.bundle import bundle_of
from llmbench.records.runs import NEWEST, find_run
from llmbench.report.files import write_files, write_text
from llmbench.report.read import Run, read_run, relative
from llmbench.report.twins import with_gaps

_FORMATS = ("terminal", "md", "html", "json", "csv")
_SUFFIXES = {".md": "md", ".html": "html", ".htm": "html", ".json": "json", ".csv": "csv"}
_FILE_WIDTH = 100


def main(argv: list[str]) -> int:
    """Print or write reports, and bring the report files in the run folders up to date."""
    parser = Parser(
        "report",
        "Without RUN, the newest run. RUN is a folder, a run's id or part of its name, or 'last'. Several "
        "are compared, a row each; between a run and its twin, the gap is told. REPORT.md, report.html and "
        "summary.json in their folders are rewritten.",
        "[RUN …] [--format FORMAT] [--output FILE] [--root DIR]",
    )
    parser.add_argument("run", nargs="*", metavar="RUN")
    parser.add_argument("--format", choices=_FORMATS, help="terminal, or what the name of --output says")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write there instead of the screen")
    parser.add_argument("--root", type=Path, default=Path("outputs"), help="where the runs are (outputs)")
    options = parser.parse_args(argv)
    words = options.run or [NEWEST[0]]
    runs = _read([find_run(word, options.root) for word in words])
    for run in runs:
        if not bundle_of(run.folder):
            _update(run)
    runs = with_gaps(runs)
    chosen = options.format or _SUFFIXES.get(options.output.suffix if options.output else "", "terminal")
    _deliver(runs, chosen, options.output)
    if options.output:
        print(f"wrote {options.output}")
    return 0


def _read(folders: Sequence[Path]) -> list[Run]:
    """Return the runs that can be read; name the others, which end the command where none is left."""
    runs, problems = [], []
    for folder in dict.fromkeys(folders):
        try:
            runs.append(read_run(folder))
        except LlmbenchError as error:
            problems.append(error)
    if problems and not runs:
        raise problems[0]
    for sentence in [*map(str, problems), *(sentence for run in runs for sentence in run.damage)]:
        print(f"llmbench: warning: {sentence}", file=sys.stderr)
    return runs


def _update(run: Run) -> None:
    try:
        write_files(run)
    except OSError as error:
        # A run that somebody else keeps can be read all the same.
        print(f"warning: the files in {relative(run.folder)} stay as they are: {error}", file=sys.stderr)


def _deliver(runs: Sequence[Run], chosen: str, output: Path | None) -> None:
    try:
        if chosen != "terminal":
            text = _text(runs, chosen)
            write_text(output, text) if output else sys.stdout.write(text)
        elif output:
            with output.open("w", encoding="utf-8") as file:
                _print(runs, file)
        else:
            _print(runs, None)
    except OSError as error:
        if output is None:
            raise
        raise UsageError(f"report: --output {output} can't be written: {error}") from None


def _print(runs: Sequence[Run], file: IO[str] | None) -> None:
    from llmbench.console import Console

    console = Console(file=file, width=_FILE_WIDTH) if file else Console()
    if len(runs) == 1:
        from llmbench.report.terminal import show_run

        show_run(runs[0], console)
        return
    from llmbench.report.compare import show_runs

    show_runs(runs, console)


def _text(runs: Sequence[Run], chosen: str) -> str:
    from llmbench.report.machine import as_csv, as_json

    if chosen in ("json", "csv"):
        return as_json(runs) if chosen == "json" else as_csv(runs)
    if len(runs) == 1:
        from llmbench.report.html import html
        from llmbench.report.markdown import markdown

        return html(runs[0]) if chosen == "html" else markdown(runs[0])
    from llmbench.report.compare import compare_html, compare_markdown

    return compare_html(runs) if chosen == "html" else compare_markdown(runs)
