"""What `llmbench solve` does, told while it does it. All that comes from a model is inert."""

from collections.abc import Sequence

from rich.text import Text

from llmbench.api import Completion, Step
from llmbench.console import Console
from llmbench.records.transcript import CompletionEvent, ErrorEvent, Event, ToolEvent
from llmbench.report.words import count, inert, money, one_line, plural, seconds

_ARGUMENT = 60
_LINE = 120


class Teller:
    """Prints what happens: a line for each answer and each tool call, and what the model says."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._turn = 0

    def __call__(self, event: Event) -> None:
        """Tell of one event; secrets in it are masked already."""
        if isinstance(event, CompletionEvent):
            self._answer(event.completion)
        elif isinstance(event, ToolEvent):
            self._call(event.step)
        elif isinstance(event, ErrorEvent):
            self._say(Text(f"{event.kind}: {one_line(event.message)}", style="red"))

    def _answer(self, answer: Completion) -> None:
        self._turn += 1
        tokens = answer.usage.completion_tokens
        facts = [f"answer {self._turn}", *([] if tokens is None else [plural_tokens(tokens)])]
        self._say(Text(", ".join([*facts, seconds(answer.timing.wall_s)]), style="dim"))
        if answer.reasoning.strip():
            self._say(Text(f"  thinks: {one_line(answer.reasoning, _LINE)}", style="dim italic"))
        if answer.content.strip():
            self._say(Text(inert(answer.content.strip())))

    def _call(self, step: Step) -> None:
        given = " ".join(f"{name}={_short(value)}" for name, value in step.arguments.items())
        line = Text.assemble("  " * step.depth, "  ", (one_line(step.name), "cyan"), " ", given)
        if step.problem:
            line.append(f"  {step.problem}: {one_line(step.text, _LINE)}", style="yellow")
        self._say(line)

    def _say(self, line: Text) -> None:
        self._console.print(line, soft_wrap=True, highlight=False)


def show_patch(patch: str, console: Console) -> None:
    """Print a diff: in colours on a terminal, letter for letter elsewhere."""
    if not console.is_terminal:
        console.file.write(inert(patch))
        return
    from rich.syntax import Syntax

    console.print(Syntax(inert(patch), "diff", theme="ansi_dark", word_wrap=True))


def spent(completions: Sequence[Completion]) -> str:
    """Return what a conversation has used: ``3 answers, 812 tokens, 4.2 s``."""
    usages = [completion.usage for completion in completions]
    parts = [plural(len(usages), "answer")]
    if all(usage.completion_tokens is not None for usage in usages):
        parts.append(plural_tokens(sum(usage.completion_tokens or 0 for usage in usages)))
    parts.append(seconds(sum(completion.timing.wall_s for completion in completions)))
    costs = [usage.cost_usd for usage in usages if usage.cost_usd is not None]
    return ", ".join([*parts, *([money(sum(costs))] if costs else [])])


def plural_tokens(number: int) -> str:
    """Return ``1 token`` or ``1 234 tokens``."""
    return f"{count(number)} token{'' if number == 1 else 's'}"


def _short(value: object) -> str:
    text = value if isinstance(value, str) else repr(value)
    first = one_line(text.strip().splitlines()[0] if text.strip() else "", _ARGUMENT)
    return f"{first} …" if len(text.strip().splitlines()) > 1 else first
