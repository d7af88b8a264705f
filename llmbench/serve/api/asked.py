"""What requests may ask for, each within bounds: filters and orders of runs, pages of lists, a run's name."""

from collections.abc import Sequence
from typing import Annotated, TypeVar

from fastapi import Depends, Path, Query

from llmbench.history.choice import Choice
from llmbench.serve.runs import RunName

T = TypeVar("T")
PAGE = 200
"""Rows of a page of a list."""
_MOST_PAGES = 1_000_000
_SHORT, _LONG = 200, 1000

Text = Annotated[str, Query(max_length=_LONG)]
Word = Annotated[str, Query(max_length=_SHORT)]
PageNumber = Annotated[int, Query(ge=1, le=_MOST_PAGES, description="which page, of 200 rows each")]
TriesCounted = Annotated[int, Query(ge=1, le=1000, description="count what passed within so many tries")]


def _chosen(
    dataset: Annotated[str | None, Query(max_length=_SHORT, description="only runs of this dataset")] = None,
    where: Annotated[
        list[Annotated[str, Query(max_length=_LONG)]],
        Query(max_length=20, description="KEY=VALUE, as --where takes it: model=glm*, cost<0.5"),
    ] = [],  # noqa: B006 - FastAPI reads it and hands out a copy
    since: Annotated[str | None, Query(max_length=64, description="2026-11-01, 12h, 7d, 4w")] = None,
    sort: Annotated[
        str | None, Query(max_length=64, description="the best first: accuracy, cost, time …")
    ] = None,
) -> Choice:
    return Choice(dataset=dataset, where=where, since=since, sort=sort)


def _named(
    dataset: Annotated[str, Path(max_length=255)], name: Annotated[str, Path(max_length=255)]
) -> RunName:
    return RunName(dataset, name)


ChoicePart = Annotated[Choice, Depends(_chosen)]
NamePart = Annotated[RunName, Depends(_named)]
"""Of an address with ``{dataset}/{name}``."""


def pages(total: int) -> int:
    """Return how many pages so many rows fill; one where there are none."""
    return max(1, -(-total // PAGE))


def one_page(rows: Sequence[T], page: int) -> Sequence[T]:
    """Return the rows of a page."""
    return rows[(page - 1) * PAGE : page * PAGE]
