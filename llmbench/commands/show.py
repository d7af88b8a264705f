"""``llmbench show``: one sample of a run, for people, and its conversation for machines too."""

import argparse
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from llmbench.commands.arguments import Parser
from llmbench.commands.not_passed import not_passed
from llmbench.commands.show_solve import is_solve, show_solve
from llmbench.console import Console
from llmbench.errors import UsageError
from llmbench.records.journal import FILE, damage, records_of
from llmbench.records.lines import Damaged
from llmbench.records.manifest import read_manifest
from llmbench.records.record import Record
from llmbench.records.runs import find_run
from llmbench.records.samples import sample_folder
from llmbench.report.read import Run, read_run, relative
from llmbench.report.sample import PARTS, show_head, show_try
from llmbench.report.stored import StoredTry, read_tries
from llmbench.report.transcript import raw_answers, read_entries
from llmbench.report.transcript_views import as_json, as_markdown, show_entries

FORMATS = ("text", "markdown", "json")


def main(argv: list[str]) -> int:
    """Show a sample's prompt, answer, changes and test output."""
    parser = Parser(
        "show",
        "One sample of a run. RUN is a folder, a run's id or any part of its name, or 'last' ('-') for the "
        "newest, or the folder of a solve. TASK is a task's id or its last part, or how one of them "
        "alone begins; without it, what did not pass is listed.",
        "RUN [TASK] [--sample N] [--try N] [--part PART] [--root DIR]\n"
        "       llmbench show RUN TASK --transcript [--sample N] [--try N] [--format FORMAT | --raw]",
    )
    parser.add_argument("run", metavar="RUN")
    parser.add_argument("task", metavar="TASK", nargs="?")
    parser.add_argument("--sample", type=int, metavar="N", help="which sample, from 0 (the first there is)")
    parser.add_argument("--try", type=int, dest="number", metavar="N", help="which try, from 1 (the last)")
    parser.add_argument("--part", choices=(*PARTS, "all"), default="all", help=f"{', '.join(PARTS)} or all")
    parser.add_argument(
        "--transcript", action="store_true", help="the whole conversation instead: messages, calls, verdicts"
    )
    parser.add_argument("--format", choices=FORMATS, help=f"of the transcript: {', '.join(FORMATS)} (text)")
    parser.add_argument(
        "--raw", action="store_true", help="what the server sent, a line of JSON for each call"
    )
    parser.add_argument("--root", type=Path, default=Path("outputs"), help="where the runs are (outputs)")
    options = parser.parse_args(argv)
    if is_solve(options.run):
        return show_solve(options)
    folder = find_run(options.run, options.root)
    if options.task is None:
        _refuse_without_task(parser, options)
        print(not_passed(_whole(folder)))
        return 0
    shown = _shown(folder, options)
    if options.transcript:
        return _transcript(shown, options)
    if options.format or options.raw:
        raise UsageError("show: --format and --raw say how to show a transcript; add --transcript")
    tries = read_tries(folder, *shown.key)
    console = Console()
    stored = _try(tries, options.number, shown.key)
    if options.part == "all":
        show_head(folder, shown.key, shown.record, stored.number, console)
    show_try(stored, PARTS if options.part == "all" else [options.part], console)
    return 0


@dataclass(frozen=True, slots=True)
class _Shown:
    """The sample that is meant."""

    folder: Path
    key: tuple[str, int]
    record: Record | None
    """None where it was begun and not finished."""


def _whole(folder: Path) -> Run:
    run = read_run(folder)
    _warn(run.damage)
    return run


def _warn(sentences: Iterable[str]) -> None:
    for sentence in sentences:
        print(f"llmbench: warning: {sentence}", file=sys.stderr)


def _shown(folder: Path, options: argparse.Namespace) -> _Shown:
    """Find the sample; of a journal of a hundred thousand lines, those of its task alone are decoded."""
    ids = list(read_manifest(folder).plan.tasks)
    found: Mapping[int, Record] = {}
    if len(fitting := _fitting(ids, options.task)) == 1:
        damaged: list[Damaged] = []
        found = records_of(folder / FILE, fitting[0], damaged)
        _warn(damage(Path(relative(folder / FILE)), damaged) if found else ())
    if not found:
        run = _whole(folder)
        task = _task(list(dict.fromkeys([*ids, *(task for task, _ in run.records)])), options.task)
        found = {sample: record for (name, sample), record in run.records.items() if name == task}
    else:
        [task] = fitting
    key = _sample(folder, task, found, options.sample)
    return _Shown(folder, key, found.get(key[1]))


def _refuse_without_task(parser: Parser, options: argparse.Namespace) -> None:
    """Refuse options that are about a sample where none is named."""
    for name in ("sample", "number", "part", "transcript", "format", "raw"):
        if getattr(options, name) != parser.get_default(name):
            flag = "--try" if name == "number" else f"--{name}"
            raise UsageError(f"show: {flag} is about a sample; name its task: llmbench show RUN TASK {flag}")


def _transcript(shown: _Shown, options: argparse.Namespace) -> int:
    key, record = shown.key, shown.record
    folder = sample_folder(shown.folder, *key)
    if options.raw and options.format:
        raise UsageError("show: --raw is JSON as it came; leave --format out")
    if options.raw:
        for answer in raw_answers(folder):
            print(json.dumps(answer))
        return 0
    entries = [entry for entry in read_entries(folder) if options.number in (None, entry.number)]
    if not entries:
        what = f"try {options.number}" if options.number else "it"
        raise UsageError(f"show: nothing is stored of {key[0]}, sample {key[1]}: {what} was not begun")
    outcome = str(record.outcome) if record else "not finished"
    if options.format == "json":
        print(as_json({"task": key[0], "sample": key[1], "outcome": outcome}, entries))
    elif options.format == "markdown":
        print(as_markdown(f"{key[0]}, sample {key[1]}: {outcome}", entries), end="")
    else:
        console = Console()
        show_head(shown.folder, key, record, len(read_tries(shown.folder, *key)), console)
        show_entries(entries, console)
    return 0


def _fitting(ids: list[str], word: str) -> list[str]:
    """Return the tasks that ``word`` may mean: its id, or the last part of it, or how one of them begins."""
    if word in ids:
        return [word]
    return [task for task in ids if task.rpartition("/")[2] == word] or _beginning(ids, word)


def _task(ids: list[str], word: str) -> str:
    """Return the one task that ``word`` means."""
    fitting = _fitting(ids, word)
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise UsageError(f"show: '{word}' fits several tasks; name one of: {', '.join(fitting)}")
    close = get_close_matches(word, [*ids, *(task.rpartition("/")[2] for task in ids)], n=1)
    hint = f"; did you mean '{close[0]}'?" if close else ""
    raise UsageError(f"show: the run has no task '{word}'{hint} (all of them: {_listed(ids)})")


def _beginning(ids: list[str], word: str) -> list[str]:
    return [task for task in ids if task.startswith(word) or task.rpartition("/")[2].startswith(word)]


def _listed(ids: list[str]) -> str:
    return f"{', '.join(ids[:12])}{f' and {len(ids) - 12} more' if len(ids) > 12 else ''}"


def _sample(folder: Path, task: str, recorded: Mapping[int, Record], sample: int | None) -> tuple[str, int]:
    samples = sample_folder(folder, task, 0).parent
    if sample is not None and sample in recorded:
        return task, sample
    if sample is None and 0 in recorded:
        return task, 0
    begun = {
        int(path.name) for path in samples.glob("*") if path.name.isdecimal() and any(path.glob("try-*"))
    }
    there = sorted(recorded.keys() | begun)
    if not there:
        raise UsageError(f"show: {task} has no sample yet; make it: run the same command again")
    chosen = there[0] if sample is None else sample
    if chosen not in there:
        raise UsageError(f"show: {task} has no sample {sample}; there are: {', '.join(map(str, there))}")
    return task, chosen


def _try(tries: list[StoredTry], number: int | None, key: tuple[str, int]) -> StoredTry:
    if not tries:
        raise UsageError(f"show: nothing is stored of {key[0]}, sample {key[1]}: it was not begun")
    chosen = tries[-1].number if number is None else number
    for stored in tries:
        if stored.number == chosen:
            return stored
    there = ", ".join(str(stored.number) for stored in tries)
    raise UsageError(f"show: {key[0]}, sample {key[1]} has no try {number}; there are: {there}")
