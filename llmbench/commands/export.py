"""``llmbench export``: the submissions of a run in the formats of other harnesses."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from llmbench.commands.arguments import Parser
from llmbench.errors import UsageError
from llmbench.records.runs import find_run
from llmbench.records.samples import sample_folder
from llmbench.records.transcript import SubmissionEvent, scan_transcript
from llmbench.report.read import Run, read_run

FORMATS = ("evalplus",)
_DATASETS = ("humanevalplus", "mbppplus")
_MAIN = "solution.py"


def main(argv: list[str]) -> int:
    """Write a run's submissions."""
    parser = Parser(
        "export",
        "Write the submissions of a run for another harness: evalplus is the samples.jsonl that "
        "evalplus.evaluate --samples takes. RUN is a folder, a run's id or part of its name, or 'last'.",
        "RUN --format evalplus [--output FILE] [--root DIR]",
    )
    parser.add_argument("run", metavar="RUN")
    parser.add_argument("--format", choices=FORMATS, required=True, help=", ".join(FORMATS))
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="samples.jsonl of the run; - for the screen"
    )
    parser.add_argument("--root", type=Path, default=Path("outputs"), help="where the runs are (outputs)")
    options = parser.parse_args(argv)
    run = read_run(find_run(options.run, options.root))
    for sentence in run.damage:
        print(f"llmbench: warning: {sentence}", file=sys.stderr)
    dataset = run.manifest.names.get("dataset", "")
    if dataset not in _DATASETS:
        raise UsageError(
            f"export: the run is of dataset '{dataset}'; evalplus takes those of {' and '.join(_DATASETS)}"
        )
    lines = [json.dumps({"task_id": task, "solution": source}) for task, source in _solutions(run)]
    text = "".join(f"{line}\n" for line in lines)
    if str(options.output) == "-":
        sys.stdout.write(text)
        return 0
    output: Path = options.output or run.folder / "samples.jsonl"
    output.write_text(text, encoding="utf-8")
    print(f"{len(lines)} samples in {output}")
    if missing := len(run.manifest.plan.planned) - len(lines):
        which = (
            "sample of the run is not made yet or"
            if missing == 1
            else "samples of the run are not made yet or"
        )
        print(f"llmbench: {missing} {which} can't be read, and left out", file=sys.stderr)
    return 0


def _solutions(run: Run) -> Iterator[tuple[str, str]]:
    """Yield what every graded sample submitted at its first try: nothing is an empty text.

    Samples of which that line of the transcript is damaged are left out.
    """
    for task, sample in run.manifest.plan.planned:
        record = run.records.get((task, sample))
        if record is not None and record.outcome.graded:
            submitted = _submitted(run.folder, task, sample, record.tries[0].number)
            if submitted is not None:
                yield task, submitted


def _submitted(folder: Path, task: str, sample: int, number: int) -> str | None:
    content = scan_transcript(sample_folder(folder, task, sample) / "transcript.jsonl")
    for event in reversed(content.events):
        if isinstance(event, SubmissionEvent) and event.number == number:
            return event.files.get(_MAIN, b"").decode(errors="replace")
    return None if content.damaged else ""
