"""Backend ``mlx``: mlx-lm's server, for models in MLX's form, on Apple silicon and on Linux."""

import asyncio
import importlib.util
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any, Self

from llmbench.api import Backend, Completion, Context, ModelProfile, Request, Wish, option
from llmbench.api.extras import installing
from llmbench.errors import BackendError, PrerequisiteError, UsageError
from llmbench_plugins.backends.mlx.model import MlxModel, PromptGauge, find_model
from llmbench_plugins.backends.mlx.profiles import profile_of_folder, profile_of_repo
from llmbench_plugins.backends.shared.chat import Chat
from llmbench_plugins.backends.shared.http import Endpoint
from llmbench_plugins.backends.shared.hub import hub_environment
from llmbench_plugins.backends.shared.process import ServerProcess, free_port
from llmbench_plugins.backends.shared.reasoning import ReasoningWatch
from llmbench_plugins.backends.shared.wishes import ignored_cache, ignored_choice
from llmbench_plugins.shared.http import look

_LOOK_S = 2.0
_PORT_TRIES = 3
_PORT_TAKEN = "Address already in use"
_DROPPED = b"Failed to parse tool call"
_OURS = ("--model", "--host", "--port", "--decode-concurrency")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a model profile says for this backend."""

    repo: str | None = None
    """An MLX repository on the Hugging Face hub, fetched if it is missing."""
    revision: str | None = None
    """A commit, tag or branch of it."""
    path: Annotated[str | None, option(identified_by="content")] = None
    """A folder with a model, instead of a repository."""
    content: Annotated[str | None, option(identity="unless default")] = None
    """What tells the weights at ``path`` from others: they are the same in any folder, and under any name."""
    context: Annotated[int, option(ge=256, help="longest prompt, in tokens")] | None = None
    """Tokens that prompt and answer may have together; mlx-lm itself has no limit."""
    extra_args: tuple[str | int | float, ...] = ()
    """Further arguments of mlx_lm.server that this model needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MlxOptions:
    """Options of ``backend=mlx``."""

    source: Source = Source()
    seeded: Annotated[
        bool, option(help="send the seed; mlx-lm then answers one request at a time, and repeats itself")
    ] = True
    concurrency: Annotated[
        int,
        option(
            ge=1,
            help="requests at once where seeded is false",
            identity=False,
            read_when={"seeded": (False,)},
        ),
    ] = 8
    port: Annotated[int, option(ge=1, le=65535, help="null: a free one", identity=False)] | None = None
    extra_args: Annotated[
        tuple[str | int | float, ...], option(help="further arguments of mlx_lm.server")
    ] = ()
    stream: Annotated[bool, option(help="stream, to measure the first token", identity=False)] = True
    startup_timeout_s: Annotated[float, option(gt=0, help="for loading the weights", identity=False)] = 1800.0
    idle_timeout_s: Annotated[
        float,
        option(gt=0, help="give a request up after so long without a piece of the answer", identity=False),
    ] = 1800.0
    retries: Annotated[int, option(ge=0, help="after 503 or a lost connection", identity=False)] = 3


class Mlx(Backend):
    """mlx-lm's server, started here and ended with us."""

    Options = MlxOptions
    serves_many_runs = True
    files = "a folder with a model (config.json, *.safetensors)"
    endings = (".safetensors",)
    options: MlxOptions

    def __init__(self, options: MlxOptions, model: ModelProfile, context: Context) -> None:
        super().__init__(options, model, context)
        self._stack = AsyncExitStack()
        self._chat: Chat | None = None
        self._log_seen = 0
        self._watch = ReasoningWatch(
            model.reasoning, context.warn, cure="the chat template may not know enable_thinking"
        )

    @classmethod
    def profile_of(cls, name: str) -> ModelProfile | None:
        """Return the profile of a repository on the hub."""
        return profile_of_repo(name)

    @classmethod
    def profile_at(cls, path: Path) -> ModelProfile | None:
        """Return the profile of a model's folder."""
        return profile_of_folder(path)

    async def __aenter__(self) -> Self:
        _check_arguments(self._arguments())
        if importlib.util.find_spec("mlx_lm") is None:
            raise PrerequisiteError(f"backend=mlx needs the package mlx-lm: {installing('mlx')}")
        source = self.options.source
        self._model = await find_model(
            self.model.name, self.context, path=source.path, repo=source.repo, revision=source.revision
        )
        self._gauge = PromptGauge(self._model.folder, source.context)
        async with AsyncExitStack() as stack:
            self._process, self._url = await stack.enter_async_context(self._server(self._model))
            chat = Chat(
                await stack.enter_async_context(self._endpoint()),
                # The name of another model would make the server load that.
                model="default_model",
                stream=self.options.stream,
                specials=self._specials,
                warn=self.context.warn,
            )
            await self._first_token(chat)
            self._stack = stack.pop_all()
        self._chat, self._log_seen = chat, self._process.log.stat().st_size
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
        chat = self._entered()
        self._gauge.check_before(request)
        completion = await chat.complete(request)
        self._gauge.check(completion.usage.prompt_tokens)
        if request.tools:
            self._look_for_dropped_calls()
        return self._watch.look(request, completion)

    async def describe(self) -> Mapping[str, Any]:
        """Return versions, arguments and what the model's folder holds."""
        self._entered()
        self.context.progress("checking the weights' checksum")
        facts = {
            "server": "mlx_lm.server",
            "build": f"mlx-lm {version('mlx-lm')}, mlx {version('mlx')}",
            "argv": list(self._process.argv),
            "url": self._url,
            "context": self.options.source.context,
            "slots": self.capacity,
            "seeded": self.options.seeded,
            "reasoning": self._watch.described().get("asked"),
            **await asyncio.to_thread(self._model.described, self.context.cache_dir),
        }
        return {key: value for key, value in facts.items() if value is not None}

    def ignores(self, wish: Wish) -> Sequence[str]:
        """Say that the server knows no ``tool_choice``, and always caches."""
        return [*ignored_choice(wish, "mlx_lm.server"), *ignored_cache(wish, "mlx_lm.server")]

    @property
    def capacity(self) -> int:
        """One where requests bear a seed, which mlx-lm answers one after the other."""
        return 1 if self.options.seeded else self.options.concurrency

    @asynccontextmanager
    async def _server(self, model: MlxModel) -> AsyncIterator[tuple[ServerProcess, str]]:
        for tries_left in reversed(range(_PORT_TRIES)):
            port = self.options.port or free_port()
            url = f"http://127.0.0.1:{port}"
            process = ServerProcess(
                self._argv(model, port),
                log=self.context.work_dir / "server.log",
                name="mlx_lm.server",
                # The model is on this machine: nothing else is to be fetched behind our back.
                env={**hub_environment(self.context), "HF_HUB_OFFLINE": "1"},
            )
            async with process:
                try:
                    self.context.progress(f"starting mlx_lm.server with {model.repo or model.folder.name}")
                    await process.wait_for(
                        lambda url=url: _answers(url),  # type: ignore[misc]
                        timeout_s=self.options.startup_timeout_s,
                        progress=self.context.progress,
                    )
                except BackendError:
                    if tries_left and not self.options.port and _PORT_TAKEN in process.log_text():
                        continue
                    raise
                yield process, url
                return

    def _argv(self, model: MlxModel, port: int) -> tuple[str, ...]:
        return (
            *(sys.executable, "-P", "-m", "mlx_lm", "server", "--model", str(model.folder)),
            *("--host", "127.0.0.1", "--port", str(port)),
            *("--decode-concurrency", str(self.options.concurrency)),
            *self._arguments(),
        )

    def _arguments(self) -> list[str]:
        return [str(word) for word in (*self.options.source.extra_args, *self.options.extra_args)]

    def _endpoint(self) -> Endpoint:
        return Endpoint(
            f"{self._url}/v1",
            capacity=self.capacity,
            idle_timeout_s=self.options.idle_timeout_s,
            retries=self.options.retries,
            progress=self.context.progress,
            arrived=self.context.arrived,
            environment=self.context.secrets,
            check=self._process.check,
        )

    async def _first_token(self, chat: Chat) -> None:
        """Wait for a token: the server calls itself healthy before it has loaded anything."""
        self.context.progress(f"waiting for a first token from {self._url}")
        limit_s = self.options.startup_timeout_s
        try:
            async with asyncio.timeout(limit_s):
                await chat.first_token(self.context.probe)
        except TimeoutError:
            raise BackendError(
                f"mlx_lm.server gave no token within {limit_s:g} s (backend.startup_timeout_s); "
                f"see {self._process.log}"
            ) from None
        except BackendError as error:
            raise BackendError(f"{error}; the log is {self._process.log}", raw=error.raw) from None

    def _specials(self, request: Request) -> Mapping[str, Any]:
        """Return the words for the chat template; a seed that is not wanted is null, which leaves it out."""
        specials: dict[str, Any] = {}
        if not self.options.seeded:
            specials["seed"] = None
        reasoning = request.reasoning
        if reasoning.style != "none":
            words: dict[str, Any] = {"enable_thinking": reasoning.enabled}
            if reasoning.enabled and reasoning.level:
                words["reasoning_effort"] = reasoning.level
            specials["chat_template_kwargs"] = words
        return specials

    def _look_for_dropped_calls(self) -> None:
        """Say when the server left out calls that it could not parse; an answer that lost all is an error.

        Only its log tells, and there not of which answer.
        """
        with self._process.log.open("rb") as log:
            log.seek(self._log_seen)
            added = log.read()
        self._log_seen += len(added)
        if _DROPPED in added:
            self.context.warn(
                f"mlx_lm.server left out a tool call that it could not parse (see {self._process.log}); "
                "the model is told where all were lost; an answer that kept others counts as it came"
            )

    def _entered(self) -> Chat:
        if self._chat is None:
            raise RuntimeError("the backend was asked before it was entered or after it was left")
        return self._chat


def _check_arguments(arguments: list[str]) -> None:
    for argument in arguments:
        flag = argument.partition("=")[0]
        if flag in _OURS:
            raise UsageError(
                f"backend.extra_args: '{flag}' is set by llmbench; use backend.port, backend.concurrency or "
                "model.sources.mlx.path"
            )


async def _answers(url: str) -> bool:
    return await look(f"{url}/health", limit_s=_LOOK_S) is not None
