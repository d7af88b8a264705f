"""Text as a model gets it: cut to a stated size, with line numbers, never the bytes of a binary file."""

from collections.abc import Iterable

from llmbench.api import Scope, ToolError, as_text

_LINE_CHARS = 2000


def cut(text: str, limit: int) -> str:
    """Return at most ``limit`` characters: the head and the tail, and how much is missing between them."""
    if len(text) <= limit:
        return text
    mark = f"\n[… {len(text)} characters in all, cut here …]\n"
    room = max(limit - len(mark), 0)
    head = room * 2 // 3
    tail = room - head
    return (text[:head] + mark + (text[-tail:] if tail else ""))[:limit]


def lines_of(text: str) -> list[str]:
    """Return the lines as editors count them, without their ends: a form feed ends no line."""
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    return [line.removesuffix("\r") for line in lines]


def numbered(lines: Iterable[str], first: int) -> str:
    """Return lines as ``read`` shows them, the first with the number ``first``."""
    return "\n".join(f"{number:>5}\t{short(line)}" for number, line in enumerate(lines, first))


def short(line: str, limit: int = _LINE_CHARS) -> str:
    """Return a line without the end of an overlong one."""
    return line if len(line) <= limit else f"{line[:limit]}… [{len(line) - limit} characters more]"


def read_text(scope: Scope, path: str) -> str:
    """Return the text of a file.

    Raises:
        ToolError: there is none, or it is binary.
    """
    content = scope.read(path)
    text = as_text(content)
    if text is None:
        raise ToolError(f"{path} is binary ({len(content)} bytes); only text can be changed")
    return text


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its word: ``1 line``, ``2 lines``."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"
