"""The files of a report, each replaced at once so that no reader sees half of it."""

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from llmbench.records.manifest import replace_json
from llmbench.report.markdown import markdown
from llmbench.report.read import Run

_HERE = Path(__file__).parent
_SOURCES = (
    *(_HERE / name for name in ("html.py", "web.py", "excerpts.py", "sample_rows.py", "sample_bodies.py")),
    *_HERE.glob("static/*"),
    *_HERE.glob("pictures/*.py"),
    *_HERE.glob("templates/**/*.j2"),
)
"""What pages are made with."""
_MAIN, _FOLDER = "report.html", "report-samples"
_PAGES = re.compile(rb'<html lang="en" data-pages="(\d+)">')


def write_files(run: Run) -> None:
    """Write summary.json, REPORT.md and report.html with its pages, and the run's row in the history."""
    # Everything that goes in was masked when it was written to the run's folder.
    replace_json(run.folder / "summary.json", msgspec.json.encode(run.summary))
    text, path = markdown(run), run.folder / "REPORT.md"
    if not _is_current(path, text):
        from llmbench.report.html import site

        write_text(path, text)
        _write_site(run.folder, site(run))
    from llmbench.history.noting import note

    note(run.folder, run.manifest, run.planned, run.summary)


def _write_site(folder: Path, pages: Mapping[str, str]) -> None:
    """Write the report after the pages that it leads to, and take those away that it no longer does."""
    beside = folder / _FOLDER
    if len(pages) > 1:
        beside.mkdir(exist_ok=True)
    for name in sorted(pages, key=lambda name: name == _MAIN):
        write_text(folder / name, pages[name])
    for path in beside.glob("[0-9][0-9][0-9][0-9].html"):
        if f"{_FOLDER}/{path.name}" not in pages:
            path.unlink()
    if len(pages) == 1 and beside.is_dir():
        with suppress(OSError):  # somebody keeps something there
            beside.rmdir()


def _is_current(path: Path, text: str) -> bool:
    """Say whether all stands as it would be written: rendering is most of a report's time.

    The pages hold more than ``text`` does, all of it written before a line of the journal.
    """
    try:
        page = path.with_name(_MAIN)
        written = page.stat().st_mtime_ns
        if any(source.stat().st_mtime_ns >= written for source in _SOURCES):
            return False
        if path.with_name("journal.jsonl").stat().st_mtime_ns > written:
            return False
        return _has_pages(page) and path.read_text(encoding="utf-8") == text
    except (OSError, UnicodeDecodeError):
        return False


def _has_pages(page: Path) -> bool:
    with page.open("rb") as file:
        found = _PAGES.search(file.read(200))
    beside = page.with_name(_FOLDER)
    return found is not None and all((beside / f"{n:04}.html").is_file() for n in range(1, int(found[1]) + 1))


def write_text(path: Path, text: str) -> None:
    """Write a text file by way of a second one."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(text, encoding="utf-8", errors="replace")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
