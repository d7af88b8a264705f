"""How the skipped tests of exercises are woken, language by language: pure functions of file contents.

``strict`` wakes every test in every spelling, but those that the exercise itself leaves out on purpose;
``aider`` does exactly what Aider's harness does, its bugs included. Rust's and C++'s are woken when they run.
"""

import re
from collections.abc import Callable, Mapping
from typing import Literal

Rules = Literal["strict", "aider"]
"""Which skipped tests are woken."""

_GO = re.compile(rb"(?m)^[ \t]*t\.Skip(?:Now)?\([^\n]*\)[ \t]*\r?\n")
_PYTHON = re.compile(rb"(?m)^[ \t]*@(?:unittest\.)?skip\b(?:\([^\n]*\))?[ \t]*\r?\n")
_JAVA = re.compile(
    rb"@(?:org\.junit\.jupiter\.api\.)?Disabled\b(?:[ \t]*\((?:[^()\"]|\"(?:[^\"\\\n]|\\.)*\")*\))?"
)
_AIDER_JAVA = re.compile(rb"@Disabled\([^)]*\)\s*\n")
_JS_PREFIXED = re.compile(r"\bx(test|it|describe)(?=\s*(?:\(|\.each\b))")
_JS_SKIPPED = re.compile(r"\b(test|it|describe)\.skip(?=\s*(?:\(|\.each\b))")
_ON_PURPOSE = re.compile(r"time[sd]?[- ]?out", re.IGNORECASE)


def unskipped(language: str, content: bytes, rules: Rules) -> bytes:
    """Return a test file with its skipped tests woken."""
    found = _WAKES.get(language)
    return found(content, rules) if found else content


def _go(content: bytes, rules: Rules) -> bytes:
    return content if rules == "aider" else _GO.sub(b"", content)


def _python(content: bytes, rules: Rules) -> bytes:
    return content if rules == "aider" else _PYTHON.sub(b"", content)


def _java(content: bytes, rules: Rules) -> bytes:
    """Return a file without ``@Disabled``; Aider leaves those without a reason."""
    return (_AIDER_JAVA if rules == "aider" else _JAVA).sub(b"", content)


def _javascript(content: bytes, rules: Rules) -> bytes:
    """Wake ``xtest``, ``xit``, ``test.skip`` and the like; Aider wakes ``xtest`` alone."""
    text = content.decode(errors="surrogateescape")
    if rules == "aider":
        text = re.sub(r"\bxtest\(", "test(", text)
    else:
        text = _JS_SKIPPED.sub(_woken, _JS_PREFIXED.sub(r"\1", text))
    return text.encode(errors="surrogateescape")


def _woken(found: re.Match[str]) -> str:
    """Wake a test unless the comment right above it says that it takes too long."""
    above = []
    for line in reversed(found.string[: found.start()].splitlines()[:-1]):
        if not line.strip().startswith("//"):
            break
        above.append(line)
    return found[0] if _ON_PURPOSE.search(" ".join(reversed(above))) else found[1]


_WAKES: Mapping[str, Callable[[bytes, Rules], bytes]] = {
    "go": _go,
    "java": _java,
    "javascript": _javascript,
    "python": _python,
}
