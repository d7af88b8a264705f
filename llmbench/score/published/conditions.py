"""What a run did otherwise than those who published a figure, and what of theirs is not known."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from llmbench.records.manifest import Manifest, Session
from llmbench.score.published.figures import Figure, Source
from llmbench.score.sampler import sampler_in_effect

TRIES = {"pass within 2 tries": 2}
"""How many tries a metric is about, where that is not one."""


@dataclass(frozen=True, slots=True)
class Held:
    """A figure, and the run beside which it is to stand."""

    figure: Figure
    source: Source
    manifest: Manifest
    graded: int

    @property
    def last(self) -> Session:
        """The last command that worked on the run."""
        return self.manifest.sessions[-1] if self.manifest.sessions else Session(started="")


def differs(held: Held) -> tuple[str, ...]:
    """Return in words what differs, there at the figure and here in the run; empty: comparable."""
    return tuple(text for rule in _RULES for text in rule(held))


def unknown(held: Held) -> tuple[str, ...]:
    """Return what could matter and was not published."""
    there = held.figure.conditions
    thinks = bool(held.manifest.settings("model", "reasoning").get("enabled"))
    asked = {
        "sampler": there.temperature is None,
        "way of asking": there.agent is None,
        "reasoning": there.reasoning is None and thinks,
        "precision of the weights": there.precision is None,
    }
    return tuple(name for name, missing in asked.items() if missing)


def _tasks(held: Held) -> Iterator[str]:
    there = held.figure.conditions.tasks or held.manifest.plan.whole
    here = len(held.manifest.plan.tasks)
    if there and there != here:
        yield f"{there} tasks there, {here} here"


def _graded(held: Held) -> Iterator[str]:
    planned = len(held.manifest.plan.planned)
    if held.graded < planned:
        yield f"only {held.graded} of {planned} samples are graded here"


def _release(held: Held) -> Iterator[str]:
    there, here = held.figure.conditions.release, held.manifest.dataset.get("version")
    if there and there != here:
        yield f"release {there} there, {here or 'an unknown one'} here"


def _tries(held: Held) -> Iterator[str]:
    there, here = TRIES.get(held.figure.metric, 1), held.manifest.plan.tries
    if here < there:
        yield f"{there} tries there, {here} here"


def _temperature(held: Held) -> Iterator[str]:
    there = held.figure.conditions.temperature
    if there is None:
        return
    here = sampler_in_effect(held.manifest, held.last).get("temperature")
    if not isinstance(here, int | float):
        yield f"{_sampler(there)} there, the server's own sampler here"
    elif abs(here - there) > 1e-6:
        yield f"{_sampler(there)} there, {_sampler(here)} here"


def _sampler(temperature: float) -> str:
    return f"temperature {temperature:g}" if temperature else "greedy"


def _agent(held: Held) -> Iterator[str]:
    there, here = held.figure.conditions.agent, held.manifest.names.get("agent")
    if there and there != here:
        yield f"asked as by agent={there} there, agent={here} here"


def _edit_format(held: Held) -> Iterator[str]:
    there = held.figure.conditions
    # Whoever asks in another way altogether is named by the rule before.
    asked_alike = there.agent == held.manifest.names.get("agent")
    if there.edit_format not in (None, "whole") and asked_alike:
        yield f"edit format {there.edit_format} there, whole files here"


def _style(held: Held) -> Iterator[str]:
    if held.figure.conditions.style == "continued":
        yield "a text to go on with there, a chat here"


def _reasoning(held: Held) -> Iterator[str]:
    there, here = held.figure.conditions.reasoning, _thinking(held.manifest.settings("model", "reasoning"))
    if there and there not in here:
        yield f"reasoning {there} there, {here[0]} here"


def _thinking(given: Mapping[str, Any]) -> Sequence[str]:
    """Return all words for a run's reasoning, the most exact first."""
    if not given.get("enabled"):
        return ("off",)
    words = [
        given.get("level"),
        f"{given['think_tokens']} tokens" if given.get("think_tokens") else None,
        "on",
    ]
    return [str(word) for word in words if word]


def _settings(held: Held) -> Iterator[str]:
    for path, there in held.source.settings.items():
        *sections, key = path.split(".")
        here = held.manifest.settings(*sections).get(key)
        if here != there:
            yield f"{path} {_shown(there)} there, {_shown(here)} here"


def _shown(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


Rule = Callable[[Held], Iterator[str]]
_RULES: Sequence[Rule] = (
    _tasks,
    _graded,
    _release,
    _tries,
    _temperature,
    _agent,
    _edit_format,
    _style,
    _reasoning,
    _settings,
)
