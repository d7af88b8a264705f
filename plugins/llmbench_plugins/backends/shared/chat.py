"""Asking any OpenAI-compatible server for a chat completion: payload, sending, answer in one place."""

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any

import httpx
import msgspec

from llmbench.api import Completion, Message, Request, Timing
from llmbench.errors import BackendError, ProtocolError
from llmbench_plugins.backends.shared.answer import completion_of
from llmbench_plugins.backends.shared.faults import BrokenOffError, RefusedError, error_of, fault_in
from llmbench_plugins.backends.shared.http import Endpoint
from llmbench_plugins.backends.shared.payload import MaxTokensKey, payload_of
from llmbench_plugins.backends.shared.stream import read_stream
from llmbench_plugins.shared.http import content_type_of

PATH = "/chat/completions"
_FIRST_TOKEN = Request(messages=(Message("user", "Say OK."),), max_tokens=1)


def _no_specials(request: Request) -> Mapping[str, Any]:
    return {}


class Chat:
    """Chat completions at one endpoint, with one model."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        model: str,
        stream: bool = True,
        extra: Mapping[str, Any] | None = None,
        specials: Callable[[Request], Mapping[str, Any]] = _no_specials,
        max_tokens_key: MaxTokensKey = "max_tokens",
        repeat_penalty_key: str = "repetition_penalty",
    ) -> None:
        """Prepare to ask.

        Args:
            endpoint: where; entered and left by the caller.
            model: the name that is sent.
            stream: ask for a stream; a plain answer is understood all the same.
            extra: passed through into every body, over everything else.
            specials: what this kind of server wants beside the common fields.
            max_tokens_key: how the server calls the limit.
            repeat_penalty_key: how the server calls ``repeat_penalty``.
        """
        self.endpoint = endpoint
        self.model = model
        self._stream = stream
        self._extra = dict(extra or {})
        self._specials = specials
        self._max_tokens_key: MaxTokensKey = max_tokens_key
        self._repeat_penalty_key = repeat_penalty_key

    async def complete(self, request: Request) -> Completion:
        """Answer one request.

        Raises:
            ContextOverflowError: prompt and answer do not fit.
            ProtocolError: the answer can't be read.
            BackendError: anything else, after bounded retries.
        """
        return await self._ask(self._payload(request), thinks=request.reasoning.style != "none")

    async def first_token(self) -> Completion:
        """Make the server produce one token, so that it is known to be ready.

        Raises:
            BackendError: it does not answer.
        """
        payload = self._payload(_FIRST_TOKEN)
        try:
            return await self._ask(payload, thinks=False)
        except RefusedError as error:
            if error.status not in (400, 422):
                raise
        # Some servers refuse so small a limit: any answer of theirs will do.
        payload.pop(self._max_tokens_key, None)
        return await self._ask(payload, thinks=False)

    def _payload(self, request: Request) -> dict[str, Any]:
        payload = payload_of(
            request,
            model=self.model,
            stream=self._stream,
            max_tokens_key=self._max_tokens_key,
            repeat_penalty_key=self._repeat_penalty_key,
        )
        payload.update(self._specials(request))
        payload.update(self._extra)
        return payload

    async def _ask(self, payload: Mapping[str, Any], *, thinks: bool) -> Completion:
        async def read(response: httpx.Response, started: float) -> Completion:
            return await self._read(response, started, thinks=thinks)

        return await self.endpoint.post(PATH, msgspec.json.encode(payload), read)

    async def _read(self, response: httpx.Response, started: float, *, thinks: bool) -> Completion:
        """Read a stream or a plain answer, whichever came: some servers ignore what was asked for."""
        url = self.endpoint.shown_url + PATH
        content_type = content_type_of(response)
        streamed = content_type == "text/event-stream"
        self.endpoint.hangs_up = streamed and response.headers.get("Server") == "llama.cpp"
        if streamed:
            merged = await read_stream(response, started, url)
            return completion_of(merged.body(), merged.timing(thinks=thinks), thinks=thinks)
        body = _decoded(await _whole(response), content_type, url)
        if fault := fault_in(body):
            raise error_of(fault, url=url)
        return completion_of(body, Timing(wall_s=perf_counter() - started), thinks=thinks)


async def _whole(response: httpx.Response) -> bytes:
    received = bytearray()
    try:
        async for chunk in response.aiter_raw():
            received += chunk
    except httpx.ReadTimeout:
        raise
    except httpx.TransportError as error:
        raw = received.decode("utf-8", errors="replace")
        raise BrokenOffError(f"the answer broke off after {len(received)} bytes: {error}", raw=raw) from None
    return bytes(received)


def _decoded(body: bytes, content_type: str, url: str) -> Mapping[str, Any]:
    raw = body.decode("utf-8", errors="replace")
    if content_type == "text/html":
        raise BackendError(f"{url} answered with a web page; is the URL right?", raw=raw)
    try:
        decoded = msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        raise ProtocolError(f"the answer is no JSON ({error})", raw=raw) from None
    if not isinstance(decoded, dict):
        raise ProtocolError("the answer is no JSON object", raw=raw)
    return decoded
