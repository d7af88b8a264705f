"""Sweeps: every cell is its own run; a matrix closes the sweep."""

import itertools
import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

from hydra import initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override

from llmbench.config.arguments import Arguments, key_of
from llmbench.config.build import build_spec
from llmbench.config.cells import Cell, begin_sweep, read_cells, run_cell, stop_sweep
from llmbench.config.complaints import FOREIGN, as_user_error
from llmbench.config.compose import HYDRA_VERSION_BASE, Composed, compose, config_dir, prepare
from llmbench.config.matrix import show_matrix, write_matrix
from llmbench.config.show import run_hydra
from llmbench.config.shown import shown
from llmbench.errors import ImpossibleError, UsageError
from llmbench.runner.progress import RunConsole
from llmbench.runner.warm import keeping_warm

STOP_WAIT_S = 60.0
"""How long workers may take to stop their servers after Ctrl-C."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A swept key with its values, as overrides."""

    key: str
    overrides: tuple[str, ...]


def sweep(arguments: Arguments) -> int:
    """Run every cell, then show the matrix.

    Returns:
        1 where a cell failed; 0 where all are done, or impossible.

    Raises:
        UsageError: a value that any cell would use is wrong; no cell has begun then.
    """
    axes, fixed = _axes(arguments)
    _refuse_twins(axes)
    first = _check_values(arguments, axes, fixed)
    folder = _unused(first.sweep_dir)
    begin_sweep(folder, [axis.key for axis in axes])
    overrides = servers_first(arguments.overrides, [axis.key for axis in axes])
    argv = ["--multirun", *overrides, f"hydra.sweep.dir='{folder}'"]
    try:
        with (
            _stopping_workers(folder, first.choices.get("hydra/launcher", "basic")),
            keeping_warm(folder / "servers"),
        ):
            run_hydra(arguments, run_cell, argv)
    finally:
        cells = _all_cells(folder, axes)
        write_matrix(cells, folder, [axis.key for axis in axes])
        show_matrix(cells, folder, [axis.key for axis in axes], RunConsole())
    return 1 if any(cell.status in ("failed", "interrupted") for cell in cells) else 0


def cells_of(arguments: Arguments) -> list[list[str]]:
    """Return the overrides of every cell, without running any.

    Raises:
        UsageError: a value is wrong, or stands there twice.
    """
    axes, fixed = _axes(arguments)
    _refuse_twins(axes)
    return [[*fixed, *chosen] for chosen in itertools.product(*(axis.overrides for axis in axes))]


def servers_first(overrides: Sequence[str], swept: Sequence[str]) -> list[str]:
    """Return the overrides with the swept models and backends in front: the first key changes least often.

    So each server is loaded once. The rest keeps its order, for the last word on a key counts.
    """
    heavy = [key for key in swept if key.partition(".")[0] in ("model", "backend")]
    return sorted(overrides, key=lambda text: key_of(text) not in heavy)


def _axes(arguments: Arguments) -> tuple[list[Axis], list[str]]:
    """Return the swept keys, and the overrides that all cells share."""
    prepare(arguments.sources)
    try:
        with initialize_config_dir(config_dir(arguments.sources), version_base=HYDRA_VERSION_BASE):
            loader = GlobalHydra.instance().config_loader()
            parsed = OverridesParser.create(config_loader=loader).parse_overrides(list(arguments.overrides))
            # The last word on a key counts, at the place of the first: as Hydra does it.
            last = {override.get_key_element(): override for override in parsed}
            axes = [
                Axis(key_of(key), _values(item)) for key, item in last.items() if item.is_sweep_override()
            ]
    except FOREIGN as error:
        raise as_user_error(error, arguments) from error
    return axes, [str(item.input_line) for item in last.values() if not item.is_sweep_override()]


def _refuse_twins(axes: Sequence[Axis]) -> None:
    """Refuse a value that stands there twice, also where Hydra reads two ways of writing it as one."""
    for axis in axes:
        for position, override in enumerate(axis.overrides):
            if override in axis.overrides[:position]:
                value = shown(override)
                hint = "; a text that looks like a number needs quotes: \"'4.10'\"" if "." in value else ""
                raise UsageError(f"{axis.key}: two values of the sweep are the same, {value}{hint}")


def _values(override: Override) -> tuple[str, ...]:
    return tuple(f"{override.get_key_element()}={value}" for value in override.sweep_string_iterator())


def each_value_once(arguments: Arguments) -> list[Composed]:
    """Return what is composed with each swept value once, the others at their first; the first cell first.

    Raises:
        UsageError: a value is wrong, or stands there twice.
    """
    axes, fixed = _axes(arguments)
    _refuse_twins(axes)
    return list(_composed(arguments, axes, fixed))


def _check_values(arguments: Arguments, axes: list[Axis], fixed: list[str]) -> Composed:
    """Compose with each swept value once; return the first cell.

    That finds unknown names and wrong values in the sum of the axes' lengths, not in their product.
    """
    for composed in _composed(arguments, axes, fixed):
        _check(composed)
    return compose(arguments, (*fixed, *(axis.overrides[0] for axis in axes)))


def _composed(arguments: Arguments, axes: list[Axis], fixed: list[str]) -> Iterator[Composed]:
    first = [axis.overrides[0] for axis in axes]
    yield compose(arguments, (*fixed, *first))
    for position, axis in enumerate(axes):
        for override in axis.overrides[1:]:
            others = [*first[:position], override, *first[position + 1 :]]
            yield compose(arguments, (*fixed, *others))


def _check(composed: Composed) -> None:
    with suppress(ImpossibleError):
        build_spec(composed)


def _unused(folder: Path) -> Path:
    others = (folder.with_name(f"{folder.name}-{number}") for number in itertools.count(2))
    return next(name for name in itertools.chain([folder], others) if not name.exists())


def _all_cells(folder: Path, axes: list[Axis]) -> list[Cell]:
    """Return a cell for every combination, whatever became of it."""
    reported = read_cells(folder)
    cells = []
    for number, combination in enumerate(itertools.product(*(axis.overrides for axis in axes))):
        swept = {key_of(text): text.partition("=")[2] for text in combination}
        found = next((cell for cell in reported if swept.items() <= cell.overrides.items()), None)
        cell = found or Cell(number=number, status="interrupted", reason="not begun")
        if cell.status == "running":
            cell = replace(cell, status="failed", reason="its process ended without a word")
        named = {key_of(text): shown(text) for text in combination}
        cells.append(replace(cell, number=number, overrides=named))
    return _noting_twins(cells)


def _noting_twins(cells: Sequence[Cell]) -> list[Cell]:
    """Say of a cell that it is the same run as an earlier one: what was swept is no part of a run's name."""
    rows = {cell.folder: row for row, cell in reversed(list(enumerate(cells, start=1)))}
    return [
        replace(cell, reason=f"the same run as row {rows[cell.folder]}")
        if cell.folder and not cell.reason and rows[cell.folder] != row
        else cell
        for row, cell in enumerate(cells, start=1)
    ]


@contextmanager
def _stopping_workers(folder: Path, launcher: str) -> Iterator[None]:
    """On Ctrl-C, stop the cells in other processes and wait until they have cleaned up."""
    if launcher == "basic":  # the cell runs here, and asyncio turns Ctrl-C into a cancellation
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        stop_sweep(folder)
        for cell in _running(folder):
            with suppress(ProcessLookupError):
                os.kill(cell.pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_WAIT_S
        while _running(folder) and time.monotonic() < deadline:
            time.sleep(0.05)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _running(folder: Path) -> list[Cell]:
    return [cell for cell in read_cells(folder) if cell.status == "running" and _alive(cell.pid)]


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
