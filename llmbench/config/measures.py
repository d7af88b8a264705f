"""The columns of a matrix beside the scores: how quick a cell was, its machine, its calls of tools."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from llmbench.config.cells import Cell
from llmbench.report.tool_use import COLUMNS as TOOLS
from llmbench.report.tool_use import tool_columns
from llmbench.report.words import energy, megabytes, seconds, speed
from llmbench.score.machine import MachineUse, busy_percent, of_gpu
from llmbench.score.tools import ToolUse

COLUMNS = (
    "tokens/s",
    "prefill tokens/s",
    "first token",
    "GPU",
    "GPU memory",
    "GPU power",
    "energy/solved",
    "memory",
    *TOOLS,
)
SHORT = ("GPU", "energy/solved", "malformed", "tokens/s")
"""Those that stand on a terminal beside the scores; the first is left out first where it is narrow."""


def known_columns(cells: Sequence[Cell]) -> list[str]:
    """Return the columns of which any cell knows something."""
    rows = [measures_of(cell.summary) for cell in cells]
    return [name for name in COLUMNS if any(row[name] for row in rows)]


def measures_of(summary: Mapping[str, Any]) -> dict[str, str]:
    """Return a cell's columns; empty where it was not measured."""
    fast, use = summary.get("speed") or {}, summary.get("machine") or {}
    mean, peak = use.get("mean") or {}, use.get("peak") or {}
    values = {
        "tokens/s": (fast.get("decode_tokens_per_s"), _rate),
        "prefill tokens/s": (fast.get("prefill_tokens_per_s"), _rate),
        "first token": (fast.get("ttft_s"), seconds),
        "GPU": (of_gpu(mean, "utilization_percent"), lambda value: f"{value:.0f} %"),
        "GPU memory": (of_gpu(peak, "memory_mb"), megabytes),
        "GPU power": (of_gpu(mean, "power_w"), lambda value: f"{value:.0f} W"),
        "energy/solved": (use.get("energy_per_solved_j"), lambda value: energy(value).partition(" (")[0]),
        "memory": (peak.get("process.memory_mb"), megabytes),
    }
    measured = {name: "" if value is None else shown(value) for name, (value, shown) in values.items()}
    tools = summary.get("tools")
    return measured | tool_columns(msgspec.convert(tools, ToolUse) if tools else None)


def busy_note(cells: Sequence[Cell]) -> str:
    """Say which cells' speeds are those of a busy machine; an empty string where none are."""
    busy = [cell for cell in cells if busy_percent(_machine(cell.summary)) is not None]
    runs = ", ".join(Path(cell.folder).name[-10:] for cell in busy)
    why = "other programs used over 20 % of the processors"
    return f"Speeds of a busy machine, not to be compared with others: {runs} ({why})" if busy else ""


def _machine(summary: Mapping[str, Any]) -> MachineUse | None:
    machine = summary.get("machine")
    return msgspec.convert(machine, MachineUse) if machine else None


def _rate(value: float) -> str:
    return speed(value).removesuffix(" tokens/s")
