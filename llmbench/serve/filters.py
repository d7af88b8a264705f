"""Which runs a page is about: filters in its address, in the words of the command line."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import Depends, Query
from pydantic import StringConstraints

from llmbench.errors import UsageError
from llmbench.history.choice import Choice
from llmbench.history.rows import RunRow
from llmbench.serve.runs import RunName, Runs

_Condition = Annotated[str, StringConstraints(max_length=400)]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The runs that fit the filters; none where these are wrong, and then what is wrong with them."""

    rows: list[RunRow]
    problem: str = ""


def _choice(
    dataset: Annotated[str, Query(max_length=200)] = "",
    where: Annotated[list[_Condition] | None, Query(max_length=20)] = None,
    since: Annotated[str, Query(max_length=40)] = "",
    sort: Annotated[str, Query(max_length=60)] = "",
) -> Choice:
    """Return what the address asks for; a field of a form that was left empty asks for nothing."""
    return Choice(
        dataset=dataset or None,
        where=tuple(text for text in where or () if text.strip()),
        since=since or None,
        sort=sort or None,
    )


ChoicePart = Annotated[Choice, Depends(_choice)]


def choose(runs: Runs, choice: Choice) -> Chosen:
    """Return the runs that are asked for."""
    try:
        return Chosen(choice.of(runs.rows(), runs.configs))
    except UsageError as error:
        return Chosen([], str(error).removeprefix("--"))


def query_of(choice: Choice) -> str:
    """Return a choice as the end of an address, with its question mark; nothing where all runs are shown."""
    one = {"dataset": choice.dataset, "since": choice.since, "sort": choice.sort}
    fields = [(name, value) for name, value in one.items() if value]
    fields += [("where", text) for text in choice.where]
    return f"?{urlencode(fields)}" if fields else ""


def datasets_of(runs: Runs) -> list[str]:
    """Return the datasets of all runs, for a form to choose from."""
    return sorted({row.dataset for row in runs.rows() if row.dataset})


def run_path(runs: Runs, row: RunRow) -> str:
    """Return where the page of a run is; empty for one whose folder is on another machine."""
    if row.place != runs.history.place.name:
        return ""
    return run_address(RunName.of(row.folder))


def run_address(name: RunName) -> str:
    """Return where the page of a run of this folder is."""
    return f"/runs/{quote(name.dataset, safe='')}/{quote(name.name, safe='')}"
