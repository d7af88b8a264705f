"""Options of ``backend=llamacpp``, and what a model profile says for it."""

from dataclasses import dataclass
from typing import Annotated, Literal

from llmbench.api import option

_OURS = {"server": ("embedded", "binary", "docker")}
_DOCKER = {"server": ("docker",)}
_ATTACH = {"server": ("attach",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a model profile says for this backend."""

    path: Annotated[str | None, option(identified_by="content")] = None
    """The GGUF file (the first part of a split one)."""
    content: Annotated[str | None, option(identity="unless default")] = None
    """What tells the weights at ``path`` from others: they are the same in any folder, and under any name."""
    repo: str | None = None
    """``user/repository`` on the Hugging Face hub: fetched from there unless ``path`` is given."""
    file: str | None = None
    """Its name there, with its folder (of a split one, the first part)."""
    quantization: Annotated[str | None, option(identity="unless default")] = None
    """Instead of ``file``: which of the repository's files to take, such as ``Q4_K_M``."""
    revision: str | None = None
    """A commit, tag or branch there."""
    context: Annotated[int, option(ge=256, help="tokens a slot")] | None = None
    """Tokens a slot; None for 8192, or for whatever an attached server has."""
    context_fits: Annotated[bool, option(identity="unless default")] = False
    """Take fewer than ``context`` where the model was trained for fewer."""
    extra_args: tuple[str | int | float, ...] = ()
    """Further arguments of llama-server that this model needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LlamaCppOptions:
    """Options of ``backend=llamacpp``."""

    source: Source = Source()
    server: Annotated[
        Literal["embedded", "binary", "docker", "attach"], option(help="where the server comes from")
    ] = "embedded"
    binary: Annotated[
        str, option(help="llama-server on PATH, or a path", read_when={"server": ("binary",)})
    ] = "llama-server"
    image: Annotated[
        str, option(help="for docker: an image whose entry point is llama-server", read_when=_DOCKER)
    ] = "ghcr.io/ggml-org/llama.cpp:server"
    gpus: Annotated[
        str | None, option(help="for docker: --gpus, such as all", identity=False, read_when=_DOCKER)
    ] = None
    network: Annotated[
        Literal["publish", "host"],
        option(help="for docker: how its port is reached", identity=False, read_when=_DOCKER),
    ] = "publish"
    docker_args: Annotated[
        tuple[str | int, ...],
        option(help="further arguments as of docker run", identity=False, read_when=_DOCKER),
    ] = ()
    url: Annotated[
        str | None,
        option(
            help="of the server to attach to; null looks at the usual ports",
            read_when=_ATTACH,
            from_browser="local url",
        ),
    ] = None
    api_key_env: Annotated[str, option(help="variable that holds the server's key", identity=False)] = (
        "LLAMA_API_KEY"
    )
    port: (
        Annotated[int, option(ge=1, le=65535, help="null: a free one", identity=False, read_when=_OURS)]
        | None
    ) = None
    slots: Annotated[int, option(ge=1, help="requests at once", identity=False)] = 2
    extra_args: Annotated[
        tuple[str | int | float, ...], option(help="further arguments of llama-server", read_when=_OURS)
    ] = ()
    cache_prompt: Annotated[bool, option(help="reuse the beginning of the slot's last prompt")] = True
    stream: Annotated[bool, option(help="stream, to measure the first token", identity=False)] = True
    startup_timeout_s: Annotated[
        float, option(gt=0, help="for loading the weights", identity=False, read_when=_OURS)
    ] = 1800.0
    idle_timeout_s: Annotated[
        float,
        option(gt=0, help="give a request up after so long without a piece of the answer", identity=False),
    ] = 1800.0
    retries: Annotated[int, option(ge=0, help="after 429, 503 or a lost connection", identity=False)] = 3
