"""``llmbench diff``: what differed between two runs, the likeliest cause of another score first."""

from pathlib import Path

from llmbench.commands.arguments import Parser
from llmbench.errors import UsageError
from llmbench.records.runs import find_run
from llmbench.report.read import read_run


def main(argv: list[str]) -> int:
    """Print what differed."""
    parser = Parser(
        "diff",
        "What differed between two runs: weights, template, prompts, sampler, server, machine. The likeliest "
        "cause of another score comes first. RUN is a folder, a run's id or part of its name, or 'last'.",
        "RUN RUN [--json] [--root DIR]",
    )
    parser.add_argument("a", metavar="RUN")
    parser.add_argument("b", metavar="RUN")
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument("--root", type=Path, default=Path("outputs"), help="where the runs are (outputs)")
    options = parser.parse_args(argv)
    folders = [find_run(word, options.root) for word in (options.a, options.b)]
    if folders[0].resolve() == folders[1].resolve():
        raise UsageError(f"diff: both words name {folders[0].name}; expected two runs (llmbench list runs)")
    a, b = (read_run(folder) for folder in folders)
    from llmbench.report.differences import as_json, show_differences

    if options.json:
        print(as_json(a, b))
        return 0
    from llmbench.console import Console

    show_differences(a, b, Console())
    return 0
