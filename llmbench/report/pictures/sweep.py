"""The pictures of several runs beside each other."""

from collections.abc import Iterator, Mapping, Sequence

from llmbench.report.pictures.heat import Cell, Matrix, heat_picture
from llmbench.report.pictures.intervals import Row, interval_picture
from llmbench.report.pictures.names import RUN, differing, named
from llmbench.report.pictures.picture import Picture
from llmbench.report.pictures.quantities import GPU_MEMORY, QUANTITIES, SERVER_MEMORY
from llmbench.report.pictures.scatter import Candidate, scatter_picture
from llmbench.report.read import Run
from llmbench.report.words import plural

_DOWN = ("model", "backend")
Named = Sequence[tuple[Run, str]]


def sweep_pictures(runs: Sequence[Run]) -> tuple[Picture, ...]:
    """Return the pictures of several runs, as far as there is something to show; none of a single one."""
    if len(runs) < 2:
        return ()
    choices = differing(runs)
    heat = heat_picture(_matrix(runs, choices), "pass@1 of the matrix in %")
    return (
        interval_picture(_rows(_named(runs, choices)), "pass@1 of the runs, with 95 % intervals"),
        *_scatters(runs),
        *([heat] if heat else []),
    )


def _named(runs: Sequence[Run], choices: Sequence[Mapping[str, str]]) -> Named:
    return [(run, named(chosen)) for run, chosen in zip(runs, choices, strict=True)]


def _rows(runs: Named) -> list[Row]:
    return [
        Row(
            name=name,
            share=run.summary.score.pass_at_1,
            interval=run.summary.score.interval_95,
            samples=run.summary.graded,
            doubted=run.summary.has_problem,
        )
        for run, name in runs
    ]


def _matrix(runs: Sequence[Run], choices: Sequence[Mapping[str, str]]) -> Matrix:
    """Return the runs by row and column; nothing where these do not tell all of them apart."""
    if RUN in choices[0]:
        return {}
    down = [key for key in choices[0] if key.partition(".")[0] in _DOWN] or [*choices[0]][:1]
    across = [key for key in choices[0] if key not in down]
    return {
        (named({key: chosen[key] for key in down}), named({key: chosen[key] for key in across})): Cell(
            run.summary.score.pass_at_1, run.summary.has_problem
        )
        for run, chosen in zip(runs, choices, strict=True)
    }


def _scatters(runs: Sequence[Run]) -> Iterator[Picture]:
    """Yield correctness against each figure, of runs that were asked the same tasks."""
    asked: dict[str, list[Run]] = {}
    for run in runs:
        asked.setdefault(str(run.manifest.dataset.get("sha256")), []).append(run)
    for same in asked.values():
        about = _tasks(same[0]) if len(asked) > 1 else ""
        yield from _against(_named(same, differing(same)), about)


def _tasks(run: Run) -> str:
    return f", {run.manifest.names.get('dataset', '')} ({plural(run.summary.tasks, 'task')})"


def _against(runs: Named, about: str) -> Iterator[Picture]:
    drawn = set()
    for quantity in QUANTITIES:
        if quantity is SERVER_MEMORY and GPU_MEMORY in drawn:
            continue  # where the weights are in the GPU, what the process takes besides tells little
        candidates = [
            Candidate(
                name=name,
                share=share,
                interval=run.summary.score.interval_95,
                amount=quantity.amount(run),
                doubted=run.summary.has_problem,
            )
            for run, name in runs
            if (share := run.summary.score.pass_at_1) is not None
        ]
        if picture := scatter_picture(candidates, quantity, f"pass@1 against {quantity.name}{about}"):
            drawn.add(quantity)
            yield picture
