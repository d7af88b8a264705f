"""The files of a report, each replaced at once so that no reader sees half of it."""

import os
from pathlib import Path

import msgspec

from llmbench.records.manifest import replace_json
from llmbench.report.markdown import markdown
from llmbench.report.read import Run

_SOURCES = tuple(Path(__file__).with_name(name) for name in ("html.py", "style.css"))


def write_files(run: Run) -> None:
    """Write summary.json, REPORT.md and report.html into the run's folder, and its row into the history."""
    # Everything that goes in was masked when it was written to the run's folder.
    replace_json(run.folder / "summary.json", msgspec.json.encode(run.summary))
    text, path = markdown(run), run.folder / "REPORT.md"
    if not _is_current(path, text):
        from llmbench.report.html import html

        write_text(path, text)
        write_text(run.folder / "report.html", html(run))
    from llmbench.history.noting import note

    note(run.folder, run.manifest, run.planned, run.summary)


def _is_current(path: Path, text: str) -> bool:
    """Say whether both reports stand as they would be written: rendering is half of a report's time."""
    try:
        written = path.with_name("report.html").stat().st_mtime
        newer = any(source.stat().st_mtime >= written for source in _SOURCES)
        return not newer and path.read_text(encoding="utf-8") == text
    except (OSError, UnicodeDecodeError):
        return False


def write_text(path: Path, text: str) -> None:
    """Write a text file by way of a second one."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(text, encoding="utf-8", errors="replace")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
