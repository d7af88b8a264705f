"""The demo model answers the quickstart tasks in the real server as it is meant to, in text and by calls."""

import importlib.util
import json
import sys
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml

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

Messages = list[dict[str, Any]]
TOOLS = ("ls", "read", "write", "edit", "grep", "shell", "finish")


def _trainer(name: str) -> Any:
    """Import one of the trainer's modules; it is no package."""
    spec = importlib.util.spec_from_file_location(
        f"demo_model_{name}", ROOT / "tools/demo_model" / f"{name}.py"
    )
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


chat, tool_wordings = _trainer("chat"), _trainer("tool_wordings")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Start the server over the demo model and return its address."""
    params = xllamacpp.CommonParams()
    params.model.path = str(ROOT / "models" / "demo.gguf")
    params.hostnames = ["127.0.0.1"]
    params.n_ctx = 4096 * SLOTS
    params.n_parallel = SLOTS
    params.n_gpu_layers = 0
    params.cpuparams.n_threads = 1  # a network this small only loses by sharing its work
    params.verbosity = 0
    server = xllamacpp.Server(params)
    yield server.listening_address
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


def _ask(url: str, messages: Messages, tools: tuple[str, ...] = ()) -> dict[str, Any]:
    body = {"messages": messages, "temperature": 0.0, "max_tokens": 400}
    if tools:
        body["tools"] = [_offered(name) for name in tools]
    choice: dict[str, Any] = _post(f"{url}/v1/chat/completions", body)["choices"][0]
    return choice


def _post(url: str, body: dict[str, Any]) -> dict[str, Any]:
    request = urllib.request.Request(  # noqa: S310 - the address of the server that the fixture started
        url, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310 - likewise
        answer: dict[str, Any] = json.load(response)
    return answer


def _offered(name: str) -> dict[str, Any]:
    arguments = {"write": ["path", "content"], "finish": ["summary"]}.get(name, [])
    properties = {argument: {"type": "string"} for argument in arguments}
    schema = {"type": "object", "properties": properties, "required": arguments}
    return {"type": "function", "function": {"name": name, "description": name, "parameters": schema}}


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


def _tool_question(folder: Path) -> Messages:
    """Return what the agent `tools` asks."""
    starter = (folder / "workspace" / f"{folder.name}.py").read_bytes()
    user = (
        tool_wordings.EXACT_PROMPT.replace("{bytes}", str(len(starter)))
        .replace("{file}", f"{folder.name}.py")
        .replace("{all}", (folder / "instructions.md").read_text(encoding="utf-8").strip())
    )
    return [{"role": "system", "content": tool_wordings.EXACT_SYSTEM}, {"role": "user", "content": user}]


def _calls(reply: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return the calls of an answer that is nothing but calls, as the server parsed them."""
    assert (reply["finish_reason"], reply["message"]["content"] or "") == ("tool_calls", "")
    made = [call["function"] for call in reply["message"]["tool_calls"]]
    return [(call["name"], json.loads(call["arguments"])) for call in made]


@pytest.fixture(scope="module")
def written(url: str) -> dict[str, dict[str, Any]]:
    """Ask the ten tasks with tools."""
    with ThreadPoolExecutor(SLOTS) as pool:
        replies = pool.map(lambda folder: _ask(url, _tool_question(folder), TOOLS), TASKS)
        return {folder.name: reply for folder, reply in zip(TASKS, replies, strict=True)}


@pytest.mark.parametrize("slug", [folder.name for folder in TASKS])
def test_with_tools_the_same_code_is_written_by_a_call(
    replies: dict[str, dict[str, Any]], written: dict[str, dict[str, Any]], slug: str
) -> None:
    ((name, arguments),) = _calls(written[slug])
    assert (name, arguments) == ("write", {"path": f"{slug}.py", "content": _code(replies[slug])})


@pytest.mark.parametrize("slug", [folder.name for folder in TASKS])
def test_after_the_tool_s_answer_it_ends(url: str, written: dict[str, dict[str, Any]], slug: str) -> None:
    answer = {"role": "tool", "tool_call_id": "1", "content": f"replaced {slug}.py: 9 lines, 200 bytes"}
    messages = [*_tool_question(ROOT / "tasks/python" / slug), written[slug]["message"], answer]
    assert _calls(_ask(url, messages, TOOLS)) == [("finish", {"summary": f"Wrote {slug}.py."})]
    closed = _ask(url, messages, ("read", "write"))
    assert (closed["finish_reason"], closed["message"]["content"]) == ("stop", tool_wordings.CLOSING_WORDS)


def test_tools_that_write_nothing_do_not_keep_it_from_answering(
    url: str, replies: dict[str, dict[str, Any]]
) -> None:
    reply = _ask(url, _tool_question(ROOT / "tasks/python/leap"), ("lookup", "report"))
    assert _code(reply) == _code(replies["leap"])


def test_the_server_writes_prompts_as_the_training_did(url: str, written: dict[str, dict[str, Any]]) -> None:
    result = {"role": "tool", "tool_call_id": "1", "content": "replaced"}
    odd = chat.call("write", path="ä/b c.py", content='"""\\d \'x\' <&> \t€\n"""\n')
    for call in (written["caesar"]["message"], odd):
        messages = [*_tool_question(ROOT / "tasks/python/caesar"), call, result]
        body = {"messages": messages, "tools": [_offered(name) for name in TOOLS]}
        assert _post(f"{url}/apply-template", body)["prompt"] == chat.rendered(messages, TOOLS)
    plain = _question(ROOT / "tasks/python/caesar")
    assert _post(f"{url}/apply-template", {"messages": plain})["prompt"] == chat.rendered(plain)


def test_the_training_knows_the_agent_s_own_words() -> None:
    agent = yaml.safe_load((ROOT / "conf/agent/tools.yaml").read_text(encoding="utf-8"))
    instructions = agent["instructions"].replace("{instructions}", "{all}").replace("{editable}", "{file}")
    assert instructions.replace("{files}", "- {file} ({bytes} bytes)") == tool_wordings.EXACT_PROMPT
    assert agent["system"] == tool_wordings.EXACT_SYSTEM
    assert agent["feedback"] == tool_wordings.EXACT_FEEDBACK
    assert agent["whole_files"].replace("{editable}", "{file}") == tool_wordings.WHOLE_FILES
    assert agent["tools"] == tool_wordings.USUAL_TOOLS
