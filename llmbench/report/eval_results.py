"""The Hugging Face Hub's file of evaluation results, for ``.eval_results/`` of a model's repository."""

from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import yaml

from llmbench import registry
from llmbench.errors import UsageError
from llmbench.report.read import Run
from llmbench.report.words import percent, plural, span
from llmbench.score.trust import Level


def eval_results(run: Run, *, dataset_id: str | None, task_id: str, source_url: str | None) -> str:
    """Return the file as YAML; ``value`` is pass@1 in percent.

    Raises:
        UsageError: the dataset is not on the Hub, or the run is not what such a figure stands for.
    """
    _refuse_unfit(run)
    entry: dict[str, Any] = {
        "dataset": {"id": _dataset_id(run, dataset_id), "task_id": task_id},
        "value": round(100 * (run.summary.score.pass_at_1 or 0), 2),
        "date": run.manifest.sessions[-1].started[:10],
    }
    if source_url is not None:
        if urlsplit(source_url).scheme not in ("http", "https"):
            raise UsageError(f"export: --source-url: expected a URL with https://, got '{source_url}'")
        entry["source"] = {"url": source_url, "name": "llmbench bundle"}
    entry["notes"] = _notes(run)
    return str(yaml.safe_dump([entry], sort_keys=False, allow_unicode=True, width=1000))


def _dataset_id(run: Run, given: str | None) -> str:
    name = run.manifest.names.get("dataset", "")
    found = given or (registry.load("dataset", name).hub_id if name in registry.names("dataset") else "")
    if not found:
        raise UsageError(
            f"export: dataset '{name}' is not known to be on the Hugging Face Hub; if it is: "
            "--dataset-id OWNER/NAME"
        )
    if len(PurePosixPath(found).parts) != 2 or found.startswith("/"):
        raise UsageError(f"export: --dataset-id: expected OWNER/NAME, got '{found}'")
    return str(found)


def _refuse_unfit(run: Run) -> None:
    """Refuse a figure that would be read as one for the model on the whole dataset and is not."""
    plan, summary = run.manifest.plan, run.summary
    problems = [f"{finding.rule}: {finding.text}" for finding in summary.trust if finding.level is Level.RED]
    reason = ""
    if not summary.completions:
        reason = "no model was asked"
    elif summary.score.pass_at_1 is None:
        reason = "it has no score"
    elif summary.graded < summary.planned:
        reason = f"{summary.graded} of {summary.planned} samples are graded"
    elif plan.whole is None or len(plan.tasks) < plan.whole:
        reason = f"it is about {len(plan.tasks)} of {plan.whole or 'unknown'} tasks"
    elif run.manifest.settings("dataset").get("twin"):
        reason = "its tasks are altered twins"
    elif problems:
        reason = f"something speaks against its number: {problems[0]}"
    if reason:
        raise UsageError(f"export: the run can't stand for a model on the Hub: {reason}")


def _notes(run: Run) -> str:
    """Return the conditions of the figure in a line."""
    plan, names, score = run.manifest.plan, run.manifest.names, run.summary.score
    session = run.manifest.sessions[-1]
    told = [one.server.get("quantization") for one in run.manifest.sessions]
    quantization = next(filter(None, reversed(told)), "")
    parts = [
        f"pass@1 {percent(score.pass_at_1 or 0)}",
        f"95 % interval {span(score.interval_95)}" if score.interval_95 else "",
        f"{plural(len(plan.tasks), 'task')} x {plural(plan.samples, 'sample')}",
        f"agent {names.get('agent')}",
        f"backend {names.get('backend')}",
        f"quantization {quantization}" if quantization else "",
        f"llmbench {session.llmbench}, run {run.manifest.run_id}",
    ]
    return "; ".join(filter(None, parts))
