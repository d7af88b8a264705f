"""Agent `tools`: the model works on the files by calling tools, step by step."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llmbench.api import (
    Agent,
    Attempt,
    Box,
    Context,
    Model,
    ModelProfile,
    Outcome,
    Task,
    Tool,
    Wish,
    Workspace,
    as_text,
)
from llmbench.api import Finish as FinishReason
from llmbench.errors import UsageError
from llmbench_plugins.agents.shared.shown_tests import joined, tests_by_name, tests_in_full
from llmbench_plugins.agents.shared.wording import filled, shortened
from llmbench_plugins.agents.tools import native, text
from llmbench_plugins.agents.tools.history import Exchange, History
from llmbench_plugins.agents.tools.options import ToolsOptions
from llmbench_plugins.agents.tools.scope import TryScope
from llmbench_plugins.agents.tools.tally import Tally
from llmbench_plugins.agents.tools.work import Limits, Work, reasoning_of

ASK_AGENT = "ask_agent"


@dataclass(frozen=True, slots=True)
class _Left:
    """What a further try goes on with."""

    history: History
    protocol: str


class Tools(Agent):
    """Offers tools, does what the model calls, and tells it what came of it."""

    Options = ToolsOptions
    options: ToolsOptions

    def __init__(self, options: ToolsOptions, context: Context) -> None:
        super().__init__(options, context)
        self.uses_box = any(tool.uses_box for tool in self.tools.values())
        _check(options, self.tools)

    def wish(self, profile: ModelProfile) -> Wish:
        """Return what the questions will hold: tools, a choice of tool, how to think.

        Raises:
            UsageError: an option is about thinking, and the model does not think.
        """
        options = self.options
        if profile.reasoning.style == "none" and (options.think or options.think_level):
            key = "think_level" if options.think_level else "think"
            raise UsageError(
                f"agent.{key}: the model '{profile.name}' does not think (model.reasoning.style is none); "
                f"set agent.{key}=null"
            )

        return Wish(
            tools=options.protocol != text.NAME,
            needs_tools=options.protocol == native.NAME,
            tool_choice=options.tool_choice,
            reasoning=reasoning_of(options, profile.reasoning),
            prompt_cache=options.cache is not False,
            system=bool(options.system),
        )

    async def solve(self, task: Task, workspace: Workspace, model: Model, box: Box | None) -> Attempt:
        """Begin a conversation about the task, and follow it to its end."""
        first = text.NAME if self.options.protocol == text.NAME else native.NAME
        history = History(system=self.options.system, task=self._question(task, workspace))
        return await _Try(self, task, workspace, model, box).work(history, first)

    async def revise(
        self,
        task: Task,
        workspace: Workspace,
        model: Model,
        box: Box | None,
        previous: Attempt,
        feedback: str,
    ) -> Attempt:
        """Go on in the same conversation, with what the tests said."""
        left: _Left = previous.state
        output = shortened(feedback, self.options.feedback_chars)
        _say(left.history, filled(self.options.feedback, output=output))
        return await _Try(self, task, workspace, model, box).work(left.history, left.protocol)

    def _question(self, task: Task, workspace: Workspace) -> str:
        editable, may_look = ", ".join(task.editable), self.options.tool_choice != "none"
        if may_look:
            files = joined(file_list(workspace), tests_by_name(task))
        else:
            files = joined(file_contents(workspace, task.shown_tests), tests_in_full(task))
        question = filled(
            self.options.instructions,
            instructions=task.instructions.strip(),
            files=files,
            editable=editable,
        )
        if may_look:
            return question
        return f"{question.rstrip()}\n\n{filled(self.options.whole_files, editable=editable)}"


class _Try:
    """One try: the first agent, and those that it asks."""

    def __init__(self, agent: Tools, task: Task, workspace: Workspace, model: Model, box: Box | None) -> None:
        self._options = agent.options
        self._task = task
        self._workspace = workspace
        self._model = model
        self._unavailable = {
            name: reason for name, tool in agent.tools.items() if (reason := tool.unavailable(task))
        }
        self._tools = {name: tool for name, tool in agent.tools.items() if name not in self._unavailable}
        self._scope = TryScope(task, workspace, box, delegate=self._helper_of(0))
        self._helpers: list[Tally] = []
        self._protocol = native.NAME

    async def work(self, history: History, protocol: str) -> Attempt:
        self._protocol = protocol
        limits = Limits(iterations=self._options.max_iterations)
        work = self._work(self._scope, history, limits)
        await work.run()
        for tally in self._helpers:
            work.tally.helpers.update(asked=1, iterations=tally.iterations, calls=tally.calls)
        return Attempt(
            messages=tuple(work.messages()),
            notes={"tools": work.tally.notes()},
            cut_short=_cut_short(work),
            state=_Left(history, work.tally.protocol),
        )

    def _work(self, scope: TryScope, history: History, limits: Limits) -> Work:
        can_ask = limits.depth < self._options.helper.max_depth
        tools = {name: tool for name, tool in self._tools.items() if can_ask or name != ASK_AGENT}
        return Work(
            self._options,
            tools,
            scope,
            self._model,
            history,
            protocol=self._protocol,
            limits=limits,
            unavailable=self._unavailable,
        )

    def _helper_of(self, depth: int) -> Any:
        """Return how an agent at this depth asks another one."""

        async def ask(question: str) -> str:
            return await self._ask_helper(question, depth + 1)

        return ask if depth < self._options.helper.max_depth else None

    async def _ask_helper(self, question: str, depth: int) -> str:
        options, before = self._options, dict(self._workspace.files)
        task = filled(
            options.helper_task,
            question=question.strip(),
            files=file_list(self._workspace),
            editable=", ".join(self._task.editable),
        )
        limits = Limits(
            iterations=options.helper.max_iterations, tokens=options.helper.max_tokens, depth=depth
        )
        scope = self._scope.for_helper(self._helper_of(depth))
        work = self._work(scope, History(system=options.system, task=task), limits)
        await work.run()
        self._helpers.append(work.tally)
        return _report(work, before, self._workspace)


def _check(options: ToolsOptions, tools: Mapping[str, Tool]) -> None:
    """Refuse options that contradict each other or the tools."""
    if options.tool_choice == "required" and not any(tool.kind == "end" for tool in tools.values()):
        raise UsageError(
            "agent.tool_choice=required: no tool of agent.tools ends a try, so that none could; add finish"
        )
    if options.tool_choice == "none" and options.protocol == text.NAME:
        raise UsageError(
            "agent.tool_choice=none: nothing is left of agent.protocol=text then; use agent.protocol=native"
        )
    if options.tool_choice == "none" and options.min_tool_calls:
        raise UsageError(
            f"agent.min_tool_calls={options.min_tool_calls}: with agent.tool_choice=none there are no calls"
        )
    if options.think is False and options.think_level is not None:
        raise UsageError(
            f"agent.think_level={options.think_level}: with agent.think=false there is no thinking; "
            "leave one of them out"
        )


def file_list(workspace: Workspace) -> str:
    """Return the files with their sizes, a line each."""
    lines = [f"- {path} ({len(content)} bytes)" for path, content in sorted(workspace.files.items())]
    return "\n".join(lines) or "(none)"


def file_contents(workspace: Workspace, but: Container[str]) -> str:
    """Return the files in full, for a model that can't look at them; binary ones are named."""
    files = ((path, content) for path, content in sorted(workspace.files.items()) if path not in but)
    texts = ((path, as_text(content)) for path, content in files)
    return "\n\n".join(
        f"`{path}`\n```\n{text}```" if text is not None else f"`{path}` (binary)" for path, text in texts
    )


def _say(history: History, said: str) -> None:
    """Let the conversation go on with words of ours."""
    if not history.exchanges:
        history.exchanges.append(Exchange(content="", said=said))
        return
    last = history.exchanges[-1]
    history.exchanges[-1] = Exchange(
        content=last.content,
        reasoning=last.reasoning,
        results=last.results,
        said=f"{last.said}\n\n{said}".strip(),
    )


def _cut_short(work: Work) -> Outcome | None:
    """Return the outcome of a try that a limit of ours ended, if it fails."""
    if work.tally.ended == "max_iterations":
        return Outcome.BUDGET_EXHAUSTED
    cut_off = work.last is not None and work.last.finish is FinishReason.LENGTH
    return Outcome.PROTOCOL_ERROR if work.tally.ended == "format" and not cut_off else None


def _report(work: Work, before: Mapping[str, bytes], workspace: Workspace) -> str:
    """Return what a second agent says, and what it did to the files."""
    last = work.history.exchanges[-1] if work.history.exchanges else Exchange(content="")
    ends = [result.call.arguments.get("summary") for result in last.results]
    said = [last.content.strip(), *(summary for summary in ends if isinstance(summary, str))]
    after = workspace.files
    changed = [path for path in sorted({*before, *after}) if before.get(path) != after.get(path)]
    parts: Sequence[str] = [
        *filter(None, said),
        f"files it changed: {', '.join(changed) or 'none'}",
        *([] if work.tally.ended in ("finished", "answered") else [f"it was ended: {work.tally.ended}"]),
    ]
    return "\n".join(parts)
