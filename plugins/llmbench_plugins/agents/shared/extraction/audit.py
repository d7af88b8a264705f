"""A second look at an answer, which knows nothing of marks, tags and choices: what may have been overlooked?

The choice reads passages. This reads lines: the definition of what was asked for, and all indented under it.
"""

import re
from collections.abc import Iterator

from llmbench_plugins.agents.shared.extraction.targets import Target

_DECLARED = (
    r"(?:def|class|function\*?|func|fn|struct|enum|trait|interface|type|record|const|let|var|module|namespace)"
    r"[ \t]+(?:\([^)\n]*\)[ \t]*)?{name}\b"
)
_MOST = 20


def overlooked(answer: str, target: Target, taken: str) -> bool:
    """Say whether an answer defines what was asked for although what was taken from it does not."""
    names = [name for name in sorted(target.wanted) if "." not in name and name.isidentifier()]
    if target.family == "python":
        found = target.reader(taken)
        if found.problem is None and (not names or set(names) & found.names):
            return False
        return any(_compiles(answer, name, target) for name in names)
    return bool(names) and _declares(answer, names) and not _declares(taken, names)


def _declares(text: str, names: list[str]) -> bool:
    return any(re.search(_DECLARED.format(name=re.escape(name)), text) for name in names)


def _compiles(answer: str, name: str, target: Target) -> bool:
    return any(target.reader(block).problem is None for block in _blocks(answer, name))


def _blocks(answer: str, name: str) -> Iterator[str]:
    """Yield each definition of a name with the lines that are indented under it."""
    begins = re.compile(
        rf"^(?P<lead>[^\w\n]{{0,40}})(?:async +)?(?:def|class) +{re.escape(name)}\b", re.MULTILINE
    )
    for number, found in enumerate(begins.finditer(answer)):
        if number == _MOST:
            return
        lead = found["lead"]
        width = len(lead) - len(lead.lstrip(" \t"))
        first, *rest = answer[found.start() + len(lead) :].split("\n", 2000)[:2000]
        lines = [first]
        for line in rest:
            bare = line[min(width, len(line) - len(line.lstrip(" \t"))) :]
            if bare.strip() and not bare[0].isspace():
                break
            lines.append(bare)
        yield "\n".join(lines)
