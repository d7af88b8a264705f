"""``llmbench rm``: delete runs, after a question."""

import shutil
import sys
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from llmbench.commands.arguments import Parser
from llmbench.commands.history import history_of
from llmbench.errors import RunError, UsageError
from llmbench.records.lock import run_lock
from llmbench.records.runs import find_run
from llmbench.records.sizes import Size, shown, size_of
from llmbench.wording import plural


def main(argv: list[str]) -> int:
    """Ask, and delete."""
    parser = Parser(
        "rm",
        "Delete runs: their answers, journals and reports. RUN is a folder, a run's id or part of its name, "
        "or 'last'. A run that is under way is refused.",
        "RUN … [--yes] [--root DIR]",
    )
    parser.add_argument("run", nargs="+", metavar="RUN")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--root", type=Path, default=Path("outputs"), help="where the runs are (outputs)")
    options = parser.parse_args(argv)
    folders = list(dict.fromkeys(find_run(word, options.root) for word in options.run))
    for folder in folders:
        _refuse_link(folder)
    with ExitStack() as stack:
        for folder in folders:
            stack.enter_context(run_lock(folder))
        sizes = [size_of(folder) for folder in folders]
        if not (options.yes or _agreed(folders, sizes)):
            print("nothing was deleted")
            return 1
        freed = sum((_delete(folder, size) for folder, size in zip(folders, sizes, strict=True)), Size())
    history = history_of(options.root)
    for folder in folders:
        history.forget(folder)
    print(f"deleted {plural(len(folders), 'run')}, freed {shown(freed.bytes)}")
    return 0


def _refuse_link(folder: Path) -> None:
    if folder.is_symlink():
        raise UsageError(f"rm: {folder} is a link to {folder.resolve()}; name that run, or remove the link")


def _agreed(folders: Sequence[Path], sizes: Sequence[Size]) -> bool:
    for folder, size in zip(folders, sizes, strict=True):
        print(f"{folder}  {shown(size.bytes)}, {plural(size.files, 'file')}")
    if not sys.stdin.isatty():
        raise UsageError("rm: nobody can be asked here; give --yes to delete these runs")
    total = sum(sizes, Size())
    answer = input(
        f"Delete {plural(len(folders), 'run')} ({shown(total.bytes)})? They can't be had back. [y/N] "
    )
    return answer.strip().lower() in ("y", "yes")


def _delete(folder: Path, size: Size) -> Size:
    """Delete a run, under another name first: what a crash leaves of it is never taken for a run."""
    aside = folder.with_name(f".{folder.name}.deleted")
    try:
        if aside.exists():
            shutil.rmtree(aside)
        folder.rename(aside)
        shutil.rmtree(aside)
    except OSError as error:
        raise RunError(f"rm: {error.filename} can't be deleted: {error.strerror}") from None
    with suppress(OSError):
        folder.parent.rmdir()  # the dataset's folder, if this was its last run
    return size
