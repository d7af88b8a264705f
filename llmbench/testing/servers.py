"""StubServer: an OpenAI-compatible server that says what it is told, faults included.

It runs in a thread of this process, or, so that its CPU time is not counted as ours, as a process of its own:
``python -m llmbench.testing.servers --content TEXT`` prints its URL and ends when its stdin closes.
"""

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from aiohttp import web

from llmbench.testing.stub_answers import Answer, overflow_error
from llmbench.testing.stub_openai import reply
from llmbench.testing.stub_threads import Answering, Answers, ThreadedServer, answering, json_response

__all__ = ["Answer", "Answering", "StubServer", "main"]


class StubServer(ThreadedServer):
    """An OpenAI-compatible server on a free loopback port, in a thread. Use as a context manager."""

    def __init__(
        self,
        answer: Answers = "ok",
        *,
        models: Sequence[str] = ("stub",),
        context: int | None = None,
        api_key: str = "",
        card: Mapping[str, Any] | None = None,
        pages: Mapping[str, Any] | None = None,
    ) -> None:
        """Prepare a server.

        Args:
            answer: one for all requests, one for each in turn (the last is repeated), or a function of the
                request's body, called in the server's thread.
            models: listed by ``/v1/models``.
            context: words that a prompt may have; longer ones are refused as llama.cpp does.
            api_key: demanded where given.
            card: what ``/v1/models`` tells of each model beside its name.
            pages: what further paths answer to a GET.
        """
        super().__init__()
        self._answer = answering(answer)
        self.models = models
        self._context = context
        self._api_key = api_key
        self._card = dict(card or {})
        self._pages = dict(pages or {})
        self.requests: list[dict[str, Any]] = []
        """Bodies of all chat completions, in the order in which they came."""
        self.in_flight = 0
        self.most_in_flight = 0

    @property
    def url(self) -> str:
        """The base URL, ending in ``/v1``; valid after entering."""
        return f"{self.root}/v1"

    def routes(self) -> Iterable[web.RouteDef]:
        """Return what is served."""
        return [
            web.post("/v1/chat/completions", self._chat),
            web.get("/v1/models", self._list),
            web.get("/health", self._health),
            *(web.get(path, self._page) for path in self._pages),
        ]

    async def _list(self, request: web.Request) -> web.Response:
        entries = [{"id": name, "object": "model", **self._card} for name in self.models]
        return json_response({"object": "list", "data": entries})

    async def _health(self, request: web.Request) -> web.Response:
        return json_response({"status": "ok"})

    async def _page(self, request: web.Request) -> web.Response:
        return json_response(self._pages[request.path])

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        if self._api_key and request.headers.get("Authorization") != f"Bearer {self._api_key}":
            message = f"Incorrect API key provided: {request.headers.get('Authorization')}"
            return json_response({"error": {"message": message, "type": "invalid_request_error"}}, status=401)
        body = msgspec.json.decode(await request.read())
        self.requests.append(body)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            return await self._reply(request, body)
        finally:
            self.in_flight -= 1

    async def _reply(self, request: web.Request, body: Mapping[str, Any]) -> web.StreamResponse:
        words = sum(len(str(message.get("content")).split()) for message in body["messages"])
        if self._context is not None and words > self._context:
            return json_response({"error": overflow_error(words, self._context)}, status=400)
        return await reply(request, body, self._answer(body), words)


def main(argv: Sequence[str] | None = None) -> int:
    """Serve one fixed answer until stdin closes; the first line printed is the URL."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--content", default="ok", help="what every answer says")
    parser.add_argument("--plain", action="store_true", help="never stream")
    options = parser.parse_args(argv)
    with StubServer(Answer(content=options.content, plain=options.plain)) as stub:
        sys.stdout.write(f"{stub.url}\n")
        sys.stdout.flush()
        sys.stdin.read()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
