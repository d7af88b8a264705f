"""Source text as the grammars of tree-sitter read it; they are imported when a text of theirs is read."""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

_PIECE = 4096
_LEAST_STEPS, _BYTES_A_STEP = 1000, 4
"""The parser counts a step for some thirty bytes of code; text that is none can take it minutes."""


def root_of(language: str, text: bytes) -> "Node | None":
    """Return the tree of a text; None where it is so little code that reading it would not end."""
    parser = _parser(language)
    steps = iter(range(_LEAST_STEPS + len(text) // _BYTES_A_STEP))
    try:
        return parser.parse(
            lambda at, _: text[at : at + _PIECE],
            progress_callback=lambda at, wrong: next(steps, None) is None,
        ).root_node
    except ValueError:
        parser.reset()
        return None


def nodes_of(root: "Node", *, without: tuple[str, ...] = ()) -> Iterator["Node"]:
    """Return a node and all below it, in the order of the text, however deep they are."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.type in without:
            continue
        yield node
        waiting += reversed(node.children)


@cache
def _parser(language: str) -> "Parser":
    from tree_sitter import Language, Parser

    return Parser(Language(import_module(f"tree_sitter_{language}").language()))
