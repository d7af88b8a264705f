"""``llmbench solve``: an agent works on files of one's own, without a benchmark and without a grade."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from llmbench.api import Completion
from llmbench.app import INTERRUPTED
from llmbench.commands.arguments import Parser
from llmbench.commands.carrying import Carried, carried, nothing_carried
from llmbench.commands.setup import composed_spec, scratch
from llmbench.config.arguments import key_of
from llmbench.console import Console
from llmbench.errors import LlmbenchError, UsageError
from llmbench.records.manifest import now
from llmbench.records.masking import Mask
from llmbench.records.own_folder import OwnFolder, changes, read_folder, write_back
from llmbench.records.solves import Solve, new_solve_folder, noted, patch_of, write_solve
from llmbench.report.read import relative
from llmbench.report.solving import Teller, show_patch, spent
from llmbench.report.words import inert, plural
from llmbench.runner.solving import Conversation, converse, toolchain_for
from llmbench.runner.spec import RunSpec
from llmbench.runner.surroundings import make_context

_OF_RUNS = (
    *("dataset", "validator", "limit", "tasks", "filter", "samples", "tries", "retry_budget", "strict"),
    *("stop_when_suspicious", "dry_run", "graders", "in_flight", "monitors", "monitor_interval_ms"),
    *("monitor_options", "history_url"),
)
"""Keys that are about tasks, grading and journals: none of them is read here."""
_SHOWN = 5


def main(argv: list[str]) -> int:
    """Let an agent work on a copy of a folder, and write back what it changed where that is asked for."""
    parser = Parser(
        "solve",
        "Let a model work on files of your own: it gets the prompt and a copy of the folder's text files, "
        "and you see what it does. Takes the overrides of a run (model, backend, agent, sampling, limits, "
        "budget); agent=tools unless another is named. Nothing is graded. Without --apply your files stay "
        "as they are.",
        "--file PROMPT.md [--folder DIR] [--apply [--yes]] [--continue] [--toolchain NAME] [key=value …]",
    )
    parser.add_argument("--file", type=Path, required=True, metavar="PROMPT.md", help="what to do, as text")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="the files (none: it begins with nothing)")
    parser.add_argument("--apply", action="store_true", help="show the changes, ask, and write them to DIR")
    parser.add_argument("--yes", action="store_true", help="with --apply: do not ask")
    parser.add_argument(
        "--continue", action="store_true", dest="goes_on", help="go on where the last conversation ended"
    )
    parser.add_argument(
        "--toolchain", metavar="NAME", help="of the box that programs run in (by the folder's files)"
    )
    options, words = parser.split(argv)
    _check(options, words)
    solving = _prepared(options, words)
    try:
        return solving.run()
    except KeyboardInterrupt:
        kept = f"; what was done is in {relative(solving.place)}" if solving.place else ""
        print(f"llmbench: interrupted{kept}", file=sys.stderr)
        return INTERRUPTED


def _check(options: argparse.Namespace, words: Sequence[str]) -> None:
    """Refuse what has no meaning here, or could not be done at the end."""
    plain = next((word for word in words if "=" not in word and word[0] not in "-~+"), None)
    if plain is not None:
        raise UsageError(f"solve: '{plain}': expected key=value; the prompt is named by --file")
    idle = next((key for key in map(key_of, words) if key.partition(".")[0] in _OF_RUNS), None)
    if idle is not None:
        raise UsageError(f"solve: {idle} is about runs of a benchmark and has no effect here; leave it out")
    if options.yes and not options.apply:
        raise UsageError("solve: --yes is about --apply; add that, or leave it out")
    if options.apply and not (options.folder or options.goes_on):
        raise UsageError("solve: --apply: there is no folder to write to; name it: --folder DIR")
    if options.apply and not options.yes and not sys.stdin.isatty():
        raise UsageError("solve: nobody can be asked here; give --apply --yes to write without a question")


def _prepared(options: argparse.Namespace, words: Sequence[str]) -> "_Solving":
    named = any("=" in word and key_of(word) == "agent" for word in words)
    spec = composed_spec("solve", words if named else ["agent=tools", *words])
    root, mask = spec.folder.parents[1], Mask(spec.secrets, spec.secret_names)
    prompt = _prompt(options.file)
    last = carried(root, options.folder) if options.goes_on else nothing_carried(options.folder)
    if options.apply and last.folder is None:
        raise UsageError("solve: --apply: the last conversation was about no folder")
    source = _source(last.folder, root, mask)
    files = last.laid_over(source.files)
    return _Solving(
        spec=spec,
        mask=mask,
        options=options,
        root=root,
        source=source,
        last=last,
        work=Conversation(prompt, files, earlier=last.messages),
        toolchain=toolchain_for(tuple(files), options.toolchain),
    )


def _prompt(file: Path) -> str:
    try:
        prompt = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"solve: --file: {file}: expected text in UTF-8") from None
    except OSError as error:
        raise UsageError(f"solve: --file: {file}: {error.strerror}; name a file with what to do") from None
    if not prompt.strip():
        raise UsageError(f"solve: --file: {file} is empty; write into it what to do")
    return prompt


def _source(folder: Path | None, root: Path, mask: Mask) -> OwnFolder:
    if folder is None:
        return OwnFolder(Path())
    if not folder.is_dir():
        what = "a file" if folder.exists() else "nothing"
        raise UsageError(f"solve: --folder: {folder}: expected a folder, got {what}")
    if root.resolve() in (folder.resolve(), *folder.resolve().parents):
        raise UsageError(f"solve: --folder: {folder} is in the folder of all runs ({root}); name another")
    return read_folder(folder.resolve(), root, mask)


@dataclass(kw_only=True)
class _Solving:
    """One command: what was asked for, and where it has got to."""

    spec: RunSpec
    mask: Mask
    options: argparse.Namespace
    root: Path
    source: OwnFolder
    last: Carried
    work: Conversation
    toolchain: str
    place: Path | None = None

    def run(self) -> int:
        self.console, self.started = Console(), now()
        self._say_what_is_left_out()
        try:
            self._converse()
        except LlmbenchError:
            if self.place is not None:
                self._say(f"broken off; what was done is in {relative(self.place)}")
            raise
        return self._settle()

    def _converse(self) -> None:
        with scratch() as folder:
            context = make_context(self.spec, self._say, self._say)
            context = replace(context, work_dir=Path(folder))
            work = converse(
                self.spec,
                context,
                self.work,
                toolchain=self.toolchain,
                place=self._place,
                tell=Teller(self.console),
            )
            try:
                asyncio.run(work)
            finally:
                # Also where it was broken off or interrupted: answers cost time and money.
                self._keep()

    def _place(self) -> Path:
        self.place = new_solve_folder(self.root)
        return self.place

    def _keep(self) -> None:
        if self.place is None:
            return
        before, after = self.source.files, self.work.files
        changed = changes(before, after)
        solve = Solve(
            started=self.started,
            ended=now(),
            folder=str(self.last.folder.resolve()) if self.last.folder else "",
            overrides=self.spec.overrides,
            prompts=(*self.last.prompts, self.work.prompt),
            answers=(*self.last.answers, _said_at_last(self.work.completions)),
            changed=noted(before, changed),
            left_out=self.source.left_out,
        )
        write_solve(self.place, solve, before, after, changed, self.mask)

    def _settle(self) -> int:
        """Show what became of the files, and write them back where that is wanted."""
        before = self.source.files
        changed = changes(before, self.work.files)
        show_patch(self.mask.text(patch_of(before, changed)), self.console)
        if self.work.cut_short:
            self._say(
                "a limit of the agent's own ended the work; more: agent.max_iterations=…, or --continue"
            )
        told = f"{plural(len(changed), 'file')} changed" if changed else "no file was changed"
        self._say(f"{told} ({spent(self.work.completions)}); llmbench show {relative(self.place or Path())}")
        if not (self.options.apply and changed):
            return 0
        if not self.options.yes and not self._agreed():
            print("nothing was written")
            return 1
        write_back(self.source.path, before, changed)
        print(f"wrote {plural(len(changed), 'file')} to {relative(self.source.path)}")
        return 0

    def _agreed(self) -> bool:
        try:
            answer = input(f"Write these changes to {relative(self.source.path)}? [y/N] ")
        except EOFError:
            return False
        return answer.strip().lower() in ("y", "yes")

    def _say_what_is_left_out(self) -> None:
        found = [f"{path} ({reason})" for path, reason in self.source.left_out.items()]
        if found:
            more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
            self._say(f"not given to the agent: {', '.join(found[:_SHOWN])}{more}")

    def _say(self, message: str) -> None:
        self.console.print(inert(self.mask.text(message)), style="dim", highlight=False, soft_wrap=True)


def _said_at_last(completions: Sequence[Completion]) -> str:
    """Return the last answer's text, or what it told the tool that ends the work."""
    if not completions:
        return ""
    last = completions[-1]
    told = [value for call in last.tool_calls for value in call.arguments.values() if isinstance(value, str)]
    return last.content.strip() or "\n".join(told)
