"""Walking the syntax trees of tree-sitter."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from llmbench_plugins.shared.grammars import parser_of

if TYPE_CHECKING:
    from tree_sitter import Node


def root_of(language: str, source: bytes) -> "Node":
    """Return a source's tree, with errors in it if it has any."""
    return parser_of(language).parse(source).root_node


def text_of(node: "Node | None") -> str:
    """Return what a node consists of."""
    return node.text.decode(errors="replace") if node is not None and node.text else ""


def walk(node: "Node", *, into: frozenset[str] | None = None) -> Iterator["Node"]:
    """Return a node and all below it, in the order of the source.

    Args:
        into: types of the nodes whose children are looked at; all where it is None.
    """
    waiting = [node]
    while waiting:
        one = waiting.pop()
        yield one
        if into is None or one.type in into:
            waiting += reversed(one.children)


def of_type(node: "Node", *types: str) -> list["Node"]:
    """Return all nodes of some types in a node."""
    return [one for one in walk(node) if one.type in types]


def within(node: "Node", outer: "Node | None") -> bool:
    """Say whether a node lies in another."""
    return outer is not None and outer.start_byte <= node.start_byte and node.end_byte <= outer.end_byte
