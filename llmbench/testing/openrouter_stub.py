"""OpenRouterStub: a server that speaks OpenRouter's protocol: routing, prices, keys, and its faults."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from aiohttp import web

from llmbench.testing.stub_answers import Answer
from llmbench.testing.stub_openai import reply
from llmbench.testing.stub_threads import Answers, ThreadedServer, answering, json_response

ALL_PARAMETERS = (
    "max_tokens",
    "temperature",
    "top_p",
    "top_k",
    "min_p",
    "seed",
    "stop",
    "tools",
    "tool_choice",
    "reasoning",
    "presence_penalty",
    "frequency_penalty",
    "repetition_penalty",
)
_ROUTED = frozenset(ALL_PARAMETERS) - {"max_tokens", "stop", "tool_choice"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StubOffer:
    """An endpoint of the stub's one model."""

    tag: str
    provider: str
    quantization: str | None = None
    prompt: str = "0.000001"
    """US dollars a token, as the string that the protocol has."""
    completion: str = "0.000002"
    context_length: int = 1000
    max_completion_tokens: int | None = None
    supported_parameters: Sequence[str] = ALL_PARAMETERS
    status: int = 0

    def listed(self) -> dict[str, Any]:
        """Return it as ``/models/{slug}/endpoints`` lists it."""
        return {
            "tag": self.tag,
            "provider_name": self.provider,
            "quantization": self.quantization,
            "pricing": {"prompt": self.prompt, "completion": self.completion, "request": "0"},
            "context_length": self.context_length,
            "max_completion_tokens": self.max_completion_tokens,
            "supported_parameters": list(self.supported_parameters),
            "status": self.status,
        }


OFFERS = (
    StubOffer(tag="alpha/fp8", provider="Alpha", quantization="fp8"),
    StubOffer(tag="beta", provider="Beta", quantization="bf16", prompt="0.000002"),
)


class OpenRouterStub(ThreadedServer):
    """OpenRouter on a free loopback port, in a thread. Use as a context manager."""

    def __init__(
        self,
        answer: Answers = "ok",
        *,
        slug: str = "maker/model",
        offers: Sequence[StubOffer] = OFFERS,
        api_key: str = "sk-or-test",
        key: Mapping[str, Any] | None = None,
        answered_by: str = "",
    ) -> None:
        """Prepare a server.

        Args:
            answer: one for all requests, one for each in turn (the last is repeated), or a function of the
                request's body. Where its usage has no ``cost``, the prices of the endpoint make it.
            slug: the one model.
            offers: who serves it; may be replaced while the server runs.
            api_key: the one that opens the door.
            key: what ``/key`` says of it.
            answered_by: the provider that answers name, whoever was asked for.
        """
        super().__init__()
        self._answer = answering(answer)
        self._slug = slug
        self.offers = offers
        self._api_key = api_key
        self._key = dict(key or {"limit": None, "limit_remaining": None, "is_free_tier": False})
        self._answered_by = answered_by
        self.requests: list[dict[str, Any]] = []
        """Bodies of all chats, in the order in which they came."""

    @property
    def url(self) -> str:
        """The base URL, ending in ``/api/v1``; valid after entering."""
        return f"{self.root}/api/v1"

    def routes(self) -> Iterable[web.RouteDef]:
        """Return what is served."""
        return [
            web.get("/api/v1/key", self._tell_key),
            web.get("/api/v1/models/{author}/{name}/endpoints", self._endpoints),
            web.post("/api/v1/chat/completions", self._chat),
        ]

    def _shut_out(self, request: web.Request) -> web.Response | None:
        sent = request.headers.get("Authorization", "")
        if sent == f"Bearer {self._api_key}":
            return None
        return _error(401, f"No auth credentials found: {sent}")

    async def _tell_key(self, request: web.Request) -> web.Response:
        return self._shut_out(request) or json_response({"data": self._key})

    async def _endpoints(self, request: web.Request) -> web.Response:
        slug = f"{request.match_info['author']}/{request.match_info['name']}"
        if slug != self._slug:
            return _error(404, "Not Found")
        return json_response({"data": {"id": slug, "endpoints": [offer.listed() for offer in self.offers]}})

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        if refused := self._shut_out(request):
            return refused
        body = msgspec.json.decode(await request.read())
        self.requests.append(body)
        offer = self._routed(body)
        if offer is None:
            return _error(404, "No endpoints found that can handle the requested parameters.")
        words = sum(len(str(message.get("content")).split()) for message in body["messages"])
        if words > offer.context_length:
            return _error(400, "too long", error_type="context_length_exceeded")
        answer = self._answer(body)
        extra = {"provider": self._answered_by or offer.provider, **answer.extra}
        return await reply(
            request, body, replace(answer, extra=extra, usage=_billed(answer, offer, words)), words
        )

    def _routed(self, body: Mapping[str, Any]) -> StubOffer | None:
        provider = body.get("provider", {})
        only, quantizations = provider.get("only"), provider.get("quantizations")
        needed = _ROUTED & body.keys() if provider.get("require_parameters") else frozenset()
        fitting = [
            offer
            for offer in self.offers
            if (not only or any(offer.tag == name or offer.tag.startswith(f"{name}/") for name in only))
            and (not quantizations or (offer.quantization or "unknown") in quantizations)
            and needed <= set(offer.supported_parameters)
        ]
        return fitting[0] if fitting else None


def _billed(answer: Answer, offer: StubOffer, words: int) -> Mapping[str, Any] | None:
    if answer.usage is None or "cost" in answer.usage:
        return answer.usage
    generated = len(answer.content.split())
    cost = words * float(offer.prompt) + generated * float(offer.completion)
    return {**answer.usage, "cost": cost}


def _error(code: int, message: str, *, error_type: str = "") -> web.Response:
    error = {
        "code": code,
        "message": message,
        **({"metadata": {"error_type": error_type}} if error_type else {}),
    }
    return json_response({"error": error}, status=code)
