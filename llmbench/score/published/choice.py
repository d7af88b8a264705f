"""Which figures are those of a run's model: by exact ids only, for a near miss is another model."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from llmbench.records.manifest import Manifest
from llmbench.score.published.figures import Conditions, Figure, Metric, Source, figures_of, read_figures

_IDS = ("repo", "slug")
"""Keys of a profile's sources that hold an id of the weights."""
_OF_PROFILE: Mapping[str, Metric] = {
    "pass_at_1": "pass@1",
    "base_pass_at_1": "pass@1 of base tests",
    "pass_within_2": "pass within 2 tries",
}
_CONDITIONS = tuple(field.name for field in fields(Conditions))


def figures_for(manifest: Manifest) -> Iterator[tuple[Figure, Source]]:
    """Yield the figures of a run's model on its dataset, and who published each.

    A profile that names the dataset in ``reference`` has the last word, also where it says null.
    """
    dataset = manifest.names.get("dataset", "")
    reference = manifest.settings("model", "reference")
    if dataset in reference:
        yield from _own_figures(dataset, reference[dataset])
        return
    known, sources = figures_of(dataset), read_figures().sources
    found = {id(figure): figure for name in sorted(_names(manifest)) for figure in known.get(name, ())}
    for figure in found.values():
        yield figure, sources[figure.source]


def normal(name: object) -> str:
    """Return an id as it is compared: ids of hubs and servers mean the same in any case."""
    return str(name).strip().lower()


def _names(manifest: Manifest) -> set[str]:
    """Return all ids of the run's model: its name, those that its profile lists, and those of its weights."""
    model = manifest.settings("model")
    sources = [
        source for source in manifest.settings("model", "sources").values() if isinstance(source, Mapping)
    ]
    listed = model.get("published") or ()
    names = [manifest.names.get("model"), *listed, *(source.get(key) for source in sources for key in _IDS)]
    return {normal(name) for name in names if name}


def _own_figures(dataset: str, given: Any) -> Iterator[tuple[Figure, Source]]:
    """Yield what a profile says: ``{pass_at_1: 0.841, source: …, date: …}``, and conditions where known."""
    if not isinstance(given, Mapping):
        return
    date = str(given.get("date") or "undated")
    source = Source(
        title=str(given.get("source") or "no source named"), url=str(given.get("url") or ""), date=date
    )
    conditions = Conditions(**{name: given[name] for name in _CONDITIONS if given.get(name) is not None})
    for key, metric in _OF_PROFILE.items():
        if isinstance(share := given.get(key), int | float):
            yield (
                Figure(
                    model=str(given.get("model") or "as its profile says"),
                    dataset=dataset,
                    metric=metric,
                    share=float(share),
                    source="profile",
                    date=date,
                    conditions=conditions,
                ),
                source,
            )
