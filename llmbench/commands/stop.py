"""``llmbench stop``: end the command that works on a run, from another terminal."""

from llmbench.commands.at_work import asking_parser, named_run, wait
from llmbench.records.control import ask


def main(argv: list[str]) -> int:
    """Ask the command to end, and wait until it has."""
    parser = asking_parser(
        "stop",
        "End the command that works on a run, as Ctrl-C in its terminal does: servers are stopped, the "
        "journal is whole, and llmbench resume RUN goes on. A sweep of one process ends with its run.",
    )
    options = parser.parse_args(argv)
    folder = named_run(options.run, options.root)
    ask(folder, "stopping", by="llmbench stop")
    wait(folder)
    return 0
