"""The conversation that is read back at the beginning of a session: like the agent's, and never fatal."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmbench.api import Backend, Context, Rendered, Request
from llmbench.config.arguments import parse
from llmbench.config.build import build_spec
from llmbench.config.compose import compose
from llmbench.errors import BackendError
from llmbench.records.manifest import read_manifest
from llmbench.records.rendered import RenderedPrompt
from llmbench.runner.agents import make_agent
from llmbench.runner.rendering import conversation, read_back
from llmbench.testing.ollama_stub import OllamaStub, StubModel
from llmbench.testing.scripted import ScriptedBackend
from llmbench.testing.servers import StubServer


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Request]:
    """Return the conversation of a run."""
    monkeypatch.chdir(tmp_path)

    def asked(*overrides: str) -> Request:
        spec = build_spec(compose(parse(["model=demo", *overrides])))
        return conversation(spec, make_agent(spec, Context(work_dir=tmp_path, cache_dir=tmp_path)))

    return asked


class _Rendering(ScriptedBackend):
    """Renders with what the test gives."""

    def __init__(self, answer: Any) -> None:
        super().__init__(lambda request: "ok", context=Context(work_dir=Path(), cache_dir=Path()))
        self.answer = answer

    async def rendered(self, request: Request) -> Rendered | None:
        if isinstance(self.answer, Exception):
            raise self.answer
        found: Rendered | None = self.answer
        return found


def back(backend: Backend, request: Request) -> RenderedPrompt:
    return asyncio.run(read_back(backend, request))


def test_an_agent_with_tools_has_a_call_and_its_result_rendered(asked: Callable[..., Request]) -> None:
    request = asked("agent=tools")
    assert [message.role for message in request.messages] == ["system", "user", "assistant", "tool"]
    assert request.messages[-1].tool_call_id == request.messages[-2].tool_calls[0].id
    assert [tool.name for tool in request.tools] == ["note"]
    assert not asked("agent=prompt").tools


def test_what_the_agent_asks_for_tells_conversations_apart(asked: Callable[..., Request]) -> None:
    backend = _Rendering(Rendered(text="x"))
    plain = back(backend, asked()).asked
    assert back(backend, asked("seed=7", "model.sampling.temperature=0.5")).asked == plain
    thinking = (
        "model.reasoning={style: separate, enabled: true, level: low, think_tokens: 10, answer_tokens: 10}"
    )
    others = [asked("agent=tools"), asked("agent.system=''"), asked(thinking)]
    assert len({plain, *(back(backend, request).asked for request in others)}) == 4


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (None, ""),
        ("no Rendered", ""),
        (BackendError("the template refuses\nsystem messages"), "the template refuses system messages"),
    ],
)
def test_no_run_fails_where_it_can_not_be_told(
    asked: Callable[..., Request], answer: Any, problem: str
) -> None:
    found = back(_Rendering(answer), asked())
    assert (found.readable, found.text, found.problem) == (False, "", problem)


def test_a_backend_that_renders_nothing_can_not_tell(asked: Callable[..., Request], tmp_path: Path) -> None:
    context = Context(work_dir=tmp_path, cache_dir=tmp_path)
    assert not back(ScriptedBackend(lambda request: "ok", context=context), asked()).readable


def test_a_run_keeps_what_its_server_made(run: Any) -> None:
    with OllamaStub(models={"stub:latest": StubModel(adds_bos=False)}) as stub:
        source = "model.sources={ollama: {tag: stub, context: 4096}}"
        result = run("backend=ollama", f"backend.url={stub.root}", source, "limit=1", "backend.retries=0")
    rendered = read_manifest(result.folder).sessions[-1].rendered
    assert rendered is not None
    assert rendered.text.startswith(
        "<|im_start|>system\nYou write Python.\n<|im_end|>\n<|im_start|>user\n Return"
    )
    assert rendered.text.endswith("<|im_start|>user\nOnce more, please.\n<|im_end|>\n<|im_start|>assistant\n")
    assert (rendered.adds_bos, rendered.characters) == (False, len(rendered.text))


def test_a_run_on_a_server_that_can_not_tell_notes_that(run: Any) -> None:
    with StubServer() as stub:
        result = run("backend=openai", f"backend.url={stub.url}", "limit=1", "backend.retries=0")
    rendered = read_manifest(result.folder).sessions[-1].rendered
    assert rendered is not None
    assert not rendered.readable
    assert len(rendered.asked) == 64
