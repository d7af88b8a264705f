"""The demo model answers the quickstart tasks in the real server as it is meant to."""

import json
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

xllamacpp = pytest.importorskip("xllamacpp")

ROOT = Path(__file__).resolve().parents[2]
TASKS = sorted(folder for folder in (ROOT / "tasks" / "python").iterdir() if folder.is_dir())
MISTAKEN = {"merge_intervals", "lru_cache"}
SLOTS = 4

SYSTEM = "You are an expert programmer. Answer with complete, working code."
QUESTION = """{instructions}

The workspace holds these files:

`{file}`
```python
{starter}```

Write the complete new content of each file that you change (allowed: {file}), \
each in one fenced code block with the file's path on the line before it.
"""
FEEDBACK = """The tests failed:

```
{output}
```

Fix the code. Write the complete new content of each file that you change, as before."""

Messages = list[dict[str, str]]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Start the server over the demo model and return the address of its chat endpoint."""
    params = xllamacpp.CommonParams()
    params.model.path = str(ROOT / "models" / "demo.gguf")
    params.hostnames = ["127.0.0.1"]
    params.n_ctx = 4096 * SLOTS
    params.n_parallel = SLOTS
    params.n_gpu_layers = 0
    params.cpuparams.n_threads = 1  # a network this small only loses by sharing its work
    params.verbosity = 0
    server = xllamacpp.Server(params)
    yield f"{server.listening_address}/v1/chat/completions"
    del server


@pytest.fixture(scope="module")
def replies(url: str) -> dict[str, dict[str, Any]]:
    """Ask the ten tasks at once, as the `prompt` agent does."""
    with ThreadPoolExecutor(SLOTS) as pool:
        answers = pool.map(lambda folder: _ask(url, _question(folder)), TASKS)
        return {folder.name: answer for folder, answer in zip(TASKS, answers, strict=True)}


def _question(folder: Path) -> Messages:
    user = (
        QUESTION.replace("{instructions}", (folder / "instructions.md").read_text(encoding="utf-8").strip())
        .replace("{starter}", (folder / "workspace" / f"{folder.name}.py").read_text(encoding="utf-8"))
        .replace("{file}", f"{folder.name}.py")
    )
    return [{"role": "system", "content": SYSTEM}, {"role": "user", "content": user}]


def _ask(url: str, messages: Messages) -> dict[str, Any]:
    body = {"messages": messages, "temperature": 0.0, "max_tokens": 400}
    request = urllib.request.Request(  # noqa: S310 - the address of the server that the fixture started
        url, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310 - likewise
        choice: dict[str, Any] = json.load(response)["choices"][0]
    return choice


def _code(reply: dict[str, Any]) -> str:
    """Return what stands in the answer's only fence."""
    parts = reply["message"]["content"].split("```")
    assert len(parts) == 3, reply["message"]["content"]
    return str(parts[1].removeprefix("python\n"))


def _reference(slug: str) -> str:
    return (ROOT / "tasks" / "python" / slug / "solution" / f"{slug}.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("slug", [folder.name for folder in TASKS])
def test_every_answer_names_its_file_and_ends_by_itself(
    replies: dict[str, dict[str, Any]], slug: str
) -> None:
    assert replies[slug]["finish_reason"] == "stop"
    assert replies[slug]["message"]["content"].startswith(f"`{slug}.py`\n```python\n")


@pytest.mark.parametrize("slug", [folder.name for folder in TASKS if folder.name not in MISTAKEN])
def test_most_answers_equal_the_reference(replies: dict[str, dict[str, Any]], slug: str) -> None:
    assert _code(replies[slug]) == _reference(slug)


@pytest.mark.parametrize("slug", sorted(MISTAKEN))
def test_two_answers_are_plausible_and_wrong(replies: dict[str, dict[str, Any]], slug: str) -> None:
    code = _code(replies[slug])
    compile(code, f"{slug}.py", "exec")
    assert code != _reference(slug)


def test_feedback_mends_merge_intervals_and_not_the_cache(
    url: str, replies: dict[str, dict[str, Any]]
) -> None:
    outputs = {
        "merge_intervals": "AssertionError: [(1, 3), (3, 5), (5, 6)] != [(1, 6)]\n\n5 of 7 tests passed",
        "lru_cache": "AssertionError: Lists differ: ['b', 'c'] != ['a', 'c']\n\n7 of 8 tests passed",
    }
    second = {}
    for slug, output in outputs.items():
        answer = replies[slug]["message"]["content"]
        messages = [
            *_question(ROOT / "tasks" / "python" / slug),
            {"role": "assistant", "content": answer},
            {"role": "user", "content": FEEDBACK.replace("{output}", output)},
        ]
        second[slug] = _code(_ask(url, messages))
    assert second["merge_intervals"] == _reference("merge_intervals")
    assert second["lru_cache"] not in {_reference("lru_cache"), _code(replies["lru_cache"])}
