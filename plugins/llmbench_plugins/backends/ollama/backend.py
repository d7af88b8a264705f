"""Backend ``ollama``: Ollama's own protocol, with one fixed context that is read back."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self

from llmbench.api import (
    SERVERS_OWN,
    Backend,
    Completion,
    Context,
    ModelProfile,
    Reasoning,
    Rendered,
    Request,
    Wish,
)
from llmbench.errors import BackendError, ImpossibleError, UsageError
from llmbench_plugins.backends.ollama.chat import OllamaChat
from llmbench_plugins.backends.ollama.models import Models, adds_bos, facts_of, gpu_share, trained_context
from llmbench_plugins.backends.ollama.options import OllamaOptions
from llmbench_plugins.backends.ollama.server import Running, serving
from llmbench_plugins.backends.shared.http import Endpoint, nothing_to_check
from llmbench_plugins.backends.shared.on_the_fly import CONTEXT
from llmbench_plugins.backends.shared.reasoning import ReasoningWatch
from llmbench_plugins.backends.shared.wishes import ignored_cache, ignored_choice

DEFAULT_CONTEXT = 8192


class Ollama(Backend):
    """A model of an Ollama server; what entering loaded or started is unloaded and stopped."""

    Options = OllamaOptions
    serves_many_runs = True
    named_by = "tag"
    options: OllamaOptions

    def __init__(self, options: OllamaOptions, model: ModelProfile, context: Context) -> None:
        super().__init__(options, model, context)
        self._stack = AsyncExitStack()
        self._chat: OllamaChat | None = None
        self._facts: Mapping[str, Any] = {}
        self._adds_bos: bool | None = None
        self._watch = self._new_watch()

    @classmethod
    def profile_of(cls, name: str) -> ModelProfile | None:
        """Return the profile of a tag, with room for a model that thinks without being asked to."""
        return ModelProfile(
            name=name,
            description=f"Ollama's {name}",
            sampling_source=SERVERS_OWN,
            reasoning=Reasoning(answer_tokens=CONTEXT // 2),
            sources={"default": {"tag": name, "context": CONTEXT, "context_fits": True}},
        )

    async def __aenter__(self) -> Self:
        tag = self._tag()
        async with AsyncExitStack() as stack:
            running = await stack.enter_async_context(serving(self.options, self.context))
            endpoint = await stack.enter_async_context(self._endpoint(running))
            models = Models(endpoint, progress=self.context.progress)
            shown = await self._shown(models, tag)
            chat = self._new_chat(endpoint, tag, shown)
            if running.process is None and not shown.get("remote_host") and not await models.loaded(tag):
                stack.push_async_callback(self._unload, chat)
            self.context.progress(f"waiting for a first token of {tag} from {running.url}")
            await chat.first_token(self.context.probe)
            self._facts = await self._checked(models, tag, shown, running)
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
        return self._watch.look(request, await self._ready.complete(request))

    async def describe(self) -> Mapping[str, Any]:
        """Return the server's version, the model's digest and quantization, and how it was loaded."""
        chat = self._ready
        facts = {
            **self._facts,
            "repo": self.options.source.repo,
            "slots": self.options.slots,
            "asked_context": chat.context,
            "runner_options": dict(self.options.source.options),
            "reasoning": self._watch.described(),
        }
        return {key: value for key, value in facts.items() if value not in (None, {}, [], "")}

    async def rendered(self, request: Request) -> Rendered | None:
        """Return what the model's template makes of a request; None from an Ollama before 0.11.5."""
        chat = self._ready
        # Another machine's model would answer, at its price.
        text = None if self._facts.get("remote_host") else await chat.rendered(request)
        return None if text is None else Rendered(text=text, adds_bos=self._adds_bos)

    def ignores(self, wish: Wish) -> Sequence[str]:
        """Say what Ollama is not told, and, once entered, what the model's template can't do."""
        return [
            *ignored_choice(wish, "Ollama"),
            *ignored_cache(wish, "Ollama"),
            *self._lacks_tools(wish),
        ]

    def _lacks_tools(self, wish: Wish) -> Iterator[str]:
        if wish.needs_tools and self._chat is not None and not self._chat.takes_tools:
            yield (
                f"agent.protocol=native: '{self._tag()}' does not list tools among its capabilities; "
                "set agent.protocol=auto or text"
            )

    @property
    def capacity(self) -> int:
        """How many requests are sent at once (``backend.slots``)."""
        return self.options.slots

    @property
    def _ready(self) -> OllamaChat:
        if self._chat is None:
            raise RuntimeError("the backend was asked before it was entered or after it was left")
        return self._chat

    def _tag(self) -> str:
        source = self.options.source
        if source.tag is None:
            where = f" ({source.repo})" if source.repo else ""
            raise ImpossibleError(
                f"model.sources.ollama.tag: missing for the model '{self.model.name}'{where}; set "
                "model.sources.ollama.tag to its name for Ollama, for instance qwen3-coder:30b"
            )
        if "num_ctx" in source.options:
            raise UsageError("model.sources.ollama.options.num_ctx: set model.sources.ollama.context instead")
        return source.tag

    def _endpoint(self, running: Running) -> Endpoint:
        endpoint = Endpoint(
            running.url,
            capacity=self.options.slots,
            idle_timeout_s=self.options.idle_timeout_s,
            retries=self.options.retries,
            progress=self.context.progress,
            arrived=self.context.arrived,
            environment=self.context.secrets,
            check=running.process.check if running.process else nothing_to_check,
        )
        endpoint.hangs_up = False
        return endpoint

    def _new_chat(self, endpoint: Endpoint, tag: str, shown: Mapping[str, Any]) -> OllamaChat:
        reasoning = self.model.reasoning
        can = shown.get("capabilities")
        thinks = isinstance(can, list) and "thinking" in can
        if reasoning.enabled and reasoning.style == "separate" and not thinks:
            self.context.warn(
                f"Ollama can't switch the thinking of '{tag}': it does not list it among the model's "
                "capabilities; set model.reasoning.enabled=false, or model.reasoning.style=inline"
            )
        return OllamaChat(
            endpoint,
            tag=tag,
            context=self._asked_context(shown),
            keep_alive=self.options.keep_alive,
            options=self.options.source.options,
            switches_thinking=thinks,
            # A server that does not list capabilities may take tools all the same.
            takes_tools="tools" in can if isinstance(can, list) and can else True,
        )

    def _new_watch(self) -> ReasoningWatch:
        cure = "does this tag of Ollama switch thinking? (GPT-OSS takes levels only)"
        return ReasoningWatch(self.model.reasoning, self.context.warn, cure=cure)

    async def _shown(self, models: Models, tag: str) -> Mapping[str, Any]:
        shown = await models.show(tag)
        if shown is None and self.options.pull:
            await models.pull(tag)
            shown = await models.show(tag)
        if shown is None:
            raise await models.missing(tag)
        if shown.get("remote_host"):
            self.context.warn(
                f"'{tag}' is answered by {shown['remote_host']} ({shown.get('remote_model')}), not by this "
                "machine: its quantization and context are not known"
            )
        return shown

    async def _checked(
        self, models: Models, tag: str, shown: Mapping[str, Any], running: Running
    ) -> Mapping[str, Any]:
        """Return the facts, once the context that was really loaded is the one asked for."""
        loaded = await models.loaded(tag)
        facts = facts_of(tag, shown, loaded, await models.digest(tag))
        if not shown.get("remote_host"):
            self._check_context(facts.get("context"), shown, tag)
            self._check_gpu(loaded or {}, tag)
        self._adds_bos = adds_bos(shown)
        ours = {"argv": list(running.argv)} if running.process else {}
        return {"server": "ollama", "build": running.version, "url": running.url, **ours, **facts}

    def _asked_context(self, shown: Mapping[str, Any]) -> int:
        source = self.options.source
        asked = source.context or DEFAULT_CONTEXT
        return min(asked, trained_context(shown) or asked) if source.context_fits else asked

    def _check_context(self, loaded: int | None, shown: Mapping[str, Any], tag: str) -> None:
        asked, trained = self._asked_context(shown), trained_context(shown)
        if loaded is None:
            self.context.warn(
                f"this Ollama does not say how much context it has loaded for '{tag}': update it, or prompts "
                "may be cut without a word"
            )
        elif loaded < asked:
            why = f"the model was trained for {trained}" if trained and trained < asked else "see its log"
            raise BackendError(
                f"Ollama has loaded '{tag}' with {loaded} tokens of context, and {asked} were asked for "
                f"({why}); lower model.sources.ollama.context"
            )

    def _check_gpu(self, loaded: Mapping[str, Any], tag: str) -> None:
        share = gpu_share(loaded)
        if share is not None and share < 1:
            self.context.warn(
                f"{share:.0%} of '{tag}' lies in the GPU's memory, the CPU computes the rest: answers are "
                "slow, and their speed says little of the GPU"
            )

    async def _unload(self, chat: OllamaChat) -> None:
        try:
            await chat.unload()
        except BackendError as error:
            self.context.warn(f"'{chat.tag}' could not be unloaded: {error}; run `ollama stop {chat.tag}`")
