"""Whether a launch would do, as the command line itself sees it: composed here, nothing is run."""

import threading
from dataclasses import dataclass
from math import prod
from pathlib import Path

from llmbench.config.arguments import parse
from llmbench.config.build import RunSpec, build_spec
from llmbench.config.compose import Composed, compose
from llmbench.config.sources import Sources
from llmbench.config.sweep import cells_of, each_value_once
from llmbench.config.values import split
from llmbench.errors import ImpossibleError, LlmbenchError, UsageError
from llmbench.serve.faults import Refused
from llmbench.serve.launching.gate import check_run, check_words
from llmbench.serve.launching.ledger import Order
from llmbench.serve.launching.offer import GROUPS, Offer
from llmbench.serve.launching.words import Words
from llmbench.serve.settings import Settings

MOST_CELLS = 200
_COMPOSING = threading.Lock()
"""Hydra keeps what it composes in globals."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What a launch would be."""

    line: str
    cells: int = 1
    """How many runs: several of a sweep."""
    folders: tuple[str, ...] = ()
    """Of the runs, below the folder of all, as far as they were looked at."""
    key: str = ""
    """The field that is wrong; empty where it is none's fault."""
    wrong: str = ""
    """What is wrong, in one line; empty where nothing is."""
    is_refused: bool = False
    """Whether it may not be done from a browser, rather than not at all."""

    @property
    def is_sweep(self) -> bool:
        """Whether several runs would be made."""
        return self.cells > 1


def try_words(words: Words, offer: Offer, settings: Settings) -> Trial:
    """Check a launch without running anything; what is wrong is in the trial."""
    line = words.line(settings.root)
    try:
        check_words(words.overrides, offer, settings)
        cells, specs = _specs(words, settings)
    except LlmbenchError as error:
        said = str(error).removesuffix(" (command line)")
        return Trial(line, key=key_in(said, offer), wrong=said, is_refused=isinstance(error, Refused))
    return Trial(line, cells, tuple(_below(spec.folder, settings.root) for spec in specs))


def check(words: Words, offer: Offer, settings: Settings) -> Trial:
    """Return what a launch would be.

    Raises:
        Refused: it may not be done from a browser.
        UsageError: it can't be done.
    """
    trial = try_words(words, offer, settings)
    if trial.is_refused:
        raise Refused(trial.wrong)
    if trial.wrong:
        raise UsageError(trial.wrong)
    return trial


def order_of(words: Words, trial: Trial, settings: Settings, *, beside: bool) -> Order:
    """Return what is to be launched."""
    return Order(
        argv=tuple(words.argv(settings.root)),
        line=trial.line,
        folders=trial.folders,
        cells=trial.cells,
        beside=beside,
    )


def key_in(message: str, offer: Offer) -> str:
    """Return the field or group that a message is about."""
    key = message.partition(": ")[0].partition("=")[0].strip()
    if key in GROUPS or offer.field(key):
        return key
    said = message.removeprefix("no ").partition(" ")[0]
    return said if message.startswith("no ") and said in GROUPS else ""


def _specs(words: Words, settings: Settings) -> tuple[int, list[RunSpec]]:
    """Compose every value once, and judge what comes of it."""
    with _COMPOSING:
        arguments = parse(words.argv(settings.root))
        if not arguments.multirun:
            return 1, [_judged(compose(arguments), settings)]
        if (most := _most_cells(words)) > MOST_CELLS:
            raise UsageError(f"a sweep of {most} runs: expected at most {MOST_CELLS} from a browser")
        found = (_or_none(each, settings) for each in each_value_once(arguments))
        return len(cells_of(arguments)), [spec for spec in found if spec]


def _most_cells(words: Words) -> int:
    """Return how many cells a sweep has at most; they are not listed for that."""
    values = (word.partition("=")[2] for word in words.overrides if not word.startswith("filter="))
    return prod(len(split(value)) for value in values)


def _or_none(composed: Composed, settings: Settings) -> RunSpec | None:
    try:
        return _judged(composed, settings)
    except ImpossibleError:  # such a cell is left out of a sweep, which says so
        return None


def _judged(composed: Composed, settings: Settings) -> RunSpec:
    spec = build_spec(composed)
    check_run(spec, settings, is_profile=_has_profile(composed.choices.get("model", ""), composed.sources))
    return spec


def _has_profile(name: str, sources: Sources) -> bool:
    return name in sources.choices("model")


def _below(folder: Path, root: Path) -> str:
    folder, root = folder.resolve(), root.resolve()
    if not folder.is_relative_to(root):
        raise Refused(f"output_root: the run would be made outside of {root}")
    return folder.relative_to(root).as_posix()
