"""Takes timings and paths out of what tests say: they differ from run to run, and tell a model nothing."""

import re

from llmbench_plugins.validators.shared.words import printable

_LONGEST = 100_000
_SECONDS = r"\d+(?:\.\d+)?\s?(?:ms|µs|us|s|sec|secs|seconds)\b"
_PATTERNS = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (rf"[ \t]*[(\[]\s*{_SECONDS}\s*[)\]]", ""),  # (5 ms), (0.00s)
        (rf"(?m)^(ok\s+\S+|FAIL\s+\S+)\s+{_SECONDS}$", r"\1"),  # go
        (rf"[;,]? ?\b(?:finished in|in|time:|elapsed:?)\s+{_SECONDS}", ""),
        (r"(?:/tmp/[\w.-]+|/box)/", ""),
        (r"\b0x[0-9a-f]{6,16}\b", "0x…"),
    )
)


def cleaned(text: str) -> str:
    """Return ``text`` without timings, paths of boxes, addresses, colours and controls; long ones are cut."""
    if len(text) > _LONGEST:
        text = f"{text[: _LONGEST // 2]}\n[…]\n{text[-_LONGEST // 2 :]}"
    text = printable(text)
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text
