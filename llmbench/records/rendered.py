"""What a server made of a small conversation, which is the same in all runs of one kind."""

import hashlib
from dataclasses import dataclass

from llmbench.api import Rendered
from llmbench.records.lines import whole_text

KEPT_CHARACTERS = 16_000
"""Of the text: a template that writes more of its own than that is told apart by its checksum."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedPrompt:
    """The prompt that the server's chat template made, read back at the beginning of a session."""

    asked: str
    """sha256 of what was to be rendered: messages, tools, and how to think."""
    sha256: str = ""
    """Of the whole text; empty where it can't be read back."""
    characters: int = 0
    text: str = ""
    """Its first 16,000 characters."""
    adds_bos: bool | None = None
    """Whether the server puts a beginning-of-sequence token before it; None where that is not known."""
    bos: str = ""
    """That token as text, where known."""
    problem: str = ""
    """Why there is no text, where that is known."""

    @property
    def readable(self) -> bool:
        """Whether there is a text."""
        return bool(self.sha256)


def kept(rendered: Rendered, asked: str) -> RenderedPrompt:
    """Return what is kept of a rendered conversation."""
    text = whole_text(rendered.text)
    return RenderedPrompt(
        asked=asked,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        characters=len(text),
        text=text[:KEPT_CHARACTERS],
        # It comes from a plugin, and must be readable again.
        adds_bos=rendered.adds_bos if isinstance(rendered.adds_bos, bool) else None,
        bos=whole_text(rendered.bos),
    )
