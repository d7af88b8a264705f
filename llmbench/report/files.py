"""The files of a report, each replaced at once so that no reader sees half of it."""

import os
from pathlib import Path

from llmbench.records.manifest import write_json
from llmbench.records.masking import Mask
from llmbench.report.html import html
from llmbench.report.markdown import markdown
from llmbench.report.read import Run


def write_files(run: Run) -> None:
    """Write summary.json, REPORT.md and report.html into the run's folder."""
    # Everything that goes in was masked when it was written to the run's folder.
    write_json(run.folder / "summary.json", run.summary, Mask({}))
    write_text(run.folder / "REPORT.md", markdown(run))
    write_text(run.folder / "report.html", html(run))


def write_text(path: Path, text: str) -> None:
    """Write a text file by way of a second one."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(text, encoding="utf-8", errors="replace")
    temporary.replace(path)
