"""``llmbench show RUN``: the samples that did not pass, each with why."""

from llmbench.commands.arguments import columns
from llmbench.report.read import Run, reference
from llmbench.report.words import one_line, plural

_LONGEST = 80


def not_passed(run: Run) -> str:
    """Return a row for each sample that did not pass, and how to see one."""
    left = [record for record in run.planned if record.outcome != "passed"]
    missing = run.summary.planned - len(run.planned)
    rest = f"; {plural(missing, 'sample')} not run" if missing else ""
    if not left:
        return f"all {len(run.planned)} that were made passed{rest}"
    rows = [
        (record.task, str(record.sample), str(record.outcome), one_line(record.reason, _LONGEST))
        for record in left
    ]
    table = columns([("TASK", "SAMPLE", "OUTCOME", "WHY"), *rows])
    told = f"{len(left)} of {plural(run.summary.planned, 'sample')} did not pass{rest}"
    return f"{table}\n\n{told}; see one: llmbench show {reference(run.folder)} {left[0].task}"
