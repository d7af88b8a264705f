"""``llmbench resume``: let a paused run go on, or give the command of one that was ended once more."""

import shlex
from pathlib import Path

from llmbench.app import run_app
from llmbench.commands.at_work import asking_parser, named_run
from llmbench.errors import UsageError
from llmbench.records.bundle import bundle_of
from llmbench.records.control import ask
from llmbench.records.manifest import Manifest, read_manifest
from llmbench.records.status import ENDED, read_status


def main(argv: list[str]) -> int:
    """Ask the command to go on, or begin it again here."""
    parser = asking_parser(
        "resume",
        "Let a paused run go on, also in its quiet hours. Where its command has ended, was killed or the "
        "machine was started anew, its command is given again, in this terminal.",
    )
    options = parser.parse_args(argv)
    folder = named_run(options.run, options.root)
    status = read_status(folder)
    if status is None or status.state in ENDED:
        return _again(folder)
    ask(folder, "running", by="llmbench resume")
    goes_on = status.state in ("pausing", "paused")
    print(f"{status.run_id} {'goes on' if goes_on else 'is not paused: it goes on'}")
    return 0


def _again(folder: Path) -> int:
    if bundle_of(folder):
        raise UsageError(f"resume: {folder} is a bundle, which stays as it is")
    manifest = read_manifest(folder)
    words = _words(manifest, folder)
    print(
        f"no command works on {manifest.run_id}; its own is given again: {shlex.join(['llmbench', *words])}"
    )
    return run_app(words)


def _words(manifest: Manifest, folder: Path) -> list[str]:
    """Return the run's words as people type them, with the place where the run is.

    Raises:
        UsageError: they would make another run here.
    """
    from llmbench.config.arguments import key_of, parse
    from llmbench.config.build import build_spec
    from llmbench.config.compose import compose

    words = [word.removeprefix("++") for word in manifest.overrides]
    if build_spec(compose(parse(words))).folder.resolve() == folder.resolve():
        return words
    root = folder.resolve().parent.parent
    words = [*(word for word in words if key_of(word) != "output_root"), f"output_root={root}"]
    if build_spec(compose(parse(words))).folder.resolve() == folder.resolve():
        return words
    raise UsageError(
        f"resume: {folder}: its command makes another run here ({shlex.join(['llmbench', *words])}); "
        "give the command in the folder, and with the variables, where the run was made"
    )
