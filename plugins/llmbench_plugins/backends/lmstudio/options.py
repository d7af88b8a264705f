"""Options of ``backend=lmstudio``, and what a model profile says for it."""

from dataclasses import dataclass, field
from typing import Annotated, Any

from llmbench.api import option


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a model profile says for this backend."""

    key: str | None = None
    """The model's key in LM Studio: ``qwen/qwen3-coder-30b``; ``lms ls`` lists them."""
    context: Annotated[int, option(ge=256, help="tokens a request")] | None = None
    """Tokens of prompt and answer together; None for 8192."""
    load: dict[str, Any] = field(default_factory=dict)
    """Further settings of ``/api/v1/models/load`` (``flash_attention``, ``offload_kv_cache_to_gpu``)."""
    repo: str | None = None
    """Where the weights come from, for the record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LmStudioOptions:
    """Options of ``backend=lmstudio``."""

    source: Source = Source()
    url: Annotated[
        str, option(help="where LM Studio's server listens", identity=False, from_browser="local url")
    ] = "http://127.0.0.1:1234"
    api_key_env: Annotated[
        str, option(help="variable that holds the server's token; may be unset", identity=False)
    ] = "LM_API_TOKEN"
    lms: Annotated[
        str, option(help="the command-line program, for servers without /api/v1", identity=False)
    ] = "lms"
    slots: Annotated[
        int, option(ge=1, help="requests at once, as many as are loaded for", identity=False)
    ] = 1
    unload_others: Annotated[
        bool,
        option(help="unload what else is in LM Studio's memory first", identity=False, from_browser="on"),
    ] = False
    stream: Annotated[bool, option(help="stream, to measure the first token", identity=False)] = True
    startup_timeout_s: Annotated[float, option(gt=0, help="for loading the model", identity=False)] = 1800.0
    idle_timeout_s: Annotated[
        float,
        option(gt=0, help="give a request up after so long without a piece of the answer", identity=False),
    ] = 1800.0
    retries: Annotated[int, option(ge=0, help="after 429, 503 or a lost connection", identity=False)] = 3
