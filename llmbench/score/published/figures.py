"""Published figures as data: what was measured, how, and who says so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec

Metric = Literal["pass@1", "pass@1 of base tests", "pass within 2 tries"]

FILE = Path(__file__).with_name("figures.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """How a figure was measured; None where that was not published."""

    tasks: int | None = None
    """How many tasks the dataset had."""
    release: str | None = None
    """Version of the dataset, as our dataset's ``describe()`` calls it."""
    temperature: float | None = None
    agent: str | None = None
    """Which of our agents asks in the same way."""
    edit_format: str | None = None
    """How changes were written: ``whole`` files, ``diff`` …"""
    style: Literal["asked", "continued"] | None = None
    """``continued``: a base model went on with the text, and was not asked in a chat."""
    reasoning: str | None = None
    """``off``, ``on``, an effort such as ``high``, or a budget such as ``32768 tokens``."""
    precision: str | None = None
    """Of the weights, as its publisher names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A board, a report or a model card."""

    title: str
    url: str
    commit: str = ""
    """Of the repository that holds it."""
    date: str
    """Its state, ISO 8601, as far as it is known."""
    second_hand: bool = False
    """It was not read itself, but what others repeat of it."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Keys of our configuration with the values that come nearest to it."""
    preset: str = ""
    """The preset that sets them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One published number; ``share`` is None where a board lists the model without one."""

    model: str
    """As its publisher writes it."""
    names: tuple[str, ...] = ()
    """Ids of exactly these weights, in lower case; without any, no run is set beside it."""
    dataset: str
    metric: Metric
    share: float | None
    """From 0 to 1."""
    source: str
    """Key of ``Figures.sources``."""
    date: str
    conditions: Conditions = Conditions()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The whole file."""

    schema: Literal["llmbench.published/1"] = "llmbench.published/1"
    sources: Mapping[str, Source]
    figures: Sequence[Figure]


@cache
def read_figures() -> Figures:
    """Return the figures that ship with llmbench."""
    return msgspec.json.decode(FILE.read_bytes(), type=Figures)


@cache
def figures_of(dataset: str) -> Mapping[str, Sequence[Figure]]:
    """Return the figures of a dataset by each id of their models."""
    found: dict[str, list[Figure]] = {}
    for figure in read_figures().figures:
        if figure.dataset == dataset and figure.share is not None:
            for name in figure.names:
                found.setdefault(name, []).append(figure)
    return found
