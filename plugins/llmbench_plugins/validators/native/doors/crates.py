"""Rust: what an answer's source does that reaches beyond its crate, or for the macros by which tests judge.

Words are found as tokens, in macros and attributes alike: in comments and texts they do no harm.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from llmbench.api import Files
from llmbench_plugins.validators.native.doors.syntax import nodes_of, root_of

if TYPE_CHECKING:
    from tree_sitter import Node

_LINKER = {"no_mangle", "export_name", "link_section", "global_asm"}
_JUDGES = {"assert", "assert_eq", "assert_ne", "debug_assert", "debug_assert_eq", "debug_assert_ne"}
_USUAL = {"panic", "unreachable", "matches", "vec", "include", "include_str", "include_bytes"}
"""Macros whose names are usual for other things."""
_COMMENTS = ("line_comment", "block_comment")
_ANY = re.compile("|".join(sorted(_LINKER | _JUDGES | _USUAL)).encode())
_STEERING = re.compile(r"(?:.*/)?(?:build\.rs|\.cargo/.*|rust-toolchain(?:\.toml)?)")


def reaching(answer: Files) -> str:
    """Return what an answer does, or an empty string."""
    for path, content in answer.items():
        if _STEERING.fullmatch(path):
            return f"{path} could change how tests are built and run"
        # Whatever its name is, a file may be included as source.
        if _ANY.search(content) and (what := _of_source(content)):
            return f"{path} {what}"
    return ""


def _of_source(content: bytes) -> str:
    root = root_of("rust", content)
    if root is None:
        found = next((word for word in sorted(_LINKER) if word.encode() in content), "")
        return f"reaches for the linker: {found}" if found else ""
    leaves = [node for node in nodes_of(root, without=_COMMENTS) if not node.children]
    words = ["", *((node.text or b"").decode(errors="replace").removeprefix("r#") for node in leaves), ""]
    for at, node in enumerate(leaves, 1):
        if "identifier" in node.type and (what := _of_word(words[at - 1], words[at], words[at + 1], node)):
            return what
    named = next((word for word in _defined(root) if word in _JUDGES | _USUAL), "")
    return f"redefines {named}!, by which tests are judged" if named else ""


def _of_word(before: str, word: str, after: str, node: "Node") -> str:
    """Return what a word means between two others."""
    if word in _LINKER and before != "." and _is_within(node, "attribute_item", "token_tree"):
        return f"reaches for the linker: {word}"
    if word == "global_asm" and after == "!":
        return f"reaches for the linker: {word}"
    if word in _JUDGES and before == "!":
        return f"redefines {word}!, by which tests are judged"
    if word in _JUDGES and after != "!" and _is_within(node, "token_tree", "macro_definition"):
        return f"redefines {word}!, by which tests are judged"
    return ""


def _is_within(node: "Node", *kinds: str) -> bool:
    return any(each.type in kinds for each in _above(node))


def _above(node: "Node") -> Iterator["Node"]:
    above = node.parent
    while above is not None:
        yield above
        above = above.parent


def _defined(root: "Node") -> Iterator[str]:
    """Return the names under which a file defines macros, or hands things on."""
    for node in nodes_of(root):
        names = []
        if node.type == "macro_definition":
            names = node.children_by_field_name("name")
        elif node.type == "use_declaration" and node.children[0].type == "visibility_modifier":
            clauses = [each for each in nodes_of(node) if each.type == "use_as_clause"]
            names = [name for each in clauses for name in each.children_by_field_name("alias")]
        for name in names:
            yield (name.text or b"").decode(errors="replace").removeprefix("r#")
