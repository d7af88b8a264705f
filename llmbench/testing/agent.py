"""Conformance of an agent: run it in a plugin's own tests by subclassing."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec

from llmbench.api import (
    Agent,
    Attempt,
    Completion,
    Finish,
    Message,
    ModelProfile,
    Reasoning,
    Step,
    Task,
    ToolSpec,
    Workspace,
)


class ScriptedModel:
    """Implements ``api.Model``: answers from a list, the last one for ever, and keeps the questions."""

    def __init__(self, *answers: str, finish: Finish = Finish.STOP) -> None:
        self.profile = ModelProfile(name="scripted")
        self.context_tokens: int | None = None
        self.questions: list[Sequence[Message]] = []
        self.steps: list[Step] = []
        self._answers = answers
        self._finish = finish

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
        """Return the next answer."""
        self.questions.append(tuple(messages))
        content = self._answers[min(len(self.questions), len(self._answers)) - 1]
        return Completion(content=content, finish=self._finish)

    def keep(self, step: Step) -> Step:
        """Keep it and return it."""
        self.steps.append(step)
        return step


class AgentConformance(ABC):
    """What every agent promises."""

    good_answer = "```python\nx = 1\n```"
    """What a model would answer to ``make_task`` in the form that the agent asks for."""

    @abstractmethod
    def make_agent(self, tmp_path: Path) -> Agent:
        """Return the agent."""

    @abstractmethod
    def make_task(self) -> Task:
        """Return a task with a reference solution."""

    def solve(self, tmp_path: Path, *answers: str) -> tuple[Workspace, ScriptedModel, Attempt]:
        """Let the agent make one try and one revision."""

        async def both() -> tuple[Workspace, ScriptedModel, Attempt]:
            agent, task, model = self.make_agent(tmp_path), self.make_task(), ScriptedModel(*answers)
            workspace = Workspace(task)
            first = await agent.solve(task, workspace, model, None)
            return workspace, model, await agent.revise(task, workspace, model, None, first, "it failed")

        return asyncio.run(both())

    def test_odd_answers_are_no_errors(self, tmp_path: Path) -> None:
        """A model may answer anything."""
        for answer in ("", "no code", "```", "```python\n", "`../up.py`\n```\nx\n```", "\x00", "``` " * 500):
            self.solve(tmp_path, answer)

    def test_never_shows_tests_or_reference(self, tmp_path: Path) -> None:
        """The model sees the instructions and the starter, and nothing else of the task."""
        _, model, _ = self.solve(tmp_path, self.good_answer)
        said = "\n".join(message.content for question in model.questions for message in question)
        task = self.make_task()
        for content in (*task.tests.values(), *task.reference.values()):
            assert content.decode().strip() not in said

    def test_asks_alike_twice(self, tmp_path: Path) -> None:
        """The same answers lead to the same questions: that is what makes samples resumable."""
        _, first, _ = self.solve(tmp_path, self.good_answer)
        _, second, _ = self.solve(tmp_path, self.good_answer)
        assert first.questions == second.questions

    def test_notes_are_json(self, tmp_path: Path) -> None:
        """Notes go into the journal."""
        _, _, attempt = self.solve(tmp_path, self.good_answer)
        assert msgspec.json.decode(msgspec.json.encode(attempt.notes)) == attempt.notes
