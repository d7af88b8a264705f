"""Presets of ``openai`` for servers of one's own: their ports and keys, their context, their switch."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from llmbench.api import Completion, Context, Message, ModelProfile, Reasoning, Request, Wish
from llmbench.config.arguments import parse
from llmbench.config.build import build_spec
from llmbench.config.compose import compose
from llmbench.testing.servers import StubServer
from llmbench_plugins.backends.openai import OpenAI, OpenAIOptions

PRESETS = [
    ("vllm", 8000, "VLLM_API_KEY", 8, "enable_thinking"),
    ("sglang", 30000, "SGLANG_API_KEY", 8, "enable_thinking"),
    ("tabby", 5000, "TABBY_API_KEY", 4, "enable_thinking"),
    ("koboldcpp", 5001, "KOBOLDCPP_PASSWORD", 1, None),
]
THINKS = Reasoning(style="separate", enabled=True, think_tokens=100)
RESTS = Reasoning(style="separate")


@pytest.mark.parametrize(("name", "port", "variable", "at_once", "switch"), PRESETS)
def test_a_preset_knows_its_port_its_key_and_its_switch(
    name: str, port: int, variable: str, at_once: int, switch: str | None, tmp_path: Path
) -> None:
    given = [f"backend={name}", "model=any", "dataset=quickstart", f"output_root={tmp_path}"]
    spec = build_spec(compose(parse(given)))
    assert spec.backend.name == "openai", "so that models need no source of their own for it"
    assert spec.backend.options == OpenAIOptions(
        url=f"http://127.0.0.1:{port}/v1",
        api_key_env=variable,
        concurrency=at_once,
        thinking_switch=switch,  # type: ignore[arg-type]
    )
    assert variable in spec.secret_names


@pytest.mark.parametrize("preset", [row[0] for row in PRESETS])
@pytest.mark.parametrize("form", ["backend={0} model=org/it-7b", "model={0}:org/it-7b"])
def test_a_preset_takes_a_models_name_without_a_profile(preset: str, form: str, tmp_path: Path) -> None:
    given = [*form.format(preset).split(), "dataset=quickstart", f"output_root={tmp_path}"]
    spec = build_spec(compose(parse(given)))
    assert (spec.backend.name, spec.backend.options.source.model) == ("openai", "org/it-7b")
    assert str({row[0]: row[1] for row in PRESETS}[preset]) in spec.backend.options.url


CARDS = [
    ({"max_model_len": 4096}, {}),
    ({"owned_by": "tabbyAPI"}, {"/v1/model": {"id": "m", "parameters": {"max_seq_len": 4096}}}),
    ({"owned_by": "koboldcpp"}, {"/api/extra/true_max_context_length": {"value": 4096}}),
]


@pytest.fixture
def enter(context: Context, bounded: Callable[..., Any]) -> Callable[..., Any]:
    """Enter, ask, describe, leave."""

    def enter(stub: StubServer, reasoning: Reasoning | None = None, **options: Any) -> Any:
        told = reasoning or Reasoning()

        async def once() -> tuple[Completion, Any]:
            chosen = OpenAIOptions(url=stub.url, retries=0, **options)
            async with OpenAI(chosen, ModelProfile(name="stub", reasoning=told), context) as backend:
                asked = Request(messages=(Message("user", "Hi"),), max_tokens=20, reasoning=told)
                return await backend.complete(asked), await backend.describe()

        return bounded(once())

    return enter


@pytest.mark.parametrize(("card", "pages"), CARDS)
def test_the_context_is_read_where_each_server_tells_it(
    enter: Callable[..., Any], said: list[str], card: Any, pages: Any
) -> None:
    with StubServer(card=card, pages=pages) as stub:
        _, described = enter(stub)
        assert described["context"] == 4096
        assert any("4096 tokens of context, and answers of 4096 are allowed" in line for line in said)
        said.clear()
        enter(stub, Reasoning(answer_tokens=1000))
    assert not [line for line in said if "tokens of context" in line]


def test_a_server_that_does_not_tell_has_no_context(enter: Callable[..., Any]) -> None:
    for card in ({}, {"owned_by": "tabbyAPI"}, {"owned_by": "koboldcpp"}, {"max_model_len": None}):
        with StubServer(card=card) as stub:
            assert "context" not in enter(stub)[1]


@pytest.mark.parametrize(
    ("reasoning", "switch", "sent"),
    [
        (THINKS, "enable_thinking", {"enable_thinking": True}),
        (RESTS, "thinking", {"thinking": False}),
        (Reasoning(), "enable_thinking", None),
        (THINKS, None, None),
    ],
)
def test_the_template_is_told_whether_to_think(
    enter: Callable[..., Any], reasoning: Reasoning, switch: str | None, sent: Any
) -> None:
    with StubServer() as stub:
        enter(stub, reasoning, thinking_switch=switch)
    assert stub.requests[-1].get("chat_template_kwargs") == sent


def test_a_switch_makes_an_agents_wish_to_think_possible(context: Context) -> None:
    wish = Wish(reasoning=replace(RESTS, enabled=True))
    model = ModelProfile(name="stub", reasoning=RESTS)
    plain = OpenAI(OpenAIOptions(url="http://127.0.0.1:1"), model, context)
    able = OpenAI(OpenAIOptions(url="http://127.0.0.1:1", thinking_switch="enable_thinking"), model, context)
    assert any("agent.think=true" in line for line in plain.ignores(wish))
    assert list(able.ignores(wish)) == []
