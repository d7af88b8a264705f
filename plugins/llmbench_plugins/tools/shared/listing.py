"""A list of lines for a model, cut to a stated size at the end of a line."""

from collections.abc import Sequence


def listing(lines: Sequence[str], limit: int, cure: str) -> str:
    """Return as many lines as fit, and how many are missing with what to do about it."""
    text = "\n".join(lines)
    if len(text) <= limit:
        return text
    kept: list[str] = []
    room = limit - len(cure) - 40
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line)
    return "\n".join([*kept, f"[{len(lines) - len(kept)} more of {len(lines)}; {cure}]"])
