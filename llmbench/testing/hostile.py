"""A run that means harm: what a model, a server or a stranger could write, wherever a text can stand."""

import json
from pathlib import Path
from typing import Any

from llmbench.testing.runs import ORDINARY_RUN, write_run

SCRIPT = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'`${7*7}{{7*7}}"
TEXTS = {
    "markup": SCRIPT,
    "escapes": "\x1b]0;title\x07\x1b[31mred\x1b[2J\x9b31m",
    "nul": "a\0b\x00c",
    "direction": "\u202egnp.exe\u202c\u2066\u200f\u061c\ufeff",
    "lines": "line\u2028line\u2029\x85\r\n\x0b\x0c",
    "path": "../../../etc/passwd",
    "encoded": "%2e%2e%2f%00?#&=+",
    "odd": "\U000e0041\U0010ffff\ufffe",
    "half": "\ud800 alone",
    "long": "x" * 5_000_000,
}
"""By what is wrong with them."""
_OURS = frozenset(
    ("task", "run_id", "started", "ended", "finished_at", "schema", "digests", "tasks", "sha256", "sandbox")
)
"""What would make the run another one, or none."""
_OPEN = frozenset(("config", "notes", "details", "server", "machine", "dataset"))
"""Mappings that take any key."""
_LONGEST_NAME = 200
_LONGEST_FIELD = 200_000
"""Of a text that stands in some fifty fields; lines and files hold longer ones whole."""


def write_hostile_run(folder: Path, text: str) -> Path:
    """Write a run in which ``text`` stands in every field, file and name that takes one; return its folder.

    Its last task has the beginning of ``text`` for a name.
    """
    write_run(folder, ORDINARY_RUN)
    manifest, journal = folder / "manifest.json", folder / "journal.jsonl"
    told = _spoiled(json.loads(manifest.read_text()), text) | {"notice": text[:_LONGEST_FIELD]}
    told["plan"]["tasks"][-1] = text[:_LONGEST_NAME]
    manifest.write_text(json.dumps(told))
    lines = [_spoiled(json.loads(line), text) for line in journal.read_text().splitlines()]
    lines[-1]["task"] = text[:_LONGEST_NAME]
    whole = "".join(f"{json.dumps(line)}\n" for line in lines)
    journal.write_bytes(whole.encode() + b'{"schema": "llmbench.record/1", ' + _bytes(text) + b"\n\xff\x00\n")
    for file in (file for file in (folder / "samples").rglob("*") if file.is_file()):
        file.write_bytes(_bytes(text) + b"\xff\xfe\x00\n" + file.read_bytes())
    return folder


def _spoiled(value: Any, text: str, key: str = "") -> Any:
    """Put ``text`` in the place of all texts but those that make the run what it is."""
    if isinstance(value, dict):
        spoiled = {name: _spoiled(one, text, name) for name, one in value.items()}
        return spoiled | ({text[:_LONGEST_NAME]: text[:_LONGEST_FIELD]} if key in _OPEN else {})
    if isinstance(value, list):
        return [_spoiled(one, text, key) for one in value]
    is_ours = key in _OURS or key.endswith(("digest", "outcome"))
    return value if is_ours or not isinstance(value, str) else text[:_LONGEST_FIELD]


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogatepass")
