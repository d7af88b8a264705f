"""Backend ``openai``: any server that speaks OpenAI's chat completions, ours or somebody else's."""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from llmbench.api import Backend, Completion, Context, ModelProfile, Request, Wish, option
from llmbench.errors import BackendError, UsageError
from llmbench_plugins.backends.shared.chat import Chat
from llmbench_plugins.backends.shared.context import context_of
from llmbench_plugins.backends.shared.faults import RefusedError
from llmbench_plugins.backends.shared.foreign import listed, word
from llmbench_plugins.backends.shared.header import checked_header, secret_from
from llmbench_plugins.backends.shared.http import Endpoint, base_url
from llmbench_plugins.backends.shared.wishes import ignored_cache, ignored_thinking

_OLLAMA_PORT = 11434


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a model profile says for this backend."""

    model: str | None = None
    """The name that is sent; by default the profile's own."""
    repo: str | None = None
    """Where the weights come from, for the record."""
    extra_body: dict[str, Any] = field(default_factory=dict)
    """Passed through into every request of this model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAIOptions:
    """Options of ``backend=openai``."""

    source: Source = Source()
    url: Annotated[
        str | None, option(help="base URL; /v1 is added to a bare host", from_browser="local url")
    ] = None
    model: Annotated[
        str | None, option(help="name that is sent; default from the model profile", from_browser="text")
    ] = None
    api_key_env: Annotated[
        str, option(help="variable that holds the key; none needed if unset", identity=False)
    ] = "OPENAI_API_KEY"
    concurrency: Annotated[int, option(ge=1, help="requests at once", identity=False)] = 8
    stream: Annotated[bool, option(help="stream, to measure the first token", identity=False)] = True
    max_tokens_key: (
        Annotated[
            Literal["max_tokens", "max_completion_tokens"],
            option(help="how the server calls the limit; null sends none", identity=False),
        ]
        | None
    ) = "max_tokens"
    thinking_switch: (
        Annotated[
            Literal["enable_thinking", "thinking"],
            option(help="how the chat template calls it; null sends none", identity="unless default"),
        ]
        | None
    ) = None
    headers: Annotated[
        dict[str, str], option(help="sent with each request; 'env:NAME' takes a variable's value")
    ] = field(default_factory=dict)
    query: Annotated[
        dict[str, str | int | float],
        option(help="added to each URL, such as {api-version: 2024-10-21}", identity=False),
    ] = field(default_factory=dict)
    extra_body: Annotated[
        dict[str, Any], option(help="passed through into every request; null leaves a field out")
    ] = field(default_factory=dict)
    idle_timeout_s: Annotated[
        float,
        option(gt=0, help="give a request up after so long without a piece of the answer", identity=False),
    ] = 600.0
    retries: Annotated[int, option(ge=0, help="after 429, 503 or a lost connection", identity=False)] = 3


class OpenAI(Backend):
    """A server at a URL; it is neither started nor stopped."""

    Options = OpenAIOptions
    named_by = "model"
    options: OpenAIOptions

    def __init__(self, options: OpenAIOptions, model: ModelProfile, context: Context) -> None:
        super().__init__(options, model, context)
        self._stack = AsyncExitStack()
        self._chat: Chat | None = None
        self._entry: Mapping[str, Any] = {}
        self._loaded: int | None = None
        """Tokens of context, where the server tells."""

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            endpoint = await stack.enter_async_context(self._endpoint())
            chat = Chat(
                endpoint,
                model=await self._name(endpoint),
                stream=self.options.stream,
                extra={**self.options.source.extra_body, **self.options.extra_body},
                specials=self._specials,
                max_tokens_key=self.options.max_tokens_key,
                warn=self.context.warn,
            )
            if hint := hint_for(chat.endpoint.shown_url):
                self.context.warn(hint)
            self.context.progress(f"waiting for a first token from {chat.endpoint.shown_url}")
            await self._first_token(chat)
            self._entry, self._loaded = await self._looked_up(chat)
            self._stack = stack.pop_all()
        self._chat = chat
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._chat = None
        await self._stack.aclose()

    async def complete(self, request: Request) -> Completion:
        """Answer one request."""
        return await self._ready.complete(request)

    async def describe(self) -> Mapping[str, Any]:
        """Return the URL, the model and what ``/v1/models`` says of it."""
        chat = self._ready
        facts = {
            "server": "openai-compatible",
            "url": chat.endpoint.shown_url,
            "weights": self.options.source.repo or chat.model,
            "model": chat.model,
            "model_entry": self._entry,
            "context": self._loaded,
            "extra_body": {**self.options.source.extra_body, **self.options.extra_body},
            "header_names": sorted(self.options.headers),
            "query_names": sorted(self.options.query),
        }
        return {key: value for key, value in facts.items() if value}

    def ignores(self, wish: Wish) -> Sequence[str]:
        """Say what is not sent, for there is no word that every server understands."""
        told = self.model.reasoning
        if self.options.thinking_switch and told.style != "none":
            told = replace(told, enabled=wish.reasoning.enabled)
        return [
            *ignored_cache(wish, "backend=openai"),
            *ignored_thinking(wish, told, "backend=openai", level=True),
        ]

    @property
    def capacity(self) -> int:
        """How many requests are sent at once (``backend.concurrency``)."""
        return self.options.concurrency

    @property
    def _ready(self) -> Chat:
        if self._chat is None:
            raise RuntimeError("the backend was asked before it was entered or after it was left")
        return self._chat

    def _specials(self, request: Request) -> Mapping[str, Any]:
        """Return the switch for thinking, where the server has one and the model thinks at all."""
        switch, reasoning = self.options.thinking_switch, request.reasoning
        if switch is None or reasoning.style == "none":
            return {}
        return {"chat_template_kwargs": {switch: reasoning.enabled}}

    async def _looked_up(self, chat: Chat) -> tuple[Mapping[str, Any], int | None]:
        """Return what the server lists of the model, and its context; warn where answers may not fit."""
        models = await _models(chat.endpoint)
        entry = next((one for one in models if word(one.get("id")) == chat.model), {})
        # A server of a single model answers with it under any name.
        context = await context_of(chat.endpoint, entry or (models[0] if len(models) == 1 else {}))
        allowed = self.model.reasoning.max_tokens
        if context is not None and context <= allowed:
            self.context.warn(
                f"{chat.endpoint.shown_url} has {context} tokens of context, and answers of {allowed} are "
                "allowed here: start it with more, or lower model.reasoning.answer_tokens and think_tokens"
            )
        return entry, context

    async def _name(self, endpoint: Endpoint) -> str:
        """Return the name that is sent: the one that was given, else the server's own for its only model."""
        given = self.options.model or self.options.source.model
        if given or not self.model.is_unnamed:
            return given or self.model.name
        names = sorted(filter(None, (word(entry.get("id")) for entry in await _models(endpoint))))
        if len(names) > 1:
            raise UsageError(
                f"model.name: {endpoint.shown_url} has {len(names)} models, and model=any names none; "
                f"say which: model.name=NAME, one of {_listed(names)}"
            )
        return names[0] if names else self.model.name

    def _endpoint(self) -> Endpoint:
        if not self.options.url:
            raise UsageError(
                "backend.url: missing; expected the server's base URL, for instance "
                "backend.url=http://127.0.0.1:8000/v1"
            )
        key = secret_from(self.context.secrets, self.options.api_key_env)
        headers = {name: self._header(name, value) for name, value in self.options.headers.items()}
        query = {name: self._value("query", name, str(value)) for name, value in self.options.query.items()}
        given = {**self.options.headers, **{name: str(value) for name, value in self.options.query.items()}}
        secret = [found for name, found in {**headers, **query}.items() if found != given[name]]
        if key:
            headers.setdefault("Authorization", f"Bearer {key}")
        return Endpoint(
            base_url(self.options.url, key="backend.url"),
            capacity=self.options.concurrency,
            idle_timeout_s=self.options.idle_timeout_s,
            retries=self.options.retries,
            progress=self.context.progress,
            arrived=self.context.arrived,
            headers=headers,
            hidden=(key, *secret),
            query=query,
            environment=self.context.secrets,
        )

    def _header(self, name: str, value: str) -> str:
        return checked_header(name, self._value("headers", name, value), f"backend.headers.{name}")

    def _value(self, option: str, name: str, value: str) -> str:
        """Return what is meant: the text, or the variable that ``env:NAME`` names."""
        variable = value.removeprefix("env:")
        if variable == value:
            return value
        if not self.context.secrets.get(variable):
            raise UsageError(
                f"backend.{option}.{name}: the variable '{variable}' is not set; "
                "set it in the environment or .env"
            )
        return secret_from(self.context.secrets, variable)

    async def _first_token(self, chat: Chat) -> None:
        try:
            await chat.first_token(self.context.probe)
        except RefusedError as error:
            raise BackendError(f"{error}; {await self._advice(chat, error.status)}", raw=error.raw) from None

    async def _advice(self, chat: Chat, status: int) -> str:
        if status in (401, 403):
            return f"put the key into the environment or .env as {self.options.api_key_env}"
        names = sorted(word(entry.get("id")) for entry in await _models(chat.endpoint))
        if names:
            return (
                f"asked for the model '{chat.model}'; the server lists: {_listed(names)} (set backend.model)"
            )
        return "is backend.url the base that ends in /v1, and backend.model a name that the server knows?"


def hint_for(url: str) -> str:
    """Return what a person should know of the server that usually answers there, or an empty string."""
    if urlsplit(url).port != _OLLAMA_PORT:
        return ""
    return (
        f"{url} looks like Ollama, whose /v1 knows no context size and cuts long prompts in silence; "
        "backend=ollama sets one and reads it back"
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:20]) + (", …" if len(names) > 20 else "")


async def _models(endpoint: Endpoint) -> list[Mapping[str, Any]]:
    return listed(await endpoint.get_json("/models"), "data")
