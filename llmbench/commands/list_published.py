"""The rows of ``llmbench list published``: which figures of others reports know."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from llmbench.errors import UsageError
from llmbench.registry import suggestion
from llmbench.report.words import percent
from llmbench.score.published import Conditions, Figure, Figures, read_figures


def published_rows(where: Sequence[str]) -> Iterator[dict[str, str]]:
    """Yield a row a figure, those of a dataset (``dataset=``) and with all words in their names alone.

    Raises:
        UsageError: there is no figure of that dataset, or another key was given.
    """
    known = read_figures()
    for figure in _chosen(known, where):
        yield {
            "model": figure.model,
            "dataset": figure.dataset,
            "metric": figure.metric,
            "published": "none" if figure.share is None else percent(figure.share),
            "how": _how(figure.conditions),
            "date": figure.date,
            "source": known.sources[figure.source].title,
        }


def published_data(where: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield the same as data, with each figure's source; ``share`` is null where none is published."""
    known = read_figures()
    for figure in _chosen(known, where):
        data: dict[str, Any] = msgspec.to_builtins(figure)
        yield data | {"source": msgspec.to_builtins(known.sources[figure.source])}


def _chosen(known: Figures, where: Sequence[str]) -> Iterator[Figure]:
    given = dict(word.split("=", 1) for word in where if "=" in word)
    words = [word.lower() for word in where if "=" not in word]
    _check(given, sorted({figure.dataset for figure in known.figures}))
    for figure in known.figures:
        title = known.sources[figure.source].title
        text = " ".join([figure.model, *figure.names, title]).lower()
        if figure.dataset == given.get("dataset", figure.dataset) and all(word in text for word in words):
            yield figure


def _check(given: Mapping[str, str], datasets: Sequence[str]) -> None:
    for key, value in given.items():
        if key != "dataset":
            raise UsageError(f"list published: got '{key}={value}', expected words or dataset=NAME")
        if value not in datasets:
            hint = suggestion(value, datasets)
            raise UsageError(
                f"list published: no figure is known for dataset '{value}'; {hint}{' ' if hint else ''}"
                f"known: {', '.join(datasets)}"
            )


def _how(conditions: Conditions) -> str:
    """Return what is known of how a figure was measured, as far as it tells figures apart."""
    parts = {
        "greedy": conditions.temperature == 0,
        f"temperature {conditions.temperature}": conditions.temperature,
        "base model": conditions.style == "continued",
        f"edit format {conditions.edit_format}": conditions.edit_format,
        f"reasoning {conditions.reasoning}": conditions.reasoning,
        conditions.precision or "": conditions.precision,
    }
    return ", ".join(text for text, known in parts.items() if known)
