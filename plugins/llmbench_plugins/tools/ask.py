"""Tools ``ask_questions`` and ``ask_agent``: what there is to ask in a benchmark."""

from dataclasses import dataclass
from typing import Annotated

from llmbench.api import Scope, Task, Tool, ToolError, ToolResult, option
from llmbench_plugins.tools.shared.text import cut


@dataclass(frozen=True, slots=True, kw_only=True)
class AskQuestionsArguments:
    """What to ask."""

    questions: Annotated[tuple[str, ...], option(min_length=1, help="what you want to know")]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskAgentArguments:
    """What to ask."""

    question: Annotated[str, option(help="the whole task for it: it sees the files, not your conversation")]


@dataclass(frozen=True, slots=True)
class AskAgentOptions:
    """Options of the tool."""

    max_chars: Annotated[int, option(ge=200, help="cut the answer to so many characters")] = 8000


class AskQuestions(Tool):
    """Answers every question alike: nobody is there, and these are the facts of the task."""

    name = "ask_questions"
    description = (
        "Ask about the task. Nobody reads along: the answer holds what is known of the task's surroundings, "
        "and everything else is yours to decide."
    )
    kind = "ask"
    Arguments = AskQuestionsArguments
    argument_aliases = {"question": "questions"}  # noqa: RUF012

    async def call(self, arguments: AskQuestionsArguments, scope: Scope) -> ToolResult:
        """State the facts; a made-up answer would measure something else."""
        facts = "\n".join(f"- {fact}" for fact in _facts(scope.task))
        return ToolResult(
            text=f"Nobody can be asked here. What is known:\n{facts}\n"
            "Where the instructions leave something open, take the simplest reading that fits them and the "
            "files, and go on."
        )


class AskAgent(Tool):
    """Gives a question to a second agent, which works on the same files with a budget of its own."""

    Options = AskAgentOptions
    options: AskAgentOptions
    name = "ask_agent"
    description = (
        "Give a part of the work to a second agent. It works on the same files, starts without your "
        "conversation, and answers in one text."
    )
    kind = "ask"
    Arguments = AskAgentArguments
    argument_aliases = {"prompt": "question", "task": "question", "description": "question"}  # noqa: RUF012

    async def call(self, arguments: AskAgentArguments, scope: Scope) -> ToolResult:
        """Wait for what it says."""
        if not arguments.question.strip():
            raise ToolError("question is empty; say what the second agent is to do")
        answer = await scope.delegate(arguments.question)
        return ToolResult(text=cut(answer, self.options.max_chars) or "it answered nothing")


def _facts(task: Task) -> list[str]:
    seen = ", ".join(sorted(task.commands)) or "none"
    shown = ", ".join(sorted(task.shown_tests)[:20])
    installed = f" besides {', '.join(task.packages.names)}" if task.packages else ""
    tests = f"the tests in {shown}" if shown else "tests that you may not see all of"
    return [
        f"language: {task.language}; there is no network, and nothing can be installed{installed}",
        f"you may change {', '.join(task.editable[:20])}; nothing else is handed in",
        f"what you may run besides your other tools: {seen}",
        f"the answer is judged by {tests}; only the files count, not what you say",
    ]
