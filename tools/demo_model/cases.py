"""The questions of the evaluation, each with the answer that the model is meant to give."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import samples
import tool_samples
from answers import Quickstart
from chat import Message
from tool_wordings import FINISH, WRITE

WHOLE = ("ls", "read", WRITE, "edit", "grep", "shell", FINISH)
"""What the agent `tools` offers for a quickstart task."""
FEW = ("ls", "read", WRITE)


@dataclass(frozen=True, slots=True)
class Case:
    """A question and its answer."""

    task: Quickstart
    messages: list[Message]
    expected: Message
    tools: tuple[str, ...] = ()


def all_kinds(tasks: Sequence[Quickstart], prompts: int) -> dict[str, list[Case]]:
    """Return the questions by kind, the held-out ones ``prompts`` times for each task."""
    rng = random.Random(12345)  # noqa: S311 - draws wordings, no secrets
    return {
        "agent prompt, first try": [_plain(task, samples.exact(task), task.first) for task in tasks],
        "agent prompt, after feedback": [_revision(task) for task in tasks],
        "held-out wordings": [
            _plain(task, samples.held_out(task, rng), task.first) for task in tasks for _ in range(prompts)
        ],
        "agent tools, first try": [_writes(task, tool_samples.exact(task)) for task in tasks],
        "agent tools, the file is written": [_ends(task, WHOLE) for task in tasks],
        "agent tools, after feedback": [_tool_revision(task) for task in tasks],
        "agent tools, the second try is written": [_ends_again(task) for task in tasks],
        "agent tools without the tool finish": [_ends(task, FEW) for task in tasks],
        "agent tools, tool_choice=none": [
            _plain(task, tool_samples.exact_without_calls(task), task.first, WHOLE) for task in tasks
        ],
        "held-out wordings, with tools": [
            _writes(task, tool_samples.held_out(task, rng), tool_samples.usual_tools(rng))
            for task in tasks
            for _ in range(prompts)
        ],
    }


def _plain(task: Quickstart, messages: list[Message], code: str, tools: tuple[str, ...] = ()) -> Case:
    return Case(task, messages, {"role": "assistant", "content": task.answer(code)}, tools)


def _writes(task: Quickstart, messages: list[Message], tools: tuple[str, ...] = WHOLE) -> Case:
    return Case(task, messages, tool_samples.write(task, task.first), tools)


def _revision(task: Quickstart) -> Case:
    code = _failing(task)
    output = samples.test_output(task, code)
    return _plain(task, samples.exact_revision(task, task.answer(code), output), task.later)


def _ends(task: Quickstart, tools: tuple[str, ...]) -> Case:
    begun = tool_samples.tried(task, task.first, tools)[:2]
    return Case(task, [*tool_samples.exact(task), *begun], tool_samples.close(task, tools), tools)


def _tool_revision(task: Quickstart) -> Case:
    return Case(task, _failed(task), tool_samples.write(task, task.later), WHOLE)


def _ends_again(task: Quickstart) -> Case:
    begun = tool_samples.tried(task, task.later, WHOLE)[:2]
    return Case(task, [*_failed(task), *begun], tool_samples.close(task, WHOLE), WHOLE)


def _failed(task: Quickstart) -> list[Message]:
    code = _failing(task)
    said = tool_samples.feedback(samples.test_output(task, code))
    return [*tool_samples.exact(task), *tool_samples.tried(task, code, WHOLE), said]


def _failing(task: Quickstart) -> str:
    # A task that is right at first has no second try; the untouched starter stands for a failed answer.
    return task.first if task.first != task.reference else task.starter
