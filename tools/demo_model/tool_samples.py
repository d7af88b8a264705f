"""Conversations with tools: a file is written by a call, and the work is ended, in each try."""

import random

import chat
import samples
import tool_wordings as wordings
from answers import Quickstart
from chat import Conversation, Message
from tool_wordings import FINISH, WRITE


def exact(task: Quickstart) -> list[Message]:
    """Return the messages that the agent `tools` sends first."""
    text = _exact_user(task, task.instructions.strip())
    return [{"role": "system", "content": wordings.EXACT_SYSTEM}, {"role": "user", "content": text}]


def exact_without_calls(task: Quickstart) -> list[Message]:
    """Return the messages that the agent `tools` sends with ``tool_choice=none``."""
    question = samples.formatted(
        wordings.EXACT_PROMPT.replace("- {file} ({bytes} bytes)", "`{file}`\n```\n{starter}```"),
        {"all": task.instructions.strip(), "file": task.file, "starter": task.starter},
    )
    told = samples.formatted(wordings.WHOLE_FILES, {"file": task.file})
    text = f"{question.rstrip()}\n\n{told}"
    return [{"role": "system", "content": wordings.EXACT_SYSTEM}, {"role": "user", "content": text}]


def write(task: Quickstart, code: str) -> Message:
    """Return the call that writes a task's file."""
    return chat.call(WRITE, path=task.file, content=f"{code.strip()}\n")


def written(task: Quickstart, code: str) -> Message:
    """Return what the tool answers to that."""
    return _result(_told(wordings.WRITTEN, task, code))


def close(task: Quickstart, tools: tuple[str, ...]) -> Message:
    """Return how the model ends a try."""
    if FINISH in tools:
        return chat.call(FINISH, summary=samples.formatted(wordings.SUMMARY, {"file": task.file}))
    return {"role": "assistant", "content": wordings.CLOSING_WORDS}


def feedback(output: str) -> Message:
    """Return what the agent `tools` says before a further try."""
    text = samples.formatted(wordings.EXACT_FEEDBACK, {"output": output.strip()})
    return {"role": "user", "content": text}


def tried(task: Quickstart, code: str, tools: tuple[str, ...]) -> list[Message]:
    """Return the messages of a whole try that handed in ``code``."""
    ending = close(task, tools)
    end = [_result(wordings.HANDED_IN)] if "tool_calls" in ending else []
    return [write(task, code), written(task, code), ending, *end]


def training(task: Quickstart, rng: random.Random, outputs: list[str]) -> Conversation:
    """Return a conversation in random wording."""
    kind = rng.random()
    if kind < 0.06:
        return _without_calls(task, rng)
    if kind < 0.12:
        return _without_write(task, rng)
    tools = _tools(rng)
    messages, learned = _question(task, rng), set[int]()
    codes = [task.first] + [task.later] * rng.choices([0, 1, 2], [10, 6, 1])[0]
    for number, intended in enumerate(codes):
        if number:
            messages.append(_failed(rng, outputs))
        # Other code than the model's own shows that it is the try that matters. It is not learned.
        is_last = number == len(codes) - 1
        code = intended if is_last or rng.random() < 0.7 else samples.damaged(task.later, rng)
        done = _varied(tried(task, code, tools), task, code, rng)
        learned |= {len(messages), len(messages) + 2} if code == intended else {len(messages) + 2}
        messages += done
    return Conversation(tuple(messages), frozenset(learned), tools)


def held_out(task: Quickstart, rng: random.Random) -> list[Message]:
    """Return a first question in a wording that is never trained; the system's words are the agent's."""
    system = {"role": "system", "content": wordings.EXACT_SYSTEM}
    return [system, samples.held_out(task, rng)[-1]]


def usual_tools(rng: random.Random) -> tuple[str, ...]:
    """Return what the agent `tools` offers, less what tasks or machines may lack."""
    missing = {name for name in ("run_tests", "run_type_check", "shell", "grep") if rng.random() < 0.5}
    return tuple(name for name in wordings.USUAL_TOOLS if name not in missing)


def _tools(rng: random.Random) -> tuple[str, ...]:
    if rng.random() < 0.5:
        return usual_tools(rng)
    others = [name for name in wordings.USUAL_TOOLS + wordings.OTHER_TOOLS if name not in (WRITE, FINISH)]
    chosen = [WRITE, *rng.sample(others, rng.randint(0, 8)), *rng.choice([[], [FINISH], [FINISH]])]
    rng.shuffle(chosen)
    return tuple(chosen)


def _question(task: Quickstart, rng: random.Random) -> list[Message]:
    form = rng.random()
    if form < 0.1:
        return exact(task)
    if form < 0.5:
        text = _exact_user(task, samples.excerpt(task, rng, least=1) if rng.random() < 0.8 else task.title)
        user = {"role": "user", "content": text.rstrip("\n") if rng.random() < 0.3 else text}
        return [{"role": "system", "content": wordings.EXACT_SYSTEM}, user]
    *system, user = samples.first_question(task, rng)
    if rng.random() < 0.5:
        system = [{"role": "system", "content": wordings.EXACT_SYSTEM}]
    return [*system, user]


def _without_calls(task: Quickstart, rng: random.Random) -> Conversation:
    """Tools are shown, and an answer without a call is asked for."""
    messages = exact_without_calls(task)
    if rng.random() < 0.6:
        told = samples.formatted(wordings.WHOLE_FILES, {"file": task.file})
        *system, user = _question(task, rng)
        messages = [*system, {"role": "user", "content": f"{user['content'].rstrip()}\n\n{told}"}]
    return _answered(messages, task, _tools(rng))


def _without_write(task: Quickstart, rng: random.Random) -> Conversation:
    """There are tools, and none of them writes a file."""
    names = [name for name in wordings.USUAL_TOOLS + wordings.OTHER_TOOLS if name != WRITE]
    tools = rng.sample(rng.choice([names, wordings.FOREIGN_TOOLS]), rng.randint(1, 5))
    return _answered(_question(task, rng), task, tuple(tools))


def _answered(messages: list[Message], task: Quickstart, tools: tuple[str, ...]) -> Conversation:
    answer = {"role": "assistant", "content": task.answer(task.first)}
    return Conversation((*messages, answer), frozenset({len(messages)}), tools)


def _varied(messages: list[Message], task: Quickstart, code: str, rng: random.Random) -> list[Message]:
    """Let the tool's words differ now and then."""
    if rng.random() < 0.7:
        return messages
    said = _told(rng.choice(wordings.OTHERWISE_WRITTEN), task, code)
    return [messages[0], _result(said), *messages[2:]]


def _failed(rng: random.Random, outputs: list[str]) -> Message:
    if rng.random() < 0.3:
        return {"role": "user", "content": samples.feedback(rng, outputs)}
    return feedback(samples.cut(rng, outputs))


def _told(wording: str, task: Quickstart, code: str) -> str:
    content = f"{code.strip()}\n"
    size = {"lines": str(content.count("\n")), "bytes": str(len(content.encode()))}
    return samples.formatted(wording, {"file": task.file, **size})


def _result(text: str) -> Message:
    return {"role": "tool", "content": text, "tool_call_id": "1"}


def _exact_user(task: Quickstart, text: str) -> str:
    size = str(len(task.starter.encode()))
    return samples.formatted(wordings.EXACT_PROMPT, {"all": text, "file": task.file, "bytes": size})
