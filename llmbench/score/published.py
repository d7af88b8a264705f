"""Published scores, as a model's profile has them, beside one's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from llmbench.records.manifest import Manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A figure that somebody published for this model and dataset."""

    pass_at_1: float
    """From 0 to 1."""
    source: str
    date: str
    """ISO 8601, as far as it is known."""


def published(manifest: Manifest) -> Published | None:
    """Return the published score of a run's model on its dataset, where its profile names one.

    ``reference: {humanevalplus: {pass_at_1: 0.841, source: …, date: …}}``; null says that none is published.
    """
    if manifest.tests_shown:
        return None  # nobody's published score is of that kind
    model = manifest.config.get("model")
    reference = model.get("reference") if isinstance(model, Mapping) else None
    found: Any = reference.get(manifest.names.get("dataset")) if isinstance(reference, Mapping) else None
    if not isinstance(found, Mapping) or not isinstance(found.get("pass_at_1"), int | float):
        return None
    return Published(
        pass_at_1=float(found["pass_at_1"]),
        source=str(found.get("source") or "no source named"),
        date=str(found.get("date") or "undated"),
    )
