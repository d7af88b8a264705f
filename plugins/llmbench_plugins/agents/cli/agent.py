"""Agent `cli`: an outside agent's command, run on a copy of the workspace, whose files are taken back.

What it runs is model-written: bubblewrap confines it, without a network, unless the person says otherwise.
"""

import re
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from llmbench.api import (
    Agent,
    Attempt,
    Box,
    Context,
    Files,
    Limits,
    Message,
    Model,
    ModelProfile,
    Outcome,
    PathError,
    Ran,
    Task,
    Workspace,
    clean_path,
)
from llmbench.errors import AgentError, PrerequisiteError, SandboxError, UsageError
from llmbench_plugins.agents.cli.endpoint import Endpoint
from llmbench_plugins.agents.cli.one_try import CliTry, spread
from llmbench_plugins.agents.cli.options import CliOptions, refuse_contradictions
from llmbench_plugins.agents.cli.place import Confinement, Kept, Place, check, cure, placed
from llmbench_plugins.agents.shared.shown_tests import joined, tests_by_name
from llmbench_plugins.agents.shared.wording import filled, shortened

_VERSION_S = 120.0
_GIT_S = 60.0
_MOST_KEPT = 64 * 2**20
_GIT_AS = ("-c", "user.name=llmbench", "-c", "user.email=llmbench@localhost", "-c", "init.defaultBranch=main")
_GIT = (("init", "-q"), ("add", "-A"), ("commit", "-q", "--allow-empty", "-m", "The task"))
_CUT_SHORT = {
    "timeout": Outcome.TIMEOUT,
    "memory": Outcome.BUDGET_EXHAUSTED,
    "disk": Outcome.BUDGET_EXHAUSTED,
}


@dataclass(frozen=True, slots=True)
class _State:
    """What a further try goes on from."""

    prompt: str
    kept: Kept | None


class Cli(Agent):
    """Runs a command that changes files."""

    Options = CliOptions
    options: CliOptions
    adds_code = True

    def __init__(self, options: CliOptions, context: Context) -> None:
        super().__init__(options, context)
        refuse_contradictions(options)
        self.asks_model = options.asks == "our_model"
        self._version = ""
        self._model = ""
        self._confinement = Confinement(
            isolation=options.isolation,
            network=options.network,
            programs=tuple(
                argv[0] for argv in (options.argv, options.resume_argv, options.version_argv) if argv
            ),
            show=options.show,
            copy=options.copy,
            processes=options.processes,
            limits=Limits(
                wall_s=options.wall_s,
                memory_mb=options.memory_mb,
                disk_mb=options.disk_mb,
                output_bytes=options.output_bytes,
            ),
        )

    async def prepare(self, profile: ModelProfile) -> None:
        """Find the programs, ask for the version, and refuse a model that would not be asked."""
        if not self.asks_model and (profile.trusted or profile.is_unnamed):
            raise UsageError(
                f"model.name={profile.name}: this agent asks a model of its own (agent.asks=its_own); "
                "say which, for the record: model=any model.name=NAME"
            )
        check(self._confinement)
        for program in (self.options.argv[0], *(["git"] if self.options.git else [])):
            if shutil.which(program) is None:
                how = f"; install it: {self.options.install}" if self.options.install else ""
                raise PrerequisiteError(f"agent.argv: no program '{program}' on the search path{how}")
        for name, value in self.options.env.items():
            self._variable(name, value)
        self._model = profile.name
        self._version = await self._ask_version()

    def describe(self) -> Mapping[str, Any]:
        """Return program, version, and how far it was confined."""
        facts = {
            "program": self.options.argv[0],
            "version": self._version,
            "isolation": self.options.isolation,
            "network": self.options.network,
        }
        return facts if self.asks_model else {**facts, "model": self._model}

    async def solve(self, task: Task, workspace: Workspace, model: Model, box: Box | None) -> Attempt:
        """Run the command with the task's instructions."""
        prompt = filled(
            self.options.prompt,
            instructions=joined(task.instructions.strip(), tests_by_name(task)),
            editable=", ".join(task.editable),
        )
        return await self._work(task, workspace, model, self.options.argv, prompt, _State(prompt, None))

    async def revise(
        self,
        task: Task,
        workspace: Workspace,
        model: Model,
        box: Box | None,
        previous: Attempt,
        feedback: str,
    ) -> Attempt:
        """Run it again in the same folder, told what the validator said."""
        state: _State = previous.state
        told = filled(self.options.feedback, output=shortened(feedback, self.options.feedback_chars))
        if self.options.resume_argv and state.kept is not None:
            return await self._work(task, workspace, model, self.options.resume_argv, told, state)
        prompt = f"{state.prompt}\n\n{told}"
        return await self._work(task, workspace, model, self.options.argv, prompt, state)

    async def _work(
        self,
        task: Task,
        workspace: Workspace,
        model: Model,
        argv: Sequence[str],
        prompt: str,
        state: _State,
    ) -> Attempt:
        async with self._placed() as place, self._serving(model, place) as endpoint:
            await place.put(self._starting(workspace, state))
            if self.options.git and state.kept is None:
                await self._make_repository(place)
            files = tuple(path for path in task.starter if task.may_change(path))
            run = CliTry(
                argv=spread(argv, files),
                prompt=prompt,
                model=model.profile.name,
                place=place,
                endpoint=endpoint,
                environment=self._environment,
                wall_s=self.options.wall_s,
            )
            ran = await run.run()
            left = await _left(place, ran)
        taken = {} if left is None else self._taken(task, left.work)
        changed = {**workspace.files} != taken and left is not None
        if endpoint is not None:
            _raise_for(endpoint, ran, changed=changed)
        if ran.exit_code and ran.stopped is None and not changed:
            how = f"ended with exit code {ran.exit_code} and changed nothing"
            raise AgentError(f"agent 'cli': {argv[0]} {how}: {_last(ran)}")
        if left is not None:
            workspace.update(taken)
        return self._attempt(ran, run, endpoint, _State(state.prompt, _small(left)))

    def _attempt(self, ran: Ran, run: CliTry, endpoint: Endpoint | None, state: _State) -> Attempt:
        notes: dict[str, Any] = {"exit_code": ran.exit_code, "agent_s": round(ran.duration_s, 1)}
        if ran.stopped:
            notes["stopped"] = ran.stopped
        if endpoint is not None:
            notes["requests"] = endpoint.asked
            if endpoint.not_honoured:
                notes["not_honoured"] = sorted(endpoint.not_honoured)
        logs = {
            "agent.stdout.log": ran.stdout.decode(errors="replace"),
            "agent.stderr.log": ran.stderr.decode(errors="replace"),
        }
        return Attempt(
            messages=(Message("user", run.prompt),),
            notes=notes,
            cut_short=_CUT_SHORT[ran.stopped] if ran.stopped else None,
            logs=logs if endpoint is not None else {"prompt.md": run.prompt, **logs},
            state=state,
        )

    @asynccontextmanager
    async def _placed(self) -> AsyncIterator[Place]:
        async with placed(self._confinement, self.context) as place:
            yield place

    @asynccontextmanager
    async def _serving(self, model: Model, place: Place) -> AsyncIterator[Endpoint | None]:
        if not self.asks_model:
            yield None
            return
        async with Endpoint(model, place.socket if place.relayed else None) as endpoint:
            yield endpoint

    def _starting(self, workspace: Workspace, state: _State) -> Kept:
        """Return the folder's files: the workspace's, over what the agent has left of its own."""
        if state.kept is None:
            return Kept(workspace.files, {})
        own = {path: content for path, content in state.kept.work.items() if self._is_junk(path)}
        return Kept({**own, **workspace.files}, state.kept.home)

    def _taken(self, task: Task, files: Files) -> dict[str, bytes]:
        """Return what counts as the agent's work: no junk that was not there before, and no odd names."""
        return {
            path: content
            for path, content in files.items()
            if _is_clean(path) and (path in task.workspace or not self._is_junk(path))
        }

    def _is_junk(self, path: str) -> bool:
        parts = path.split("/")
        return any(
            fnmatchcase(path, pattern) or any(fnmatchcase(part, pattern) for part in parts)
            for pattern in self.options.ignore
        )

    async def _make_repository(self, place: Place) -> None:
        for words in _GIT:
            ran = await place.run(["git", *_GIT_AS, *words], env={}, stdin=b"", timeout_s=_GIT_S)
            if ran.exit_code:
                raise SandboxError(f"git {words[0]} failed in the agent's folder: {_last(ran)}")

    async def _ask_version(self) -> str:
        """Return the version that the program says; in any case something has run where it will run."""
        argv = self.options.version_argv or ("true",)
        async with self._placed() as place:
            await place.put(Kept({}, {}))
            ran = await place.run(argv, env=self._environment({}), stdin=b"", timeout_s=_VERSION_S)
        said = (ran.stdout or ran.stderr).decode(errors="replace").strip()
        if ran.exit_code or ran.stopped:
            key = "agent.version_argv" if self.options.version_argv else "agent.isolation"
            raise PrerequisiteError(
                f"{key}: {' '.join(argv)} ended with exit code {ran.exit_code}: {_last(ran)}; {cure()}"
            )
        return said.splitlines()[0][:200] if said else ""

    def _environment(self, values: Mapping[str, str]) -> dict[str, str]:
        return {
            name: filled(self._variable(name, value), **values) for name, value in self.options.env.items()
        }

    def _variable(self, name: str, given: str | int) -> str:
        value = str(given)
        variable = value.removeprefix("env:")
        if variable == value:
            return value
        if not self.context.secrets.get(variable):
            raise PrerequisiteError(
                f"agent.env.{name}: the variable '{variable}' is not set; set it in the environment or .env"
            )
        return self.context.secrets[variable]


def _raise_for(endpoint: Endpoint, ran: Ran, *, changed: bool) -> None:
    """Raise what kept the model from answering, where it decided how the try ended."""
    if endpoint.fatal is not None:
        raise endpoint.fatal
    if endpoint.last_error is not None and not changed:
        raise endpoint.last_error


async def _left(place: Place, ran: Ran) -> Kept | None:
    """Return the files that the agent left; None where they are too many to be taken."""
    if ran.stopped == "disk":
        return None
    return await place.get()


def _small(kept: Kept | None) -> Kept | None:
    """Return what is kept for further tries, if it is no more than memory bears."""
    if kept is None:
        return None
    size = sum(len(content) for files in (kept.work, kept.home) for content in files.values())
    return kept if size <= _MOST_KEPT else None


def _is_clean(path: str) -> bool:
    try:
        return clean_path(path) == path
    except PathError:
        return False


def _last(ran: Ran) -> str:
    """Return the first line that speaks of an error, or the last line that a program wrote."""
    said = (ran.stderr.strip() or ran.stdout.strip()).decode(errors="replace").splitlines()
    told = next(
        (line for line in said if re.search(r"\berror\b", line, re.IGNORECASE)), said[-1] if said else ""
    )
    return told.strip()[:300] or "it wrote nothing"
