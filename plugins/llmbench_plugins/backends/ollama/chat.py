"""Asking Ollama in its native words, ``POST /api/chat``: its ``/v1`` knows no context size."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import httpx
import msgspec

from llmbench.api import PROBE, Completion, Request, ToolSpec, Usage
from llmbench.errors import BackendError, ContextOverflowError, ProtocolError
from llmbench_plugins.backends.shared.answer import completion_of
from llmbench_plugins.backends.shared.cut_prompt import refuse_cut_prompt
from llmbench_plugins.backends.shared.faults import (
    BusyError,
    RefusedError,
    UnreadableError,
)
from llmbench_plugins.backends.shared.foreign import amount, count, section, whole_text
from llmbench_plugins.backends.shared.http import Endpoint, pieces_of, read_object
from llmbench_plugins.backends.shared.merged import Merged
from llmbench_plugins.backends.shared.stream import read_answer

PATH = "/api/chat"
_UNREADABLE = re.compile(
    r"XML syntax error|invalid character|unexpected end of JSON|unmarshal|invalid format"
)
"""How Ollama's parsers of tool calls complain, each in the words of its library."""
_SECOND_NS = 1e9


class OllamaChat:
    """Chat with one model at one endpoint, always with the same context."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        tag: str,
        context: int,
        keep_alive: str,
        options: Mapping[str, Any],
        switches_thinking: bool,
        takes_tools: bool = True,
    ) -> None:
        """Prepare to ask; ``switches_thinking`` says that the model knows the word ``think``."""
        self.endpoint = endpoint
        self.tag = tag
        self.context = context
        # Another num_ctx or shift makes Ollama load the model anew: they are the same in all requests.
        self._common = {"model": tag, "truncate": False, "shift": False, "keep_alive": keep_alive}
        self._options = {**options, "num_ctx": context}
        self._switches_thinking = switches_thinking
        self.takes_tools = takes_tools

    async def complete(self, request: Request) -> Completion:
        """Answer one request.

        Raises:
            ContextOverflowError: prompt and answer do not fit, or Ollama cut the prompt unasked.
            ProtocolError: the answer can't be read, or Ollama could not read the model's tool call.
            BackendError: anything else, after bounded retries.
        """

        async def read(response: httpx.Response, started: float) -> Completion:
            url, idle_s = self.endpoint.shown_url + PATH, self.endpoint.idle_timeout_s
            merged = await read_answer(
                pieces_of(response),
                started,
                url,
                idle_s=idle_s,
                translate=as_openai,
                arrived=self.endpoint.arrived,
            )
            return _completion(merged, thinks=request.reasoning.style != "none")

        try:
            completion = await self.endpoint.post(PATH, msgspec.json.encode(self.payload(request)), read)
        except UnreadableError as error:
            raise error.judged(with_tools=bool(request.tools)) from None
        except (BusyError, RefusedError, ContextOverflowError, ProtocolError):
            raise
        except BackendError as error:
            if request.tools and _UNREADABLE.search(str(error)):
                raise ProtocolError(str(error), raw=error.raw) from None
            raise
        cure = "raise model.sources.ollama.context, and update Ollama"
        refuse_cut_prompt(request, completion, context=self.context, server="Ollama", cure=cure)
        return completion

    async def first_token(self, request: Request = PROBE) -> None:
        """Make Ollama load the model and produce one token, with the settings of what will be asked."""
        # Whether the model takes tools is told by its capabilities.
        await self.complete(replace(request, tools=()))

    async def rendered(self, request: Request) -> str | None:
        """Return what the template makes of a request; None where this Ollama answers it instead.

        Raises:
            BackendError: the template, or the model, refuses it.
        """
        payload = self.payload(request)
        # One that does not know the word would write an answer: a token of it will do.
        options = payload["options"] | {"num_predict": 1}
        asked = {**payload, "options": options, "stream": False, "_debug_render_only": True}
        told = await self.endpoint.post(PATH, msgspec.json.encode(asked), read_object)
        text = section(told, "_debug_info").get("rendered_template")
        return whole_text(text) if isinstance(text, str) else None

    async def unload(self) -> None:
        """Make Ollama drop the model from memory."""

        async def read(response: httpx.Response, started: float) -> None:
            await response.aread()

        body = {"model": self.tag, "messages": [], "keep_alive": 0}
        await self.endpoint.post(PATH, msgspec.json.encode(body), read)

    def payload(self, request: Request) -> dict[str, Any]:
        """Return the body of a request."""
        payload: dict[str, Any] = {
            **self._common,
            "stream": True,
            "messages": list(_messages(request)),
            "options": {**dict(_sampler(request)), **self._options},
        }
        if request.tools and request.tool_choice != "none":
            payload["tools"] = [_tool(tool) for tool in request.tools]
        if self._switches_thinking:
            reasoning = request.reasoning
            payload["think"] = (reasoning.level or True) if reasoning.enabled else False
        return payload


def as_openai(line: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a line of Ollama's stream as a chunk of OpenAI's."""
    rest = {key: value for key, value in line.items() if key not in ("message", "done", "done_reason")}
    reason = line.get("done_reason") or ("stop" if line.get("done") is True else None)
    return {**rest, "choices": [{"delta": line.get("message") or {}, "finish_reason": reason}]}


def _completion(merged: Merged, *, thinks: bool) -> Completion:
    completion = completion_of(merged, thinks=thinks)
    tokens, took_ns = count(merged.top.get("eval_count")), amount(merged.top.get("eval_duration"))
    timing = completion.timing
    if tokens and took_ns and tokens > 1:
        timing = replace(timing, decode_tokens_per_s=_SECOND_NS * tokens / took_ns)
    # Zero fields are left out. The prompt's count includes cached tokens while its duration does not, so
    # that no prefill speed can be had from them.
    usage = Usage(prompt_tokens=count(merged.top.get("prompt_eval_count")), completion_tokens=tokens)
    return replace(completion, usage=usage, timing=timing)


def _messages(request: Request) -> Iterator[Mapping[str, Any]]:
    names: dict[str, str] = {}
    for message in request.messages:
        told: dict[str, Any] = {"role": message.role, "content": message.content}
        if message.reasoning and request.reasoning.keep:
            told["thinking"] = message.reasoning
        if message.tool_calls:
            names |= {call.id: call.name for call in message.tool_calls}
            told["tool_calls"] = [
                {"id": call.id, "function": {"index": number, "name": call.name, "arguments": call.arguments}}
                for number, call in enumerate(message.tool_calls)
            ]
        if message.tool_call_id:
            told["tool_call_id"] = message.tool_call_id
            told["tool_name"] = names.get(message.tool_call_id, "")
        yield told


def _sampler(request: Request) -> Iterator[tuple[str, Any]]:
    sampling = request.sampling
    names = (
        "temperature",
        "top_p",
        "top_k",
        "min_p",
        "repeat_penalty",
        "presence_penalty",
        "frequency_penalty",
    )
    for name in names:
        value = getattr(sampling, name)
        if value is not None:
            yield name, value
    if sampling.stop:
        yield "stop", sampling.stop
    if request.seed is not None:
        yield "seed", request.seed
    yield "num_predict", request.max_tokens


def _tool(tool: ToolSpec) -> Mapping[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": function}
