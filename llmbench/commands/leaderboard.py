"""``llmbench leaderboard``: the best run of each model, from the history."""

import sys
from argparse import Namespace
from datetime import datetime
from pathlib import Path

from llmbench.commands.arguments import Parser
from llmbench.commands.history import history_of
from llmbench.history.leaders import LeaderTable, leader_tables
from llmbench.history.rows import RunRow


def main(argv: list[str]) -> int:
    """Print the tables."""
    parser = Parser(
        "leaderboard",
        "The best accuracy of each model, with cost, duration, tokens and machine of that very run. Runs that "
        "can't be compared (other tasks, tries, preset, or tests shown) stand in tables of their own.",
        "[--dataset NAME] [--where KEY=VALUE …] [--since WHEN] [--sort KEY] [--json | --format md] [--root DIR]",
    )
    add_filters(parser)
    parser.add_argument("--json", action="store_true", help="for machines")
    parser.add_argument("--format", choices=("terminal", "md"), default="terminal")
    options = parser.parse_args(argv)
    tables = leader_tables(filtered(options))
    if options.sort:
        tables = [_sorted(table, options.sort) for table in tables]
    _print(tables, options)
    return 0


def add_filters(parser: Parser) -> None:
    """Add the options that choose runs."""
    parser.add_argument("--dataset", metavar="NAME", help="only runs of this dataset")
    parser.add_argument(
        "--where",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="only runs of which this holds: model=glm*,qwen*  cost<0.5  seed!=0  (can be given again)",
    )
    parser.add_argument("--since", metavar="WHEN", help="only runs that ended since: 2026-11-01, 12h, 7d, 4w")
    parser.add_argument("--sort", metavar="KEY", help="accuracy, cost, time, tokens, speed, date, model …")
    parser.add_argument("--root", type=Path, default=Path("outputs"), help="where the runs are (outputs)")


def filtered(options: Namespace) -> list[RunRow]:
    """Return the rows of the history that the options choose, the newest first.

    Raises:
        UsageError: an option is wrong.
    """
    from llmbench.history.where import chosen, condition, since

    conditions = [condition(text) for text in options.where]
    if options.dataset is not None:
        conditions.append(condition(f"dataset={options.dataset}"))
    earliest = since(options.since, datetime.now().astimezone()) if options.since else None
    history = history_of(options.root)
    return chosen(history.runs(), conditions, history.configs, earliest)


def _sorted(table: LeaderTable, key: str) -> LeaderTable:
    from dataclasses import replace

    from llmbench.history.where import ordered

    leaders = {leader.row.id: leader for leader in table.leaders}
    rows = ordered([leader.row for leader in table.leaders], key)
    return replace(table, leaders=tuple(leaders[row.id] for row in rows))


def _print(tables: list[LeaderTable], options: Namespace) -> None:
    from llmbench.report.leaderboard import leaderboard_json, leaderboard_markdown, show_leaderboard

    if options.json:
        sys.stdout.write(leaderboard_json(tables))
    elif not tables:
        print(_nothing(options))
    elif options.format == "md":
        sys.stdout.write(leaderboard_markdown(tables))
    else:
        from llmbench.console import Console

        show_leaderboard(tables, Console())


def _nothing(options: Namespace) -> str:
    is_filtered = options.where or options.dataset or options.since
    which = "fits" if is_filtered else f"in {options.root} has one"
    return f"no run with a score: none {which} (llmbench list runs)"
