"""Backend ``lmstudio``: a model that is loaded on purpose, with settings that are read back."""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self

from llmbench.api import Backend, Completion, Context, ModelProfile, Request, Wish
from llmbench.errors import (
    BackendError,
    ContextOverflowError,
    ImpossibleError,
    PrerequisiteError,
)
from llmbench_plugins.backends.lmstudio.models import Instance, loaded
from llmbench_plugins.backends.lmstudio.options import LmStudioOptions
from llmbench_plugins.backends.shared.chat import Chat
from llmbench_plugins.backends.shared.cut_prompt import least_tokens, refuse_cut_prompt
from llmbench_plugins.backends.shared.faults import RefusedError
from llmbench_plugins.backends.shared.foreign import count, dumps
from llmbench_plugins.backends.shared.header import secret_from
from llmbench_plugins.backends.shared.http import Endpoint, base_url
from llmbench_plugins.backends.shared.reasoning import ReasoningWatch
from llmbench_plugins.backends.shared.wishes import ignored_cache, ignored_choice, ignored_thinking

DEFAULT_CONTEXT = 8192
_CURE = "raise model.sources.lmstudio.context"


class LmStudio(Backend):
    """A model of LM Studio; one that entering loaded is unloaded."""

    Options = LmStudioOptions
    named_by = "key"
    serves_many_runs = True
    options: LmStudioOptions

    def __init__(self, options: LmStudioOptions, model: ModelProfile, context: Context) -> None:
        super().__init__(options, model, context)
        self._stack = AsyncExitStack()
        self._chat: Chat | None = None
        self._instance = Instance(id="", context=None)
        self._watch = self._new_watch()

    async def __aenter__(self) -> Self:
        key = self._key()
        async with AsyncExitStack() as stack:
            root = await stack.enter_async_context(self._endpoint("", self.options.startup_timeout_s))
            self.context.progress(f"loading {key} into LM Studio")
            instance = await self._load(stack, root, key)
            self._check_context(instance, key)
            chat = Chat(
                await stack.enter_async_context(self._endpoint("/v1", self.options.idle_timeout_s)),
                model=instance.id,
                stream=self.options.stream,
                specials=_specials,
                repeat_penalty_key="repeat_penalty",
                warn=self.context.warn,
            )
            self.context.progress(f"waiting for a first token of {instance.id}")
            self._instance = instance
            self._check_model(await chat.first_token(self.context.probe))
            self._stack = stack.pop_all()
        self._chat, self._watch = chat, self._new_watch()
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
        completion = await self._ready.complete(request)
        self._check_model(completion)
        self._refuse_overflow(request, completion)
        return self._watch.look(request, completion)

    async def describe(self) -> Mapping[str, Any]:
        """Return what was loaded, and how."""
        chat, instance = self._ready, self._instance
        facts = {
            "server": "lmstudio",
            "url": chat.endpoint.shown_url,
            **instance.facts,
            "repo": self.options.source.repo,
            "instance": instance.id,
            "loaded_by_us": instance.ours,
            "context": instance.context,
            "slots": self.capacity,
            "load_config": dict(instance.config) or None,
            "reasoning": self._watch.described(),
        }
        return {key: value for key, value in facts.items() if value is not None}

    def ignores(self, wish: Wish) -> Sequence[str]:
        """Say what LM Studio is not told; which engine runs the model is known once entered."""
        by_mlx = self._instance.facts.get("format") == "mlx"
        return [
            *(ignored_choice(wish, "LM Studio's engine for MLX") if by_mlx else ()),
            *ignored_cache(wish, "LM Studio"),
            *ignored_thinking(wish, self.model.reasoning, "LM Studio", level=False),
        ]

    @property
    def capacity(self) -> int:
        """How many requests are sent at once: ``backend.slots``, but no more than the instance takes."""
        return min(self.options.slots, self._instance.slots or self.options.slots)

    @property
    def _ready(self) -> Chat:
        if self._chat is None:
            raise RuntimeError("the backend was asked before it was entered or after it was left")
        return self._chat

    @property
    def _asked(self) -> int:
        return self.options.source.context or DEFAULT_CONTEXT

    def _key(self) -> str:
        if self.options.source.key is None:
            raise ImpossibleError(
                f"model.sources.lmstudio.key: missing for the model '{self.model.name}'; set "
                "model.sources.lmstudio.key to its name as `lms ls` shows it, such as qwen/qwen3-coder-30b"
            )
        return self.options.source.key

    def _endpoint(self, path: str, idle_timeout_s: float) -> Endpoint:
        token = secret_from(self.context.secrets, self.options.api_key_env)
        return Endpoint(
            base_url(self.options.url, key="backend.url").removesuffix("/v1") + path,
            capacity=self.options.slots,
            idle_timeout_s=idle_timeout_s,
            retries=self.options.retries,
            progress=self.context.progress,
            arrived=self.context.arrived,
            headers={"Authorization": f"Bearer {token}"} if token else {},
            hidden=(token,),
            environment=self.context.secrets,
        )

    async def _load(self, stack: AsyncExitStack, root: Endpoint, key: str) -> Instance:
        try:
            entered = loaded(root, key, self._asked, self.options, self.context)
            return await stack.enter_async_context(entered)
        except RefusedError as error:
            if error.status == 401:
                raise PrerequisiteError(
                    f"{error}; put LM Studio's API token into the environment or .env as "
                    f"{self.options.api_key_env}"
                ) from None
            raise

    def _check_context(self, instance: Instance, key: str) -> None:
        if instance.context is None:
            self.context.warn(
                f"LM Studio does not say how much context it has loaded for '{key}': prompts may be cut"
            )
        elif instance.context < self._asked:
            trained = count(instance.facts.get("trained_context"))
            why = f" (the model was trained for {trained})" if trained and trained < self._asked else ""
            raise BackendError(
                f"LM Studio has loaded '{instance.id}' with {instance.context} tokens of context, and "
                f"{self._asked} were asked for{why}; lower model.sources.lmstudio.context"
            )

    def _check_model(self, completion: Completion) -> None:
        """Refuse answers of another model, such as one that LM Studio loaded by itself meanwhile."""
        if completion.model and completion.model != self._instance.id:
            raise BackendError(
                f"LM Studio answered with '{completion.model}' instead of '{self._instance.id}'; was the "
                "model unloaded or loaded twice during the run?",
                raw=dumps(completion.raw),
            )

    def _refuse_overflow(self, request: Request, completion: Completion) -> None:
        """Refuse an empty answer to a prompt that does not fit, and an answer to a part of the prompt."""
        context = self._instance.context or self._asked
        said = completion.content or completion.reasoning or completion.tool_calls
        read = max(completion.usage.prompt_tokens or 0, least_tokens(request))
        if not said and read >= context:
            raise ContextOverflowError(
                f"LM Studio sent an empty answer to a prompt of {read} tokens, which its context of "
                f"{context} can't hold; {_CURE}",
                raw=dumps(completion.raw),
            )
        refuse_cut_prompt(request, completion, context=context, server="LM Studio", cure=_CURE)

    def _new_watch(self) -> ReasoningWatch:
        cure = "LM Studio switches thinking in the model's own settings, not over its API"
        return ReasoningWatch(self.model.reasoning, self.context.warn, cure=cure)


def _specials(request: Request) -> Mapping[str, Any]:
    """Return the level of reasoning in OpenAI's word for it."""
    reasoning = request.reasoning
    return {"reasoning_effort": reasoning.level} if reasoning.enabled and reasoning.level else {}
