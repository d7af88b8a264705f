"""The console that everything is printed on: what it is given is text, never markup.

Names, paths, answers and outputs come from outside; ``[/b]`` or ``:x:`` in them are letters. Styles are given
as styles, or as ``rich.text.Text``.
"""

import re
from collections.abc import Iterable
from typing import Any

import rich.console
from rich.segment import Segment

_BLANKS = re.compile(r"[ \t]+$", re.MULTILINE)


class Console(rich.console.Console):
    """A console of rich that takes no text for markup or for the name of an emoji."""

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, emoji=False, **options)

    def _render_buffer(self, buffer: Iterable[Segment]) -> str:
        """Leave out what rich fills lines with: in a file or a pipe it is noise that ``diff`` shows."""
        text = super()._render_buffer(buffer)
        return text if self.is_terminal else _BLANKS.sub("", text)
