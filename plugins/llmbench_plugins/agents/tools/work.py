"""An agent at work: asks, does what was called, tells what it brought, until something ends it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from llmbench.api import Completion, Finish, Message, Model, Reasoning, Scope, Tool, ToolSpec
from llmbench.errors import ContextOverflowError, ProtocolError
from llmbench_plugins.agents.shared.extraction import extract
from llmbench_plugins.agents.shared.wording import filled
from llmbench_plugins.agents.tools import native, text
from llmbench_plugins.agents.tools.checking import Mistake
from llmbench_plugins.agents.tools.hands import Hands
from llmbench_plugins.agents.tools.history import Exchange, History, Result
from llmbench_plugins.agents.tools.native import Read
from llmbench_plugins.agents.tools.options import ToolsOptions
from llmbench_plugins.agents.tools.room import Room
from llmbench_plugins.agents.tools.tally import Tally

_EVERYTHING = 2**62
_REASON_CHARS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What ends one agent's work."""

    iterations: int
    tokens: int | None = None
    """Completion tokens; None for no limit but the run's own."""
    depth: int = 0


class Work:
    """One agent on one try."""

    def __init__(
        self,
        options: ToolsOptions,
        tools: Mapping[str, Tool],
        scope: Scope,
        model: Model,
        history: History,
        *,
        protocol: str,
        limits: Limits,
        unavailable: Mapping[str, str] | None = None,
    ) -> None:
        """Prepare to work on; ``protocol`` is the form in which calls are asked for first."""
        self.history = history
        self.tally = Tally(protocol, unavailable=unavailable or {})
        self.last: Completion | None = None
        self._options = options
        self._tools = tools
        self._specs = tuple(tool.spec for tool in tools.values())
        self._scope = scope
        self._model = model
        self._limits = limits
        self._reasoning = reasoning_of(options, model.profile.reasoning)
        self._room = Room(options.context or model.context_tokens, self._reasoning.max_tokens)
        self._failures = 0
        self._held = 0
        self._hands = Hands(
            tools,
            scope,
            model,
            self.tally,
            depth=limits.depth,
            max_batch=options.max_batch_tool_calls,
            max_repeats=options.max_repeats,
            objection=self._objection,
        )

    async def run(self) -> None:
        """Work until the end; ``tally.ended`` says which."""
        while not self.tally.ended:
            if self.tally.iterations >= self._limits.iterations:
                self.tally.ended = "max_iterations"
            elif self._limits.tokens is not None and self._tokens() >= self._limits.tokens:
                self.tally.ended = "max_tokens"
            else:
                completion = await self._ask()
                await self._follow(completion)

    def messages(self) -> list[Message]:
        """Return the conversation as the model is told it."""
        if self.tally.protocol == native.NAME:
            return list(native.messages(self.history))
        explained = filled(self._options.text_protocol, tools=text.description(self._specs))
        return list(text.messages(self.history, explained))

    async def _ask(self) -> Completion:
        if self._room.make(self.history, self.messages(), self._sent_specs()):
            self.tally.shortened += 1
        try:
            completion = await self._ask_once()
        except ContextOverflowError:
            # Without knowing the limit, the server's refusal is the first that is heard of it.
            if not self.history.shorten(_EVERYTHING):
                raise
            self.tally.shortened += 1
            completion = await self._ask_once()
        except ProtocolError as error:
            if not self._may_fall_back():
                raise
            self._fall_back(str(error))
            completion = await self._ask_once()
        self._room.learn(self.messages(), self._sent_specs(), completion)
        self.tally.answered(completion.usage)
        self.last = completion
        return completion

    async def _ask_once(self) -> Completion:
        return await self._model.ask(
            self.messages(),
            tools=self._sent_specs(),
            tool_choice=self._options.tool_choice if self._is_native() else "auto",
            reasoning=self._reasoning,
            prompt_cache=self._options.cache,
        )

    def _is_native(self) -> bool:
        return self.tally.protocol == native.NAME

    def _sent_specs(self) -> Sequence[ToolSpec]:
        return self._specs if self._is_native() else ()

    def _may_fall_back(self) -> bool:
        options = self._options
        return self._is_native() and options.protocol == "auto" and options.tool_choice != "none"

    def _fall_back(self, reason: str) -> None:
        told = f"iteration {self.tally.iterations + 1}: {' '.join(reason.split())}"
        self.tally.fell_back = told[:_REASON_CHARS]
        self.tally.protocol = text.NAME
        self._failures = 0

    async def _follow(self, completion: Completion) -> None:
        """Do what an answer asks for, or tell the model why nothing was done."""
        if self._options.tool_choice == "none":
            self._tell(completion)
            self._write_for_it(completion)
            self.tally.ended = "answered"
            return
        asked = (native if self._is_native() else text).read(completion, self._tools)
        self.tally.invented += asked.invented
        if asked.calls:
            await self._do(completion, asked)
        elif asked.mistake or completion.finish is Finish.LENGTH or self._must_call():
            self._complain(completion, asked)
        else:
            self._end_by_words(completion)

    def _must_call(self) -> bool:
        return self._options.tool_choice == "required"

    async def _do(self, completion: Completion, asked: Read) -> None:
        done = await self._hands.do(asked.calls)
        if asked.mistake:
            self.tally.mistook(asked.mistake)
        self._tell(completion, asked.text, done.results)
        if done.ends:
            self.tally.ended = "finished"
        elif done.loops:
            self.tally.ended = "loop"
        elif done.understood:
            self._failures = 0
        else:
            self._fail(completion)

    def _complain(self, completion: Completion, asked: Read) -> None:
        mistake, told = asked.mistake, asked.text
        if mistake is None and completion.finish is Finish.LENGTH:
            mistake = Mistake.CUT_OFF
            told = "your answer reached its limit of tokens before it called a tool; be brief, and call one"
        elif mistake is None:
            mistake, told = Mistake.NO_CALL, "your answer calls no tool; call one (to end, the one that ends)"
        self.tally.mistook(mistake)
        self._tell(completion, told)
        self._fail(completion)

    def _fail(self, completion: Completion) -> None:
        """Count an answer of which nothing could be done, and end or change the form after too many."""
        self._failures += 1
        if self._failures <= self._options.max_format_retries:
            return
        if self._may_fall_back():
            self._fall_back(f"{self._failures} answers in a row without a call that can be done")
        elif self._options.auto_tool_call_on_failure and self._write_for_it(completion):
            self.tally.ended = "auto_calls"
        else:
            self.tally.ended = "format"

    def _write_for_it(self, completion: Completion) -> bool:
        """Write the files that the answer holds in code blocks, as the model did not manage to."""
        task = self._scope.task
        found = extract(completion.content, task).files
        files = {path: content for path, content in found.items() if task.may_change(path)}
        written = [self._hands.write(path, content) for path, content in files.items()]
        self.tally.auto_calls += sum(written)
        return any(written)

    def _end_by_words(self, completion: Completion) -> None:
        objection = self._objection()
        self._tell(completion, objection)
        if not objection:
            self.tally.ended = "answered"

    def _objection(self) -> str:
        """Return why the try may not end yet; after several reminders it may."""
        wanted = self._options.min_tool_calls
        lacking = []
        if self.tally.done < wanted:
            lacking.append(f"{wanted} tool calls or more are wanted, and there were {self.tally.done}")
        task, changed = self._scope.task, self._scope.workspace.changed()
        # A program may have left files beside the answer, which nobody hands in.
        if self._options.require_code_change and not any(map(task.may_change, changed)):
            lacking.append("no file was changed yet")
        if not lacking or self._held >= self._options.max_format_retries:
            return ""
        self._held += 1
        self.tally.early_ends += 1
        return f"You can't end yet: {'; '.join(lacking)}. Go on."

    def _tell(self, completion: Completion, said: str = "", results: tuple[Result, ...] = ()) -> None:
        reasoning = completion.reasoning if self._reasoning.keep else ""
        exchange = Exchange(content=completion.content, reasoning=reasoning, results=results, said=said)
        self.history.exchanges.append(exchange)

    def _tokens(self) -> int:
        return self.tally.completion_tokens or 0


def reasoning_of(options: ToolsOptions, profile: Reasoning) -> Reasoning:
    """Return how the model is to think: the profile's way with the agent's options laid over it."""
    level = options.think_level or profile.level
    enabled = profile.enabled if options.think is None else options.think
    keep = profile.keep if options.native_thinking is None else options.native_thinking
    return replace(profile, enabled=enabled or options.think_level is not None, level=level, keep=keep)
