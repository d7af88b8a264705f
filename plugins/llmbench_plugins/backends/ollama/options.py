"""Options of ``backend=ollama``, and what a model profile says for it."""

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from llmbench.api import option

_RUNNING = {"server": ("auto", "attach")}
_OURS = {"server": ("auto", "start")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a model profile says for this backend."""

    tag: str | None = None
    """The model's name for Ollama: ``glm-4.7-flash:q4_K_M``, ``hf.co/user/repository:Q4_K_M``."""
    context: Annotated[int, option(ge=256, help="tokens a request")] | None = None
    """Tokens of prompt and answer together; None for 8192."""
    context_fits: Annotated[bool, option(identity="unless default")] = False
    """Take fewer than ``context`` where the model was trained for fewer."""
    options: dict[str, Any] = field(default_factory=dict)
    """Further options of Ollama's runner that this model needs (``num_gpu``)."""
    repo: str | None = None
    """Where the weights come from, for the record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OllamaOptions:
    """Options of ``backend=ollama``."""

    source: Source = Source()
    server: Annotated[
        Literal["auto", "attach", "start"], option(help="where the server comes from", identity=False)
    ] = "auto"
    url: Annotated[
        str | None,
        option(
            help="of a running server; null: OLLAMA_HOST, else 127.0.0.1:11434",
            identity=False,
            read_when=_RUNNING,
            from_browser="local url",
        ),
    ] = None
    binary: Annotated[
        str, option(help="the program that start and auto run", identity=False, read_when=_OURS)
    ] = "ollama"
    port: (
        Annotated[
            int,
            option(
                ge=1, le=65535, help="of a server of ours; null: a free one", identity=False, read_when=_OURS
            ),
        ]
        | None
    ) = None
    pull: Annotated[bool, option(help="download the model if the server lacks it", identity=False)] = False
    slots: Annotated[
        int, option(ge=1, help="requests at once; OLLAMA_NUM_PARALLEL of a server of ours", identity=False)
    ] = 1
    keep_alive: Annotated[
        str, option(help="how long the model stays loaded between requests", identity=False)
    ] = "30m"
    startup_timeout_s: Annotated[
        float, option(gt=0, help="for starting the server", identity=False, read_when=_OURS)
    ] = 120.0
    idle_timeout_s: Annotated[
        float,
        option(gt=0, help="give a request up after so long without a piece of the answer", identity=False),
    ] = 1800.0
    retries: Annotated[int, option(ge=0, help="after 429, 503 or a lost connection", identity=False)] = 3
