"""What may stand in a literal's place: values of its type and, where possible, of its length."""

import re

_NUMBER = re.compile(
    r"(?i)^(0x|0o|0b|)([0-9a-f_]+?)((?:_?[iu](?:8|16|32|64|128|size)|_?f(?:32|64)|n|[ul]+)?)$"
)
_FLOAT_DIGIT = re.compile(r"[1-9]")
_MANTISSA = re.compile(r"(?i)(?<=[0-9.])_?[ef].*$")
_PIECE = re.compile(
    r"\\(?:x[0-9a-fA-F]{2}|u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|.)|.", re.DOTALL
)
_PLAIN = re.compile(r"(?:[^\\^$.*+?()\[\]{}|]|\\\W){4,}")
_BASES = {"0x": "0123456789abcdef", "0o": "01234567", "0b": "01", "": "0123456789"}
_CLASSES = ("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789")
_MOST = 6


def other_integers(text: str) -> tuple[bytes, ...]:
    """Return integers that differ from one in the last digit, smaller ones if there are any.

    Smaller ones fit whatever type holds it.
    """
    if not (found := _NUMBER.match(text)):
        return ()
    prefix, digits, suffix = found.groups()
    octal = prefix == "" and len(digits) > 1 and digits[0] == "0"
    known = _BASES["0o" if octal else prefix.lower()]
    if (last := digits[-1].lower()) not in known:
        return ()
    at = known.index(last)
    chosen = known[:at][::-1][:_MOST] or known[1:5]
    return tuple(f"{prefix}{digits[:-1]}{digit}{suffix}".encode() for digit in chosen)


def other_floats(text: str) -> tuple[bytes, ...]:
    """Return numbers that differ from one in the first digit that is not zero: more than any tolerance."""
    if not (found := _FLOAT_DIGIT.search(_MANTISSA.sub("", text))):
        return tuple(text.replace("0", digit, 1).encode() for digit in "123")
    at = found.start()
    return tuple(f"{text[:at]}{d}{text[at + 1 :]}".encode() for d in "97531" if d != found[0])


def other_booleans(text: str) -> tuple[bytes, ...]:
    """Return the other one."""
    return {"true": (b"false",), "false": (b"true",), "True": (b"False",), "False": (b"True",)}.get(text, ())


def other_strings(text: str) -> tuple[bytes, ...]:
    """Return what may stand between a string's quotes: one with another letter or digit, or none at all."""
    if not text:
        return (b"q", b"Zw", b"7")
    pieces = _PIECE.findall(text)
    places = [at for at, piece in enumerate(pieces) if _class_of(piece)]
    places = places or [at for at, piece in enumerate(pieces) if len(piece) == 1 and piece in " -.,:;|_#*+="]
    # The first and the last are what tests look at that look at a part.
    chosen = dict.fromkeys([*places[:1], *places[-1:], *places[len(places) // 2 :][:1], *places[:3]])
    found = [_changed(pieces, at) for at in chosen]
    if "\n" not in text:
        found.append("")
    return tuple(each.encode() for each in found)


def is_plain(pattern: str) -> bool:
    """Say whether a regular expression is a text of some length, but for points that are escaped.

    What else it is, altered, may match what it did not, such as other words of a message.
    """
    return bool(_PLAIN.fullmatch(pattern))


def other_characters(text: str) -> tuple[bytes, ...]:
    """Return what may stand between the quotes of a single character."""
    if (known := _class_of(text)) is not None:
        at = known.index(text)
        return tuple(known[(at + step) % len(known)].encode() for step in (1, 3, 5))
    return () if len(text) != 1 else tuple(each.encode() for each in "qxz" if each != text)


def _class_of(piece: str) -> str | None:
    return next((known for known in _CLASSES if len(piece) == 1 and piece in known), None)


def _changed(pieces: list[str], at: int) -> str:
    known = _class_of(pieces[at])
    # Far from it in the alphabet, so that a plural or another case is none.
    other = "x" if known is None else known[(known.index(pieces[at]) + 7) % len(known)]
    return "".join([*pieces[:at], other, *pieces[at + 1 :]])
