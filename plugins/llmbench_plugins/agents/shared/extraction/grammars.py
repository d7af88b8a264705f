"""What a piece of text is in other languages than Python, by the grammars of tree-sitter.

They are imported when the first text of their language is read: a run of Python tasks never loads them.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from llmbench_plugins.agents.shared.extraction.reader import Parsed, is_elided
from llmbench_plugins.shared.grammars import GRAMMARS, parser_of

if TYPE_CHECKING:
    from tree_sitter import Node, Parser, Tree

_BY_SUFFIX = {".ts": "typescript", ".mts": "typescript", ".cts": "typescript", ".tsx": "tsx"}
_DEEPEST = 6
_PIECE = 4096
_LEAST_STEPS, _BYTES_A_STEP = 1000, 4
"""The parser counts a step for some thirty bytes of code; text that is none can take it minutes."""
_BODIES = re.compile(
    r"^(?:block|statement_block|compound_statement|function_body|constructor_body|.*parameter.*|.*argument.*)$"
)
_FENCE = re.compile(r"^[ \t]*```", re.MULTILINE)
"""No script holds an unescaped mark at a line's beginning, yet pairs of them parse as templates."""


def look_of(path: str, family: str) -> Callable[[str], Parsed] | None:
    """Return how to read a file's language, or None where there is no grammar for it."""
    name = _BY_SUFFIX.get(PurePosixPath(path).suffix, family)
    return partial(_look, name) if name in GRAMMARS else None


def _look(name: str, text: str) -> Parsed:
    tree = _tree(parser_of(name), text.encode(errors="replace"))
    if tree is None:
        return Parsed(problem=1, stub=is_elided(text))
    problem = _first_error(tree.root_node) if tree.root_node.has_error else None
    if _BY_SUFFIX.get(f".{name}", name) in ("javascript", "typescript", "tsx") and (
        mark := _FENCE.search(text)
    ):
        line = text.count("\n", 0, mark.start()) + 1
        problem = min(problem or line, line)
    return Parsed(
        problem=problem,
        names=frozenset(_names(tree.root_node)),
        stub=is_elided(text),
        substance=any(not child.type.endswith("comment") for child in tree.root_node.named_children),
    )


def _tree(parser: "Parser", data: bytes) -> "Tree | None":
    """Return a text's tree; None where it is so little code that the search for a repair would not end."""
    steps = iter(range(_LEAST_STEPS + len(data) // _BYTES_A_STEP))
    try:
        return parser.parse(
            lambda at, _: data[at : at + _PIECE],
            progress_callback=lambda at, wrong: next(steps, None) is None,
        )
    except ValueError:
        parser.reset()
        return None


def _first_error(root: "Node") -> int:
    """Return the line of the first node that is an error, or stands for something missing."""
    node = root
    while not (node.is_error or node.is_missing):
        child = next((child for child in node.children if child.has_error or child.is_missing), None)
        if child is None:
            break
        node = child
    return int(node.start_point.row) + 1


def _names(root: "Node") -> Iterator[str]:
    waiting = [(root, 0)]
    while waiting:
        node, depth = waiting.pop()
        for field in ("name", "declarator"):
            named = node.child_by_field_name(field)
            if named is not None and not named.named_child_count and named.text:
                yield named.text.decode(errors="replace")
        if depth < _DEEPEST:
            inner = (child for child in node.named_children if not _BODIES.match(child.type))
            waiting += [(child, depth + 1) for child in inner]
