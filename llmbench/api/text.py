"""Text files that people hand in: UTF-8, with or without a mark at its beginning, with any line ends."""

import codecs
from pathlib import Path

from llmbench.errors import UsageError

_OTHERS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}


def read_text(path: Path, shown: str = "") -> str:
    """Return the text of a file that somebody wrote; lines end with a newline alone.

    Args:
        path: the file.
        shown: how messages name it, where not by its path.

    Raises:
        UsageError: it can't be read, or is no UTF-8; the message says where, and what to do.
    """
    name = shown or str(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{name} can't be read: {error.strerror}") from None
    return decoded_text(data, name)


def decoded_text(data: bytes, name: str) -> str:
    """Return the text that a file of this name holds.

    Raises:
        UsageError: it is no UTF-8, or no text.
    """
    for mark, encoding in _OTHERS.items():
        if data.startswith(mark):
            raise UsageError(f"{name}: expected UTF-8, got {encoding}; save the file as UTF-8")
    data = data.removeprefix(codecs.BOM_UTF8)
    if b"\0" in data:
        line = _line(data, data.index(b"\0"))
        raise UsageError(f"{name}, line {line}: expected text, got a NUL byte; save the file as UTF-8 text")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        byte, line = data[error.start], _line(data, error.start)
        raise UsageError(
            f"{name}, line {line}: expected UTF-8, got the byte 0x{byte:02x} (another encoding, such as "
            "Latin-1?); save the file as UTF-8"
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _line(data: bytes, position: int) -> int:
    return data.count(b"\n", 0, position) + 1
