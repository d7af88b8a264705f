"""The pictures of several runs beside each other."""

from collections.abc import Sequence

from llmbench.report.pictures.intervals import Row, interval_picture
from llmbench.report.pictures.names import run_names
from llmbench.report.pictures.picture import Picture
from llmbench.report.read import Run


def sweep_pictures(runs: Sequence[Run]) -> tuple[Picture, ...]:
    """Return the pictures of several runs, as far as there is something to show; none of a single one."""
    if len(runs) < 2:
        return ()
    return (interval_picture(_rows(runs), "pass@1 of the runs, with 95 % intervals"),)


def _rows(runs: Sequence[Run]) -> list[Row]:
    return [
        Row(
            name=name,
            share=run.summary.score.pass_at_1,
            interval=run.summary.score.interval_95,
            samples=run.summary.graded,
            doubted=run.summary.has_problem,
        )
        for run, name in zip(runs, run_names(runs), strict=True)
    ]
