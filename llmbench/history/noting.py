"""Noting a run when its report is written, so that the next leaderboard has nothing to read."""

import sys
from collections.abc import Sequence
from pathlib import Path

from llmbench.history.folders import look_at
from llmbench.history.history import History
from llmbench.history.indexing import indexed
from llmbench.history.rows import row_id
from llmbench.records.manifest import Manifest
from llmbench.records.record import Record
from llmbench.score.summary import Summary


def note(folder: Path, manifest: Manifest, planned: Sequence[Record], summary: Summary) -> None:
    """Write the row of a run that lies where its manifest says; whatever goes wrong is one line on stderr."""
    root = folder.absolute().parents[1]
    if not _is_home(root, manifest):
        return  # copied or moved: whoever asks for a leaderboard there has it read
    try:
        _note(root, folder, manifest, planned, summary)
    except Exception as error:  # no history is worth a run
        _warn(f"the run is not noted in the history: {' '.join(str(error).split())}")


def _note(root: Path, folder: Path, manifest: Manifest, planned: Sequence[Record], summary: Summary) -> None:
    history = History(root, manifest.config.get("history_url"), warn=_warn)
    seen = look_at(root, folder.absolute().relative_to(root).as_posix())
    if seen is None or history.stamp(row_id(history.place.name, seen.folder)) == seen.stamp:
        return
    history.keep([indexed(history.place.name, seen, manifest, planned, summary)])


def _is_home(root: Path, manifest: Manifest) -> bool:
    """Say whether a folder is the one that the run's command named: no database is strewn elsewhere."""
    named = manifest.config.get("output_root")
    return isinstance(named, str) and Path(named).expanduser().resolve() == root.resolve()


def _warn(message: str) -> None:
    print(f"llmbench: warning: {message}", file=sys.stderr)
