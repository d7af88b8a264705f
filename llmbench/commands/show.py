"""``llmbench show``: one sample of a run, for people, and its conversation for machines too."""

import argparse
import json
import sys
from difflib import get_close_matches
from pathlib import Path

from llmbench.commands.arguments import Parser
from llmbench.commands.not_passed import not_passed
from llmbench.commands.show_solve import is_solve, show_solve
from llmbench.console import Console
from llmbench.errors import UsageError
from llmbench.records.runs import find_run
from llmbench.records.samples import sample_folder
from llmbench.report.read import Run, read_run
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
    run = read_run(find_run(options.run, options.root))
    for sentence in run.damage:
        print(f"llmbench: warning: {sentence}", file=sys.stderr)
    if options.task is None:
        _refuse_without_task(parser, options)
        print(not_passed(run))
        return 0
    key = _sample(run, _task(run, options.task), options.sample)
    if options.transcript:
        return _transcript(run, key, options)
    if options.format or options.raw:
        raise UsageError("show: --format and --raw say how to show a transcript; add --transcript")
    tries = read_tries(run.folder, *key)
    console = Console()
    stored = _try(tries, options.number, key)
    if options.part == "all":
        show_head(run, key, stored.number, console)
    show_try(stored, PARTS if options.part == "all" else [options.part], console)
    return 0


def _refuse_without_task(parser: Parser, options: argparse.Namespace) -> None:
    """Refuse options that are about a sample where none is named."""
    for name in ("sample", "number", "part", "transcript", "format", "raw"):
        if getattr(options, name) != parser.get_default(name):
            flag = "--try" if name == "number" else f"--{name}"
            raise UsageError(f"show: {flag} is about a sample; name its task: llmbench show RUN TASK {flag}")


def _transcript(run: Run, key: tuple[str, int], options: argparse.Namespace) -> int:
    folder = sample_folder(run.folder, *key)
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
    record = run.records.get(key)
    outcome = str(record.outcome) if record else "not finished"
    if options.format == "json":
        print(as_json({"task": key[0], "sample": key[1], "outcome": outcome}, entries))
    elif options.format == "markdown":
        print(as_markdown(f"{key[0]}, sample {key[1]}: {outcome}", entries), end="")
    else:
        console = Console()
        show_head(run, key, len(read_tries(run.folder, *key)), console)
        show_entries(entries, console)
    return 0


def _task(run: Run, word: str) -> str:
    """Return the task that ``word`` means: its id, or the last part of it."""
    ids = list(dict.fromkeys([*run.manifest.plan.tasks, *(task for task, _ in run.records)]))
    if word in ids:
        return word
    fitting = [task for task in ids if task.rpartition("/")[2] == word] or _beginning(ids, word)
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


def _sample(run: Run, task: str, sample: int | None) -> tuple[str, int]:
    recorded = {number for name, number in run.records if name == task}
    folder = sample_folder(run.folder, task, 0).parent
    begun = {int(path.name) for path in folder.glob("*") if path.name.isdecimal() and any(path.glob("try-*"))}
    there = sorted(recorded | begun)
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
