"""Patterns that a model writes, matched in time that grows with the text alone: RE2 knows no bad pattern."""

from collections.abc import Callable
from typing import Any

from llmbench.api import ToolError

Match = Callable[[str], bool]


def search(pattern: str, *, ignore_case: bool = False) -> Match:
    """Return a test of whether a text has a place that matches a regular expression.

    Raises:
        ToolError: the pattern is none, or needs what no linear engine can do.
    """
    compiled = _compiled(pattern, ignore_case=ignore_case)
    return lambda text: compiled.search(text) is not None


def glob(pattern: str) -> Match:
    """Return a test of whether a path matches: ``*`` within a folder, ``**`` across, ``[abc]``, ``{a,b}``.

    A pattern without a slash matches names at any depth.

    Raises:
        ToolError: the pattern can't be matched.
    """
    pattern = pattern.strip().removeprefix("./")
    compiled = _compiled(_translated(pattern if "/" in pattern else f"**/{pattern}"))
    return lambda path: compiled.fullmatch(path) is not None


def _compiled(pattern: str, *, ignore_case: bool = False) -> Any:
    import re2

    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = not ignore_case
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0].decode(errors="replace") if error.args else "it is too big"
        raise ToolError(
            f"the pattern can't be used: {reason}; expected RE2 syntax, which has no look-around and no "
            "back-references (use search for plain text)"
        ) from None


def _translated(pattern: str) -> str:
    """Return a glob as a regular expression; brackets that nothing closes stand for themselves."""
    parts: list[str] = []
    at = depth = 0
    while at < len(pattern):
        letter = pattern[at]
        if pattern.startswith("**/", at):
            parts.append("(?:.*/)?")
            at += 2
        elif pattern.startswith("**", at):
            parts.append(".*")
            at += 1
        elif letter == "[" and (end := pattern.find("]", at + 2)) > 0:
            inner = pattern[at + 1 : end].replace("\\", "\\\\").replace("[", "\\[")
            parts.append(f"[^{inner[1:]}]" if inner[0] == "!" and len(inner) > 1 else f"[{inner}]")
            at = end
        elif letter == "{" and "}" in pattern[at:]:
            parts.append("(?:")
            depth += 1
        elif letter in "},":
            parts.append({"}": ")", ",": "|"}[letter] if depth else _literal(letter))
            depth -= letter == "}" and depth > 0
        else:
            parts.append({"*": "[^/]*", "?": "[^/]"}.get(letter) or _literal(letter))
        at += 1
    return f"(?s:{''.join(parts)}{')' * depth})"


def _literal(letter: str) -> str:
    return letter if letter.isalnum() or letter in "_/" else f"\\x{{{ord(letter):x}}}"
