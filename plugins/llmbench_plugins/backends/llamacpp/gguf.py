"""What a GGUF file says of itself: its header, read without loading the weights."""

import os
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from llmbench.errors import UsageError
from llmbench_plugins.backends.shared.weights import parts_of

MAGIC = b"GGUF"
_PART = re.compile(r"-(\d{5})-of-(\d{5})\.gguf$")
_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_TEXT, _ARRAY = 8, 9
_LARGEST_TEXT = 2**26
_MOST_ENTRIES = 2**20


@dataclass(frozen=True, slots=True)
class Gguf:
    """A file, or the first part of a split one."""

    path: Path
    about: Mapping[str, Any]
    """Its metadata, arrays left out."""

    @property
    def context(self) -> int | None:
        """Tokens that the model was trained for."""
        told = self.about.get(f"{self.about.get('general.architecture')}.context_length")
        return told if isinstance(told, int) and told > 0 else None

    def text(self, key: str) -> str:
        """Return an entry of text, or an empty one."""
        told = self.about.get(key)
        return told if isinstance(told, str) else ""


def read_gguf(path: Path) -> Gguf:
    """Read the header of a file; of a split one, any part leads to the first.

    Raises:
        UsageError: it is no GGUF file, is cut short, or a part is missing.
    """
    path = first_part(path)
    parts = parts_of(path)
    for part in parts:
        if not part.is_file():
            raise UsageError(f"model={path}: its part {part.name} is missing; all parts belong in one folder")
    first, *_ = [_read(part) for part in parts]
    return Gguf(path, first)


def first_part(path: Path) -> Path:
    """Return the first part of a split file, given any."""
    found = _PART.search(path.name)
    return path.with_name(f"{path.name[: found.start()]}-00001-of-{found[2]}.gguf") if found else path


def _read(path: Path) -> Mapping[str, Any]:
    try:
        with path.open("rb") as file:
            start = file.read(4)
            if start != MAGIC:
                raise UsageError(f"model={path}: no GGUF file: it begins with {start!r}, expected {MAGIC!r}")
            return _header(file)
    except OSError as error:
        raise UsageError(f"model={path}: can't be read: {error.strerror}") from None
    except (struct.error, ValueError, KeyError, OverflowError):
        raise UsageError(
            f"model={path}: a GGUF file that is damaged or cut short; fetch it once more"
        ) from None


def _header(file: BinaryIO) -> Mapping[str, Any]:
    """Read metadata and the table of tensors.

    Raises:
        ValueError: it does not make sense, or the file ends before its last tensor begins.
    """
    version, tensors, entries = _unpack(file, "<IQQ")
    if version not in (2, 3) or tensors > _MOST_ENTRIES or entries > _MOST_ENTRIES:
        raise ValueError
    about = {}
    for _ in range(entries):
        key = _text(file)
        about[key] = _value(file, _number(file, "I"))
    last = max((_tensor_offset(file) for _ in range(tensors)), default=0)
    if tensors and file.tell() + last >= os.fstat(file.fileno()).st_size:
        raise ValueError
    return {key: value for key, value in about.items() if value is not None}


def _tensor_offset(file: BinaryIO) -> int:
    _text(file)
    file.seek(8 * _number(file, "I") + 4, os.SEEK_CUR)
    return int(_number(file, "Q"))


def _value(file: BinaryIO, kind: int) -> Any:
    """Return a value; None for an array, which is passed over."""
    if kind == _TEXT:
        return _text(file)
    if kind != _ARRAY:
        return _number(file, _NUMBERS[kind])
    inner, count = _number(file, "I"), _number(file, "Q")
    if inner in _NUMBERS:
        file.seek(count * struct.calcsize(f"<{_NUMBERS[inner]}"), os.SEEK_CUR)
        return None
    for _ in range(count):
        _value(file, inner)
    return None


def _text(file: BinaryIO) -> str:
    length = _number(file, "Q")
    if length > _LARGEST_TEXT:
        raise ValueError
    told = file.read(length)
    if len(told) < length:
        raise ValueError
    return told.decode("utf-8", errors="replace")


def _number(file: BinaryIO, form: str) -> Any:
    return _unpack(file, f"<{form}")[0]


def _unpack(file: BinaryIO, form: str) -> tuple[Any, ...]:
    return struct.unpack(form, file.read(struct.calcsize(form)))
