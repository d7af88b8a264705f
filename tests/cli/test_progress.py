"""What a person sees of a run: on a terminal of 80 columns, on one that only prints, in a pipe."""

import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from llmbench.api import Sandbox
from llmbench.testing.servers import Answer, StubServer

from .terminal import on_terminal, plain_lines

LLMBENCH = (sys.executable, "-m", "llmbench")


def slowly(body: Mapping[str, Any]) -> Answer:
    """Answer in pieces, over two seconds or four: wrong, and unhurried."""
    if body.get("max_tokens", 0) < 100:
        return Answer(content="ready")
    times = 3 if "leap" in str(body["messages"]) else 6
    return Answer(content="so it goes on and on " * times, piece_delay_s=0.1)


Words = Callable[..., list[str]]


@pytest.fixture
def words(isolating_sandbox: Sandbox) -> Words:
    """The words of a run of two tasks with a stub."""
    sandbox = f"sandbox={type(isolating_sandbox).__name__.lower()}"
    fixed = (*LLMBENCH, "backend=openai", "model=any", sandbox, "tasks=[leap,caesar]")
    return lambda stub, *more: [*fixed, f"backend.url={stub.url}", *more]


def test_80_columns_are_enough_for_all_of_it(words: Words, tmp_path: Path) -> None:
    with StubServer(slowly) as stub:
        code, told = on_terminal(words(stub), tmp_path)
    assert code == 0, told
    lines = plain_lines(told)
    first = [line for line in lines if "samples, " in line and "elapsed" in line]
    assert first
    assert max(map(len, first)) <= 80
    assert not [line for line in first if "…" in line], first
    times = re.compile(r"1 of 2 samples, 0 passed elapsed 0:0\d, left 0:0\d–\d:\d\d$")
    assert any(times.search(line) for line in first), first
    counts = [int(found[1]) for found in re.finditer(r"under way for \d s, (\d+) tokens so far", told)]
    assert len(set(counts)) > 3, "what has come so far grows before a sample is finished"


@pytest.mark.parametrize("environment", [{"TERM": "dumb"}, {"TERM": "dumb", "NO_COLOR": "1"}], ids=str)
def test_a_terminal_that_only_prints_gets_plain_lines(
    words: Words, tmp_path: Path, environment: dict[str, str]
) -> None:
    with StubServer(slowly) as stub:
        code, told = on_terminal(words(stub), tmp_path, **environment)
    assert code == 0, told
    assert "2 of 2 samples, 0 passed" in told
    assert "\x1b" not in told


def test_no_color_takes_the_colours_and_leaves_the_lines(words: Words, tmp_path: Path) -> None:
    with StubServer(slowly) as stub:
        code, told = on_terminal(words(stub), tmp_path, NO_COLOR="1")
    assert code == 0, told
    assert "tokens so far" in told
    assert not re.search(r"\x1b\[[0-9;]*3\dm", told)


def test_a_pipe_gets_few_lines_and_no_control_codes(words: Words, tmp_path: Path) -> None:
    with StubServer(slowly) as stub:
        ran = subprocess.run(words(stub), cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    assert [line for line in lines if "samples, " in line] == [
        "1 of 2 samples, 0 passed",
        "2 of 2 samples, 0 passed",
    ]
    assert "\x1b" not in ran.stdout
    assert "\r" not in ran.stdout
    assert not [line for line in lines if line != line.rstrip()]


def test_what_is_asked_once_more_is_counted_apart(words: Words, tmp_path: Path) -> None:
    def short(body: Mapping[str, Any]) -> Answer:
        return Answer(content="", finish="length")

    more = ("samples=2", "retry_budget=2", "stop_when_suspicious=false", "model.reasoning.answer_tokens=1000")
    with StubServer(short) as stub:
        ran = subprocess.run(words(stub, *more), cwd=tmp_path, capture_output=True, text=True, timeout=120)
    counted = [line for line in ran.stdout.splitlines() if re.match(r"\d+ of \d+ samples", line)]
    assert counted[3] == "4 of 4 samples, 0 passed", ran.stdout + ran.stderr
    assert counted[4:] == [f"{number} of 4 samples asked once more, 0 passed" for number in (1, 2, 3, 4)]
