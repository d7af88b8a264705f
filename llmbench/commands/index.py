"""``llmbench index``: make the history anew from the folders of runs."""

from pathlib import Path

from llmbench.commands.arguments import Parser
from llmbench.commands.history import history_of
from llmbench.wording import plural


def main(argv: list[str]) -> int:
    """Read every run folder again."""
    parser = Parser(
        "index",
        "Make the history anew from the folders of runs, which are the truth. Other commands bring it up to "
        "date by themselves; this is for when it can't be believed.",
        "[--root DIR]",
    )
    parser.add_argument("--root", type=Path, default=Path("outputs"), help="where the runs are (outputs)")
    history = history_of(parser.parse_args(argv).root)
    rows = [row for row in history.rebuild() if row.place == history.place.name]
    unread = [row for row in rows if row.problem]
    samples = plural(sum(row.planned for row in rows), "sample")
    print(f"{plural(len(rows), 'run')}, {samples}: {history.place.shown}")
    for row in unread:
        print(f"can't be read: {row.problem}")
    return 0
