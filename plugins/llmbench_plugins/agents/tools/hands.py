"""Does the calls of an answer, one after the other, and writes each into the transcript."""

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from llmbench.api import Model, Scope, Step, Tool, ToolCall, ToolError, ToolRefused, ToolResult, Workspace
from llmbench_plugins.agents.tools.checking import Mistake, Ready, Wrong, check
from llmbench_plugins.agents.tools.history import Result
from llmbench_plugins.agents.tools.repeats import Repeats
from llmbench_plugins.agents.tools.tally import Tally


@dataclass(frozen=True, slots=True)
class Done:
    """What came of an answer's calls."""

    results: tuple[Result, ...]
    understood: bool
    """At least one of them could be done."""
    ends: bool = False
    loops: bool = False
    """A call was repeated after the hint that it brings nothing new."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    name: str
    text: str
    problem: str
    ends: bool = False
    details: Mapping[str, object] = field(default_factory=dict)


class Hands:
    """What an agent can do in one try; the same call on the same files again and again is noticed."""

    def __init__(
        self,
        tools: Mapping[str, Tool],
        scope: Scope,
        model: Model,
        tally: Tally,
        *,
        depth: int,
        max_batch: int,
        max_repeats: int,
        objection: Callable[[], str],
    ) -> None:
        """Prepare; ``objection`` says why the try may not end yet, or nothing."""
        self._tools = tools
        self._scope = scope
        self._model = model
        self._tally = tally
        self._depth = depth
        self._max_batch = max_batch
        self._repeats = Repeats(max_repeats)
        self._objection = objection

    async def do(self, calls: Sequence[ToolCall]) -> Done:
        """Do the calls in their order, up to the first that ends the try."""
        results: list[Result] = []
        understood = loops = False
        self._repeats.next_answer()
        for number, call in enumerate(calls):
            checked = check(call, self._tools) if number < self._max_batch else self._surplus()
            if isinstance(checked, Wrong):
                results.append(Result(call, self._refuse(call, checked)))
                continue
            understood = True
            seen = self._repeats.look(checked.tool, call, digest(self._scope.workspace))
            loops = loops or seen.loops
            step = await self._do(call, checked, seen.hint)
            self._tally.did(step, checked.tool.kind, repeated=seen.repeated)
            results.append(Result(call, step.text))
            if step.ends:
                return Done(tuple(results), understood, ends=True)
        return Done(tuple(results), understood, loops=loops)

    def write(self, path: str, content: str) -> bool:
        """Write a file in the model's place; say whether that could be done."""
        before, problem, told = digest(self._scope.workspace), "", f"written for you: {path}"
        try:
            self._scope.write(path, content.encode(errors="replace"))
        except ToolError as error:
            problem, told = "refused", str(error)
        step = Step(
            name="write",
            arguments={"path": path, "content": content},
            text=told,
            problem=problem,
            before=before,
            after=digest(self._scope.workspace),
            depth=self._depth,
            details={"by": "agent"},
        )
        return not self._model.keep(step).problem

    async def _do(self, call: ToolCall, ready: Ready, hint: str) -> Step:
        before, started = digest(self._scope.workspace), time.monotonic()
        outcome = await self._outcome(ready)
        return self._model.keep(
            Step(
                name=outcome.name,
                arguments=call.arguments,
                text=outcome.text + hint,
                problem=outcome.problem,
                ends=outcome.ends,
                before=before,
                after=digest(self._scope.workspace),
                duration_s=time.monotonic() - started,
                depth=self._depth,
                details=outcome.details,
            )
        )

    async def _outcome(self, ready: Ready) -> _Outcome:
        name = ready.tool.name
        repaired = [*([f"{ready.other_name} → {name}"] if ready.other_name else []), *ready.checked.repaired]
        details: dict[str, object] = {"repaired": repaired} if repaired else {}
        try:
            result = await ready.tool.call(ready.checked.arguments, self._scope)
        except ToolRefused as error:
            return _Outcome(name, str(error), "refused", details=details)
        except ToolError as error:
            return _Outcome(name, str(error), "error", details=details)
        if result.refused:
            details["refused"] = list(result.refused)
        return self._ended(name, result, details)

    def _ended(self, name: str, result: ToolResult, details: Mapping[str, object]) -> _Outcome:
        objection = self._objection() if result.ends else ""
        if objection:
            return _Outcome(name, objection, "too_early", details=details)
        return _Outcome(name, result.text, "failed" if result.failed else "", result.ends, details)

    def _surplus(self) -> Wrong:
        text = (
            f"not done: only the first {self._max_batch} calls of an answer are; call again if still needed"
        )
        return Wrong(Mistake.TOO_MANY, text, "")

    def _refuse(self, call: ToolCall, wrong: Wrong) -> str:
        """Write down a call that is not done, and return what the model is told."""
        self._tally.mistook(wrong.mistake, wrong.name)
        now = digest(self._scope.workspace)
        step = Step(
            name=call.name,
            arguments=call.arguments,
            text=wrong.text,
            problem=wrong.mistake,
            before=now,
            after=now,
            depth=self._depth,
        )
        return self._model.keep(step).text


def digest(workspace: Workspace) -> str:
    """Return a digest of all files of a workspace."""
    found = hashlib.blake2b(digest_size=16)
    for path, content in sorted(workspace.files.items()):
        found.update(f"{len(path)} {path} {len(content)} ".encode(errors="surrogatepass"))
        found.update(content)
    return found.hexdigest()
