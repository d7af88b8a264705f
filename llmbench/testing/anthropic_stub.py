"""AnthropicStub: a server that speaks Anthropic's Messages API, and refuses what the real one refuses."""

import asyncio
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from aiohttp import web

from llmbench.testing.stub_answers import Answer, pieces_of
from llmbench.testing.stub_openai import canned_reply
from llmbench.testing.stub_threads import Answers, ThreadedServer, answering, cut, json_response

_FIELDS = frozenset(
    {
        *("model", "max_tokens", "messages", "system", "tools", "tool_choice", "stream", "thinking"),
        *("temperature", "top_p", "top_k", "stop_sequences", "output_config", "cache_control", "metadata"),
        "service_tier",
    }
)
_FINISHES = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use"}
_LEAST_BUDGET = 1024
_THOUGHTS = ("thinking", "redacted_thinking")


@dataclass(frozen=True, slots=True, kw_only=True)
class StubClaude:
    """The stub's one model."""

    id: str = "claude-haiku-4-5"
    context: int = 1000
    """In words, for a word counts as a token."""
    max_tokens: int = 64_000
    budgets: bool = True
    adaptive: bool = False
    efforts: tuple[str, ...] = ()
    samples: bool = True
    """It takes settings of a sampler."""
    tells: bool = True
    """``/models`` tells what it can do; gateways often do not."""

    def listed(self) -> dict[str, Any]:
        """Return it as ``/models/{id}`` tells it."""
        entry: dict[str, Any] = {"type": "model", "id": self.id, "display_name": self.id}
        if not self.tells:
            return entry
        types = {"enabled": {"supported": self.budgets}, "adaptive": {"supported": self.adaptive}}
        levels = ("low", "medium", "high", "max")
        effort = {level: {"supported": level in self.efforts} for level in levels}
        return {
            **entry,
            "max_input_tokens": self.context,
            "max_tokens": self.max_tokens,
            "capabilities": {
                "thinking": {"supported": self.budgets or self.adaptive, "types": types},
                "effort": {"supported": bool(self.efforts), **effort},
            },
        }


class AnthropicStub(ThreadedServer):
    """Anthropic's API on a free loopback port, in a thread. Use as a context manager."""

    def __init__(
        self, answer: Answers = "ok", *, claude: StubClaude | None = None, api_key: str = "sk-ant-test"
    ) -> None:
        """Prepare a server.

        Args:
            answer: one for all requests, one for each in turn (the last is repeated), or a function of the
                request's body. Its calls and finish are in OpenAI's words, as for the other stubs.
            claude: the one model.
            api_key: the one that opens the door.
        """
        super().__init__()
        self._answer = answering(answer)
        self.claude = claude or StubClaude()
        self._api_key = api_key
        self.requests: list[dict[str, Any]] = []
        """Bodies of all messages, in the order in which they came."""
        self.headers: list[Mapping[str, str]] = []
        """Their headers."""

    @property
    def url(self) -> str:
        """The bare host, as the default of ``backend.url`` is; valid after entering."""
        return self.root

    def routes(self) -> Iterable[web.RouteDef]:
        """Return what is served."""
        return [
            web.get("/v1/models", self._list),
            web.get("/v1/models/{id}", self._tell),
            web.post("/v1/messages", self._messages),
        ]

    def _shut_out(self, request: web.Request) -> web.Response | None:
        if request.headers.get("anthropic-version") != "2023-06-01":
            return _error(400, "invalid_request_error", "anthropic-version: header is required")
        sent = request.headers.get("x-api-key", "")
        return (
            None
            if sent == self._api_key
            else _error(401, "authentication_error", f"invalid x-api-key {sent}")
        )

    async def _list(self, request: web.Request) -> web.Response:
        return self._shut_out(request) or json_response({"data": [self.claude.listed()], "has_more": False})

    async def _tell(self, request: web.Request) -> web.Response:
        if request.match_info["id"] != self.claude.id:
            return _error(404, "not_found_error", f"model: {request.match_info['id']}")
        return self._shut_out(request) or json_response(self.claude.listed())

    async def _messages(self, request: web.Request) -> web.StreamResponse:
        if refused := self._shut_out(request):
            return refused
        body = msgspec.json.decode(await request.read())
        self.requests.append(body)
        self.headers.append(dict(request.headers))
        if body["model"] != self.claude.id:
            return _error(404, "not_found_error", f"model: {body['model']}")
        if complaint := next(complaints(body, self.claude), None):
            return _error(400, "invalid_request_error", complaint)
        return await _reply(request, body, self._answer(body), self.claude)


def signature_of(thinking: str) -> str:
    """Return the stub's signature of a block of thinking."""
    return hashlib.sha256(thinking.encode()).hexdigest()[:16]


def complaints(body: Mapping[str, Any], claude: StubClaude) -> Iterator[str]:
    """Yield why the API would refuse a request, in words like its own."""
    for key in body.keys() - _FIELDS:
        yield f"{key}: Extra inputs are not permitted"
    yield from _about_thinking(body, claude)
    yield from _about_sampling(body, claude)
    yield from _about_turns(body)
    words, most = _words(body), claude.context
    if words > most:
        yield f"prompt is too long: {words} tokens > {most} maximum"
    if body["max_tokens"] > claude.max_tokens:
        over = f"max_tokens: {body['max_tokens']} > {claude.max_tokens}"
        yield f"{over}, which is the maximum allowed number of output tokens for {claude.id}"


def _about_thinking(body: Mapping[str, Any], claude: StubClaude) -> Iterator[str]:
    thinking = body.get("thinking", {})
    kind = thinking.get("type")
    known = {"enabled": claude.budgets, "adaptive": claude.adaptive, "disabled": True, None: True}
    if not known.get(kind):
        yield f'"thinking.type.{kind}" is not supported for this model'
    budget = thinking.get("budget_tokens", _LEAST_BUDGET)
    if budget < _LEAST_BUDGET:
        yield "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024"
    if kind == "enabled" and budget >= body["max_tokens"]:
        yield "`max_tokens` must be greater than `thinking.budget_tokens`"
    effort = body.get("output_config", {}).get("effort")
    if effort and effort not in claude.efforts:
        yield "output_config: This model does not support the effort parameter"
    if kind in ("enabled", "adaptive") and body.get("tool_choice", {}).get("type") == "any":
        yield "Thinking may not be enabled when tool_choice forces tool use"


def _about_sampling(body: Mapping[str, Any], claude: StubClaude) -> Iterator[str]:
    if body.get("temperature", 1) != 1 and (
        not claude.samples or body.get("thinking", {}).get("type") == "enabled"
    ):
        yield "`temperature` may only be set to 1 for this request"
    if "temperature" in body and "top_p" in body:
        yield "`temperature` and `top_p` cannot both be specified for this model"


def _about_turns(body: Mapping[str, Any]) -> Iterator[str]:
    before: Mapping[str, Any] = {"role": "assistant", "content": []}
    thinks = body.get("thinking", {}).get("type") == "enabled"
    for number, turn in enumerate(body["messages"]):
        if turn["role"] == before["role"]:
            yield f"messages.{number}: roles must alternate"
        for block in turn["content"]:
            if block["type"] == "text" and not block["text"].strip():
                yield f"messages.{number}: text content blocks must be non-empty"
            if block["type"] == "thinking" and block["signature"] != signature_of(block["thinking"]):
                yield f"messages.{number}: Invalid `signature` in `thinking` block"
        kinds = [block["type"] for block in turn["content"]]
        begins = "tool_result" not in {block["type"] for block in before["content"]}
        if thinks and begins and "tool_use" in kinds and kinds[0] not in _THOUGHTS:
            yield f"messages.{number}: Expected `thinking` or `redacted_thinking`, but found `{kinds[0]}`"
        called = {block["id"] for block in before["content"] if block["type"] == "tool_use"}
        answered = {block["tool_use_id"] for block in turn["content"] if block["type"] == "tool_result"}
        if called != answered:
            yield f"messages.{number}: `tool_use` without `tool_result`: {sorted(called ^ answered)}"
        before = turn


def _words(body: Mapping[str, Any]) -> int:
    said = [
        str(block.get("text", block.get("content", "")))
        for turn in body["messages"]
        for block in turn["content"]
    ]
    return sum(len(text.split()) for text in (body.get("system", ""), *said))


async def _reply(
    request: web.Request, body: Mapping[str, Any], answer: Answer, claude: StubClaude
) -> web.StreamResponse:
    if (canned := await canned_reply(answer)) is not None:
        return canned
    if answer.error is not None and answer.error_after is None:
        told = {"type": "error", "error": answer.error, "request_id": "req_stub"}
        return json_response(told, status=answer.status, headers=answer.headers)
    pieces, finish = pieces_of(answer, body)
    message = _message(body, answer, pieces, _FINISHES.get(finish, finish))
    if body.get("stream") and not answer.plain:
        return await _stream(request, answer, message, pieces)
    if answer.break_after is not None:
        cut(request)
    return json_response({**message, "content": [_whole(block) for block in message["content"]]})


def _whole(block: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**block, "input": msgspec.json.decode(block["input"])} if "input" in block else block


def _message(body: Mapping[str, Any], answer: Answer, pieces: list[str], finish: str) -> dict[str, Any]:
    thinking = {"type": "thinking", "thinking": answer.reasoning, "signature": signature_of(answer.reasoning)}
    calls = [
        {
            "type": "tool_use",
            "id": call["id"],
            "name": call["function"]["name"],
            "input": call["function"]["arguments"],
        }
        for call in answer.tool_calls
    ]
    text = {"type": "text", "text": "".join(pieces)}
    content = [*([thinking] if answer.reasoning else []), *([text] if pieces else []), *calls]
    counts = {"input_tokens": _words(body), "output_tokens": len(pieces) + len(answer.reasoning.split())}
    return {
        "type": "message",
        "id": "msg_stub",
        "role": "assistant",
        "model": f"{body['model']}-20990101",
        "content": content,
        "stop_reason": finish,
        "stop_sequence": None,
        "usage": {**counts, **(answer.usage or {})},
        **answer.extra,
    }


async def _stream(
    request: web.Request, answer: Answer, message: Mapping[str, Any], pieces: list[str]
) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
    await response.prepare(request)
    for number, told in enumerate(events_of(message, pieces)):
        if answer.break_after == number:
            cut(request)
        if answer.error_after == number:
            await response.write(_event({"type": "error", "error": answer.error}))
            return response
        if answer.comments:
            await response.write(_event({"type": "ping"}))
        if answer.piece_delay_s:
            await asyncio.sleep(answer.piece_delay_s)
        await response.write(_event(told))
    return response


def events_of(message: Mapping[str, Any], pieces: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield a message as the events of a stream."""
    usage = message["usage"]
    begun = {**message, "content": [], "stop_reason": None, "usage": {**usage, "output_tokens": 1}}
    yield {"type": "message_start", "message": begun}
    for index, block in enumerate(message["content"]):
        empty, deltas = _pieces(block, pieces)
        yield {"type": "content_block_start", "index": index, "content_block": empty}
        for delta in deltas:
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    delta = {"stop_reason": message["stop_reason"], "stop_sequence": None}
    yield {"type": "message_delta", "delta": delta, "usage": {"output_tokens": usage["output_tokens"]}}
    yield {"type": "message_stop"}


def _pieces(block: Mapping[str, Any], pieces: Iterable[str]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return a block as it begins, and what is added to it."""
    if block["type"] == "text":
        return {**block, "text": ""}, [{"type": "text_delta", "text": piece} for piece in pieces]
    if block["type"] == "tool_use":
        written = block["input"]
        halves = ("", written[: len(written) // 2], written[len(written) // 2 :])
        return {**block, "input": {}}, [{"type": "input_json_delta", "partial_json": half} for half in halves]
    words = block["thinking"].split(" ")
    thought = [
        {"type": "thinking_delta", "thinking": f" {word}" if n else word} for n, word in enumerate(words)
    ]
    signed = {"type": "signature_delta", "signature": block["signature"]}
    return {**block, "thinking": "", "signature": ""}, [*thought, signed]


def _event(told: Mapping[str, Any]) -> bytes:
    return f"event: {told['type']}\ndata: ".encode() + msgspec.json.encode(told) + b"\n\n"


def _error(status: int, kind: str, message: str) -> web.Response:
    return json_response({"type": "error", "error": {"type": kind, "message": message}}, status=status)
