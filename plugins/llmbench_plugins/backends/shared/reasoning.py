"""Whether a model really thought as it was told to: the same check for every server."""

from collections.abc import Callable, Mapping
from typing import Any

from llmbench.api import Completion, Reasoning, Request

_ENOUGH = 3
"""So many answers without thinking are no accident; a single easy question may need none."""


class ReasoningWatch:
    """Looks at each answer and warns once where thinking came unasked, or never came."""

    def __init__(self, reasoning: Reasoning, warn: Callable[[str], None], *, cure: str) -> None:
        """Watch for ``reasoning`` as the profile has it; ``cure`` ends each warning."""
        self._reasoning = reasoning
        self._warn = warn
        self._cure = cure
        self._answers = 0
        self._thought = 0
        self._warned = False

    def look(self, request: Request, completion: Completion) -> Completion:
        """Take an answer into account and return it."""
        thought = bool(completion.reasoning or completion.usage.reasoning_tokens)
        self._answers += 1
        self._thought += thought
        if thought and not request.reasoning.enabled:
            self._say("the model thought, although model.reasoning.enabled is false")
        elif request.reasoning.enabled and self._answers == _ENOUGH and not self._thought:
            self._say(
                f"the first {_ENOUGH} answers hold no reasoning, although model.reasoning.enabled is true"
            )
        return completion

    def described(self) -> Mapping[str, Any]:
        """Return what was asked for, and what came of it so far."""
        reasoning = self._reasoning
        asked = (reasoning.level or "on") if reasoning.enabled else "off"
        seen = {"answers": self._answers, "with_reasoning": self._thought} if self._answers else {}
        return {"asked": asked, **seen}

    def _say(self, what: str) -> None:
        if not self._warned:
            self._warned = True
            self._warn(f"{what}; {self._cure}")
