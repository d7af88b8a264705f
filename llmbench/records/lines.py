"""Lines of JSON, a record each: all that is written can be read back, and a bad line costs only itself."""

import errno
import math
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from llmbench.errors import RecordError, RunError
from llmbench.records.masking import Mask

T = TypeVar("T")
Decode = Callable[[bytes], T]
"""Makes a value of a line, or raises one of ``UNREADABLE``."""
UNREADABLE = (msgspec.DecodeError, ValueError, RecursionError)
UNWRITABLE = (msgspec.MsgspecError, TypeError, ValueError, OverflowError, RecursionError)
"""What encoding a value and reading it back raises."""
_ENCODER = msgspec.json.Encoder()
_MISFIT = re.compile(r"Expected `(?P<expected>.*)`, got `(?P<got>.*)` - at `\$\.?(?P<path>.*)`", re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")
_VERSION = re.compile(r"(?P<family>llmbench\.\w+)/(?P<number>\d{1,9})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Damaged:
    """A line that can't be read, or what is left of it without the records that could be saved."""

    number: int
    """From 1."""
    why: str
    data: bytes
    newer: str = ""
    """The schema of a line that is whole and was made by a newer llmbench."""


@dataclass(frozen=True, slots=True)
class Lines(Generic[T]):
    """What a file of lines holds."""

    values: tuple[T, ...] = ()
    damaged: tuple[Damaged, ...] = ()


def encoded(value: object, decode: Decode[object], mask: Mask, by: str) -> bytes:
    """Return ``value`` as JSON in which secrets are masked, and which ``decode`` is known to read.

    Raises:
        RecordError: it could not be read back; the message names ``by``, who handed it in, and the field.
    """
    try:
        data = _ENCODER.encode(value)
        if mask.hides(data):
            data = _ENCODER.encode(mask.value(value))
        decode(data)
    except UNWRITABLE as error:
        raise RecordError(f"{by} handed in what can't be kept: {misfit(value, error)}") from None
    return data


def append_line(file: int, data: bytes) -> None:
    """Append a line to a descriptor that can be read too; where the disk is full, nothing of it stays."""
    try:
        write_whole(file, data + b"\n")
    except OSError:
        with suppress(OSError):
            drop_torn_line(file)
        raise


def write_whole(file: int, data: bytes) -> None:
    """Write all of ``data`` to a descriptor, however many writes it takes."""
    while data:
        data = data[os.write(file, data) :]


def drop_torn_line(file: int) -> None:
    """Cut off a last line without its newline, which a crash has left."""
    size = os.fstat(file).st_size
    tail = b""
    while size and b"\n" not in tail:
        step = min(size, 65536)
        size -= step
        tail = os.pread(file, step, size) + tail
    os.ftruncate(file, size + tail.rfind(b"\n") + 1)


def read_lines(path: Path, decode: Decode[T], beginning: re.Pattern[bytes]) -> Lines[T]:
    """Read a file of lines whole; see ``scan_lines``."""
    damaged: list[Damaged] = []
    values = [value for _, value in scan_lines(path, decode, beginning, damaged) if value is not None]
    return Lines(tuple(values), tuple(damaged))


def scan_lines(
    path: Path, decode: Decode[T], beginning: re.Pattern[bytes], damaged: list[Damaged]
) -> Iterator[tuple[bytes, T | None]]:
    """Yield what can be read of a file of lines, one after the other, none of it held.

    A file that is not there is empty, and a torn last line is dropped. A line of a newer version comes
    without a value: it can't be read here, and is no damage.

    Args:
        path: the file.
        decode: makes a value of a line.
        beginning: how a value begins, by which those are found that a damaged newline has joined.
        damaged: takes what can't be read.

    Raises:
        RunError: it is no file, or may not be read.
    """
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if line.endswith(b"\n"):
                    yield from read_line(number, line, decode, beginning, damaged)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise unreadable(path, error) from None


def unreadable(path: Path, error: OSError) -> Exception:
    """Return what is to be raised where a file of ours can't be read."""
    if error.errno == errno.ENAMETOOLONG:  # no such file can be, and who chose the name is told so
        return error
    return RunError(f"{path} can't be read: {error.strerror}; move it away, or mend its rights")


def read_line(
    number: int, line: bytes, decode: Decode[T], beginning: re.Pattern[bytes], damaged: list[Damaged]
) -> Iterator[tuple[bytes, T | None]]:
    """Yield what can be read of one line, which ends with its newline; see ``scan_lines``."""
    if not line.strip():
        return
    line = line.removesuffix(b"\n")
    try:
        value = decode(line)
    except UNREADABLE as error:
        saved = list(_saved(line, decode, beginning))
        yield from saved
        lost = _lost(number, line, error, saved)
        damaged.append(lost)
        if lost.newer:
            yield line, None
        return
    yield line, value


def _saved(line: bytes, decode: Decode[T], beginning: re.Pattern[bytes]) -> Iterator[tuple[bytes, T]]:
    """Yield what can be read of a line that is several, or the torn beginning of one and a whole one."""
    starts = [match.start() for match in beginning.finditer(line)]
    for start, end in pairwise([*starts, len(line)]):
        piece = line[start : line.rfind(b"}", start, end) + 1]
        with suppress(*UNREADABLE):
            yield piece, decode(piece)


def _lost(number: int, line: bytes, error: Exception, saved: Sequence[tuple[bytes, object]]) -> Damaged:
    why = str(error) or type(error).__name__
    for data, _ in saved:
        line = line.replace(data, b"", 1)
    return Damaged(number=number, why=" ".join(why.split()), data=line, newer=newer_schema(line))


def newer_schema(data: bytes) -> str:
    """Return the schema of JSON that a newer llmbench has made; all that we ever made so far is version 1."""
    try:
        content = msgspec.json.decode(data)
    except UNREADABLE:
        return ""
    schema = content.get("schema") if isinstance(content, dict) else None
    match = _VERSION.fullmatch(schema) if isinstance(schema, str) else None
    return match[0] if match and int(match["number"]) > 1 else ""


def check_moment(text: str) -> None:
    """Refuse what is no time with its zone.

    Raises:
        ValueError: it is none.
    """
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError(f"'{text}' has no time zone")


def whole_text(text: object) -> str:
    """Return a text of unknown origin as one that can be written: half characters are spelt out."""
    return (text if isinstance(text, str) else repr(text)).encode(errors="backslashreplace").decode()


def misfit(value: object, error: Exception) -> str:
    """Say which field of ``value`` is wrong, and how, where writing or reading it back raised ``error``."""
    match = _MISFIT.fullmatch(str(error))
    if match and match["got"] != "null":
        return _expected(match)
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    for path, leaf in _leaves(value, ""):
        if reason := _wrong(leaf, is_number_wanted=match is not None):
            return f"{path.removeprefix('.')}: {reason}"
    if match:
        return _expected(match)
    return whole_text(error)


def _expected(match: re.Match[str]) -> str:
    expected = match["expected"].replace(" | ", " or ")
    return f"{match['path'] or 'all of it'}: expected {expected}, got {match['got']}"


def _wrong(leaf: object, *, is_number_wanted: bool) -> str:
    if isinstance(leaf, str):
        return "it holds half a character (a lone surrogate)" if _SURROGATE.search(leaf) else ""
    if isinstance(leaf, float):
        return f"{leaf} is no number" if is_number_wanted and not math.isfinite(leaf) else ""
    if leaf is None or isinstance(leaf, int | bytes):
        return ""
    try:
        _ENCODER.encode(leaf)
    except UNWRITABLE:
        return f"expected what JSON can hold, got {type(leaf).__name__}"
    return ""


def _leaves(value: object, path: str) -> Iterator[tuple[str, object]]:
    """Yield what is in a value, keys of mappings included, with the path to it."""
    if is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from _leaves(getattr(value, field.name), f"{path}.{field.name}")
    elif isinstance(value, Mapping):
        for key, content in value.items():
            yield path, key
            yield from _leaves(content, f"{path}.{whole_text(key)}")
    elif isinstance(value, list | tuple):
        for number, content in enumerate(value):
            yield from _leaves(content, f"{path}[{number}]")
    else:
        yield path, value


def shown_numbers(damaged: Sequence[Damaged]) -> str:
    """Return the numbers of lines, for messages: the first few."""
    shown = ", ".join(str(line.number) for line in damaged[:8])
    return f"{shown}{', …' if len(damaged) > 8 else ''}"
