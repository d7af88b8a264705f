"""Tool ``finish``: the work is done."""

from dataclasses import dataclass
from typing import Annotated

from llmbench.api import Scope, Tool, ToolResult, option


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishArguments:
    """How it ends."""

    summary: Annotated[str, option(help="what you did, in a sentence")] = ""


class Finish(Tool):
    """Ends the try: the files are handed in as they are."""

    name = "finish"
    description = "Hand in the files as they are now and stop working."
    kind = "end"
    Arguments = FinishArguments
    argument_aliases = {  # noqa: RUF012
        "message": "summary",
        "result": "summary",
        "answer": "summary",
        "text": "summary",
    }

    async def call(self, arguments: FinishArguments, scope: Scope) -> ToolResult:
        """End."""
        return ToolResult(text="handed in", ends=True)
