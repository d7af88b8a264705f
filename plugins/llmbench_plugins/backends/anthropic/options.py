"""Options of ``backend=anthropic``, and what a model profile says for it."""

from dataclasses import dataclass, field
from typing import Annotated, Any

from llmbench.api import option


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a model profile says for this backend."""

    model: str | None = None
    """The model's id: ``claude-haiku-4-5``; by default the profile's own name."""
    extra_body: dict[str, Any] = field(default_factory=dict)
    """Passed through into every request of this model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnthropicOptions:
    """Options of ``backend=anthropic``."""

    source: Source = Source()
    url: Annotated[str, option(help="base URL, for a gateway of yours")] = "https://api.anthropic.com"
    concurrency: Annotated[int, option(ge=1, help="requests at once", identity=False)] = 4
    cache_prompt: Annotated[
        bool,
        option(help="have prompts with tools cached, which makes long conversations cheap", identity=False),
    ] = True
    betas: Annotated[tuple[str, ...], option(help="names for the header anthropic-beta")] = ()
    stream: Annotated[bool, option(help="stream, to measure the first token", identity=False)] = True
    extra_body: Annotated[
        dict[str, Any], option(help="passed through into every request; null leaves a field out")
    ] = field(default_factory=dict)
    idle_timeout_s: Annotated[
        float,
        option(gt=0, help="give a request up after so long without a piece of the answer", identity=False),
    ] = 600.0
    retries: Annotated[int, option(ge=0, help="after 429, 500, 529 or a lost connection", identity=False)] = 5
