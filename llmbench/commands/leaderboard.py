"""``llmbench leaderboard``: the best run of each model, from the history."""

import sys
from argparse import Namespace

from llmbench.commands.arguments import Parser
from llmbench.commands.filters import add_filters, filtered, is_filtered
from llmbench.history.leaders import LeaderTable, leader_tables


def main(argv: list[str]) -> int:
    """Print the tables."""
    parser = Parser(
        "leaderboard",
        "The best accuracy of each model, with cost, duration, tokens and machine of that very run. Runs "
        "that can't be compared (other tasks, tries, preset, or tests shown) stand in tables of their own.",
        "[--dataset NAME] [--where KEY=VALUE …] [--since WHEN] [--sort KEY] "
        "[--json | --format md] [--root DIR]",
    )
    add_filters(parser)
    parser.add_argument("--json", action="store_true", help="for machines")
    parser.add_argument("--format", choices=("terminal", "md"), default="terminal")
    options = parser.parse_args(argv)
    tables = leader_tables(filtered(options))
    if options.sort:
        from llmbench.history.where import table_in_order

        tables = [table_in_order(table, options.sort) for table in tables]
    _print(tables, options)
    return 0


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
    which = "fits" if is_filtered(options) else f"in {options.root} has one"
    return f"no run with a score: none {which} (llmbench list runs)"
