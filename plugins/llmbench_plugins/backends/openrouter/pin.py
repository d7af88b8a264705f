"""Pinning: one provider and one quantization for a whole run, chosen before it and kept on resume."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from llmbench.api import Prices
from llmbench.errors import ImpossibleError, PrerequisiteError
from llmbench_plugins.backends.openrouter.options import Provider
from llmbench_plugins.backends.shared.foreign import count, entries, number, section, word

_SHOWN = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One provider's endpoint for a model."""

    tag: str
    """Its slug: ``deepinfra/fp8``."""
    provider: str
    """Its provider's name, as answers bear it."""
    quantization: str = "unknown"
    prices: Prices
    context: int | None = None
    max_tokens: int | None = None
    takes: frozenset[str] = frozenset()
    """Names of the parameters that it knows."""
    up: bool = True

    @property
    def text(self) -> str:
        """One line for people."""
        price = (
            f"${1e6 * self.prices.prompt_usd:.3g} in, ${1e6 * self.prices.completion_usd:.3g} out a million"
        )
        return f"{self.tag} ({self.quantization}, {price} tokens)"


def offers_of(listing: object) -> list[Offer]:
    """Return the offers in an answer of ``/models/{slug}/endpoints``."""
    return [_offer(entry) for entry in entries(section(listing, "data").get("endpoints"))]


def choose(offers: Sequence[Offer], provider: Provider, *, wanted: Iterable[str], slug: str) -> Offer:
    """Return the offer that fits the profile: of those that take most of what is wanted, the cheapest.

    Prices of prompt and completion tokens are added; ties go to the name that comes first.

    Raises:
        ImpossibleError: none fits; the message lists what there is.
    """
    fitting = fitting_offers(offers, provider)
    if not fitting:
        asked = {"only": list(provider.only), "quantizations": list(provider.quantizations)}
        raise ImpossibleError(
            f"model.sources.openrouter.provider: nobody offers '{slug}' with {asked}; {listed(offers)}"
        )
    names = frozenset(wanted)
    return min(
        fitting,
        key=lambda offer: (
            not offer.up,
            len(names - offer.takes),
            offer.prices.prompt_usd + offer.prices.completion_usd,
            offer.tag,
        ),
    )


def fitting_offers(offers: Sequence[Offer], provider: Provider) -> list[Offer]:
    """Return the offers that the profile allows."""
    return [
        offer
        for offer in offers
        if (not provider.only or any(_names(name, offer.tag) for name in provider.only))
        and (not provider.quantizations or offer.quantization in provider.quantizations)
    ]


def listed(offers: Sequence[Offer]) -> str:
    """Return what there is, as a sentence."""
    shown = "; ".join(offer.text for offer in offers[:_SHOWN])
    return (
        f"there is: {shown}{'; …' if len(offers) > _SHOWN else ''}" if offers else "there is nothing at all"
    )


def kept(file: Path, slug: str, offers: Sequence[Offer]) -> Offer | None:
    """Return the offer that this run was pinned to before, or None on its first start.

    Raises:
        PrerequisiteError: it is no longer offered.
    """
    if not file.is_file():
        return None
    told = msgspec.json.decode(file.read_bytes())
    if told.get("slug") != slug:
        return None
    found = next((offer for offer in offers if offer.tag == told.get("tag")), None)
    if found is None:
        raise PrerequisiteError(
            f"this run was answered by '{told.get('tag')}', which no longer offers '{slug}'; "
            f"{listed(offers)}. Answers of two providers can't be one score: name another with "
            "model.sources.openrouter.provider.only=[…], which begins a run of its own"
        )
    return found


def keep(file: Path, slug: str, offer: Offer) -> None:
    """Write down what a run is pinned to."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(msgspec.json.encode({"slug": slug, "tag": offer.tag}))


def pinned_to(offer: Offer) -> dict[str, Any]:
    """Return the ``provider`` of each request."""
    provider: dict[str, Any] = {"only": [offer.tag], "allow_fallbacks": False, "require_parameters": True}
    if offer.quantization != "unknown":
        provider["quantizations"] = [offer.quantization]
    return provider


def not_pinned(provider: Provider) -> dict[str, Any]:
    """Return the ``provider`` of each request where the profile allows fallbacks."""
    told: dict[str, Any] = {"allow_fallbacks": True, "require_parameters": True}
    if provider.only:
        told["only"] = list(provider.only)
    if provider.quantizations:
        told["quantizations"] = list(provider.quantizations)
    return told


def _names(name: str, tag: str) -> bool:
    """Say whether a slug names an endpoint: the base slug of a provider names all of its endpoints."""
    return tag == name or tag.startswith(f"{name}/")


def _offer(entry: Mapping[str, Any]) -> Offer:
    pricing, takes = section(entry, "pricing"), entry.get("supported_parameters")
    provider = word(entry.get("provider_name"))
    return Offer(
        tag=word(entry.get("tag")) or provider.lower().replace(" ", "-"),
        provider=provider,
        quantization=word(entry.get("quantization")) or "unknown",
        prices=Prices(
            prompt_usd=number(pricing.get("prompt")) or 0.0,
            completion_usd=number(pricing.get("completion")) or 0.0,
            request_usd=number(pricing.get("request")) or 0.0,
        ),
        context=count(entry.get("context_length")),
        max_tokens=count(entry.get("max_completion_tokens")),
        takes=frozenset(map(word, takes)) if isinstance(takes, list) else frozenset(),
        up=(number(entry.get("status")) or 0) >= 0,
    )
