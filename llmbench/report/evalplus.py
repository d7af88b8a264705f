"""EvalPlus's own format: the submissions of a run, as its evaluator takes them."""

import json
from collections.abc import Iterator
from pathlib import Path

from llmbench.errors import UsageError
from llmbench.records.samples import sample_folder
from llmbench.records.transcript import SubmissionEvent, scan_transcript
from llmbench.report.read import Run

_DATASETS = ("humanevalplus", "mbppplus")
_MAIN = "solution.py"


def samples_jsonl(run: Run) -> list[str]:
    """Return the lines of ``samples.jsonl``.

    Raises:
        UsageError: EvalPlus does not know the run's dataset.
    """
    dataset = run.manifest.names.get("dataset", "")
    if dataset not in _DATASETS:
        raise UsageError(
            f"export: the run is of dataset '{dataset}'; evalplus takes those of {' and '.join(_DATASETS)}"
        )
    return [json.dumps({"task_id": task, "solution": source}) + "\n" for task, source in _solutions(run)]


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
