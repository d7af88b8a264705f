"""Values as Hydra's grammar takes them: what it can't read is quoted, each value of a sweep by itself."""

import re
from collections.abc import Iterator, Sequence

# What the grammar takes without quotes in one value: characters, escapes, interpolations.
_PLAIN = re.compile(r"(?:[\w \t/\-+.$%*@?|:\\]|\\[()\[\]{}=,]|\$\{[^}]*\})*", re.ASCII)
_FUNCTION = re.compile(r"(?P<name>[A-Za-z_][\w-]*)\s*\((?P<arguments>.*)\)", re.ASCII | re.DOTALL)
_ARGUMENT = re.compile(r"(?P<name>[A-Za-z_]\w*=)?(?P<value>.*)", re.ASCII | re.DOTALL)
_QUOTED = re.compile(r"""\s*(?P<mark>['"])(?:\\.|(?!(?P=mark))[^\\])*(?P=mark)\s*""", re.DOTALL)
_NUMBER = re.compile(r"[+-]?[\d.][\d._]*(?:e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_CLOSERS = {"[": "]", "{": "}", "(": ")"}


def fit_sweep(value: str) -> str:
    """Return a value of a sweep as Hydra takes it: each part between commas is quoted where it must be."""
    parts = split(value)
    if len(parts) == 1 and (called := _FUNCTION.fullmatch(value)) and called["name"] == "choice":
        # The same, but that Hydra forgets the quotes of what is in it.
        parts = split(called["arguments"])
    return _each(parts)


def fit_container(value: str) -> str:
    """Return a list, a mapping or a call with quotes around the odd among its parts."""
    return _fit(value)


def fit_names(value: str) -> str:
    """Return names of files in a sweep; Hydra takes no bare number for one."""
    return ",".join(quoted(part) if _NUMBER.fullmatch(part) else _fit(part) for part in split(value))


def split(text: str) -> list[str]:
    """Split at the commas that are in no quotes, no brackets, and not escaped."""
    commas = list(_commas(text))
    starts, ends = [0, *(at + 1 for at in commas)], [*commas, len(text)]
    return [text[start:end].strip() for start, end in zip(starts, ends, strict=True)]


def quoted(text: str) -> str:
    """Return text in quotes, as Hydra reads it back to the letter."""
    # Backslashes mean something in front of a quote only, and the last one stands in front of ours.
    inner = re.sub(r"(\\*)('|\Z)", lambda found: found[1] * 2 + ("\\'" if found[2] else ""), text)
    return f"'{inner}'"


def _commas(text: str) -> Iterator[int]:
    """Yield where a comma separates; a bracket that is never closed is a letter as any other."""
    at, begins = 0, True
    while at < len(text):
        if begins and (found := _QUOTED.match(text, at)) and text[found.end() : found.end() + 1] in ("", ","):
            at, begins = found.end(), False
            continue
        letter = text[at]
        if letter == ",":
            yield at
        begins = letter == "," or (begins and letter.isspace())
        at = _behind(text, at) + 1 if letter in _CLOSERS else at + (2 if letter == "\\" else 1)


def _behind(text: str, at: int) -> int:
    """Return where the bracket at ``at`` is closed, or ``at`` itself where it is not."""
    closers = [_CLOSERS[text[at]]]
    place, begins = at + 1, True
    while place < len(text):
        if begins and (found := _QUOTED.match(text, place)):
            place, begins = found.end(), False
            continue
        letter = text[place]
        if letter == closers[-1]:
            closers.pop()
            if not closers:
                return place
        elif letter in _CLOSERS:
            closers.append(_CLOSERS[letter])
        begins = letter in ",:=" or letter in _CLOSERS or (begins and letter.isspace())
        place += 2 if letter == "\\" else 1
    return at


def _fit(part: str) -> str:
    if _PLAIN.fullmatch(part) or _QUOTED.fullmatch(part):
        return part
    if part[0] in "[{" and not _behind(part, 0):
        return part  # a list that is never closed is a slip, and Hydra says so
    if part[0] == "[" and _behind(part, 0) == len(part) - 1:
        return f"[{_each(split(part[1:-1]))}]"
    if part[0] == "{" and _behind(part, 0) == len(part) - 1:
        return f"{{{','.join(_fit_pair(pair) for pair in split(part[1:-1]))}}}"
    if called := _FUNCTION.fullmatch(part):
        return _fit_call(called["name"], split(called["arguments"]))
    return quoted(part.replace("\\,", ","))


def _each(parts: Sequence[str]) -> str:
    return ",".join(map(_fit, parts))


def _fit_pair(pair: str) -> str:
    key, colon, value = pair.partition(":")
    return f"{key}{colon}{_fit(value.strip())}"


def _fit_call(name: str, arguments: Sequence[str]) -> str:
    if name == "choice":  # it has no arguments with names, so `a=b` is a value
        return f"{name}({_each(arguments)})"
    found = [_ARGUMENT.fullmatch(argument) for argument in arguments]
    return f"{name}({','.join((one['name'] or '') + _fit(one['value']) for one in found if one)})"
