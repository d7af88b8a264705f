"""What a run did to the machine: a pure function of what the monitors saw and of the samples that passed."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from llmbench.records.manifest import Session
from llmbench.records.monitors import Stretch, WatchedSession

_GPU = re.compile(r"gpu\d+\.")
_DIGITS = 5
_OTHERS_PERCENT = 20.0
"""Of all processors: with fewer left, a model that they compute is slower than on a calm machine."""
_WORKING_PERCENT = 80.0
"""A GPU that is busy for so long computes the model, whatever the processors do."""
_ENOUGH = 20
"""Fewer readings than this, about ten seconds, say too little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineUse:
    """Means of the time in which the model answered, peaks of all the time in which it was watched."""

    seconds: float
    """How long the machine was watched, all commands together."""
    readings: int
    mean: Mapping[str, float] = field(default_factory=dict)
    peak: Mapping[str, float] = field(default_factory=dict)
    energy_j: float | None = None
    """Of all GPUs, from the server's first token to the last grade, what they use idle included."""
    energy_per_solved_j: float | None = None
    """The same, divided by the samples that passed."""
    not_measured: Mapping[str, str] = field(default_factory=dict)
    """Why a monitor, or a figure of one, is missing."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One quantity as reports show it; None where it was not measured."""

    mean: float | None
    peak: float | None


def machine_use(
    watched: Sequence[WatchedSession], sessions: Sequence[Session], solved: int
) -> MachineUse | None:
    """Return what was seen in all sessions together; None where nothing watched.

    Args:
        watched: what ``monitors.jsonl`` holds.
        sessions: of the manifest: energy is known only if all that had a server were watched.
        solved: samples that passed.
    """
    stretches = [stretch for session in watched for stretch in session.stretches]
    if not watched:
        return None
    energy = _energy(watched, sessions)
    return MachineUse(
        seconds=round(sum(stretch.seconds for stretch in stretches), 3),
        readings=sum(stretch.readings for stretch in stretches),
        mean=_means(stretches),
        peak=_peaks(stretches),
        energy_j=energy,
        energy_per_solved_j=None if energy is None or not solved else _rounded(energy / solved),
        not_measured=_reasons(watched),
    )


def of_gpu(figures: Mapping[str, float], quantity: str) -> float | None:
    """Return a quantity of the GPU, or of all GPUs together; of several it is known only if all tell it."""
    single = [value for name, value in figures.items() if _GPU.match(name) and name.endswith(f".{quantity}")]
    return figures.get(f"gpu.{quantity}", single[0] if len(single) == 1 else None)


def gpu(use: MachineUse | None, quantity: str) -> Figure:
    """Return a quantity of the GPU, or of all GPUs together."""
    return Figure(of_gpu(use.mean, quantity), of_gpu(use.peak, quantity)) if use else Figure(None, None)


def busy_percent(use: MachineUse | None) -> float | None:
    """Return what other programs used of the processors, where that puts the speeds in doubt; else None."""
    others = figure(use, "process.others_percent").mean
    if use is None or others is None or others <= _OTHERS_PERCENT or use.readings < _ENOUGH:
        return None
    working = gpu(use, "utilization_percent").mean
    return None if working is not None and working >= _WORKING_PERCENT else others


def figure(use: MachineUse | None, name: str) -> Figure:
    """Return a figure by its whole name."""
    return Figure(use.mean.get(name), use.peak.get(name)) if use else Figure(None, None)


def _means(stretches: Iterable[Stretch]) -> dict[str, float]:
    """Return means over the readings at which the model answered; over all, where it never did."""
    answered = [(s, s.answering_mean or s.mean) for s in stretches if s.answering]
    chosen = [(mean, s.answering) for s, mean in answered] or [(s.mean, s.readings) for s in stretches]
    totals: dict[str, float] = {}
    weights: dict[str, int] = {}
    for mean, weight in chosen:
        for name, value in mean.items():
            totals[name] = totals.get(name, 0.0) + weight * value
            weights[name] = weights.get(name, 0) + weight
    return {name: _rounded(total / weights[name]) for name, total in totals.items()}


def _peaks(stretches: Iterable[Stretch]) -> dict[str, float]:
    found: dict[str, float] = {}
    for stretch in stretches:
        for name, value in stretch.peak.items():
            found[name] = max(found.get(name, value), value)
    return found


def _energy(watched: Sequence[WatchedSession], sessions: Sequence[Session]) -> float | None:
    known = {session.head.started for session in watched}
    if any(session.server and session.started not in known for session in sessions):
        return None  # a part of the run was not watched
    energies = [s.energy_j for session in watched for s in session.stretches if s.seconds]
    added = [energy for energy in energies if energy is not None]
    return _rounded(sum(added)) if added and len(added) == len(energies) else None


def _reasons(watched: Sequence[WatchedSession]) -> dict[str, str]:
    """Return the reasons of the last session: monitors first, then single figures."""
    head = watched[-1].head
    told = [described.get("not_measured") for described in head.monitors.values()]
    figures = [reasons for reasons in told if isinstance(reasons, Mapping)]
    return head.not_measured | {str(name): str(why) for reasons in figures for name, why in reasons.items()}


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
