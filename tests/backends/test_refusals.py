"""Servers that refuse a parameter: what is mended, what is said, and what null leaves out."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from llmbench.api import Completion, Context, Message, ModelProfile, Request, Sampling, ToolSpec
from llmbench.errors import UsageError
from llmbench.testing.servers import Answer, StubServer
from llmbench_plugins.backends.openai import OpenAI, OpenAIOptions

Ask = Callable[..., Completion]
PROBE = Request(
    messages=(Message("system", "Be brief."), Message("user", "Say OK.")),
    max_tokens=1,
    sampling=Sampling(temperature=0.0, top_p=0.9),
    seed=7,
    tools=(ToolSpec(name="ready", description="", parameters={"type": "object"}),),
)


@pytest.fixture
def context(context: Context) -> Context:
    return replace(context, probe=PROBE)


def refusing(key: str, **error: Any) -> Callable[[Mapping[str, Any]], Answer]:
    def answer(body: Mapping[str, Any]) -> Answer:
        if key == "system" and not any(message["role"] == "system" for message in body["messages"]):
            return Answer()
        if key != "system" and key not in body:
            return Answer()
        return Answer(status=400, **error)

    return answer


def openai_says(key: str) -> dict[str, Any]:
    message = f"Unsupported parameter: '{key}' is not supported with this model."
    return {"error": {"message": message, "param": key, "code": "unsupported_parameter"}}


def fastapi_says(key: str) -> dict[str, Any]:
    told = f'{{"detail": [{{"type": "extra_forbidden", "loc": ["body", "{key}"], "msg": "not permitted"}}]}}'
    return {"body": told.encode()}


@pytest.mark.parametrize("says", [openai_says, fastapi_says])
@pytest.mark.parametrize(
    ("key", "instead"), [("stream_options", None), ("max_tokens", "max_completion_tokens")]
)
def test_what_cannot_change_a_score_is_mended_and_said(
    ask: Ask, said: list[str], key: str, instead: str | None, says: Callable[[str], dict[str, Any]]
) -> None:
    with StubServer(refusing(key, **says(key))) as stub:
        assert ask(stub.url).content == "ok"
        assert [key in body for body in stub.requests] == [True, False, False], "the probe found it out"
    assert instead is None or stub.requests[-1][instead] == 100
    assert any(f"refuses '{key}'" in line for line in said)


@pytest.mark.parametrize("says", [openai_says, fastapi_says])
@pytest.mark.parametrize(
    ("key", "cure"),
    [
        ("seed", "seed=null"),
        ("temperature", "sampling.temperature=null"),
        ("top_p", "sampling.top_p=null"),
        ("tools", "agent.protocol=text"),
    ],
)
def test_what_can_is_refused_with_the_option_that_cures_it(
    ask: Ask, key: str, cure: str, says: Callable[[str], dict[str, Any]]
) -> None:
    refused = pytest.raises(UsageError, match=rf"refuses '{key}'.*{re.escape(cure)}")
    with StubServer(refusing(key, **says(key))) as stub, refused:
        ask(stub.url)


def test_a_server_without_system_messages_is_named_as_such(ask: Ask) -> None:
    picky = refusing("system", error={"message": "System role not supported"})
    with StubServer(picky) as stub, pytest.raises(UsageError, match=r"agent\.system=''"):
        ask(stub.url)


def test_null_leaves_any_field_out(ask: Ask) -> None:
    with StubServer() as stub:
        ask(stub.url, max_tokens_key=None, extra_body={"seed": None, "stream_options": None, "top_p": None})
    for body in stub.requests:
        assert not body.keys() & {"max_tokens", "seed", "stream_options", "top_p"}


def test_the_query_goes_with_every_request_and_is_hidden_where_it_is_secret(
    context: Context, bounded: Callable[..., Any]
) -> None:
    given = replace(context, secrets={"SIGNATURE": "sig-4711"})

    async def use(url: str) -> str:
        query = {"api-version": "2024-10-21", "sig": "env:SIGNATURE"}
        async with OpenAI(OpenAIOptions(url=url, query=query), ModelProfile(name="stub"), given) as backend:
            return str(await backend.describe())

    with StubServer() as stub:
        facts = bounded(use(stub.url))
        assert "api-version" in facts
        assert "sig-4711" not in facts
