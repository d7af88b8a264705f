"""Runs of lines that are code, wherever they stand and without regard for any marks.

A run begins at a line that looks like code and ends before the first line at which it stops to parse.
"""

import html
import re
from collections.abc import Iterator, Mapping, Sequence

from llmbench_plugins.agents.shared.extraction.marks import END_TOKEN, INVISIBLE
from llmbench_plugins.agents.shared.extraction.passage import Passage, shorter
from llmbench_plugins.agents.shared.extraction.python import without_prose
from llmbench_plugins.agents.shared.extraction.reader import Reader

_QUOTE = r"[ \t>]*"
_COMMENT = r"//|/\*"
_STARTS: Mapping[str, str] = {
    "python": r"""(?:(?:async[ ]+)?def[ ]+\w+[ ]*[(\[]|class[ ]+\w+[ ]*[:(\[]
        |import[ ]+\w|from[ ]+[\w.]+[ ]+import
        |@\w|if[ ]+__name__|[A-Za-z_]\w*(?:[ ]*:[^=\n]{1,80})?[ ]*=[^=]|[rub]?\"\"\"|[rub]?\'\'\'|\#|try:
        |with[ ]+\w|for[ ]+\w+[ ]+in[ ])""",
    "javascript": rf"""(?:(?:export|import|const|let|var|class|function|async|interface|type|enum
        |module\.exports|'use|"use)\b|{_COMMENT})""",
    "go": rf"(?:package[ ]+\w+[ ]*$|{_COMMENT})",
    "rust": rf"""(?:(?:use|pub|fn|struct|enum|impl|mod|const|static|type|trait|extern)\b|\#!?\[
        |{_COMMENT})""",
    "java": rf"(?:(?:package|import|public|class|final|abstract|interface|enum|record|@\w+)\b|{_COMMENT})",
    "cpp": rf"""(?:\#(?:include|pragma|ifndef|define|if)
        |(?:namespace|using|class|struct|template|typedef|enum|static|extern)\b|{_COMMENT})""",
    "vue": r"<(?:template|script|style)\b",
}
_MOST_CUTS = 12
_MOST_RUNS = 60
_NUMBER = re.compile(r"^[ \t]*(\d{1,5})(?:[ \t]*[|:│.)]|\t)?[ ]?")
_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|#39);")
_PROMPT = re.compile(r"^[ \t]*(?:>>>|\.\.\.)(?: |$)")


def runs(text: str, reader: Reader, language: str) -> Iterator[Passage]:
    """Yield the runs of a language in a text."""
    pattern = _STARTS.get(language)
    if pattern is None:
        return
    begins = re.compile(f"{_QUOTE}{pattern}", re.VERBOSE)
    lines = _lines(text)
    offsets = _offsets(text)
    number = found = 0
    while number < len(lines) and found < _MOST_RUNS and reader.allowance.left >= 0:
        if not begins.match(lines[number]):
            number += 1
            continue
        code, count = _run(lines[number:], reader, language)
        if count:
            found += 1
            yield Passage(method="run", text=code, start=offsets[number], end=offsets[number + count])
        number += max(count, 1)


def bared(text: str) -> Iterator[tuple[str, str]]:
    """Yield code without line numbers or prompts, where every line has one, and without HTML's entities."""
    if _ENTITY.search(text):
        yield html.unescape(text), "entities"
    lines = text.rstrip("\n").split("\n")
    numbers = [_NUMBER.match(line) for line in lines]
    if len(lines) > 1 and all(numbers):
        counted = [int(found[1]) for found in numbers if found]
        if counted == list(range(counted[0], counted[0] + len(lines))):
            bare = [line[found.end() :] for line, found in zip(lines, numbers, strict=True) if found]
            yield "\n".join(bare) + "\n", "line numbers"
    prompts = [line for line in lines if _PROMPT.match(line)]
    if prompts and _PROMPT.match(lines[0]):
        yield "\n".join(_PROMPT.sub("", line) for line in prompts) + "\n", "prompts"


def _lines(text: str) -> list[str]:
    return [_without_token(line.strip(INVISIBLE)) for line in text.split("\n")]


def _without_token(line: str) -> str:
    """Return a line without the template's token at its end, or nothing of one that begins with a token."""
    if "<" not in line and "[" not in line:
        return line
    bare = line.strip()
    outer = (
        found for found in END_TOKEN.finditer(line) if bare.startswith(found[0]) or bare.endswith(found[0])
    )
    return next((line[: found.start()] for found in outer), line)


def _offsets(text: str) -> list[int]:
    offsets = [0]
    for line in text.split("\n"):
        offsets.append(offsets[-1] + len(line) + 1)
    return offsets


def _run(lines: Sequence[str], reader: Reader, language: str) -> tuple[str, int]:
    """Return the code with which lines begin, and how many they are; none where it does not parse."""
    width = len(lines[0]) - len(lines[0].lstrip(" \t"))
    quote = re.match(r"[ \t]*(?:>[ \t]?)+", lines[0])
    lead = quote[0].rstrip() if quote else ""
    if lead:
        lines, width = [line.removeprefix(lead).removeprefix(" ") for line in lines], 0
    kept = _inside(lines, width)
    for _ in range(_MOST_CUTS):
        code = "\n".join(shorter(kept, width)).rstrip("\n") + "\n" if kept else ""
        if not code.strip():
            return "", 0
        problem = reader(code).problem
        if problem is None:
            code = without_prose(code) if language == "python" else code
            return (code, code.count("\n")) if reader(code).whole else ("", 0)
        kept = kept[: min(problem, len(kept)) - 1]
    return "", 0


def _inside(lines: Sequence[str], width: int) -> list[str]:
    """Return the first lines that are indented as far as the first, or blank."""
    if not width:
        return list(lines)
    kept = []
    for line in lines:
        if line.strip() and len(line) - len(line.lstrip(" \t")) < width:
            break
        kept.append(line)
    return kept
