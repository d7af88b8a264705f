"""A cell of a sweep: one run, and the small file that says what became of it.

The file is how cells report, whichever launcher starts them and in whichever process.
"""

import json
import os
import signal
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from types import FrameType
from typing import Any, Literal, cast

import msgspec
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from llmbench.config import resolvers
from llmbench.config.arguments import key_of
from llmbench.config.build import build_spec
from llmbench.config.compose import plain
from llmbench.config.foresight import foreseen
from llmbench.config.shown import shown
from llmbench.config.sources import find_sources
from llmbench.console import Console
from llmbench.errors import ImpossibleError, LlmbenchError
from llmbench.registry import explained
from llmbench.report.files import write_files
from llmbench.report.read import narrowed, read_run
from llmbench.report.words import inert, plural
from llmbench.score.summary import Summary
from llmbench.streams import replace_what_is_lacking

Status = Literal["running", "done", "failed", "impossible", "interrupted"]

_SWEEP = "sweep.json"
_STOP = "stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What became of one cell."""

    number: int
    status: Status
    overrides: Mapping[str, str] = field(default_factory=dict)
    """Values of the swept keys."""
    reason: str = ""
    folder: str = ""
    """Of the run."""
    summary: Mapping[str, Any] = field(default_factory=dict)
    pid: int = 0


def begin_sweep(folder: Path, keys: Sequence[str]) -> None:
    """Say in the sweep's folder which process leads it, and what is swept."""
    folder.mkdir(parents=True)
    about = {"schema": "llmbench.sweep/1", "pid": os.getpid(), "keys": list(keys)}
    (folder / _SWEEP).write_text(json.dumps(about), encoding="utf-8")


def stop_sweep(folder: Path) -> None:
    """Let no further cell of the sweep begin."""
    (folder / _STOP).touch()


def read_cells(folder: Path) -> list[Cell]:
    """Return what the cells have reported so far, by number."""
    known = {field.name for field in fields(Cell)}
    files = (json.loads(path.read_text(encoding="utf-8")) for path in (folder / "cells").glob("*.json"))
    cells = (Cell(**{key: value for key, value in data.items() if key in known}) for data in files)
    return sorted(cells, key=lambda cell: cell.number)


def run_cell(config: DictConfig) -> None:
    """Run one cell; Hydra's launchers call this, in this process or in another one.

    Errors are reported and end only this cell; an interruption ends the sweep.
    """
    replace_what_is_lacking()  # in a worker process, its own
    resolvers.register()
    hydra = cast(DictConfig, HydraConfig.get())
    folder, number = Path(hydra.sweep.dir), int(hydra.job.num)
    overrides = tuple(hydra.overrides.task)
    swept = {key_of(text): text.partition("=")[2] for text in overrides}
    report = _Report(folder, number, swept)
    if (folder / _STOP).exists():
        report.write("interrupted")
        return
    from llmbench.runner.progress import RunConsole

    about = json.loads((folder / _SWEEP).read_text(encoding="utf-8"))
    console = RunConsole()
    named = {key_of(text): shown(text) for text in overrides if key_of(text) in about["keys"]}
    title = " ".join(f"{key}={value}" for key, value in named.items())
    console.rule(inert(title), align="left", style="dim")
    with _apart(about["pid"]), report.running():
        report.execute(config, hydra, overrides, console)


class _Report:
    def __init__(self, folder: Path, number: int, overrides: Mapping[str, str]) -> None:
        self._path = folder / "cells" / f"{number:04}.json"
        self._number = number
        self._overrides = overrides

    def write(self, status: Status, **more: Any) -> None:
        cell = Cell(number=self._number, status=status, overrides=self._overrides, pid=os.getpid(), **more)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_suffix(".tmp")
        draft.write_text(json.dumps(asdict(cell), default=str), encoding="utf-8")
        draft.replace(self._path)

    @contextmanager
    def running(self) -> Iterator[None]:
        self.write("running")
        try:
            yield
        except ImpossibleError as error:
            self.write("impossible", reason=str(error))
        except LlmbenchError as error:
            print(f"llmbench: cell {self._number}: {error}", file=sys.stderr)
            self.write("failed", reason=str(error))
        except Exception as error:
            traceback.print_exc()
            self.write("failed", reason=explained(error))
        except KeyboardInterrupt:
            self.write("interrupted")
            raise

    def execute(
        self, config: DictConfig, hydra: DictConfig, overrides: tuple[str, ...], console: Console
    ) -> None:
        from llmbench.runner import execute

        spec = build_spec(plain(config, hydra, overrides, find_sources(_config_dir(hydra))))
        result = execute(spec, console=console, foresight=foreseen(spec))
        summary, held = (None, 0) if spec.dry_run else _reported(spec.folder, result.tasks)
        reason = result.stopped or (f"exit code {result.exit_code}" if result.exit_code else "")
        if not reason and summary and spec.strict and summary.has_problem:
            reason = "its trust report has a problem (strict)"
        status: Status = "failed" if reason else "done"
        if not reason and held > len(result.tasks):
            # The matrix sets cells side by side: each is about what the sweep selected.
            reason = f"{plural(len(result.tasks), 'task')} of the {held} that the run holds"
        told = dict(msgspec.to_builtins(summary)) if summary else {}
        self.write(status, reason=reason, folder=str(result.folder), summary=told)


def _reported(folder: Path, tasks: Sequence[str]) -> tuple[Summary, int]:
    """Write a run's report; return the summary of the selected tasks, and how many the run holds."""
    run = read_run(folder)
    write_files(run)
    return narrowed(run, tasks).summary, len(run.manifest.plan.tasks)


def _config_dir(hydra: DictConfig) -> Path | None:
    named = (source for source in hydra.runtime.config_sources if source.provider == "--config-dir")
    return next((Path(source.path) for source in named), None)


@contextmanager
def _apart(leader: int) -> Iterator[None]:
    """In a worker process, let the sweep's leader alone decide when to stop.

    A terminal's Ctrl-C would otherwise reach the worker a second time and cut its clean-up short.
    """
    if leader == os.getpid():
        yield
        return
    os.setpgid(0, 0)
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(number: int, frame: FrameType | None) -> None:
    signal.raise_signal(signal.SIGINT)
