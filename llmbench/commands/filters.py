"""The options of verbs that choose runs from the history, and the runs that they choose."""

from argparse import Namespace
from pathlib import Path

from llmbench.commands.arguments import Parser
from llmbench.commands.history import history_of
from llmbench.history.choice import Choice
from llmbench.history.history import History
from llmbench.history.rows import RunRow


def add_filters(parser: Parser) -> None:
    """Add the options."""
    parser.add_argument("--dataset", metavar="NAME", help="only runs of this dataset")
    parser.add_argument(
        "--where",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="only runs of which this holds: model=glm*,qwen*  cost<0.5  seed!=0  (can be given again)",
    )
    parser.add_argument("--since", metavar="WHEN", help="only runs that ended since: 2026-11-01, 12h, 7d, 4w")
    parser.add_argument(
        "--sort", metavar="KEY", help="the best first: accuracy, cost, time, tokens, speed, date, model …"
    )
    parser.add_argument("--root", type=Path, default=Path("outputs"), help="where the runs are (outputs)")


def is_filtered(options: Namespace) -> bool:
    """Say whether any run may have been left out."""
    return _choice(options).is_filtered


def filtered(options: Namespace) -> list[RunRow]:
    """Return the rows of the history that the options choose, in their order, or else the newest first.

    Raises:
        UsageError: an option is wrong.
    """
    return choose(history_of(options.root), options)


def choose(history: History, options: Namespace) -> list[RunRow]:
    """Return the rows of this history that the options choose, like ``filtered``."""
    return _choice(options).of(history.runs(), history.configs)


def _choice(options: Namespace) -> Choice:
    return Choice(dataset=options.dataset, where=options.where, since=options.since, sort=options.sort)
