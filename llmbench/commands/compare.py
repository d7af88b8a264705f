"""``llmbench compare``: is one of these runs better than the other, or is it noise?"""

import sys
from itertools import combinations
from pathlib import Path

from llmbench.commands.arguments import Parser
from llmbench.errors import UsageError
from llmbench.records.runs import find_run
from llmbench.report.read import Run, read_run
from llmbench.score.pairing import Tries

_FORMATS = ("terminal", "md", "json")


def main(argv: list[str]) -> int:
    """Compare runs, each with each."""
    parser = Parser(
        "compare",
        "Says which of two runs is better, or that it can't be told and how many tasks would tell. Samples "
        "that both graded count, pair by pair; several runs are compared each with each. RUN is a folder, "
        "a run's id or part of its name, or 'last'. Overrides in place of runs describe runs that are made "
        "first, as far as they are missing: model=a,b dataset=humanevalplus.",
        "RUN RUN [RUN …] [--tries N] [--format FORMAT | --json] [--root DIR]\n"
        "       llmbench compare key=a,b [key=value …] [--until-clear] [--format FORMAT | --json]",
    )
    parser.add_argument("run", nargs="+", metavar="RUN")
    parser.add_argument(
        "--until-clear",
        action="store_true",
        help="ask both in turns, and stop when it is clear which is better, or can't become clear",
    )
    parser.add_argument(
        "--tries",
        type=_tries,
        default=1,
        metavar="N",
        help="count what passed within N tries (1), or last: within as many as both runs allowed",
    )
    parser.add_argument("--format", choices=_FORMATS, default="terminal", help=f"{', '.join(_FORMATS)}")
    parser.add_argument("--json", action="store_true", help="the same as --format json")
    parser.add_argument("--root", type=Path, default=Path("outputs"), help="where the runs are (outputs)")
    options = parser.parse_intermixed_args(argv)
    chosen = "json" if options.json else options.format
    if options.until_clear and options.tries != 1:
        raise UsageError("compare: --until-clear looks at first tries; leave --tries out")
    if any("=" in word for word in options.run):
        return _made(options.run, chosen, options.tries, until_clear=options.until_clear)
    if options.until_clear:
        raise UsageError("compare: --until-clear makes runs; expected overrides: model=a,b dataset=…")
    folders = list(dict.fromkeys(find_run(word, options.root).resolve() for word in options.run))
    if len(folders) < 2:
        raise UsageError("compare: names one run; expected two or more different ones (llmbench list runs)")
    runs = [read_run(folder) for folder in folders]
    for sentence in (sentence for run in runs for sentence in run.damage):
        print(f"llmbench: warning: {sentence}", file=sys.stderr)
    _deliver(runs, chosen, options.tries)
    return 0


def _tries(word: str) -> Tries:
    if word == "last":
        return "last"
    if word.isascii() and word.isdigit() and int(word) > 0:
        return int(word)
    raise UsageError(f"compare: --tries: expected a number from 1, or last, got '{word}'")


def _made(words: list[str], chosen: str, tries: Tries, *, until_clear: bool) -> int:
    """Make the runs that overrides describe, and compare them."""
    from llmbench.commands import arms
    from llmbench.console import Console
    from llmbench.runner.progress import RunConsole

    specs = arms.specs_of(words)
    # What is printed beside JSON or Markdown would spoil it.
    console: Console = RunConsole() if chosen == "terminal" else RunConsole(stderr=True)
    if not until_clear:
        _deliver(arms.made(specs, console), chosen, tries)
        return 0
    stopped = arms.until_clear(specs, console)
    if chosen == "json":
        print(arms.as_json(stopped))
        return 0
    for sentence in ("", *arms.ending(stopped)):
        print(sentence) if chosen == "md" else console.print(sentence, highlight=False)
    _deliver(stopped.runs, chosen, decided=True)
    return 0


def _deliver(runs: list[Run], chosen: str, tries: Tries = 1, *, decided: bool = False) -> None:
    from llmbench.report.comparison import Compared, comparison_markdown, show_comparison
    from llmbench.score.comparison import compare_all
    from llmbench.score.pairing import Arm

    results = compare_all([Arm(run.manifest, run.planned) for run in runs], tries=tries)
    if chosen == "json":
        import msgspec

        encoded = msgspec.json.encode(results[0] if len(results) == 1 else results)
        print(msgspec.json.format(encoded, indent=2).decode())
        return
    compared = [
        Compared(a, b, result, decided) for (a, b), result in zip(combinations(runs, 2), results, strict=True)
    ]
    if chosen == "md":
        print(comparison_markdown(compared), end="")
        return
    from llmbench.console import Console

    for one in compared:
        show_comparison(one, Console())
