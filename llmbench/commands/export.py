"""``llmbench export``: a run for others: a bundle to check it by, a table, and the formats of other tools."""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from llmbench.commands.arguments import Parser
from llmbench.errors import UsageError
from llmbench.records.bundle import bundle_of
from llmbench.records.runs import find_run
from llmbench.report.read import Run, read_run
from llmbench.wording import plural

FORMATS = ("csv", "parquet", "evalplus", "huggingface")
_TABLES = ("csv", "parquet")


def main(argv: list[str]) -> int:
    """Write a run, or several, in a format."""
    options = _parser().parse_args(argv)
    if bool(options.bundle) == bool(options.format):
        raise UsageError("export: expected either --bundle FILE or --format FORMAT")
    runs = [read_run(find_run(word, options.root)) for word in dict.fromkeys(options.run)]
    for sentence in (sentence for run in runs for sentence in run.damage):
        print(f"llmbench: warning: {sentence}", file=sys.stderr)
    if len(runs) > 1 and options.format not in _TABLES:
        raise UsageError(f"export: got {len(runs)} runs; expected one, or --format {' or '.join(_TABLES)}")
    if options.bundle:
        return _bundle(runs[0], options)
    return _WRITERS[options.format](runs, options)


def _parser() -> Parser:
    parser = Parser(
        "export",
        "Write a run for others. --bundle: one file by which it can be checked (llmbench verify FILE) and "
        "read (llmbench report FILE). csv, parquet: a row a sample, of several runs too. evalplus: the "
        "samples.jsonl that evalplus.evaluate --samples takes. huggingface: the file for .eval_results/ of a "
        "model's repository; nothing is sent anywhere. RUN is a folder, a run's id or part of its name, "
        "'last', or a bundle.",
        "RUN [RUN …] --bundle FILE | --format FORMAT [--output FILE] [--root DIR]",
    )
    parser.add_argument("run", metavar="RUN", nargs="+")
    parser.add_argument("--bundle", type=Path, metavar="FILE", help="write a bundle: run.zip")
    parser.add_argument(
        "--transcripts", action="store_true", help="with prompts, reasoning and tool calls in the bundle"
    )
    parser.add_argument("--format", choices=FORMATS, help=", ".join(FORMATS))
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="where to; - for the screen (in the run's folder)"
    )
    parser.add_argument("--dataset-id", metavar="ID", help="huggingface: of the dataset on the Hub (its own)")
    parser.add_argument(
        "--task-id", metavar="ID", default="default", help="huggingface: as its eval.yaml says (default)"
    )
    parser.add_argument("--source-url", metavar="URL", help="huggingface: where the bundle can be had")
    parser.add_argument("--root", type=Path, default=Path("outputs"), help="where the runs are (outputs)")
    return parser


def _bundle(run: Run, options: argparse.Namespace) -> int:
    from llmbench.commands.bundling import masks_for
    from llmbench.records.packing import pack

    packed = pack(run.folder, options.bundle, masks_for(run), transcripts=options.transcripts)
    samples = plural(packed.samples, "sample")
    print(f"{samples} in {options.bundle}; check them: llmbench verify {options.bundle}")
    for names, what in (
        (packed.bundle.altered, "answers name a path or secret of this machine, which was replaced"),
        (packed.lost, "transcripts are damaged, and go in as far as they can be read"),
    ):
        if names:
            print(f"llmbench: warning: {len(names)} {what}: {', '.join(names[:8])}", file=sys.stderr)
    return 0


def _csv(runs: Sequence[Run], options: argparse.Namespace) -> int:
    from llmbench.report.samples_table import as_csv

    rows = sum(len(run.planned) for run in runs)
    return _text(as_csv(runs), _output(runs, options, "samples.csv"), plural(rows, "sample"))


def _parquet(runs: Sequence[Run], options: argparse.Namespace) -> int:
    from llmbench.report.samples_table import write_parquet

    output = _output(runs, options, "samples.parquet")
    if str(output) == "-":
        raise UsageError("export: --output -: parquet is no text; name a file")
    rows = _written(output, lambda: write_parquet(runs, output))
    print(f"{plural(rows, 'sample')} in {output}")
    return 0


def _evalplus(runs: Sequence[Run], options: argparse.Namespace) -> int:
    from llmbench.report.evalplus import samples_jsonl

    [run] = runs
    lines = samples_jsonl(run)
    _text("".join(lines), _output(runs, options, "samples.jsonl"), plural(len(lines), "sample"))
    if missing := len(run.manifest.plan.planned) - len(lines):
        which = (
            "sample of the run is not made yet or"
            if missing == 1
            else "samples of the run are not made yet or"
        )
        print(f"llmbench: {missing} {which} can't be read, and left out", file=sys.stderr)
    return 0


def _huggingface(runs: Sequence[Run], options: argparse.Namespace) -> int:
    from llmbench.report.eval_results import eval_results

    text = eval_results(
        runs[0], dataset_id=options.dataset_id, task_id=options.task_id, source_url=options.source_url
    )
    return _text(text, _output(runs, options, "eval_results.yaml"), "pass@1 and its conditions")


_WRITERS: Mapping[str, Callable[[Sequence[Run], argparse.Namespace], int]] = {
    "csv": _csv,
    "parquet": _parquet,
    "evalplus": _evalplus,
    "huggingface": _huggingface,
}


def _output(runs: Sequence[Run], options: argparse.Namespace, name: str) -> Path:
    """Return where to write: the file that is named, or one in the folder of the only run."""
    if options.output:
        return Path(options.output)
    if len(runs) > 1 or bundle_of(runs[0].folder):
        raise UsageError(f"export: expected --output FILE ({name}, or - for the screen)")
    return runs[0].folder / name


def _text(text: str, output: Path, what: str) -> int:
    if str(output) == "-":
        sys.stdout.write(text)
    else:
        _written(output, lambda: output.write_text(text, encoding="utf-8"))
        print(f"{what} in {output}")
    return 0


def _written(output: Path, write: Callable[[], int]) -> int:
    try:
        return write()
    except OSError as error:
        raise UsageError(f"export: --output {output} can't be written: {error.strerror}") from None
