"""OllamaStub: a server that speaks Ollama's native protocol, its deceptions included.

It loads, cuts, reloads and unloads as Ollama does, counts a word as a token, and keeps what it was sent.
"""

import asyncio
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiohttp import web

from llmbench.testing.stub_answers import Answer, pieces_of
from llmbench.testing.stub_threads import Answers, ThreadedServer, answering, cut, json_response

DEFAULT_CONTEXT = 4096
"""What Ollama loads on a small machine when nothing is asked for."""


def chatml(body: Mapping[str, Any]) -> str:
    """Render a chat as ChatML."""
    messages = [f"<|im_start|>{told['role']}\n{told['content']}<|im_end|>\n" for told in body["messages"]]
    return "".join((*messages, "<|im_start|>assistant\n"))


@dataclass(frozen=True, slots=True, kw_only=True)
class StubModel:
    """A model that the stub has."""

    trained_context: int = 32_768
    capabilities: tuple[str, ...] = ("completion", "tools")
    gpu_share: float = 1.0
    remote_host: str = ""
    weights_sha256: str = ""
    """In the name of its blob; one of its own by default."""
    template: Callable[[Mapping[str, Any]], str] = chatml
    """Renders the body of a chat."""
    adds_bos: bool | None = None
    """What the weights say of the beginning-of-sequence token; None where they say nothing."""
    details: Mapping[str, Any] = field(default_factory=lambda: {"quantization_level": "Q4_K_M"})


class OllamaStub(ThreadedServer):
    """Ollama on a free loopback port, in a thread. Use as a context manager."""

    def __init__(
        self,
        answer: Answers = "ok",
        *,
        models: Mapping[str, StubModel] | None = None,
        registry: Iterable[str] = (),
        loaded: Mapping[str, int] | None = None,
        cuts: bool = False,
        tells_context: bool = True,
        renders: bool = True,
        pull_error: str = "",
        pull_breaks: Sequence[str] = (),
        port: int = 0,
    ) -> None:
        """Prepare a server.

        Args:
            answer: one for all requests, one for each in turn (the last is repeated), or a function of the
                request's body.
            models: by name; ``stub:latest`` by default.
            registry: names of models that can be pulled.
            loaded: context by name of the models that are in memory already.
            cuts: be an old server: ignore ``truncate`` and cut the prompt in silence.
            tells_context: whether ``/api/ps`` names the context, which old servers do not.
            renders: whether ``_debug_render_only`` is understood; old servers answer such a chat.
            pull_error: told in the middle of each download.
            pull_breaks: how the first downloads end: ``cut`` (the connection), ``end`` (too early), ``half``
                (a line of JSON).
            port: where to listen; 0 takes a free one.
        """
        super().__init__(port=port)
        self._answer = answering(answer)
        self._models = dict({"stub:latest": StubModel()} if models is None else models)
        self._registry = set(registry)
        self.loaded = dict(loaded or {})
        """Context by name of what is in memory."""
        self._cuts = cuts
        self._tells_context = tells_context
        self._renders = renders
        self._pull_error = pull_error
        self._pull_breaks = list(pull_breaks)
        self.pulls = 0
        """How often a download was asked for."""
        self.requests: list[dict[str, Any]] = []
        """Bodies of all chats with messages, in the order in which they came."""
        self.loads = 0
        """How often a model was loaded, again for another context included."""

    def routes(self) -> Iterable[web.RouteDef]:
        """Return what is served."""
        return [
            web.get("/api/version", self._version),
            web.get("/api/tags", self._tags),
            web.get("/api/ps", self._ps),
            web.post("/api/show", self._show),
            web.post("/api/pull", self._pull),
            web.post("/api/chat", self._chat),
            web.get("/v1/models", self._list_plain),
        ]

    async def _version(self, request: web.Request) -> web.Response:
        return json_response({"version": "0.99.1"})

    async def _tags(self, request: web.Request) -> web.Response:
        return json_response({"models": [{"name": name, "digest": _digest(name)} for name in self._models]})

    async def _list_plain(self, request: web.Request) -> web.Response:
        return json_response({"data": [{"id": name} for name in self._models]})

    async def _ps(self, request: web.Request) -> web.Response:
        return json_response({"models": [self._in_memory(*item) for item in self.loaded.items()]})

    def _in_memory(self, name: str, context: int) -> dict[str, Any]:
        size = 4_000_000_000
        share = self._models[name].gpu_share if name in self._models else 1.0
        entry = {"name": name, "digest": _digest(name), "size": size, "size_vram": int(size * share)}
        return {**entry, "context_length": context} if self._tells_context else entry

    async def _show(self, request: web.Request) -> web.Response:
        body = msgspec.json.decode(await request.read())
        name = _whole(body["model"])
        model = self._models.get(name)
        if model is None:
            return json_response({"error": f"model '{body['model']}' not found"}, status=404)
        remote = {"remote_host": model.remote_host, "remote_model": name} if model.remote_host else {}
        blob = model.weights_sha256 or hashlib.sha256(name.encode()).hexdigest()
        bos = {} if model.adds_bos is None else {"tokenizer.ggml.add_bos_token": model.adds_bos}
        return json_response(
            {
                "modelfile": f"# Modelfile\nFROM /models/blobs/sha256-{blob}\nTEMPLATE x\n",
                "parameters": "temperature 0.7\ntop_k 20",
                "template": "{{ .Prompt }}",
                "details": model.details,
                "model_info": {"stub.context_length": model.trained_context, **bos},
                "capabilities": model.capabilities,
                **remote,
            }
        )

    async def _pull(self, request: web.Request) -> web.StreamResponse:
        name = msgspec.json.decode(await request.read())["model"]
        self.pulls += 1
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await response.prepare(request)
        await response.write(_line({"status": "pulling manifest"}))
        if name not in self._registry:
            await response.write(_line({"error": "pull model manifest: file does not exist"}))
            return response
        digest = {"digest": _digest(name), "total": 2_000_000_000}
        await response.write(_line({"status": "pulling", **digest, "completed": 500_000_000}))
        if self._pull_error:
            await response.write(_line({"error": self._pull_error}))
            return response
        how = self._pull_breaks.pop(0) if self._pull_breaks else ""
        if how == "cut":
            cut(request)
        if how == "half":
            await response.write(b'{"status": "pul\n')
        if how:
            return response
        self._models[_whole(name)] = StubModel()
        await response.write(_line({"status": "success"}))
        return response

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body = msgspec.json.decode(await request.read())
        name = _whole(body["model"])
        model = self._models.get(name)
        if model is None:
            return json_response({"error": f"model '{body['model']}' not found"}, status=404)
        if not body["messages"] and body.get("keep_alive") == 0:
            self.loaded.pop(name, None)
            return json_response({"message": {"role": "assistant"}, "done": True, "done_reason": "unload"})
        if body.get("think") and "thinking" not in model.capabilities:
            return json_response({"error": f'"{name}" does not support thinking'}, status=400)
        if body.get("tools") and "tools" not in model.capabilities:
            return json_response({"error": f"{name} does not support tools"}, status=400)
        context = self._load(name, model, body)
        if body.get("_debug_render_only") and self._renders:
            return json_response(_rendered(body, model))
        self.requests.append(body)
        return await self._reply(request, body, context)

    def _load(self, name: str, model: StubModel, body: Mapping[str, Any]) -> int:
        asked = body.get("options", {}).get("num_ctx", DEFAULT_CONTEXT)
        context = min(int(asked), model.trained_context)
        if self.loaded.get(name) != context and not model.remote_host:
            self.loaded[name] = context
            self.loads += 1
        return context

    async def _reply(self, request: web.Request, body: Mapping[str, Any], context: int) -> web.StreamResponse:
        words = sum(len(str(message.get("content")).split()) for message in body["messages"])
        if words > context:
            if not self._cuts and body.get("truncate") is False:
                error = f"request ({words} tokens) exceeds the available context size ({context} tokens)"
                return json_response({"error": error}, status=400)
            words = context // 2
        answer = self._answer(body)
        await asyncio.sleep(answer.delay_s)
        if answer.body is not None:
            return web.Response(body=answer.body, status=answer.status, content_type=answer.content_type)
        if answer.error is not None and answer.error_after is None:
            return json_response({"error": answer.error}, status=answer.status, headers=answer.headers)
        if body.get("stream") is False:
            return json_response(_at_once(answer, body, words))
        return await _stream(request, answer, body, words)


def _rendered(body: Mapping[str, Any], model: StubModel) -> dict[str, Any]:
    """Return what Ollama tells in place of an answer, which is not marked as done."""
    return {
        "model": body["model"],
        "created_at": "2026-03-01T20:00:00.000000001Z",
        "message": {"role": "", "content": ""},
        "done": False,
        "_debug_info": {"rendered_template": model.template(body)},
    }


def _at_once(answer: Answer, body: Mapping[str, Any], words: int) -> dict[str, Any]:
    """Return the whole answer as one object."""
    pieces, finish = pieces_of(answer, {"max_tokens": body.get("options", {}).get("num_predict")})
    message = {"role": "assistant", "content": "".join(pieces)}
    return {**_last(answer, body, words, len(pieces), finish), "message": message}


async def _stream(
    request: web.Request, answer: Answer, body: Mapping[str, Any], words: int
) -> web.StreamResponse:
    allowed = {"max_tokens": body.get("options", {}).get("num_predict")}
    pieces, finish = pieces_of(answer, allowed)
    response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
    await response.prepare(request)
    messages: list[dict[str, Any]] = (
        [{"thinking": answer.reasoning, "content": ""}] if answer.reasoning else []
    )
    messages += [{"content": piece} for piece in pieces]
    if answer.tool_calls:
        messages.append({"content": "", "tool_calls": answer.tool_calls})
    for number, message in enumerate(messages):
        if answer.break_after == number:
            cut(request)
        if answer.error_after == number:
            await response.write(_line({"error": answer.error}))
            return response
        await asyncio.sleep(answer.piece_delay_s)
        told = {"role": "assistant", **message}
        await response.write(_line({"model": body["model"], "message": told, "done": False}))
    if answer.break_after is not None:
        cut(request)
    if answer.error_after is not None:
        await response.write(_line({"error": answer.error}))
    elif answer.done:
        await response.write(_line(_last(answer, body, words, len(pieces), finish)))
    return response


def _last(answer: Answer, body: Mapping[str, Any], words: int, generated: int, finish: str) -> dict[str, Any]:
    """Return the last line; zero fields are left out, and tool calls end with ``stop``."""
    counts = {
        "prompt_eval_count": words,
        "prompt_eval_duration": 1_000_000 * words,
        "eval_count": generated,
        "eval_duration": 2_000_000 * generated,
    }
    usage = {} if answer.usage is None else {**counts, **answer.usage}
    return {
        "model": body["model"],
        "message": {"role": "assistant", "content": ""},
        "done": True,
        "done_reason": "stop" if finish == "tool_calls" else finish,
        "total_duration": 5_000_000,
        **{key: value for key, value in usage.items() if value},
        **answer.extra,
    }


def _line(data: Mapping[str, Any]) -> bytes:
    return msgspec.json.encode(data) + b"\n"


def _whole(name: str) -> str:
    return name if ":" in name else f"{name}:latest"


def _digest(name: str) -> str:
    return hashlib.sha256(f"manifest of {name}".encode()).hexdigest()
