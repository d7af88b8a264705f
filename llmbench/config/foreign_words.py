"""Flags that hands from other tools type: answered with the key that means the same here."""

from collections.abc import Sequence

from llmbench.registry import suggestion

_SAME = {
    "n": "limit",
    "num-tasks": "limit",
    "num-samples": "samples",
    "n-samples": "samples",
    "m": "model",
    "model-name": "model",
    "provider": "backend",
    "api-base": "backend.url",
    "base-url": "backend.url",
    "url": "backend.url",
    "temperature": "sampling.temperature",
    "temp": "sampling.temperature",
    "top-p": "sampling.top_p",
    "top-k": "sampling.top_k",
    "max-tokens": "model.reasoning.answer_tokens",
    "task": "tasks",
    "output": "output_root",
    "output-dir": "output_root",
    "out": "output_root",
    "dry-run": "dry_run",
    "max-cost": "budget.cost_usd",
}
"""By a flag of another tool, without its dashes: the key."""
_KEYS = (
    *("agent", "backend", "dataset", "model", "preset", "sampling", "sandbox", "validator"),
    *("filter", "graders", "limit", "output_root", "samples", "seed", "strict", "tasks", "tries"),
)
"""Keys that are flags elsewhere, by the same name."""


def unknown_flag(word: str, rest: Sequence[str], known: Sequence[str]) -> str:
    """Return the complaint about a flag: the key that was meant, or the flag that is closest.

    Args:
        word: the flag, with ``=VALUE`` where it stands there.
        rest: the words after it.
        known: the flags that there are.
    """
    flag, equals, value = word.partition("=")
    if key := _key(flag):
        follows = rest[0] if rest and not rest[0].startswith("-") and "=" not in rest[0] else ""
        given = value if equals else follows or ("true" if key in ("dry_run", "strict") else "…")
        return f"unknown flag '{flag}'; keys stand without dashes: {key}={given}"
    hint = suggestion(flag, [*known, "--help", "--version"])
    return f"unknown flag '{word}'; {hint}{' ' if hint else ''}see llmbench --help"


def _key(flag: str) -> str:
    name = flag.lstrip("-").lower()
    if name in _SAME:
        return _SAME[name]
    plain = name.replace("-", "_")
    return plain if plain.partition(".")[0] in _KEYS or plain in _KEYS else ""
