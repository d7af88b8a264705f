"""Backend ``foo``: answers by rules, so that it needs no model and no server."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Annotated, Any, Self

from llmbench.api import Backend, Completion, Context, Finish, ModelProfile, Request, Timing, Usage, option
from llmbench.errors import ContextOverflowError

DO_NOT_KNOW = "I do not know."


@dataclass(frozen=True, slots=True)
class Rule:
    """What to answer to a question."""

    question: str
    """A regular expression, searched for in the last message."""
    answer: str


@dataclass(frozen=True, slots=True)
class FooOptions:
    """The keys of ``conf/backend/foo.yaml``. llmbench checks the YAML and the command line against them."""

    rules: tuple[Rule, ...] = ()
    """Tried in order."""
    context: Annotated[int, option(ge=1, help="words of question and answer together")] = 4096
    slots: Annotated[int, option(ge=1, identity=False, help="requests at once")] = 4


class Foo(Backend):
    """Answers with the first rule that fits; a word counts as a token."""

    Options = FooOptions

    def __init__(self, options: FooOptions, model: ModelProfile, context: Context) -> None:
        super().__init__(options, model, context)
        self._rules = [(re.compile(rule.question), rule.answer) for rule in options.rules]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop nothing: nothing was started."""

    async def complete(self, request: Request) -> Completion:
        """Answer the last message.

        Raises:
            ContextOverflowError: the messages hold more words than the context.
        """
        began = time.monotonic()
        words = sum(len(message.content.split()) for message in request.messages)
        if words >= self.options.context:
            raise ContextOverflowError(f"{words} words do not fit a context of {self.options.context}")
        answer = self._answer(request.messages[-1].content)
        content = _first_words(answer, request.max_tokens)
        return Completion(
            content=content,
            finish=Finish.STOP if content == answer else Finish.LENGTH,
            usage=Usage(prompt_tokens=words, completion_tokens=len(content.split())),
            timing=Timing(wall_s=time.monotonic() - began),
            model=self.model.name,
        )

    async def describe(self) -> Mapping[str, Any]:
        """Return what identifies this server."""
        return {"server": "foo", "context": self.options.context, "slots": self.options.slots}

    @property
    def capacity(self) -> int:
        """How many requests are answered at once."""
        slots: int = self.options.slots
        return slots

    def _answer(self, question: str) -> str:
        return next((answer for rule, answer in self._rules if rule.search(question)), DO_NOT_KNOW)


def _first_words(text: str, count: int) -> str:
    ends = [match.end() for match in re.finditer(r"\S+", text)]
    return text if len(ends) <= count else text[: ends[count - 1]]
