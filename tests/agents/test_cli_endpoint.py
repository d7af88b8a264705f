"""The run's model as a server for outside agents: three dialects, plain and streamed, and their faults."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from llmbench.api import Completion, Finish, Message, ToolCall, Usage
from llmbench.errors import BackendError, ContextOverflowError, ProtocolError
from llmbench.testing.agent import ScriptedModel
from llmbench_plugins.agents.cli.dialect import AskedError
from llmbench_plugins.agents.cli.endpoint import Endpoint
from llmbench_plugins.agents.cli.messages import MESSAGES
from llmbench_plugins.agents.cli.responses import RESPONSES
from llmbench_plugins.shared.http import open_client

CALL = ToolCall(id="c1", name="write", arguments={"path": "a.py", "content": 'x = "\\n"\n'})
ANSWER = Completion(
    content="I write.",
    finish=Finish.TOOL_CALLS,
    tool_calls=(CALL,),
    usage=Usage(prompt_tokens=12, completion_tokens=5),
)
SCHEMA = {"type": "object", "properties": {"path": {"type": "string"}}}
PATHS = ("/v1/chat/completions", "/v1/responses", "/v1/messages")


class Model(ScriptedModel):
    """Gives one completion, or raises one error, and keeps all that it was asked with."""

    def __init__(self, answer: Completion | Exception = ANSWER) -> None:
        super().__init__("")
        self.answer = answer
        self.asked: list[Mapping[str, Any]] = []

    async def ask(self, messages: Sequence[Message], **more: Any) -> Completion:  # type: ignore[override]
        """Answer."""
        self.questions.append(messages)
        self.asked.append(more)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def body_for(path: str, *, stream: bool = False) -> dict[str, Any]:
    """Return the same question in each dialect: a call that was done, its result, and a tool."""
    if path == PATHS[0]:
        function = {"name": "read", "arguments": '{"path": "b"}'}
        messages = [
            {"role": "developer", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": "Go."}]},
            {"role": "assistant", "tool_calls": [{"id": "r1", "type": "function", "function": function}]},
            {"role": "tool", "tool_call_id": "r1", "content": "empty"},
        ]
        tool = {"type": "function", "function": {"name": "write", "description": "w", "parameters": SCHEMA}}
        return {"messages": messages, "tools": [tool], "max_tokens": 99, "top_p": 0.5, "stream": stream}
    if path == PATHS[1]:
        items = [
            {
                "type": "message",
                "role": "developer",
                "content": [{"type": "input_text", "text": "Be brief."}],
            },
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Go."}]},
            {"type": "reasoning", "summary": []},
            {"type": "function_call", "call_id": "r1", "name": "read", "arguments": '{"path": "b"}'},
            {"type": "function_call_output", "call_id": "r1", "output": "empty"},
        ]
        tools = [{"type": "function", "name": "write", "description": "w", "parameters": SCHEMA}]
        more = [{"type": "web_search"}]
        return {
            "input": items,
            "tools": tools + more,
            "max_output_tokens": 99,
            "stream": stream,
            "top_p": 0.5,
        }
    used = {"type": "tool_use", "id": "r1", "name": "read", "input": {"path": "b"}}
    result = {"type": "tool_result", "tool_use_id": "r1", "content": [{"type": "text", "text": "empty"}]}
    messages = [
        {"role": "user", "content": "Go."},
        {"role": "assistant", "content": [{"type": "thinking", "thinking": "hm"}, used]},
        {"role": "user", "content": [result]},
    ]
    tools = [{"name": "write", "description": "w", "input_schema": SCHEMA}]
    system = [{"type": "text", "text": "Be brief."}]
    head = {"system": system, "messages": messages, "tools": tools, "max_tokens": 99, "top_p": 0.5}
    return {**head, "stream": stream}


def post(model: Model, path: str, body: Any, key: str = "") -> tuple[int, str, Endpoint]:
    async def once() -> tuple[int, str, Endpoint]:
        async with Endpoint(model, None) as endpoint, open_client(timeout=60) as client:
            headers = {"x-api-key": key or endpoint.api_key}
            url = f"http://127.0.0.1:{endpoint.port}{path}"
            response = await client.post(url, content=json.dumps(body), headers=headers)
            return response.status_code, response.text, endpoint

    return asyncio.run(asyncio.wait_for(once(), 60))


def events_of(text: str) -> list[dict[str, Any]]:
    lines = [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: ")]
    return [json.loads(line) for line in lines if line != "[DONE]"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("stream", [False, True])
def test_every_dialect_asks_the_same(path: str, stream: bool) -> None:
    model = Model()
    status, _, endpoint = post(model, path, body_for(path, stream=stream))
    assert status == 200
    (question,) = model.questions
    assert [(m.role, m.content) for m in question] == [
        ("system", "Be brief."),
        ("user", "Go."),
        ("assistant", ""),
        ("tool", "empty"),
    ]
    (call,) = question[2].tool_calls
    assert (call.id, call.name, call.arguments, question[3].tool_call_id) == (
        "r1",
        "read",
        {"path": "b"},
        "r1",
    )
    asked = model.asked[0]
    assert [(tool.name, tool.parameters) for tool in asked["tools"]] == [("write", SCHEMA)]
    assert (asked["tool_choice"], asked["max_tokens"]) == ("auto", 99)
    assert "top_p" in endpoint.not_honoured
    assert ("tools.web_search" in endpoint.not_honoured) is (path == "/v1/responses")


def told(path: str, data: Mapping[str, Any]) -> tuple[str, str, dict[str, Any]]:
    """Return text, id of the call and its arguments from an answer that is not streamed."""
    if path == PATHS[0]:
        message = data["choices"][0]["message"]
        call = message["tool_calls"][0]
        return message["content"], call["id"], json.loads(call["function"]["arguments"])
    if path == PATHS[1]:
        said, call = data["output"]
        return said["content"][0]["text"], call["call_id"], json.loads(call["arguments"])
    said, call = data["content"]
    return said["text"], call["id"], call["input"]


@pytest.mark.parametrize("path", PATHS)
def test_a_plain_answer(path: str) -> None:
    _, text, _ = post(Model(), path, body_for(path))
    data = json.loads(text)
    assert told(path, data) == ("I write.", "c1", dict(CALL.arguments))
    assert 12 in data["usage"].values()
    assert 5 in data["usage"].values()


def test_a_stream_of_chat_completions() -> None:
    _, text, _ = post(Model(), PATHS[0], body_for(PATHS[0], stream=True))
    first, last, usage = events_of(text)
    delta = first["choices"][0]["delta"]
    assert (delta["content"], delta["tool_calls"][0]["index"]) == ("I write.", 0)
    assert last["choices"][0]["finish_reason"] == "tool_calls"
    assert usage["usage"]["total_tokens"] == 17
    assert text.endswith("data: [DONE]\n\n")


def test_a_stream_of_responses() -> None:
    _, text, _ = post(Model(), PATHS[1], body_for(PATHS[1], stream=True))
    events = events_of(text)
    item = ["response.output_item.added", "response.output_item.done"]
    kinds = ["response.created", item[0], "response.output_text.delta", item[1], *item, "response.completed"]
    assert [event["type"] for event in events] == kinds
    assert [event["sequence_number"] for event in events] == list(range(7))
    assert told(PATHS[1], events[-1]["response"])[1] == "c1"


def test_a_stream_of_messages() -> None:
    _, text, _ = post(Model(), PATHS[2], body_for(PATHS[2], stream=True))
    events = events_of(text)
    block = ["content_block_start", "content_block_delta", "content_block_stop"]
    assert [e["type"] for e in events] == ["message_start", *block, *block, "message_delta", "message_stop"]
    assert json.loads(events[5]["delta"]["partial_json"]) == CALL.arguments
    assert events[-2]["delta"]["stop_reason"] == "tool_use"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("error", "status", "fatal"),
    [
        (ContextOverflowError("too long"), 400, False),
        (ProtocolError("no JSON"), 500, False),
        (BackendError("died"), 503, True),
    ],
)
def test_errors_are_told_in_the_dialect(path: str, error: Exception, status: int, fatal: bool) -> None:
    got, text, endpoint = post(Model(error), path, body_for(path, stream=True))
    assert got == status
    assert str(error) in json.loads(text)["error"]["message"]
    assert (endpoint.fatal is error) is fatal
    assert (endpoint.last_error is error) is not fatal


@pytest.mark.parametrize("path", PATHS)
def test_nobody_asks_without_the_key_or_with_nonsense(path: str) -> None:
    model = Model()
    assert post(model, path, body_for(path), key="guessed")[0] == 401
    for nonsense in ([], {}, {"messages": [1], "input": [1]}, {"messages": "x", "input": []}):
        assert post(model, path, nonsense)[0] == 400
    assert model.questions == []


def test_pictures_and_unknown_items_are_refused() -> None:
    picture = {"type": "message", "role": "user", "content": [{"type": "input_image", "image_url": "x"}]}
    for item in (picture, {"type": "computer_call"}):
        with pytest.raises(AskedError, match="not supported"):
            RESPONSES.read({"input": [item]})
    with pytest.raises(AskedError, match="nothing is stored"):
        RESPONSES.read({"input": "x", "previous_response_id": "resp_1"})
    with pytest.raises(AskedError, match="'image' are not supported"):
        MESSAGES.read({"messages": [{"role": "user", "content": [{"type": "image"}]}]})


def test_there_is_one_system_message_and_it_comes_first() -> None:
    def said(role: str, text: str) -> dict[str, str]:
        return {"type": "message", "role": role, "content": text}

    items = [said("developer", "a"), said("user", "b"), said("developer", "c"), said("assistant", "d")]
    asked = RESPONSES.read({"instructions": "first", "input": items})
    assert [(m.role, m.content) for m in asked.messages] == [
        ("system", "first\n\na"),
        ("user", "b\n\nc"),
        ("assistant", "d"),
    ]


def test_unknown_tokens_are_not_told_as_0() -> None:
    silent = Completion(content="x", finish=Finish.LENGTH)
    for path in PATHS[:2]:
        assert not json.loads(post(Model(silent), path, body_for(path))[1]).get("usage")


def test_a_model_s_name_can_be_looked_up() -> None:
    async def models() -> Any:
        async with Endpoint(Model(), None) as endpoint, open_client(timeout=60) as client:
            response = await client.get(f"http://127.0.0.1:{endpoint.port}/v1/models")
            return response.json()

    assert asyncio.run(models())["data"][0]["id"] == "scripted"
