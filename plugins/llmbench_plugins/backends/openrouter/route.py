"""The way of a run's requests through OpenRouter: which endpoint, and what is to be said of it beforehand."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from llmbench.api import ModelProfile
from llmbench.errors import ImpossibleError
from llmbench_plugins.backends.openrouter.options import OpenRouterOptions
from llmbench_plugins.backends.openrouter.pin import (
    Offer,
    choose,
    fitting_offers,
    keep,
    kept,
    listed,
    not_pinned,
    offers_of,
    pinned_to,
)
from llmbench_plugins.backends.shared.http import Endpoint

_PIN_FILE = "openrouter_pin.json"
_SAMPLERS = ("temperature", "top_p", "top_k", "min_p", "presence_penalty", "frequency_penalty")


class Route:
    """How requests for one model are routed."""

    def __init__(self, options: OpenRouterOptions, model: ModelProfile, work_dir: Path) -> None:
        """Prepare; the choice is kept in ``work_dir``, so that a resumed run keeps its provider."""
        self._options = options
        self._model = model
        self._file = work_dir / _PIN_FILE

    @property
    def slug(self) -> str:
        """The model's name at OpenRouter."""
        slug = self._options.source.slug
        if slug is None:
            raise ImpossibleError(
                f"model.sources.openrouter.slug: missing for the model '{self._model.name}'; set "
                "model.sources.openrouter.slug to its name at https://openrouter.ai/models, "
                "for instance qwen/qwen3-coder"
            )
        return slug

    @property
    def pins(self) -> bool:
        """Whether all answers come from one endpoint."""
        return not self._options.source.provider.allow_fallbacks

    async def resolve(self, endpoint: Endpoint) -> Offer:
        """Return the endpoint of this run: the one that it had before, else the one that is chosen now.

        Raises:
            ImpossibleError: nobody offers the model as the profile wants it.
            PrerequisiteError: the run had another before, which is gone.
        """
        slug, provider = self.slug, self._options.source.provider
        offers = offers_of(await endpoint.get_json(f"/models/{slug}/endpoints"))
        if not offers:
            raise ImpossibleError(
                f"model.sources.openrouter.slug: nobody at {endpoint.shown_url} offers '{slug}'; expected "
                "author/name as on https://openrouter.ai/models (or the server can't be reached from here)"
            )
        if self.pins and (before := kept(self._file, slug, offers)):
            return before
        chosen = choose(offers, provider, wanted=self._wanted(), slug=slug)
        self._refuse_open_choice(fitting_offers(offers, provider))
        return chosen

    def keep(self, offer: Offer) -> None:
        """Write down what the run is pinned to."""
        keep(self._file, self.slug, offer)

    def fields(self, offer: Offer) -> dict[str, Any]:
        """Return the field ``provider`` of each request."""
        return pinned_to(offer) if self.pins else not_pinned(self._options.source.provider)

    def warnings(self, offer: Offer) -> Iterator[str]:
        """Yield what the person must know of the endpoint before the run."""
        reasoning = self._model.reasoning
        if not self.pins:
            yield (
                f"'{self.slug}' is not pinned (provider.allow_fallbacks=true): answers may come from several "
                "providers at several quantizations, and the trust report then turns red"
            )
            return
        if offer.max_tokens and offer.max_tokens < reasoning.max_tokens:
            allowed = reasoning.max_tokens
            yield f"{offer.tag} answers at most {offer.max_tokens} tokens; {allowed} are allowed here"
        if reasoning.style != "none" and offer.takes and "reasoning" not in offer.takes:
            yield f"{offer.tag} does not take 'reasoning': thinking can't be switched or limited there"

    def _refuse_open_choice(self, fitting: list[Offer]) -> None:
        if self.pins and len(fitting) > 1 and self._options.unpinned == "refuse":
            raise ImpossibleError(
                f"model.sources.openrouter.provider names no single endpoint for '{self.slug}'; "
                f"{listed(fitting)}; set model.sources.openrouter.provider.only to one of them "
                "(or backend.unpinned=cheapest)"
            )

    def _wanted(self) -> list[str]:
        """Return the parameters that the profile needs; agents may need tools."""
        sampling = self._model.sampling
        names = [name for name in _SAMPLERS if getattr(sampling, name) is not None]
        penalty = ["repetition_penalty"] if sampling.repeat_penalty is not None else []
        thinks = ["reasoning"] if self._model.reasoning.style != "none" else []
        return [*names, *penalty, *thinks, "tools"]
