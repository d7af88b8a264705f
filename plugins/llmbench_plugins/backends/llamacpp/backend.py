"""Backend ``llamacpp``: llama.cpp's server, embedded, as a program, in a container, or already running."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from llmbench.api import Backend, Completion, Context, ModelProfile, Rendered, Request, Wish
from llmbench.errors import ProtocolError, UsageError
from llmbench_plugins.backends.llamacpp.docker import Container, in_container
from llmbench_plugins.backends.llamacpp.facts import Facts, facts_of, layers_on_gpu
from llmbench_plugins.backends.llamacpp.gguf import read_gguf
from llmbench_plugins.backends.llamacpp.options import LlamaCppOptions
from llmbench_plugins.backends.llamacpp.profiles import profile_of_file, profile_of_repo
from llmbench_plugins.backends.llamacpp.rendering import render
from llmbench_plugins.backends.llamacpp.server import (
    Running,
    binary,
    embedded,
    find_binary,
    probe,
)
from llmbench_plugins.backends.llamacpp.weights import Wanted, Weights, find_weights
from llmbench_plugins.backends.shared.chat import Chat
from llmbench_plugins.backends.shared.faults import BrokenOffError
from llmbench_plugins.backends.shared.header import secret_from
from llmbench_plugins.backends.shared.http import Endpoint, base_url, nothing_to_check
from llmbench_plugins.backends.shared.reasoning import ReasoningWatch
from llmbench_plugins.backends.shared.weights import weights_sha256

DEFAULT_CONTEXT = 8192
_ATTACH_URLS = ("http://127.0.0.1:8080", "http://127.0.0.1:9931")
"""Where llama-server listens by default, before and after the change of its port."""


class LlamaCpp(Backend):
    """llama.cpp's server; one of ours ends with us."""

    Options = LlamaCppOptions
    serves_many_runs = True
    prefixes = ("hf",)
    files = "a GGUF file"
    endings = (".gguf",)
    options: LlamaCppOptions

    def __init__(self, options: LlamaCppOptions, model: ModelProfile, context: Context) -> None:
        super().__init__(options, model, context)
        self._stack = AsyncExitStack()
        self._chat: Chat | None = None
        self._running: Running | None = None
        self._facts = Facts()
        self._named = Weights("")
        self._layers: tuple[int, int] | None = None
        self._watch = ReasoningWatch(
            model.reasoning,
            context.warn,
            cure="the chat template or this build may not know how to switch it",
        )

    @classmethod
    def profile_of(cls, name: str) -> ModelProfile | None:
        """Return the profile of a GGUF file on the hub."""
        return profile_of_repo(name)

    @classmethod
    def profile_at(cls, path: Path) -> ModelProfile | None:
        """Return the profile of a GGUF file on this machine."""
        return profile_of_file(path)

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            running = await stack.enter_async_context(self._server())
            chat = Chat(
                await stack.enter_async_context(self._endpoint(running, f"{running.url}/v1")),
                model=self.model.name,
                stream=self.options.stream,
                specials=self._specials,
                repeat_penalty_key="repeat_penalty",
                warn=self.context.warn,
            )
            self.context.progress(f"waiting for a first token from {running.url}")
            await _first_token(chat, self.context.probe)
            props = await chat.endpoint.get_json("/props", base=running.url)
            models = await chat.endpoint.get_json("/v1/models", base=running.url)
            self._facts = facts_of(props, models, running.package)
            self._check(running)
            self._stack = stack.pop_all()
        self._chat, self._running = chat, running
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
        chat, running = self._entered()
        if request.tools and not self._facts.takes_tools:
            raise ProtocolError(
                f"{running.url}: the chat template of these weights shows no tools to the model"
            )
        return self._watch.look(request, await chat.complete(request))

    async def describe(self) -> Mapping[str, Any]:
        """Return what the server says of itself, and the checksum of the weights where they are ours."""
        _, running = self._entered()
        facts = {
            "server": f"llama.cpp ({self.options.server})",
            "argv": list(running.argv),
            "url": running.url,
            "weights_sha256": await self._sha256(running),
            "repo": self.options.source.repo,
            "revision": self._named.revision,
            "reasoning": self._watch.described().get("asked"),
            "cache_prompt": self.options.cache_prompt,
            "gpu_layers": "{} of {}".format(*self._layers) if self._layers else None,
            **self._facts.described,
        }
        return {key: value for key, value in facts.items() if value is not None}

    async def rendered(self, request: Request) -> Rendered | None:
        """Return what the chat template makes of a request; None where the server is too old to tell."""
        chat, running = self._entered()
        async with self._endpoint(running, running.url) as root:
            return await render(root, chat.payload(request))

    def ignores(self, wish: Wish) -> Sequence[str]:
        """Say where the chat template, which is known once entered, leaves tools out."""
        if self._facts.takes_tools or not wish.needs_tools:
            return ()
        why = "the chat template of these weights shows no tools to the model"
        return [f"agent.protocol=native: {why}; set agent.protocol=auto or text"]

    @property
    def capacity(self) -> int:
        """The server's slots."""
        return self._facts.slots or self.options.slots

    @asynccontextmanager
    async def _server(self) -> AsyncIterator[Running]:
        if self.options.server == "attach":
            yield await self._attached()
            return
        if self.options.server == "binary":
            find_binary(self.options.binary)  # before gigabytes are fetched for nothing
        self._named = await find_weights(
            self.options.source,
            model=self.model.name,
            context=self.context,
            server_fetches=self.options.server == "binary",
        )
        wanted = Wanted(
            weights=self._named,
            reasoning=self.model.reasoning,
            context=self._context(),
            slots=self.options.slots,
            port=self.options.port,
            extra_args=[str(word) for word in (*self.options.source.extra_args, *self.options.extra_args)],
            startup_timeout_s=self.options.startup_timeout_s,
        )
        async with self._ours(wanted) as running:
            yield running

    def _context(self) -> int:
        """Return the tokens to load a slot with: where they are to fit, no more than the weights know."""
        source, path = self.options.source, self._named.path
        asked = source.context or DEFAULT_CONTEXT
        trained = read_gguf(path).context if source.context_fits and path else None
        return min(asked, trained or asked)

    def _ours(self, wanted: Wanted) -> AbstractAsyncContextManager[Running]:
        options = self.options
        if options.server == "embedded":
            return embedded(wanted, self.context)
        if options.server == "binary":
            return binary(options.binary, wanted, self.context)
        container = Container(
            image=options.image,
            gpus=options.gpus,
            network=options.network,
            arguments=tuple(str(word) for word in options.docker_args),
        )
        return in_container(container, wanted, self.context)

    async def _attached(self) -> Running:
        if self.options.url:
            return Running(url=base_url(self.options.url, key="backend.url").removesuffix("/v1"))
        for url in _ATTACH_URLS:
            if await probe(url):
                return Running(url=url)
        raise UsageError(
            f"backend.url: missing, and no llama.cpp server answers at {' or '.join(_ATTACH_URLS)}; "
            "start one, or name it: backend.url=http://host:port"
        )

    def _endpoint(self, running: Running, url: str) -> Endpoint:
        key = secret_from(self.context.secrets, self.options.api_key_env)
        return Endpoint(
            url,
            # The server itself queues what is beyond its slots.
            capacity=256,
            idle_timeout_s=self.options.idle_timeout_s,
            retries=self.options.retries,
            progress=self.context.progress,
            arrived=self.context.arrived,
            headers={"Authorization": f"Bearer {key}"} if key else {},
            hidden=(key,),
            environment=self.context.secrets,
            check=running.process.check if running.process else nothing_to_check,
        )

    def _specials(self, request: Request) -> Mapping[str, Any]:
        """Return what llama.cpp wants beside the common fields."""
        cache = self.options.cache_prompt and request.prompt_cache
        specials: dict[str, Any] = {"cache_prompt": cache}
        reasoning = request.reasoning
        if reasoning.style != "none":
            template: dict[str, Any] = {"enable_thinking": reasoning.enabled}
            if reasoning.enabled and reasoning.level:
                template["reasoning_effort"] = reasoning.level
            specials["chat_template_kwargs"] = template
            if reasoning.style == "separate":
                specials["reasoning_format"] = "auto"
        return specials

    def _check(self, running: Running) -> None:
        asked = self.options.source.context
        if running.process is None:
            for warning in self._facts.warnings(url=running.url, context=asked, slots=self.options.slots):
                self.context.warn(warning)
        else:
            log = running.process.log
            self._facts.check(weights=self._named.name, context=self._context(), log=log)
            self._check_layers(running.process.whole_log())

    def _check_layers(self, log: bytes) -> None:
        self._layers = layers_on_gpu(log)
        if self._layers is not None and self._layers[0] < self._layers[1]:
            on_gpu, of = self._layers
            self.context.warn(
                f"{on_gpu} of {of} layers lie in the GPU's memory, the processor computes the rest: answers "
                "are slow, and their speed says little of the GPU; take smaller weights or less context, or "
                "set -ngl in backend.extra_args"
            )

    async def _sha256(self, running: Running) -> str | None:
        if running.process is None:
            return None
        # Where llama-server has fetched them, it says where to.
        path = self._named.path or Path(str(self._facts.props.get("model_path")))
        if not path.is_file():
            return None
        self.context.progress("checking the weights' checksum")
        return await asyncio.to_thread(weights_sha256, path, self.context.cache_dir)

    def _entered(self) -> tuple[Chat, Running]:
        if self._chat is None or self._running is None:
            raise RuntimeError("the backend was asked before it was entered or after it was left")
        return self._chat, self._running


async def _first_token(chat: Chat, probe: Request) -> None:
    """Wait until the server has made a token, whatever its parser thinks of an answer that ends there."""
    try:
        await chat.first_token(probe)
    except BrokenOffError:
        raise
    except ProtocolError:
        return
