"""Backend ``anthropic``: Claude over Anthropic's own Messages API."""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self

from llmbench.api import Backend, Completion, Context, ModelProfile, Prices, Request, Wish
from llmbench.errors import BudgetError, PrerequisiteError, UsageError
from llmbench_plugins.backends.anthropic.chat import ClaudeChat
from llmbench_plugins.backends.anthropic.claude import Claude
from llmbench_plugins.backends.anthropic.options import AnthropicOptions
from llmbench_plugins.backends.anthropic.prices import AS_OF, price_of
from llmbench_plugins.backends.anthropic.thinking import checked, thinking_of, unheard
from llmbench_plugins.backends.shared.faults import RefusedError
from llmbench_plugins.backends.shared.foreign import listed, word
from llmbench_plugins.backends.shared.header import secret_from
from llmbench_plugins.backends.shared.http import Endpoint, base_url
from llmbench_plugins.backends.shared.reasoning import ReasoningWatch

KEY = "ANTHROPIC_API_KEY"
VERSION = "2023-06-01"
_HOME = "https://api.anthropic.com"
_UNKNOWN = ("min_p", "repeat_penalty", "presence_penalty", "frequency_penalty")
"""Settings of a sampler that the API has no word for."""


class Anthropic(Backend):
    """Claude over Anthropic's Messages API; answers cost money."""

    Options = AnthropicOptions
    named_by = "model"
    options: AnthropicOptions

    def __init__(self, options: AnthropicOptions, model: ModelProfile, context: Context) -> None:
        super().__init__(options, model, context)
        self._stack = AsyncExitStack()
        self._chat: ClaudeChat | None = None
        self._served = ""
        self._watch = self._new_watch()

    async def __aenter__(self) -> Self:
        self._watch = self._new_watch()
        self._check_settings()
        async with AsyncExitStack() as stack:
            endpoint = await stack.enter_async_context(self._endpoint())
            claude = Claude.of(self._name, await endpoint.get_json(f"/models/{self._name}"))
            checked(self.model.reasoning, claude)
            chat = ClaudeChat(
                endpoint,
                claude,
                model=self._name,
                stream=self.options.stream,
                cache=self.options.cache_prompt,
                extra=self._extra,
                warn=self.context.warn,
            )
            self.context.progress(f"waiting for a first token of {self._name} from {endpoint.shown_url}")
            self._served = (await self._first_token(chat)).model
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
        """Answer one request.

        Raises:
            BudgetError: the account has no credit left, or has reached its limit.
        """
        return self._watch.look(request, await self._ready.complete(request))

    async def describe(self) -> Mapping[str, Any]:
        """Return which model answers, its limits, its price, and how it was told to think."""
        chat, price = self._ready, price_of(self._name)
        facts = {
            "server": "anthropic",
            "url": chat.endpoint.shown_url,
            "weights": self._served or self._name,
            "model": self._name,
            "context": chat.claude.context,
            "max_tokens": chat.claude.max_tokens,
            "usd_per_million_tokens": price
            and {"prompt": price.prompt, "completion": price.completion, "cached": price.cached},
            "prices_as_of": AS_OF if price else None,
            "thinking": dict(thinking_of(self.model.reasoning, chat.claude)),
            "betas": list(self.options.betas),
            "extra_body": self._extra,
            "reasoning": self._watch.described(),
        }
        return {key: value for key, value in facts.items() if value not in (None, {}, [])}

    def ignores(self, wish: Wish) -> Sequence[str]:
        """Say what Claude takes not at all, or not while it thinks."""
        return list(unheard(wish, self._chat.claude if self._chat else None))

    @property
    def capacity(self) -> int:
        """How many requests are sent at once (``backend.concurrency``)."""
        return self.options.concurrency

    async def prices(self) -> Prices | None:
        """Return what the model costs by our own table; None for one that is not in it."""
        price = price_of(self._name)
        return price.a_token if price else None

    @property
    def _name(self) -> str:
        name = self.options.source.model
        if name is None and self.model.is_unnamed:
            raise UsageError(
                "model.sources.anthropic.model: missing; expected a model's id, for instance "
                "model.sources.anthropic.model=claude-haiku-4-5"
            )
        return name or self.model.name

    @property
    def _extra(self) -> dict[str, Any]:
        return {**self.options.source.extra_body, **self.options.extra_body}

    @property
    def _ready(self) -> ClaudeChat:
        if self._chat is None:
            raise RuntimeError("the backend was asked before it was entered or after it was left")
        return self._chat

    def _check_settings(self) -> None:
        """Refuse what the API has no word for, and say what else it does not know."""
        asked = self.context.probe
        for name in _UNKNOWN:
            if getattr(asked.sampling, name) is not None:
                raise UsageError(
                    f"sampling.{name}: Anthropic's API takes none; leave it out with sampling.{name}=null "
                    f"(model.sampling.{name}=null where the profile sets it)"
                )
        if asked.seed is not None:
            self.context.warn("Anthropic's API takes no seed: repeats of a sample may differ")
        if price_of(self._name) is None:
            self.context.warn(
                f"no price is known for '{self._name}': its cost is not counted, and budget.cost_usd has "
                "no effect"
            )

    def _endpoint(self) -> Endpoint:
        key = secret_from(self.context.secrets, KEY)
        if not key and self.options.url.startswith(_HOME):
            raise PrerequisiteError(
                f"{KEY} is not set; make a key at https://platform.claude.com/settings/keys and put it into "
                "the environment or .env"
            )
        headers = {"anthropic-version": VERSION, **({"x-api-key": key} if key else {})}
        if self.options.betas:
            headers["anthropic-beta"] = ",".join(self.options.betas)
        endpoint = Endpoint(
            base_url(self.options.url, key="backend.url"),
            capacity=self.options.concurrency,
            idle_timeout_s=self.options.idle_timeout_s,
            retries=self.options.retries,
            progress=self.context.progress,
            headers=headers,
            hidden=(key,),
            environment=self.context.secrets,
            arrived=self.context.arrived,
        )
        endpoint.hangs_up = False
        return endpoint

    async def _first_token(self, chat: ClaudeChat) -> Completion:
        try:
            return await chat.first_token(self.context.probe)
        except RefusedError as error:
            if error.status in (401, 403):
                raise PrerequisiteError(f"{error}; is {KEY} a valid key?") from None
            if error.status == 404:
                raise UsageError(f"{error}; {await self._known(chat.endpoint)}") from None
            raise
        except BudgetError as error:
            raise PrerequisiteError(str(error)) from None

    async def _known(self, endpoint: Endpoint) -> str:
        told = listed(await endpoint.get_json("/models"), "data")
        names = ", ".join(sorted(filter(None, (word(entry.get("id")) for entry in told))))
        return f"set model.sources.anthropic.model{f' to one of: {names}' if names else ''}"

    def _new_watch(self) -> ReasoningWatch:
        cure = "set model.reasoning.style=separate and model.reasoning.enabled to what you want of it"
        return ReasoningWatch(self.model.reasoning, self.context.warn, cure=cure)
