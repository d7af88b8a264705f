"""``llmbench pause``: let a run that is under way leave the machine to others, from another terminal."""

from llmbench.commands.at_work import asking_parser, named_run, wait
from llmbench.records.control import ask
from llmbench.wording import plural


def main(argv: list[str]) -> int:
    """Ask the command that works on a run to pause."""
    parser = asking_parser(
        "pause",
        "Let a run that is under way pause: no more samples are begun, those under way are finished, and the "
        "server that it started is stopped, or its model unloaded, which frees the GPU. llmbench resume RUN "
        "goes on, also after a reboot.",
        "[--now] [--wait] ",
    )
    parser.add_argument("--now", action="store_true", help="break off samples under way; they are made later")
    parser.add_argument("--wait", action="store_true", help="return once the server is down")
    options = parser.parse_args(argv)
    folder = named_run(options.run, options.root)
    before = ask(folder, "paused", by="llmbench pause", at_once=options.now)
    if before.state != "paused":
        count = before.asking.requests
        what = f"{plural(count, 'request')} under way {'is' if count == 1 else 'are'}"
        ends = "broken off" if options.now else "waited for"
        print(f"{before.run_id} pauses: {what} {ends}; go on: llmbench resume {before.run_id}")
    if options.wait or before.state == "paused":
        wait(folder, "paused")
    return 0
