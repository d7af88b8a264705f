"""Whether two servers made the same prompt of the same messages: told only where the weights are the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from llmbench.records.manifest import Manifest, Session
from llmbench.records.rendered import RenderedPrompt

Side = Literal["a", "b"]
_AROUND = 16
"""Characters of what both have in common, shown before the place where they part."""
_SHOWN = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompts:
    """Two servers' prompts, held together."""

    weights: Literal["same", "other", "unknown"]
    """By their SHA-256; ``unknown`` where a server does not tell it."""
    found: Literal["same", "apart", "unreadable", "other conversation", "not noted"]
    """``other conversation``: one agent sends tools or a system message, the other does not."""
    at: int | None = None
    """Where the texts part, in characters from 0; None where that is beyond what is kept of them."""
    characters: int = 0
    """Of the longer text."""
    a: str = ""
    """The text around the place where they part."""
    b: str = ""
    bos_in: Side | None = None
    """Whose text is the other's with a beginning-of-sequence token before it; None where it is not so."""
    unreadable: tuple[Side, ...] = ()
    """Whose prompt can't be read back."""
    problems: tuple[str, ...] = ()
    """Why, where that is known; as long as ``unreadable``."""
    bos_a: bool | None = None
    """Whether A's server puts a beginning-of-sequence token before the text; None where that is not known."""
    bos_b: bool | None = None

    @property
    def is_cause(self) -> bool:
        """Whether it may be why the scores differ: of other weights, other prompts are to be expected."""
        if self.weights == "other":
            return False
        if self.bos_in is not None:
            return self.bos_of_other is not True
        return self.found == "apart" or (self.found == "same" and self.bos_apart)

    @property
    def bos_of_other(self) -> bool | None:
        """Whether the server without the token in its text puts it there itself."""
        return self.bos_b if self.bos_in == "a" else self.bos_a

    @property
    def bos_apart(self) -> bool:
        """Whether one server is known to put a token before the text, and the other not to."""
        return None not in (self.bos_a, self.bos_b) and self.bos_a != self.bos_b


def prompts_of(a: Manifest, b: Manifest) -> Prompts | None:
    """Hold the prompts of two runs together; None where that would answer nobody's question.

    It would not where the models are others by name and by weights, where neither weights nor prompts are
    known, or where a run asked no server.
    """
    ours, theirs = session_of(a), session_of(b)
    if ours is None or theirs is None:
        return None
    weights = _weights(ours.server, theirs.server)
    if weights != "same" and a.names.get("model") != b.names.get("model"):
        return None
    one, other = ours.rendered, theirs.rendered
    if one is None or other is None:
        found = Prompts(weights=weights, found="not noted")
    else:
        found = _held_together(one, other, weights)
    is_known = found.found in ("same", "apart") or any(found.problems)
    return found if is_known or weights != "unknown" else None


def session_of(manifest: Manifest) -> Session | None:
    """Return the last session that had a server."""
    return next((session for session in reversed(manifest.sessions) if session.server), None)


def _weights(a: Mapping[str, Any], b: Mapping[str, Any]) -> Literal["same", "other", "unknown"]:
    ours, theirs = a.get("weights_sha256"), b.get("weights_sha256")
    if not ours or not theirs:
        return "unknown"
    return "same" if ours == theirs else "other"


def _held_together(
    a: RenderedPrompt, b: RenderedPrompt, weights: Literal["same", "other", "unknown"]
) -> Prompts:
    if a.asked != b.asked:
        return Prompts(weights=weights, found="other conversation")
    sides: tuple[tuple[Side, RenderedPrompt], ...] = (("a", a), ("b", b))
    missing = [(side, prompt.problem) for side, prompt in sides if not prompt.readable]
    if missing:
        unreadable, problems = zip(*missing, strict=True)
        return Prompts(weights=weights, found="unreadable", unreadable=unreadable, problems=problems)
    if a.sha256 == b.sha256:
        return Prompts(
            weights=weights, found="same", characters=a.characters, bos_a=a.adds_bos, bos_b=b.adds_bos
        )
    at = parting(a.text, b.text)
    return Prompts(
        weights=weights,
        found="apart",
        at=at,
        characters=max(a.characters, b.characters),
        a=around(a.text, at),
        b=around(b.text, at),
        bos_in=_bos_in(a, b),
        bos_a=a.adds_bos,
        bos_b=b.adds_bos,
    )


def parting(a: str, b: str) -> int | None:
    """Return the first place at which two texts are not the same; None where there is none."""
    common = next((at for at, (one, other) in enumerate(zip(a, b, strict=False)) if one != other), None)
    return common if common is not None or len(a) == len(b) else min(len(a), len(b))


def around(text: str, at: int | None) -> str:
    """Return a text around a place, with a few characters before it."""
    begin = max(0, at - _AROUND) if at is not None else len(text)
    end = begin + _SHOWN
    return ("…" if begin else "") + text[begin:end] + ("…" if end < len(text) else "")


def _bos_in(a: RenderedPrompt, b: RenderedPrompt) -> Side | None:
    """Return whose text is the other's with such a token before it, as far as a server names the token."""
    for token in filter(None, (a.bos, b.bos)):
        if token + b.text == a.text:
            return "a"
        if token + a.text == b.text:
            return "b"
    return None
