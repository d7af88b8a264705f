"""The ``replay`` backend: answer files of both kinds, earlier runs, gaps, bad lines."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmbench.api import Backend, Completion, Context, Finish, Message, ModelProfile, Request, Timing, Usage
from llmbench.errors import BackendError, ContextOverflowError, UsageError
from llmbench.testing.backend import BackendConformance
from llmbench_plugins.backends.replay.backend import Replay, ReplayOptions

Play = Callable[..., list[Completion]]


class TestConformance(BackendConformance):
    limits_tokens = False
    refuses_oversize = False
    repeats_by_seed = False

    def make_backend(self, context: Context) -> Backend:
        file = context.work_dir / "answers.jsonl"
        lines = [{"task": "conformance", "sample": 0, "content": "x"} for _ in range(40)]
        file.write_text("\n".join(json.dumps(line) for line in lines))
        return Replay(ReplayOptions(path=str(file)), ModelProfile(name="any"), context)


@pytest.fixture
def play(context: Context, bounded: Callable[..., Any]) -> Play:
    """Ask for (task, sample) in turn."""

    def play(path: Path, *asked: tuple[str, int], history: tuple[Message, ...] = ()) -> list[Completion]:
        async def go() -> list[Completion]:
            async with Replay(ReplayOptions(path=str(path)), ModelProfile(name="any"), context) as backend:
                return [
                    await backend.complete(
                        Request(
                            messages=(*history, Message("user", "?")), max_tokens=9, task=task, sample=sample
                        )
                    )
                    for task, sample in asked
                ]

        answers: list[Completion] = bounded(go())
        return answers

    return play


def _write(path: Path, *lines: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_answers_are_found_by_task_sample_and_try(play: Play, tmp_path: Path) -> None:
    file = _write(
        tmp_path / "a.jsonl",
        {"task": "t", "sample": 1, "try": 2, "content": "1.2"},
        {"task": "t", "sample": 1, "try": 1, "content": "1.1", "reasoning": "why", "finish": "length"},
        {"task": "u/v", "content": "u0", "usage": {"completion_tokens": 7}},
        {"task": "u/v", "content": "u1"},
    )
    first, second, third, fourth = play(file, ("t", 1), ("t", 1), ("u/v", 1), ("u/v", 0))
    assert (first.content, first.reasoning, first.finish) == ("1.1", "why", Finish.LENGTH)
    assert (second.content, third.content, fourth.content) == ("1.2", "u1", "u0")
    assert fourth.usage == Usage(completion_tokens=7)
    assert fourth.timing == Timing()


def test_half_a_character_costs_no_answer(play: Play, tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(b'{"task": "t", "content": "a\\ud83eb"}\n')
    (only,) = play(file, ("t", 0))
    assert only.content == "a\ufffdb"


def test_evalplus_samples_are_put_into_a_fence(play: Play, tmp_path: Path) -> None:
    file = _write(
        tmp_path / "samples.jsonl",
        {"task_id": "HumanEval/0", "solution": "def f():\n    return 1\n"},
        {"task_id": "HumanEval/0", "completion": "```python\nx\n```"},
    )
    first, second = play(file, ("HumanEval/0", 0), ("HumanEval/0", 1))
    assert first.content == "```python\ndef f():\n    return 1\n```"
    assert second.content == "```python\nx\n```"


def _completion(content: str, **more: Any) -> dict[str, Any]:
    return {
        "content": content,
        "finish": "stop",
        "usage": {"prompt_tokens": 3},
        "timing": {"wall_s": 9},
        **more,
    }


def _run(folder: Path) -> Path:
    call = {"id": "c", "name": "ls", "arguments": {"path": "."}, "raw": "{}"}
    _write(
        folder / "samples" / "python" / "leap" / "0" / "transcript.jsonl",
        {
            "event": "completion",
            "task": "python/leap",
            "sample": 0,
            "call": 0,
            "completion": _completion("one"),
        },
        {"event": "verdict", "number": 1},
        {"event": "error", "call": 1, "kind": "BackendError", "message": "the machine's fault"},
        {
            "event": "completion",
            "task": "python/leap",
            "sample": 0,
            "call": 1,
            "completion": _completion("two", finish="tool_calls", tool_calls=[call]),
        },
        {"event": "error", "call": 2, "kind": "ContextOverflowError", "message": "too long"},
    )
    other = folder / "samples" / "python" / "leap" / "1" / "transcript.jsonl"
    _write(other, {"event": "completion", "call": 0, "completion": _completion("other")})
    with other.open("a") as file:
        file.write('{"event": "completion", "call": 1, "compl')
    return folder


def test_an_earlier_run_is_replayed_call_by_call(play: Play, tmp_path: Path) -> None:
    run = _run(tmp_path / "run")
    one, two, other = play(run, ("python/leap", 0), ("python/leap", 0), ("python/leap", 1))
    assert (one.content, two.content, other.content) == ("one", "two", "other")
    assert two.tool_calls[0].arguments == {"path": "."}
    assert (one.usage.prompt_tokens, one.timing) == (3, Timing())
    with pytest.raises(ContextOverflowError, match="too long"):
        play(run, *[("python/leap", 0)] * 3)


def test_a_resumed_conversation_goes_on_where_it_was(play: Play, tmp_path: Path) -> None:
    history = (Message("user", "?"), Message("assistant", "one"))
    assert play(_run(tmp_path / "run"), ("python/leap", 0), history=history)[0].content == "two"


def test_what_is_not_stored_is_an_error_of_the_replay(play: Play, tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="task 'python/leap', sample 1, call 1") as caught:
        play(_run(tmp_path / "run"), ("python/leap", 1), ("python/leap", 1))
    assert type(caught.value) is BackendError


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{nonsense", "expected a JSON object"),
        ("[1]", "expected a JSON object, got list"),
        ('{"task": "t"}', "'task' and 'content'"),
        ('{"task": "t", "content": 5}', r"Expected `str \| null`, got `int`"),
        ('{"task": "t", "content": "x", "finish": "bored"}', "bored"),
    ],
)
def test_bad_lines_are_named_with_file_and_number(play: Play, tmp_path: Path, line: str, told: str) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text('{"task": "t", "content": "x"}\n\n' + line + "\n")
    with pytest.raises(UsageError, match=rf"bad\.jsonl:3: .*{told}"):
        play(file, ("t", 0))


def test_paths_that_hold_nothing_are_told(play: Play, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"backend\.path: no file or folder"):
        play(tmp_path / "nowhere", ("t", 0))
    with pytest.raises(UsageError, match=r"backend\.path: .* is no run"):
        play(tmp_path, ("t", 0))


def test_a_missing_path_is_told(context: Context, bounded: Callable[..., Any]) -> None:
    async def enter() -> None:
        async with Replay(ReplayOptions(), ModelProfile(name="any"), context):
            pass

    with pytest.raises(UsageError, match=r"backend\.path: missing"):
        bounded(enter())
