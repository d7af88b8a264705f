"""What people read of a run. It reads records and score, never the runner."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from llmbench.console import Console
    from llmbench.score.summary import Summary

__all__ = ["close_run"]


def close_run(folder: "Path", console: "Console", tasks: "Collection[str] | None" = None) -> "Summary":
    """Write summary.json, REPORT.md and report.html into a run folder, and print the report.

    The files are about all that the run holds. What is printed and returned is about ``tasks``, where a
    command selected some of it.

    Raises:
        UsageError: it is no run folder, or its manifest can't be read.
        RunError: its journal is no file, or may not be read.
    """
    from llmbench.report.files import write_files
    from llmbench.report.read import narrowed, read_run
    from llmbench.report.terminal import show_run

    run = read_run(folder)
    write_files(run)
    shown = run if tasks is None else narrowed(run, tasks)
    show_run(shown, console, held=len(run.manifest.plan.tasks))
    return shown.summary
