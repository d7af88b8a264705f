"""The grammars of tree-sitter, each imported when the first text of its language is read."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Parser

GRAMMARS: Mapping[str, tuple[str, str]] = {
    "javascript": ("tree_sitter_javascript", "language"),
    "typescript": ("tree_sitter_typescript", "language_typescript"),
    "tsx": ("tree_sitter_typescript", "language_tsx"),
    "go": ("tree_sitter_go", "language"),
    "rust": ("tree_sitter_rust", "language"),
    "java": ("tree_sitter_java", "language"),
    "cpp": ("tree_sitter_cpp", "language"),
}
"""Modules, and their functions, by the names of languages."""


@cache
def parser_of(name: str) -> "Parser":
    """Return the parser of a language in ``GRAMMARS``."""
    from tree_sitter import Language, Parser

    module, function = GRAMMARS[name]
    return Parser(Language(getattr(import_module(module), function)()))
