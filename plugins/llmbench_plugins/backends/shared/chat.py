"""Asking any OpenAI-compatible server for a chat completion: payload, sending, answer in one place."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import httpx
import msgspec

from llmbench.api import PROBE, Completion, Request
from llmbench.errors import ProtocolError, UsageError
from llmbench_plugins.backends.shared.answer import completion_of
from llmbench_plugins.backends.shared.faults import BrokenOffError, Fault, RefusedError, UnreadableError
from llmbench_plugins.backends.shared.http import Endpoint, pieces_of
from llmbench_plugins.backends.shared.payload import MaxTokensKey, payload_of
from llmbench_plugins.backends.shared.refusals import LIMITS, cures, mended
from llmbench_plugins.backends.shared.stream import read_answer
from llmbench_plugins.shared.http import content_type_of

PATH = "/chat/completions"


def _no_specials(request: Request) -> Mapping[str, Any]:
    return {}


def _say_nothing(message: str) -> None:
    """Say nothing."""


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
        warn: Callable[[str], None] = _say_nothing,
    ) -> None:
        """Prepare to ask.

        Args:
            endpoint: where; entered and left by the caller.
            model: the name that is sent.
            stream: ask for a stream; a plain answer is understood all the same.
            extra: passed through into every body, over everything else; null leaves a field out.
            specials: what this kind of server wants beside the common fields; null leaves a field out.
            max_tokens_key: how the server calls the limit; None sends none.
            repeat_penalty_key: how the server calls ``repeat_penalty``.
            warn: told of a field that is left out or renamed because the server refuses it.
        """
        self.endpoint = endpoint
        self.model = model
        self._stream = stream
        self._extra = dict(extra or {})
        self._specials = specials
        self._max_tokens_key: MaxTokensKey = max_tokens_key
        self._repeat_penalty_key = repeat_penalty_key
        self._warn = warn
        self._mended: dict[str, str | None] = {}
        """Fields that the server refused, with the name it wants instead, or None where they are left out."""

    async def complete(self, request: Request) -> Completion:
        """Answer one request.

        Raises:
            ContextOverflowError: prompt and answer do not fit.
            ProtocolError: the answer can't be read.
            BackendError: anything else, after bounded retries.
        """
        try:
            return await self._ask(request)
        except UnreadableError as error:
            raise error.judged(with_tools=bool(request.tools)) from None

    async def first_token(self, request: Request = PROBE) -> Completion:
        """Make the server answer with a token or a few, to a request like those that will follow.

        Raises:
            UsageError: it does not take them, and the message says what helps.
            RefusedError: it does not take them, and what helps is not known.
            BackendError: it does not answer.
        """
        try:
            return await self._ask(request)
        except BrokenOffError:
            raise
        except ProtocolError:
            # An answer that ends so soon may well hold half a call: what is asked is whether it answers.
            if not request.tools:
                raise
            return await self._ask(replace(request, tools=()))
        except RefusedError as error:
            if error.cure:
                raise UsageError(str(error)) from None
            if error.status not in (400, 422):
                raise
        # Some servers refuse so small a limit: any answer of theirs will do.
        return await self._ask(request, unlimited=True)

    async def _ask(self, request: Request, *, unlimited: bool = False) -> Completion:
        payload = self.payload(request)
        if unlimited:
            for key in LIMITS:
                payload.pop(key, None)
        try:
            return await self._post(payload, thinks=request.reasoning.style != "none")
        except RefusedError as error:
            if not self._mend(error.fault, payload):
                cure = "; ".join(cures(error.fault, payload))
                raise RefusedError(str(error), raw=error.raw, fault=error.fault, cure=cure) from None
        return await self._ask(request, unlimited=unlimited)

    def _mend(self, fault: Fault, payload: Mapping[str, Any]) -> bool:
        """Note refused fields that no answer depends on; say whether asking again may help."""
        # Requests that were under way together are refused together: the others find it done already.
        known = {key: name for key, name in self._mended.items() if key in payload}
        found = {key: name for key, name in mended(fault, payload).items() if name not in self._mended}
        for key, name in found.items():
            self._mended[key] = name
            what = f"it is sent as '{name}'" if name else "it is left out"
            self._warn(f"{self.endpoint.shown_url} refuses '{key}': {what}")
        return bool(found or known)

    def payload(self, request: Request) -> dict[str, Any]:
        """Return the body of a request."""
        payload = payload_of(
            request,
            model=self.model,
            stream=self._stream,
            max_tokens_key=self._max_tokens_key,
            repeat_penalty_key=self._repeat_penalty_key,
        )
        payload.update(self._specials(request))
        payload.update(self._extra)
        for key, name in self._mended.items():
            value = payload.pop(key, None)
            if name is not None and value is not None:
                payload[name] = value
        return {key: value for key, value in payload.items() if value is not None}

    async def _post(self, payload: Mapping[str, Any], *, thinks: bool) -> Completion:
        async def read(response: httpx.Response, started: float) -> Completion:
            return await self._read(response, started, thinks=thinks)

        return await self.endpoint.post(PATH, msgspec.json.encode(payload), read)

    async def _read(self, response: httpx.Response, started: float, *, thinks: bool) -> Completion:
        """Read a stream or a plain answer, whichever came: some servers ignore what was asked for."""
        streamed = content_type_of(response) == "text/event-stream"
        self.endpoint.hangs_up = streamed and response.headers.get("Server") == "llama.cpp"
        url, idle_s = self.endpoint.shown_url + PATH, self.endpoint.idle_timeout_s
        merged = await read_answer(
            pieces_of(response), started, url, idle_s=idle_s, arrived=self.endpoint.arrived
        )
        return completion_of(merged, thinks=thinks)
