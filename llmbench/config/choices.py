"""What a group of configuration offers: what a file says of itself, and whose options it sets."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from llmbench.api.text import read_text
from llmbench.config.sources import Choice, Sources
from llmbench.errors import UsageError


def described(choice: Choice) -> tuple[str, str]:
    """Return a file's description and notice; its first comment stands in for the description."""
    try:
        text = read_text(choice.path, str(choice))
    except UsageError as error:
        return str(error), ""
    comments = (line.lstrip("# ").strip() for line in text.splitlines() if line.startswith("#"))
    first = next((line for line in comments if not line.startswith("@package")), "")
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        return f"not YAML: {' '.join(str(error).split())}", ""
    data = content if isinstance(content, dict) else {}
    return str(data.get("description") or first), str(data.get("notice") or "")


def plugin_of(group: str, name: str, sources: Sources) -> str:
    """Return the plugin that a choice leads to: what its file names, or the file that it builds on does."""
    said = content_of(group, name, sources).get("name")
    return said if isinstance(said, str) else name


def content_of(group: str, name: str, sources: Sources) -> dict[str, Any]:
    """Return the keys of a choice, laid over those of the file that it builds on (``defaults: [openai, …]``).

    Raises:
        UsageError: a file is no text.
    """
    files = sources.choices(group)
    content: dict[str, Any] = {}
    seen: set[str] = set()
    while name in files and name not in seen:
        seen.add(name)
        said = _read(files[name])
        content = {**said, **content}
        bases = said.get("defaults")
        parts = bases if isinstance(bases, list) else []
        name = next((part for part in parts if isinstance(part, str) and part in files), "")
    content.pop("defaults", None)
    return content


def comments_of(path: Path) -> dict[str, str]:
    """Return the comments beside keys, by dotted key; a line that is only a comment continues the last."""
    comments: dict[str, str] = {}
    stack: list[tuple[int, str]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        found_key = re.match(r"( *)([a-z_]+):(?: .*?)?(?:(?<=[ :])# (.*))?$", line)
        more = re.match(r" +# (.*)$", line)
        if found_key:
            depth = len(found_key[1])
            stack = [*(item for item in stack if item[0] < depth), (depth, found_key[2])]
            comments[".".join(name for _, name in stack)] = found_key[3] or ""
        elif more and stack:
            key = ".".join(name for _, name in stack)
            comments[key] = f"{comments[key]} {more[1]}".strip()
    return comments


def _read(choice: Choice) -> dict[str, Any]:
    try:
        said = yaml.safe_load(read_text(choice.path, str(choice)))
    except yaml.YAMLError:
        return {}  # composing says what is wrong with it
    return {str(key): value for key, value in said.items()} if isinstance(said, Mapping) else {}
