"""The console that everything is printed on: what it is given is text, never markup.

Names, paths, answers and outputs come from outside; ``[/b]`` or ``:x:`` in them are letters. Styles are given
as styles, or as ``rich.text.Text``.
"""

from typing import Any

import rich.console


class Console(rich.console.Console):
    """A console of rich that takes no text for markup or for the name of an emoji."""

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, emoji=False, **options)
