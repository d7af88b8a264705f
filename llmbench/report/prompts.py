"""Whether two servers made the same prompt of the same messages, in a sentence."""

import re
from collections.abc import Mapping

from llmbench.report.words import count
from llmbench.score.prompts import Prompts

_SPACES = re.compile(" {2,}")
_UNKNOWN_WEIGHTS = "; whether their weights are the same is not known"


def prompts_text(found: Prompts, a: str, b: str) -> str:
    """Return what is to be said of the prompts of the servers ``a`` and ``b``."""
    if found.weights == "other":
        return "not held together: the weights are not the same, and other weights may want other prompts"
    unsure = _UNKNOWN_WEIGHTS if found.weights == "unknown" else ""
    return _sentence(found, {"a": a, "b": b}) + unsure


def _sentence(found: Prompts, names: dict[str, str]) -> str:
    match found.found:
        case "same":
            return f"byte for byte the same ({count(found.characters)} characters){_bos(found, names)}"
        case "apart":
            return _apart(found, names)
        case "unreadable":
            return _unreadable(found, names)
        case "other conversation":
            return "not held together: the agents send other kinds of messages (tools, a system message)"
        case "not noted":
            return "not noted by a run that was made by an older llmbench; make it again to see"


def _apart(found: Prompts, names: dict[str, str]) -> str:
    if found.at is None:
        return f"not the same, beyond the beginning that is kept of {count(found.characters)} characters"
    if found.bos_in is not None:
        return _only_bos(found, names)
    both = f"{names['a']} {quoted(found.a)} — {names['b']} {quoted(found.b)}"
    return f"part at character {count(found.at)}: {both}{_bos(found, names)}"


def _only_bos(found: Prompts, names: dict[str, str]) -> str:
    has, lacks = (names["a"], names["b"]) if found.bos_in == "a" else (names["b"], names["a"])
    said = f"the same but for the beginning-of-sequence token at the front of {has}'s"
    if found.bos_of_other is None:
        return f"{said}; whether {lacks} puts it there itself is not known"
    if not found.bos_of_other:
        return f"{said}; with {lacks} the model gets none"
    twice = found.bos_a and found.bos_b
    return f"{said}, which {lacks} puts there itself" + (
        f"; so does {has}, and the model may get it twice" if twice else ""
    )


def quoted(text: str) -> str:
    """Return a text in one line, in which all that is not the same can be seen, spaces included."""
    return _SPACES.sub(lambda spaces: "␣" * len(spaces[0]), repr(text))


def _bos(found: Prompts, names: dict[str, str]) -> str:
    """Say which server puts a beginning-of-sequence token before the text, where they do not do the same."""
    told = {"a": found.bos_a, "b": found.bos_b}
    if found.bos_apart:
        does = names["a" if found.bos_a else "b"]
        return f"; {does} alone puts a beginning-of-sequence token before it"
    silent = " and ".join(names[side] for side, adds in told.items() if adds is None)
    return f"; whether {silent} puts a beginning-of-sequence token before it is not known" if silent else ""


def _unreadable(found: Prompts, names: dict[str, str]) -> str:
    told = []
    for side, problem in zip(found.unreadable, found.problems, strict=True):
        told.append(f"{names[side]}'s can't be read back" + (f" ({problem})" if problem else ""))
    return "; ".join(told)


def prompts_line(found: Prompts | None, a: Mapping[str, str], b: Mapping[str, str]) -> str:
    """Return the sentence of two runs, given what each chose; empty where there is nothing to say.

    On one and the same backend, that nothing differs is no news.
    """
    one, other = a.get("backend", "?"), b.get("backend", "?")
    if found is None or (one == other and not found.is_cause):
        return ""
    return prompts_text(found, *((one, other) if one != other else ("A", "B")))
