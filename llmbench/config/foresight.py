"""What is known of a composed run before it is made."""

from pathlib import Path

from llmbench.report.foresight import Foreseen
from llmbench.runner.spec import RunSpec


def foreseen(spec: RunSpec) -> Foreseen:
    """Return what earlier runs in the same folder of runs say of this one; they are read once it is asked."""
    from llmbench.history.earlier import earlier_runs

    root = Path(spec.folder).parent.parent
    wanted = {axis: getattr(spec, axis).name for axis in ("model", "backend", "dataset", "agent")}
    return Foreseen(lambda: earlier_runs(root, spec.folder, wanted))
