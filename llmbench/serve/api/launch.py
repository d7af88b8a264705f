"""``POST /api/runs``: launch a run, or check one without launching it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from llmbench.config.values import split
from llmbench.serve.faults import CHANGES
from llmbench.serve.launching.gate import LONGEST_WORD, MOST_WORDS
from llmbench.serve.launching.offer import GROUPS, Offer, make_offer
from llmbench.serve.launching.trial import check, order_of
from llmbench.serve.launching.words import Words
from llmbench.serve.parts import LauncherPart, SettingsPart

router = APIRouter(tags=["launching"], responses=CHANGES)

Word = Annotated[str, Field(min_length=3, max_length=LONGEST_WORD)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """What to launch."""

    overrides: Annotated[list[Word], Field(max_length=MOST_WORDS)] = field(default_factory=list)
    """As on the command line: `model=glm`, `samples=3`."""
    sweep: bool = False
    """Whether commas separate the values of a sweep, as behind `-m`."""
    beside: bool = False
    """Whether it begins while others run on this machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a launch would be."""

    line: str
    """The equal command line."""
    runs: int
    folders: Sequence[str]
    """Of its runs, below the folder of all; of a large sweep, those that were looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Launched(Checked):
    """A launch that waits for its turn, or has begun."""

    id: str


@router.post("/api/runs", status_code=202)
def launch(asked: Launch, settings: SettingsPart, launcher: LauncherPart) -> Launched:
    """Launch a run or a sweep; it begins once nothing else runs on this machine, or at once with `beside`."""
    words = _words(asked)
    trial = check(words, _offer(words), settings)
    entry = launcher.add(order_of(words, trial, settings, beside=asked.beside))
    return Launched(id=entry.id, line=entry.line, runs=entry.cells, folders=entry.folders)


@router.post("/api/runs/check")
def try_out(asked: Launch, settings: SettingsPart) -> Checked:
    """Check a launch as the command line does, without launching it."""
    words = _words(asked)
    trial = check(words, _offer(words), settings)
    return Checked(line=trial.line, runs=trial.cells, folders=trial.folders)


def _words(asked: Launch) -> Words:
    return Words(tuple(asked.overrides), asked.sweep)


def _offer(words: Words) -> Offer:
    """Return the fields of what is chosen in each group."""
    pairs = (word.partition("=") for word in words.overrides)
    return make_offer(
        {key: [n.strip("'\"") for n in split(value)] for key, _, value in pairs if key in GROUPS}
    )
