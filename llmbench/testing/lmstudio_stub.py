"""LmStudioStub: a server that speaks LM Studio's protocol: loading, instances, chat, and its deceptions."""

import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from llmbench.testing.stub_answers import Answer
from llmbench.testing.stub_openai import reply
from llmbench.testing.stub_threads import Answers, ThreadedServer, answering, json_response

_LMS = """#!{python}
import json, sys, urllib.request
request = urllib.request.Request("{url}/_lms", json.dumps(sys.argv[1:]).encode(), method="POST")
with urllib.request.urlopen(request) as response:
    told = json.load(response)
sys.stderr.write(told["err"])
sys.stdout.write(told["out"])
sys.exit(told["code"])
"""


class LmStudioStub(ThreadedServer):
    """LM Studio on a free loopback port, in a thread. Use as a context manager."""

    def __init__(
        self,
        answer: Answers = "ok",
        *,
        models: Mapping[str, int] | None = None,
        loaded: Mapping[str, tuple[str, int]] | None = None,
        loads_at_most: int | None = None,
        rest: bool = True,
        echoes: bool = True,
        overflow: str = "error",
        answers_as: str = "",
        token: str = "",
        parallel: int = 4,
    ) -> None:
        """Prepare a server.

        Args:
            answer: one for all requests, one for each in turn (the last is repeated), or a function of the
                request's body.
            models: the context that each was trained for, by key; ``maker/model`` by default.
            loaded: key and context of what is in memory already, by instance.
            loads_at_most: the context that is really loaded, whatever is asked for.
            rest: whether there is ``/api/v1``; old servers have none.
            echoes: whether loading tells the settings.
            overflow: what a prompt that is too long gets: ``error``, ``empty`` or ``cut``.
            answers_as: the model that answers name, whatever was asked.
            token: demanded where given.
            parallel: requests that an instance takes at once.
        """
        super().__init__()
        self._answer = answering(answer)
        self._models = dict({"maker/model": 32_768} if models is None else models)
        self.loaded = dict(loaded or {})
        """Key and context of what is in memory, by instance."""
        self._loads_at_most = loads_at_most
        self._rest = rest
        self._echoes = echoes
        self._overflow = overflow
        self._answers_as = answers_as
        self._token = token
        self._parallel = parallel
        self.requests: list[dict[str, Any]] = []
        """Bodies of all chats, in the order in which they came."""
        self.loads: list[dict[str, Any]] = []
        """Bodies of all loads."""

    def routes(self) -> Iterable[web.RouteDef]:
        """Return what is served."""
        always = [
            web.get("/v1/models", self._list_plain),
            web.post("/v1/chat/completions", self._chat),
            web.post("/_lms", self._lms),
        ]
        return (
            always
            if not self._rest
            else [
                *always,
                web.get("/api/v1/models", self._list),
                web.post("/api/v1/models/load", self._load),
                web.post("/api/v1/models/unload", self._unload),
            ]
        )

    def write_lms(self, path: Path) -> Path:
        """Write an executable with the command line of ``lms``, which speaks to this server."""
        path.write_text(_LMS.format(python=sys.executable, url=self.root), encoding="utf-8")
        path.chmod(0o755)
        return path

    def _shut_out(self, request: web.Request) -> web.Response | None:
        if not self._token or request.headers.get("Authorization") == f"Bearer {self._token}":
            return None
        return json_response({"error": {"message": "invalid API token"}}, status=401)

    async def _list_plain(self, request: web.Request) -> web.Response:
        listed = {"data": [{"id": name} for name in (*self.loaded, *self._models)]}
        return self._shut_out(request) or json_response(listed)

    async def _list(self, request: web.Request) -> web.Response:
        return self._shut_out(request) or json_response(
            {"models": [self._entry(key) for key in self._models]}
        )

    def _entry(self, key: str) -> dict[str, Any]:
        instances = [
            {"id": name, "config": {"context_length": context, "parallel": self._parallel}}
            for name, (loaded, context) in self.loaded.items()
            if loaded == key
        ]
        return {
            "type": "llm",
            "key": key,
            "architecture": "stub",
            "quantization": {"name": "Q4_K_M", "bits_per_weight": 4},
            "size_bytes": 1000,
            "loaded_instances": instances,
            "max_context_length": self._models[key],
            "format": "gguf",
            "capabilities": {"reasoning": {"allowed_options": ["off", "on"], "default": "on"}},
            "variants": [f"{key}@q4_k_m"],
            "selected_variant": f"{key}@q4_k_m",
        }

    def _put(self, key: str, asked: int, name: str = "") -> tuple[str, int]:
        context = min(asked, self._models[key], self._loads_at_most or asked)
        name = name or (f"{key}:2" if key in self.loaded else key)
        self.loaded[name] = (key, context)
        return name, context

    async def _load(self, request: web.Request) -> web.Response:
        if refused := self._shut_out(request):
            return refused
        body = msgspec.json.decode(await request.read())
        self.loads.append(body)
        key = body["model"].partition("@")[0]
        if key not in self._models:
            return json_response({"error": {"message": f"Model not found: {key}"}}, status=404)
        name, context = self._put(key, int(body.get("context_length", 4096)))
        told = {"type": "llm", "instance_id": name, "load_time_seconds": 0.1, "status": "loaded"}
        config = {"context_length": context, "flash_attention": True}
        return json_response({**told, "load_config": config} if self._echoes else told)

    async def _unload(self, request: web.Request) -> web.Response:
        name = msgspec.json.decode(await request.read())["instance_id"]
        if self.loaded.pop(name, None) is None:
            return json_response({"error": {"message": f"no instance {name}"}}, status=404)
        return json_response({"instance_id": name})

    async def _lms(self, request: web.Request) -> web.Response:
        """Do what the program ``lms`` was told to."""
        words = msgspec.json.decode(await request.read())
        told = {"out": "", "err": "", "code": 0}
        if words[0] == "load" and words[1] in self._models:
            flags = dict(zip(words[2::2], words[3::2], strict=True))
            self._put(words[1], int(flags["--context-length"]), flags["--identifier"])
        elif words == ["ps", "--json"]:
            listed = [
                {"identifier": name, "modelKey": key, "contextLength": context}
                for name, (key, context) in self.loaded.items()
            ]
            told["out"] = msgspec.json.encode(listed).decode()
        elif words[0] == "unload" and words[1] in self.loaded:
            del self.loaded[words[1]]
        else:
            told = {"out": "", "err": f"Model not found: {words[1]}", "code": 1}
        return json_response(told)

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        if refused := self._shut_out(request):
            return refused
        body = msgspec.json.decode(await request.read())
        self.requests.append(body)
        _, context = self.loaded.get(body["model"], ("", 4096))
        words = sum(len(str(message.get("content")).split()) for message in body["messages"])
        answer = self._answer(body)
        answer = replace(answer, extra={"model": self._answers_as or body["model"], **answer.extra})
        if words > context:
            answer, words = self._overflowing(answer, words, context)
        return await reply(request, body, answer, words)

    def _overflowing(self, answer: Answer, words: int, context: int) -> tuple[Answer, int]:
        if self._overflow == "empty":
            return replace(answer, content="", reasoning="", tool_calls=()), words
        if self._overflow == "cut":
            return answer, context // 2
        message = (
            f"Trying to keep the first {words} tokens when context the overflows. However, the model is "
            f"loaded with context length of only {context} tokens, which is not enough."
        )
        return replace(answer, error={"message": message}, error_after=0), words
