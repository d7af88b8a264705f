"""What a run would ask, without asking it."""

from collections.abc import Sequence
from typing import Literal

from rich.text import Text

from llmbench.api import (
    Agent,
    Completion,
    Message,
    ModelProfile,
    Reasoning,
    Step,
    Task,
    ToolSpec,
    Workspace,
)
from llmbench.console import Console
from llmbench.runner.plan import pending, planned
from llmbench.runner.spec import RunSpec
from llmbench.runner.standing import Standing
from llmbench.wording import plural


class _Asked(BaseException):
    """Carries a question out of an agent; no agent catches it as an error."""

    def __init__(self, messages: Sequence[Message], tools: Sequence[ToolSpec], tool_choice: str) -> None:
        self.messages = messages
        self.tools = tools
        self.tool_choice = tool_choice


class _Listener:
    """A model that answers nothing."""

    context_tokens = None

    def __init__(self, profile: ModelProfile) -> None:
        self.profile = profile

    async def ask(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[ToolSpec] = (),
        tool_choice: Literal["auto", "required", "none"] = "auto",
        max_tokens: int | None = None,
        reasoning: Reasoning | None = None,
        prompt_cache: bool | None = None,
    ) -> Completion:
        raise _Asked(messages, tools, tool_choice)

    def keep(self, step: Step) -> Step:
        return step


async def preview(spec: RunSpec, agent: Agent, tasks: Sequence[Task], console: Console) -> None:
    """Print how many questions the run would ask, and the first of every task, asked before or not."""
    wanted = planned(tasks, spec.samples, spec.selection)
    todo = list(pending(wanted, Standing(spec.folder / "journal.jsonl").refreshed()))
    done = len(wanted) - len(todo)
    console.print(
        f"{plural(len(tasks), 'task')} × {plural(spec.samples, 'sample')}: {len(todo)} to make, with "
        f"{_tries(spec.tries)} each{f'; {done} made before, in {spec.folder}' if done else ''}",
        highlight=False,
        soft_wrap=True,
    )
    characters = 0
    for task in {task.id: task for task, _ in wanted}.values():
        asked = await _first_question(spec, agent, task)
        console.rule(Text(task.id))
        if asked is None:
            continue
        characters += sum(len(message.content) for message in asked.messages)
        if asked.tools:
            names = ", ".join(tool.name for tool in asked.tools)
            told = Text.assemble(("tools", "bold"), f" (tool_choice={asked.tool_choice})\n{names}")
            console.print(told, soft_wrap=True)
        for message in asked.messages:
            console.print(message.role, style="bold")
            # To the letter: neither wrapped, nor read as markup.
            console.print(Text(message.content), soft_wrap=True)
    console.rule()
    console.print(
        f"{plural(characters, 'character')} in the first questions; at most "
        f"{plural(spec.model.reasoning.max_tokens, 'token')} an answer. Nothing was asked (dry_run=true)",
        highlight=False,
        soft_wrap=True,
    )


def _tries(number: int) -> str:
    return "one try" if number == 1 else f"at most {number} tries"


async def _first_question(spec: RunSpec, agent: Agent, task: Task) -> _Asked | None:
    """Return what an agent would ask first; None where it asks nothing."""
    try:
        await agent.solve(task, Workspace(task), _Listener(spec.model), None)
    except _Asked as asked:
        return asked
    return None
