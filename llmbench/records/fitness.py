"""outputs/fitness/*.json: how well a model, on a server, writes calls of tools; every attempt is kept."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import msgspec

from llmbench import __version__
from llmbench.errors import UsageError
from llmbench.records.lines import UNREADABLE, encoded
from llmbench.records.manifest import replace_json
from llmbench.records.masking import Mask

OK = "ok"
INFRA = "infra"
"""The server failed in a way that says nothing about the model; not counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """A call of a tool, as the model wrote it."""

    name: str
    arguments: dict[str, Any]
    problem: str = ""
    """Why it could not be done as it was written; empty where it was well-formed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FitnessAttempt:
    """One probe, tried once in one protocol."""

    protocol: str
    probe: str
    repetition: int
    seed: int
    kind: str
    """``ok``, or what was wrong."""
    detail: str = ""
    calls: tuple[Called, ...] = ()
    answers: tuple[str, ...] = ()
    """What the model wrote besides calls, an answer each."""
    completion_tokens: int | None = None
    wall_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitness:
    """A measurement: what was measured on what, and every attempt."""

    schema: Literal["llmbench.fitness/1"] = "llmbench.fitness/1"
    key: str
    """Changes with model, backend, sampler and agent; stands in the file's name."""
    started: str
    ended: str
    model: str
    backend: str
    agent: str
    overrides: tuple[str, ...] = ()
    config: dict[str, Any] = field(default_factory=dict)
    """The composed model, backend, sampling and agent, secrets masked."""
    llmbench: str = __version__
    server: dict[str, Any] = field(default_factory=dict)
    machine: dict[str, Any] = field(default_factory=dict)
    repetitions: int
    minutes: float
    planned: int
    not_possible: dict[str, str] = field(default_factory=dict)
    """By protocol: why it can't be used with this server."""
    attempts: tuple[FitnessAttempt, ...] = ()


_DECODER = msgspec.json.Decoder(Fitness)


def fitness_path(root: Path, fitness: Fitness) -> Path:
    """Return the file of a measurement below the folder of all runs."""
    return root / "fitness" / f"{fitness.key}.json"


def write_fitness(root: Path, fitness: Fitness, mask: Mask) -> Path:
    """Write a measurement; an earlier one of the same name is kept under a number.

    Raises:
        RecordError: it could not be read back, and nothing was written.
    """
    data = encoded(fitness, _DECODER.decode, mask, "the measurement")
    path = fitness_path(root, fitness)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        number = sum(1 for _ in path.parent.glob(f"{path.stem}.*.json")) + 1
        path.rename(path.with_name(f"{path.stem}.{number}.json"))
    replace_json(path, data)
    return path


def read_fitness(path: Path) -> Fitness:
    """Return a stored measurement.

    Raises:
        UsageError: it can't be read.
    """
    try:
        return _DECODER.decode(path.read_bytes())
    except (OSError, *UNREADABLE) as error:
        raise UsageError(f"{path} is no measurement of llmbench fitness: {error}") from None
