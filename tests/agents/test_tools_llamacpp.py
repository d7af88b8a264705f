"""What agent `tools` meets at llama.cpp's real server. The weights are random: they write no calls."""

import asyncio
from pathlib import Path

import pytest

from llmbench.api import Context, Message, ModelProfile, Request, Sampling, ToolSpec, Wish
from llmbench.errors import ProtocolError
from llmbench_plugins.backends.llamacpp import LlamaCpp
from llmbench_plugins.backends.llamacpp.options import LlamaCppOptions, Source

pytest.importorskip("xllamacpp", reason="needs llmbench[embedded]")

HARMONY = """{%- for message in messages %}<|start|>{{ message.role }}<|message|>{{ message.content }}
{%- for call in message.tool_calls or [] %}<|start|>assistant<|channel|>commentary to=functions.{{
call.function.name }} <|constrain|>json<|message|>{{ call.function.arguments }}<|call|>{% endfor %}<|end|>
{%- endfor %}
{%- for tool in tools or [] %}{{ tool | tojson }}{% endfor %}
{%- if add_generation_prompt %}<|start|>assistant{% endif %}"""
"""A template with a strict form of answers: what random weights write does not match it."""
LS = ToolSpec(name="ls", description="List.", parameters={"type": "object", "properties": {}})


def make(context: Context, *, template: str = "") -> LlamaCpp:
    weights = Path(__file__).parents[1] / "data" / "random.gguf"
    words = ("--chat-template", template) if template else ()
    source = Source(path=str(weights), context=2048, extra_args=words)
    return LlamaCpp(LlamaCppOptions(source=source, slots=1), ModelProfile(name="random"), context)


def request(*, tools: bool) -> Request:
    return Request(
        messages=(Message("user", "Look around."),),
        max_tokens=64,
        sampling=Sampling(temperature=1.0),
        seed=3,
        tools=(LS,) if tools else (),
    )


@pytest.fixture
def entered(context: Context) -> Context:
    context.work_dir.mkdir()
    return context


def test_output_that_the_server_cannot_parse_is_a_protocol_error(entered: Context) -> None:
    async def ask() -> str:
        async with make(entered, template=HARMONY) as backend:
            assert backend.ignores(Wish(tools=True, needs_tools=True, tool_choice="required")) == ()
            with pytest.raises(ProtocolError) as caught:
                await backend.complete(request(tools=True))
            return str(caught.value)

    assert "answered 500: The model produced output that does not match" in asyncio.run(ask())


def test_a_template_without_tools_is_noticed_and_not_ignored(entered: Context) -> None:
    async def ask() -> tuple[list[str], str]:
        async with make(entered) as backend:
            ignored = list(backend.ignores(Wish(tools=True, needs_tools=True)))
            assert backend.ignores(Wish(tools=True)) == ()
            assert (await backend.complete(request(tools=False))).usage.completion_tokens
            with pytest.raises(ProtocolError) as caught:
                await backend.complete(request(tools=True))
            return ignored, str(caught.value)

    ignored, said = asyncio.run(ask())
    why = "the chat template of these weights shows no tools to the model"
    assert ignored == [f"agent.protocol=native: {why}; set agent.protocol=auto or text"]
    assert "shows no tools to the model" in said
