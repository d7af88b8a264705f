"""``llmbench verify``: grade the answers of somebody's run here, and say which verdicts hold."""

import sys
from pathlib import Path

from llmbench.commands.arguments import Parser
from llmbench.errors import UsageError
from llmbench.records.bundle import bundle_of
from llmbench.records.runs import find_run
from llmbench.report.read import Run, read_run


def main(argv: list[str]) -> int:
    """Verify a bundle, or a run."""
    parser = Parser(
        "verify",
        "Grade the answers in a bundle again, in a sandbox of this machine, and say which verdicts agree; no "
        "model is asked, and nothing is changed. FILE is what llmbench export RUN --bundle wrote; a RUN will "
        "do. Exit code 0: all verdicts that were checked agree; 1: some differ, or none could be checked.",
        "FILE [sandbox=… graders=… box.…=… dataset.path=DIR] [--json]",
    )
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument("--root", type=Path, default=Path("outputs"), help="where the runs are (outputs)")
    options, words = parser.split(argv)
    files = [word for word in words if "=" not in word or Path(word).is_file()]
    if len(files) != 1:
        raise UsageError(f"verify: expected one bundle, got {', '.join(files) or 'none'}")
    folder = find_run(files[0], options.root)
    return _verified(read_run(folder), [word for word in words if word != files[0]], as_json=options.json)


def _verified(run: Run, overrides: list[str], *, as_json: bool) -> int:
    """Grade, say what came of it, and return the exit code."""
    from llmbench.commands.foreign_spec import foreign_spec
    from llmbench.commands.setup import scratch
    from llmbench.console import Console
    from llmbench.report.verification import show_verification, verification_json
    from llmbench.runner.verify import Claims, verify

    for sentence in run.damage:
        print(f"llmbench: warning: {sentence}", file=sys.stderr)
    bundle = bundle_of(run.folder)
    altered = bundle.bundle.altered if bundle else ()
    # What is printed beside JSON would spoil it.
    console = Console(stderr=as_json)
    claims = Claims(folder=run.folder, manifest=run.manifest, records=run.planned, altered=frozenset(altered))
    with scratch() as work_dir:
        spec = foreign_spec(run.manifest, overrides, run.folder)
        found = verify(spec, claims, console=console, work_dir=Path(work_dir))
    if as_json:
        print(verification_json(run, found, altered))
    else:
        show_verification(run, found, altered, console)
    return 0 if any(one.state == "agrees" for one in found.checked) and not found.differing else 1
