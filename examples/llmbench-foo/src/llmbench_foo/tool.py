"""Tool ``count_words``: what an agent's model may call beside the tools that ship with llmbench."""

from dataclasses import dataclass
from typing import Annotated

from llmbench.api import Scope, Tool, ToolError, ToolResult, as_text, option


@dataclass(frozen=True, slots=True)
class CountOptions:
    """The keys below ``agent.tool_options.count_words``."""

    longest: Annotated[int, option(ge=0, help="name so many of the longest words")] = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class CountArguments:
    """What the model gives; its JSON Schema is what the model sees."""

    path: Annotated[str, option(help="file, relative to the root of the workspace")]


class CountWords(Tool):
    """Counts the words of a file."""

    Options = CountOptions
    options: CountOptions
    name = "count_words"
    aliases = ("wc",)
    description = "Count the words of a text file, and name the longest."
    kind = "read"
    Arguments = CountArguments
    argument_aliases = {"file_path": "path"}  # noqa: RUF012 - nobody changes it

    async def call(self, arguments: CountArguments, scope: Scope) -> ToolResult:
        """Read through the scope: it keeps the path inside the workspace, and says which files there are."""
        text = as_text(scope.read(arguments.path))
        if text is None:
            raise ToolError(f"{arguments.path} is binary; only text has words")
        words = text.split()
        longest = sorted(set(words), key=lambda word: (-len(word), word))[: self.options.longest]
        named = f"; longest: {', '.join(word[:40] for word in longest)}" if longest else ""
        return ToolResult(text=f"{len(words)} words{named}")
