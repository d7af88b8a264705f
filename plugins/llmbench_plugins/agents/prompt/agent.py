"""Agent `prompt`: one question a try, whole files in the answer, no tools."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from llmbench.api import (
    Agent,
    Attempt,
    Box,
    Completion,
    Message,
    Model,
    ModelProfile,
    Task,
    Wish,
    Workspace,
    option,
)
from llmbench_plugins.agents.shared.extraction import extract, extract_longest, given_files
from llmbench_plugins.agents.shared.shown_tests import joined, tests_in_full
from llmbench_plugins.agents.shared.wording import filled, shortened


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The prompt's texts; they stand in conf/agent/prompt.yaml, which makes them part of the run's hash."""

    system: Annotated[str, option(help="system message; empty for none", from_browser="text")]
    instructions: Annotated[str, option(min_length=1, help="with {instructions}, {files} and {editable}")]
    feedback: Annotated[str, option(min_length=1, help="after a failed try; with {output}")]
    feedback_chars: Annotated[int, option(ge=100, help="how much of the tests' output is shown")] = 4000
    extraction: Annotated[
        Literal["fences", "longest", "files"],
        option(help="read as people do, or the longest run of lines that parses; files: the answer is JSON"),
    ] = "fences"


class Prompt(Agent):
    """Asks, extracts the files from the answer, and asks again with the tests' output."""

    Options = Options

    def wish(self, profile: ModelProfile) -> Wish:
        """Return what the questions hold beside messages."""
        return Wish(reasoning=profile.reasoning, system=bool(self.options.system))

    async def solve(self, task: Task, workspace: Workspace, model: Model, box: Box | None) -> Attempt:
        """Ask for the whole content of the files that have to change."""
        system = [Message("system", self.options.system)] if self.options.system else []
        return await self._ask(task, workspace, model, [*system, Message("user", self._question(task))])

    async def revise(
        self,
        task: Task,
        workspace: Workspace,
        model: Model,
        box: Box | None,
        previous: Attempt,
        feedback: str,
    ) -> Attempt:
        """Show what the tests said, and ask again in the same conversation."""
        output = shortened(feedback, self.options.feedback_chars)
        question = Message("user", filled(self.options.feedback, output=output))
        return await self._ask(task, workspace, model, [*previous.messages, question])

    async def _ask(
        self, task: Task, workspace: Workspace, model: Model, messages: Sequence[Message]
    ) -> Attempt:
        completion = await model.ask(messages)
        files, notes = _taken(completion.content, task, self.options.extraction)
        for path, content in files.items():
            workspace.write(path, content)
        return Attempt(
            messages=(*messages, _answer(completion, keep_reasoning=model.profile.reasoning.keep)),
            notes=notes,
        )

    def _question(self, task: Task) -> str:
        fences = {"python": "python", "javascript": "js", "typescript": "ts"}
        files = "\n\n".join(
            f"`{path}`\n```{fences.get(task.language, task.language)}\n{text}```"
            for path, text in _texts(task).items()
            # Instructions may show the code that they are about.
            if not text.strip() or text not in task.instructions
        )
        return filled(
            self.options.instructions,
            instructions=task.instructions.strip(),
            files=joined(files, tests_in_full(task)),
            editable=", ".join(task.editable),
        )


def _texts(task: Task) -> dict[str, str]:
    return {path: content.decode(errors="replace") for path, content in task.starter.items()}


def _taken(content: str, task: Task, extraction: str) -> tuple[Mapping[str, bytes], dict[str, Any]]:
    """Return the files of an answer, and what the record says of how they were found."""
    if extraction == "files":
        files = given_files(content)
        return files, {"extraction": "files" if files else "none"}
    found = (extract_longest if extraction == "longest" else extract)(content, task)
    notes: dict[str, Any] = {"extraction": found.how, "fences": found.fences, "chosen": dict(found.chosen)}
    unused = {"unused_code": True} if found.unused_code else {}
    return {path: text.encode(errors="replace") for path, text in found.files.items()}, notes | unused


def _answer(completion: Completion, *, keep_reasoning: bool) -> Message:
    return Message("assistant", completion.content, reasoning=completion.reasoning if keep_reasoning else "")
