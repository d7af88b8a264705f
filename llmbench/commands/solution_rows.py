"""The rows of a file of solutions: JSON lines, an array or one object, plain or packed by gzip, in UTF-8."""

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llmbench.errors import UsageError

_COMMENTS = ("#", "//")
_OTHER_CODES = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16", b"\x00\x00\xfe\xff": "UTF-32"}


@dataclass(frozen=True, slots=True)
class Row:
    """One solution as the file gives it."""

    where: str
    """File and line, for messages."""
    task: str
    source: str
    continues: bool
    """It goes on where the starter file ends (``completion``), and is not all of it (``solution``)."""
    mended: bool
    """Half a surrogate pair, which no file can hold, became U+FFFD."""


def read_rows(path: Path) -> Iterator[Row]:
    """Yield what a file holds, in its order.

    Raises:
        UsageError: the file is damaged, in another encoding than UTF-8, or a row is not what it should be.
    """
    text = _text(path)
    for where, item in _items(text, path):
        yield _row(item, where)


def _text(path: Path) -> str:
    raw = _unpacked(path)
    for mark, name in _OTHER_CODES.items():
        if raw.startswith(mark):
            raise UsageError(f"{path}: expected UTF-8, got {name}; {_anew(path, name)}")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        got = f"expected UTF-8, got the byte 0x{raw[error.start]:02x}"
        raise UsageError(f"{path}:{line}: {got}; if it is Latin-1, {_anew(path, 'LATIN1')}") from None


def _unpacked(path: Path) -> bytes:
    raw = path.read_bytes()
    try:
        return gzip.decompress(raw) if raw.startswith(b"\x1f\x8b") else raw
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(f"{path}: expected a whole file packed by gzip: {error}") from None


def _anew(path: Path, encoding: str) -> str:
    return f"write it anew: iconv -f {encoding} -t UTF-8 {path.name} > new.jsonl"


def _items(text: str, path: Path) -> Iterator[tuple[str, Any]]:
    whole = _whole(text)
    if isinstance(whole, list):
        yield from ((f"{path}, item {number}", item) for number, item in enumerate(whole, start=1))
    elif whole is not None:
        yield str(path), whole
    else:
        for number, line in enumerate(text.split("\n"), start=1):
            if line.strip() and not line.lstrip().startswith(_COMMENTS):
                yield f"{path}:{number}", _decoded(line, f"{path}:{number}")


def _whole(text: str) -> Any:
    """Return the array or the object over several lines that a text is; None where it is lines."""
    if "\n" not in text.strip() and not text.lstrip().startswith("["):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _decoded(line: str, where: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{where}: expected a JSON object: {error}") from None


def _row(item: Any, where: str) -> Row:
    texts = (
        {key: value for key, value in item.items() if isinstance(value, str)}
        if isinstance(item, dict)
        else {}
    )
    task = texts.get("task_id", texts.get("task"))
    source = texts.get("solution", texts.get("completion"))
    if task is None or source is None:
        raise UsageError(f"{where}: expected the keys task_id and solution or completion, each a text")
    # JSON may hold what UTF-8 can't. Halves that belong together are joined, others are replaced.
    kept = source.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    whole = source.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore") == kept
    return Row(where, task, kept, continues="solution" not in texts, mended=not whole)
