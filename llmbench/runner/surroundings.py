"""What is around a run: what its plugins get to know, the folder it is written to, and how it ended."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from llmbench.api import Context
from llmbench.runner.spec import RunSpec
from llmbench.runner.under_way import arrived


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a run ended."""

    folder: Path
    planned: int
    made: int
    """Samples that this command made; the others were in the journal."""
    infra_errors: int
    """Planned samples that are still without a grade because of one."""
    tasks: tuple[str, ...] = ()
    """That this command selected; the run may hold more."""
    stopped: str = ""
    """Why it was ended early, with what to do: the answers look as if the set-up were broken."""

    @property
    def exit_code(self) -> int:
        """0, or 1 where samples could not be graded or the run was ended early."""
        return 1 if self.infra_errors or self.stopped else 0


def make_context(spec: RunSpec, warn: Callable[[str], None], progress: Callable[[str], None]) -> Context:
    """Return what this run's plugins get to know of their surroundings."""
    return Context(
        work_dir=spec.folder / "server",
        cache_dir=Path(platformdirs.user_cache_dir("llmbench")),
        label=spec.run_id,
        secrets=spec.secrets,
        warn=warn,
        progress=progress,
        arrived=arrived,
    )


@contextmanager
def undone_if_barren(folder: Path, *, is_new: bool) -> Iterator[None]:
    """Remove a new folder, locked by us, if an error comes before there is anything in it worth keeping."""
    try:
        yield
    except BaseException:
        if is_new and not (folder / "manifest.json").exists():
            shutil.rmtree(folder, ignore_errors=True)
            for parent in folder.parents[:2]:
                with suppress(OSError):
                    parent.rmdir()
        raise
