"""Files that an answer gives as JSON, though nobody asked for it: contents by path, or a tool's call."""

import json
import re
from collections.abc import Iterator
from typing import Any

from llmbench_plugins.agents.shared.extraction.languages import family_of
from llmbench_plugins.agents.shared.extraction.naming import Names
from llmbench_plugins.agents.shared.extraction.passage import Passage

_BEGINS = re.compile(r"^[ \t]*(?:```json[ \t]*\n[ \t]*)?(?=\{\s*\")", re.MULTILINE)
_PATHS = ("path", "file_path", "filepath", "filename", "file", "name")
_CONTENTS = ("content", "contents", "code", "solution", "answer", "text")
_MOST = 20
_DEEPEST = 4


def in_data(text: str, names: Names) -> Iterator[Passage]:
    """Yield the files that objects hold which begin a line."""
    decoder = json.JSONDecoder(strict=False)
    for number, found in enumerate(_BEGINS.finditer(text)):
        if number == _MOST:
            return
        try:
            data, end = decoder.raw_decode(text, found.end())
        except (ValueError, RecursionError):
            continue
        for path, content in _files(data, names, _DEEPEST):
            yield Passage(
                method="data", text=content, start=found.end(), end=end, path=path, sure=bool(path),
                language=family_of(path) if path else "",
            )  # fmt: skip


def _files(data: Any, names: Names, depth: int) -> Iterator[tuple[str, str]]:
    if isinstance(data, list) and depth:
        for item in data:
            yield from _files(item, names, depth - 1)
    if not isinstance(data, dict) or not depth:
        return
    path = next((names.path(str(data[key])) for key in _PATHS if isinstance(data.get(key), str)), "")
    content = next((data[key] for key in _CONTENTS if isinstance(data.get(key), str)), None)
    if content is not None:
        yield path, content
        return
    for key, value in data.items():
        if isinstance(value, str) and (named := names.path(key)):
            yield named, value
        else:
            yield from _files(value, names, depth - 1)
