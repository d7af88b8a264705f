"""Backend ``openrouter``: hosted models, each run pinned to one provider and one quantization."""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

from llmbench.api import (
    Backend,
    Completion,
    Context,
    Finish,
    ModelProfile,
    Prices,
    Reasoning,
    Request,
    Usage,
    Wish,
)
from llmbench.errors import BackendError, BudgetError, PrerequisiteError
from llmbench_plugins.backends.openrouter.chat import Memory, reasoning_of
from llmbench_plugins.backends.openrouter.limits import FREE_A_MINUTE, Pace, check_key
from llmbench_plugins.backends.openrouter.options import OpenRouterOptions
from llmbench_plugins.backends.openrouter.pin import Offer
from llmbench_plugins.backends.openrouter.route import Route
from llmbench_plugins.backends.shared.chat import Chat
from llmbench_plugins.backends.shared.faults import RefusedError
from llmbench_plugins.backends.shared.header import secret_from
from llmbench_plugins.backends.shared.http import Endpoint, base_url
from llmbench_plugins.backends.shared.reasoning import ReasoningWatch
from llmbench_plugins.backends.shared.wishes import ignored_cache

KEY = "OPENROUTER_API_KEY"
_LEAST_TOKENS = 16
"""Some providers refuse limits below."""


class OpenRouter(Backend):
    """A model at OpenRouter; answers cost money."""

    Options = OpenRouterOptions
    named_by = "slug"
    options: OpenRouterOptions

    def __init__(self, options: OpenRouterOptions, model: ModelProfile, context: Context) -> None:
        super().__init__(options, model, context)
        self._stack = AsyncExitStack()
        self._chat: Chat | None = None
        self._offer: Offer | None = None
        self._route = Route(options, model, context.work_dir)
        self._start_afresh()

    async def __aenter__(self) -> Self:
        self._start_afresh()
        async with AsyncExitStack() as stack:
            endpoint = await stack.enter_async_context(self._endpoint())
            told = await endpoint.get_json("/key")
            check_key(told, free=self._free, warn=self.context.warn)
            offer = await self._route.resolve(endpoint)
            self._say(offer)
            self._offer = offer
            chat = self._new_chat(endpoint, offer)
            self.context.progress(f"waiting for a first token of {self._route.slug} from {offer.tag}")
            await self._first_token(chat)
            if self._route.pins:
                self._route.keep(offer)
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
            BudgetError: the account has no credit left, or the free requests of the day are used up.
        """
        chat, offer = self._entered()
        completion = await self._ask(chat, request)
        if _is_empty(completion):
            # A provider that is still starting up sends nothing, and may bill it all the same.
            self.context.progress(f"{offer.tag} sent an empty answer: asking once more")
            completion = _billed_together(completion, await self._ask(chat, request))
        self._memory.remember(completion)
        self._check_provider(completion, offer)
        return self._watch.look(request, completion)

    async def describe(self) -> Mapping[str, Any]:
        """Return who answers, at which quantization and price."""
        chat, offer = self._entered()
        prices = offer.prices
        facts = {
            "server": "openrouter",
            "url": chat.endpoint.shown_url,
            "weights": self._route.slug,
            "repo": self.options.source.repo,
            "provider": self._route.fields(offer),
            "endpoint": offer.tag,
            "quantization": offer.quantization,
            "context": offer.context,
            "max_tokens": offer.max_tokens,
            "usd_per_million_tokens": {
                "prompt": round(1e6 * prices.prompt_usd, 6),
                "completion": round(1e6 * prices.completion_usd, 6),
            },
            "usd_per_request": prices.request_usd or None,
            "extra_body": self._extra or None,
            "reasoning": self._watch.described(),
        }
        return {key: value for key, value in facts.items() if value is not None}

    def ignores(self, wish: Wish) -> Sequence[str]:
        """Say that providers cache as they like."""
        return list(ignored_cache(wish, "OpenRouter"))

    @property
    def capacity(self) -> int:
        """How many requests are sent at once (``backend.concurrency``)."""
        return self.options.concurrency

    async def prices(self) -> Prices | None:
        """Return what tokens cost at the endpoint that a run would use; needs no key and costs nothing."""
        if self._offer is not None:
            return self._offer.prices
        async with self._endpoint(demand_key=False) as endpoint:
            return (await self._route.resolve(endpoint)).prices

    @property
    def _free(self) -> bool:
        return self._route.slug.endswith(":free")

    @property
    def _extra(self) -> dict[str, Any]:
        return {**self.options.source.extra_body, **self.options.extra_body}

    def _start_afresh(self) -> None:
        self._memory = Memory()
        self._said: set[str] = set()
        self._pace = Pace(requests=FREE_A_MINUTE, progress=self.context.progress)
        cure = "look at the model's reasoning options at https://openrouter.ai/models"
        self._watch = ReasoningWatch(self.model.reasoning, self.context.warn, cure=cure)

    def _entered(self) -> tuple[Chat, Offer]:
        if self._chat is None or self._offer is None:
            raise RuntimeError("the backend was asked before it was entered or after it was left")
        return self._chat, self._offer

    def _endpoint(self, *, demand_key: bool = True) -> Endpoint:
        key = secret_from(self.context.secrets, KEY)
        if not key and demand_key:
            raise PrerequisiteError(
                f"{KEY} is not set; make a key at https://openrouter.ai/settings/keys and put it into the "
                "environment or .env"
            )
        endpoint = Endpoint(
            base_url(self.options.url, key="backend.url"),
            capacity=self.options.concurrency,
            idle_timeout_s=self.options.idle_timeout_s,
            retries=self.options.retries,
            progress=self.context.progress,
            arrived=self.context.arrived,
            headers={"Authorization": f"Bearer {key}"} if key else {},
            hidden=(key,),
            environment=self.context.secrets,
        )
        endpoint.hangs_up = False
        return endpoint

    def _say(self, offer: Offer) -> None:
        for warning in self._route.warnings(offer):
            self.context.warn(warning)
        if self._route.pins:
            self.context.progress(f"'{self._route.slug}' is pinned to {offer.text}")

    def _new_chat(self, endpoint: Endpoint, offer: Offer) -> Chat:
        def specials(request: Request) -> Mapping[str, Any]:
            told: dict[str, Any] = {"provider": self._route.fields(offer)}
            reasoning = reasoning_of(request.reasoning)
            if reasoning is not None and (not offer.takes or "reasoning" in offer.takes):
                told["reasoning"] = reasoning
            if request.reasoning.keep:
                told["messages"] = self._memory.messages(request)
            return told

        return Chat(
            endpoint,
            model=self._route.slug,
            stream=self.options.stream,
            extra=self._extra,
            specials=specials,
            warn=self.context.warn,
        )

    async def _first_token(self, chat: Chat) -> None:
        try:
            # A budget for thinking would not fit so small a limit.
            probe = replace(self.context.probe, max_tokens=_LEAST_TOKENS, reasoning=Reasoning())
            await self._ask(chat, probe, probes=True)
        except RefusedError as error:
            if error.status == 401:
                raise PrerequisiteError(f"{error}; is {KEY} a valid key?") from None
            raise
        except BudgetError as error:
            raise PrerequisiteError(str(error)) from None

    async def _ask(self, chat: Chat, request: Request, *, probes: bool = False) -> Completion:
        """Ask once; what only money or tomorrow can cure ends the run's budget, not one sample."""
        if self._free:
            await self._pace.turn()
        try:
            ask = chat.first_token if probes else chat.complete
            return await ask(self._without_seed(request))
        except RefusedError as error:
            if error.status == 402:
                raise BudgetError(f"{error}; add credit at https://openrouter.ai/settings/credits") from None
            if "max_tokens_exceeded" in error.raw:
                return Completion(content="", finish=Finish.LENGTH, raw={"error": error.raw})
            if error.status == 404 and self._offer is not None:
                raise BackendError(
                    f"{error}; {self._offer.text} takes: {', '.join(sorted(self._offer.takes))}",
                    raw=error.raw,
                ) from None
            raise
        except BackendError as error:
            if "per-day" in str(error):
                raise BudgetError(f"the free requests of the day are used up: {error}") from None
            raise

    def _without_seed(self, request: Request) -> Request:
        """Leave the seed out where the endpoint knows none: it would refuse the whole request."""
        takes = self._offer.takes if self._offer else frozenset()
        if request.seed is None or not takes or "seed" in takes:
            return request
        self._warn_once("this endpoint takes no seed: repeats of a sample may differ")
        return replace(request, seed=None)

    def _check_provider(self, completion: Completion, offer: Offer) -> None:
        if self._route.pins and completion.provider and completion.provider != offer.provider:
            self._warn_once(f"'{completion.provider}' answered, although the run is pinned to {offer.tag}")

    def _warn_once(self, text: str) -> None:
        if text not in self._said:
            self._said.add(text)
            self.context.warn(text)


def _is_empty(completion: Completion) -> bool:
    said = completion.content or completion.reasoning or completion.tool_calls
    return not said and completion.finish is Finish.STOP and not completion.usage.completion_tokens


def _billed_together(first: Completion, second: Completion) -> Completion:
    """Return the second answer with the cost of both; a cost that is not known stays unknown."""
    costs = (first.usage.cost_usd, second.usage.cost_usd)
    both = None if None in costs else sum(cost or 0.0 for cost in costs)
    usage: Usage = replace(second.usage, cost_usd=both)
    return replace(second, usage=usage)
