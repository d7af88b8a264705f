"""``llmbench show`` of what `llmbench solve` left: the whole conversation."""

import argparse
import json
from pathlib import Path

from llmbench.console import Console
from llmbench.errors import UsageError
from llmbench.records.solves import FILE, read_solve
from llmbench.report.transcript import raw_answers, read_entries
from llmbench.report.transcript_views import as_json, as_markdown, show_entries


def is_solve(word: str) -> bool:
    """Say whether a word names the folder of such a conversation."""
    return (Path(word) / FILE).is_file()


def show_solve(options: argparse.Namespace) -> int:
    """Print the conversation in the form that is asked for."""
    folder = Path(options.run)
    solve = read_solve(folder)
    if options.task is not None:
        raise UsageError(f"show: {folder} is one conversation and has no tasks; leave '{options.task}' out")
    if options.raw and options.format:
        raise UsageError("show: --raw is JSON as it came; leave --format out")
    if options.raw:
        for answer in raw_answers(folder):
            print(json.dumps(answer))
        return 0
    entries = read_entries(folder)
    if options.format == "json":
        print(as_json({"folder": solve.folder, "prompt": solve.prompts[-1]}, entries))
    elif options.format == "markdown":
        print(as_markdown(f"solve, {solve.started}", entries), end="")
    else:
        show_entries(entries, Console())
    return 0
