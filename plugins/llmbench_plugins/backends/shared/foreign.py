"""Foreign values as ours: JSON that is nearly JSON, numbers, words and shapes, converted once, at the edge.

What can't be understood becomes None, an empty text or an empty collection: only reading JSON raises.
"""

import json
import math
import re
from collections.abc import Mapping
from typing import Any

import msgspec

_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_LONE = re.compile("[\ud800-\udc7f\udd00-\udfff]")
"""Halves without their other half, but for those that stand for a byte (``surrogateescape``)."""
_MOST = 2**63 - 1


class NotJson(ValueError):
    """Not even nearly JSON."""


def loads(data: bytes | str) -> Any:
    """Decode JSON: strictly and fast, and leniently where that fails.

    Raises:
        NotJson: it can't be read.
    """
    try:
        return strictly(data)
    except NotJson as error:
        return leniently(data, error)


def strictly(data: bytes | str) -> Any:
    """Decode what is JSON to the letter.

    Raises:
        NotJson: it is not.
    """
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise NotJson(str(error)) from None


def leniently(data: bytes | str, problem: NotJson) -> Any:
    """Decode what is nearly JSON, once ``strictly`` has failed with ``problem``.

    Taken are lone halves of surrogate pairs, NaN and Infinity (as null), bytes that are no UTF-8, and control
    characters in strings. Such halves and bytes stay surrogates, for their other part may come with the next
    piece: ``whole_text`` makes text of them.

    Raises:
        NotJson: it is not even that: ``problem``.
    """
    try:
        return _LENIENT.decode(_as_text(data).strip("\ufeff \t\r\n\0"))
    except (ValueError, RecursionError):
        raise problem from None


def split_values(data: bytes) -> tuple[list[bytes], bytes]:
    """Part JSON values that stand one behind the other; what is not whole comes apart from them."""
    text = _as_text(data)
    found, at = [], 0
    while (begins := _VALUE.search(text, at)) is not None:
        try:
            _, ends = _LENIENT.raw_decode(text, begins.start())
        except (ValueError, RecursionError):
            break
        found.append(_as_bytes(text[begins.start() : ends]))
        at = ends
    return found, _as_bytes(text[at:].strip())


def whole_text(text: str) -> str:
    """Join the halves of surrogate pairs and the bytes of characters; what stays alone becomes U+FFFD."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        text = _PAIR.sub(lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"), text)
        return _LONE.sub("\ufffd", text).encode(errors="surrogateescape").decode(errors="replace")
    return text


def storable(value: Any) -> Any:
    """Return decoded JSON as it can be written: texts whole, numbers finite."""
    if isinstance(value, str):
        return whole_text(value)
    if isinstance(value, dict):
        return {whole_text(str(key)): storable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def dumps(value: Any) -> str:
    """Encode as JSON for a transcript, whatever it holds."""
    try:
        return msgspec.json.encode(value).decode()
    except (UnicodeEncodeError, TypeError):
        return msgspec.json.encode(storable(value), enc_hook=str).decode()


def number(value: object) -> float | None:
    """Return a finite number, also one that came as text (``"0.001"``); a truth value is none."""
    if isinstance(value, str):
        try:
            value = float(value.strip().lstrip("$") if len(value) < 64 else "")
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def amount(value: object) -> float | None:
    """Return a number that is not negative, such as a price or a speed."""
    found = number(value)
    return found if found is not None and found >= 0 else None


def count(value: object) -> int | None:
    """Return a whole number that is not negative, also one that came as ``11.0`` or ``"11"``."""
    found = value if isinstance(value, int) and not isinstance(value, bool) else number(value)
    if found is None or not 0 <= found <= _MOST or found != int(found):
        return None
    return int(found)


def word(value: object) -> str:
    """Return a name: a text, or what an object calls ``name``, ``id``, ``type`` or ``text``; else nothing."""
    if isinstance(value, str):
        return whole_text(value)
    if isinstance(value, dict):
        return next((word(value[key]) for key in ("name", "id", "type", "text") if value.get(key)), "")
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return ""


def mapping(value: object) -> Mapping[str, Any]:
    """Return an object: the value, or the last object of a list; else an empty one."""
    if isinstance(value, list):
        value = next((item for item in reversed(value) if isinstance(item, dict)), None)
    return value if isinstance(value, dict) else {}


def entries(value: object) -> list[Mapping[str, Any]]:
    """Return the objects of a list; an object alone is a list of one."""
    if isinstance(value, list):
        return [item for item in value if isinstance(item, dict)]
    return [value] if isinstance(value, dict) else []


def listed(data: object, key: str) -> list[Mapping[str, Any]]:
    """Return the objects that a listing holds under a key; a list alone is one too."""
    return entries(data.get(key) if isinstance(data, dict) else data)


def section(data: object, *keys: str) -> Mapping[str, Any]:
    """Return the object that lies at the end of a way of keys; an empty one where there is none."""
    for key in keys:
        data = mapping(data).get(key)
    return mapping(data)


def _as_text(data: bytes | str) -> str:
    if isinstance(data, str):
        return data
    try:
        return bytes(data).decode(errors="surrogatepass")
    except UnicodeDecodeError:
        return bytes(data).decode(errors="surrogateescape")


def _as_bytes(text: str) -> bytes:
    try:
        return text.encode(errors="surrogateescape")
    except UnicodeEncodeError:
        return text.encode(errors="surrogatepass")


def _no_number(name: str) -> None:
    return None


_VALUE = re.compile(r"[{\[]")
_LENIENT = json.JSONDecoder(strict=False, parse_constant=_no_number)
