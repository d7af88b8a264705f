"""Conversations in random wording: what the model is trained on, and what it is evaluated with."""

import os
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import wordings
from answers import Quickstart
from chat import Conversation, Message

Messages = list[Message]

RUN_TESTS = (
    Path(__file__).resolve().parents[2] / "plugins/llmbench_plugins/validators/command/remote/run_tests.py"
)


def exact(task: Quickstart) -> Messages:
    """Return the messages that the `prompt` agent sends in the first try."""
    return [
        {"role": "system", "content": wordings.EXACT_SYSTEM},
        {"role": "user", "content": _exact_user(task, task.instructions.strip())},
    ]


def exact_revision(task: Quickstart, answer: str, output: str) -> Messages:
    """Return the messages that the `prompt` agent sends after a failed try."""
    text = wordings.EXACT_FEEDBACK.format(output=output.strip())
    return [
        *exact(task),
        {"role": "assistant", "content": answer},
        {"role": "user", "content": text},
    ]


def held_out(task: Quickstart, rng: random.Random) -> Messages:
    """Return a first question in a wording that is never trained."""
    template = rng.choice(wordings.HELD_OUT_TEMPLATES)
    text = _fill(template, task, rng, wordings.BRIEFS[task.slug][-2:])
    return _with_system(_with_fillers(text, rng), rng)


def training(task: Quickstart, rng: random.Random, outputs: list[str]) -> Conversation:
    """Return a conversation without tools in random wording; its last answer is learned."""
    messages = first_question(task, rng)
    if rng.random() > 0.15:
        return _answered(messages, task.answer(task.first))
    for _ in range(1 if rng.random() < 0.8 else 2):
        code = rng.choice([task.first, task.first, task.later, task.starter, damaged(task.later, rng)])
        messages.append({"role": "assistant", "content": task.answer(code)})
        messages.append({"role": "user", "content": feedback(rng, outputs)})
    return _answered(messages, task.answer(task.later))


def test_output(task: Quickstart, code: str) -> str:
    """Run the hidden tests on ``code`` as a grading box does, and return what they print."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "tests").mkdir()
        Path(folder, task.file).write_text(code, encoding="utf-8")
        Path(folder, "tests", task.tests.name).write_text(
            task.tests.read_text(encoding="utf-8"), encoding="utf-8"
        )
        environment = {**os.environ, "PYTHONPATH": folder, "LLMBENCH_REPORT": os.devnull}
        command = [sys.executable, "-B", str(RUN_TESTS)]
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
    return done.stderr.replace(folder + "/", "").strip()


def first_question(task: Quickstart, rng: random.Random) -> Messages:
    """Return a system's words, perhaps, and a question."""
    form = rng.random()
    if form < 0.05:
        return exact(task)
    if form < 0.3:
        text = _exact_user(task, excerpt(task, rng, least=1) if rng.random() < 0.8 else task.title)
        return _with_system(text.rstrip("\n") if rng.random() < 0.5 else text, rng, exact_share=0.7)
    template = rng.choice(wordings.TEMPLATES) if form < 0.65 else _composed(rng)
    text = _fill(template, task, rng, wordings.BRIEFS[task.slug][:-2])
    if rng.random() < 0.25:
        text = _with_noise(text, rng)
    return _with_system(_with_fillers(text, rng), rng)


def _answered(messages: Messages, answer: str) -> Conversation:
    last = {"role": "assistant", "content": answer}
    return Conversation((*messages, last), frozenset({len(messages)}))


def _composed(rng: random.Random) -> str:
    """Return a template of random pieces in random order."""
    pieces = rng.sample(wordings.PIECES, rng.randint(1, 3))
    pieces += rng.sample(wordings.SCRAPS, rng.randint(0, 3))
    rng.shuffle(pieces)
    return rng.choice(["\n", "\n\n", " ", " - ", ". ", "\n> ", "\n- "]).join(pieces)


def _exact_user(task: Quickstart, text: str) -> str:
    return formatted(wordings.EXACT_PROMPT, {"all": text, "file": task.file, "starter": task.starter.strip()})


def _fill(template: str, task: Quickstart, rng: random.Random, briefs: list[str]) -> str:
    lines = task.instructions.strip().splitlines()
    body = "\n".join(lines[2:])
    signature = [line.strip() for line in task.starter.splitlines() if line.startswith(("def ", "class "))]
    names = [re.sub(r"\W.*", "", line.split(" ", 1)[1]) for line in signature]
    values = {
        "number": str(rng.randint(1, 99)),
        "all": task.instructions.strip(),
        "head": body[: rng.randint(120, 500)],
        "first": lines[2],
        "excerpt": excerpt(task, rng, least=2),
        "brief": rng.choice(briefs),
        "title": task.title,
        "slug": task.slug,
        "file": task.file,
        "starter": task.starter,
        "signature": "\n".join(signature),
        "names": " and ".join(names),
    }
    return formatted(template, values)


def formatted(template: str, values: dict[str, str]) -> str:
    """Fill in the fields in one pass, so that braces in the values stay as they are."""
    return re.sub(r"\{(\w+)\}", lambda match: values[match[1]], template)


def excerpt(task: Quickstart, rng: random.Random, *, least: int) -> str:
    """Return some of the paragraphs and list items, in order; the first one is nearly always among them."""
    lines = [line for line in task.instructions.strip().splitlines()[2:] if line]
    kept = rng.sample(range(1, len(lines)), rng.randint(least - 1, len(lines) - 1))
    first = [0] if rng.random() < 0.9 else []
    return "\n".join(lines[index] for index in [*first, *sorted(kept)]) or lines[0]


def _with_noise(text: str, rng: random.Random) -> str:
    """Change the case, drop words or swap lines."""
    kind = rng.randrange(4)
    if kind == 0:
        return text.lower()
    if kind == 1:
        return text.upper()
    if kind == 2:
        return " ".join(word for word in text.split(" ") if rng.random() > 0.1) or text
    lines = text.split("\n")
    rng.shuffle(lines)
    return "\n".join(lines)


def _with_fillers(text: str, rng: random.Random) -> str:
    parts = [text]
    for _ in range(rng.choice([0, 0, 1, 1, 2, 3])):
        parts.insert(rng.randrange(len(parts) + 1), rng.choice(wordings.FILLERS))
    return rng.choice([" ", "\n", "\n\n"]).join(parts)


def _with_system(text: str, rng: random.Random, *, exact_share: float = 0.3) -> Messages:
    user = {"role": "user", "content": text}
    if rng.random() < exact_share:
        return [{"role": "system", "content": wordings.EXACT_SYSTEM}, user]
    if rng.random() < 0.4:
        return [user]
    return [{"role": "system", "content": rng.choice(wordings.SYSTEMS)}, user]


def feedback(rng: random.Random, outputs: list[str]) -> str:
    """Return what is said after failed tests."""
    template = wordings.EXACT_FEEDBACK if rng.random() < 0.6 else rng.choice(wordings.FEEDBACKS)
    return formatted(template, {"output": cut(rng, outputs)})


def cut(rng: random.Random, outputs: list[str]) -> str:
    """Return a part of one of the outputs."""
    lines = rng.choice(outputs)[:4000].splitlines()
    if rng.random() < 0.85:
        start = rng.randrange(len(lines))
        lines = lines[start : start + rng.randint(1, 25)]
    return "\n".join(lines)


def damaged(code: str, rng: random.Random) -> str:
    """Return the code without one of its lines."""
    lines = code.splitlines()
    del lines[rng.randrange(1, len(lines))]
    return "\n".join(lines)
