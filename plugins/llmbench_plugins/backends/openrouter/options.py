"""Options of ``backend=openrouter``, and what a model profile says for it."""

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from llmbench.api import option

Quantization = Literal["int4", "int8", "fp4", "fp6", "fp8", "fp16", "bf16", "fp32", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Who may answer."""

    only: tuple[str, ...] = ()
    """Slugs of providers (``deepinfra``) or of their endpoints (``deepinfra/fp8``); empty: the cheapest."""
    quantizations: tuple[Quantization, ...] = ()
    """Which quantizations will do; empty: that of the endpoint that is chosen."""
    allow_fallbacks: bool = False
    """Let OpenRouter choose anew for each request: answers may then come from several providers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a model profile says for this backend."""

    slug: str | None = None
    """The model's name for OpenRouter: ``qwen/qwen3-coder``, ``qwen/qwen3-coder:free``."""
    provider: Provider = Provider()
    extra_body: dict[str, Any] = field(default_factory=dict)
    """Passed through into every request of this model."""
    repo: str | None = None
    """Where the weights come from, for the record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRouterOptions:
    """Options of ``backend=openrouter``."""

    source: Source = Source()
    unpinned: Annotated[
        Literal["cheapest", "refuse"], option(help="when the profile names no single endpoint")
    ] = "cheapest"
    url: Annotated[str, option(help="base URL, for a gateway of yours")] = "https://openrouter.ai/api/v1"
    concurrency: Annotated[int, option(ge=1, help="requests at once", identity=False)] = 8
    stream: Annotated[bool, option(help="stream, to measure the first token", identity=False)] = True
    extra_body: Annotated[dict[str, Any], option(help="passed through into every request")] = field(
        default_factory=dict
    )
    idle_timeout_s: Annotated[
        float,
        option(gt=0, help="give a request up after so long without a piece of the answer", identity=False),
    ] = 600.0
    retries: Annotated[int, option(ge=0, help="after 429, 502, 503 or a lost connection", identity=False)] = 5
