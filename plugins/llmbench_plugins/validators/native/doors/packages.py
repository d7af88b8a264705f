"""Go: what an answer's source does that reaches for the tests, the files beside it or other packages."""

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from llmbench.api import Files
from llmbench_plugins.validators.native.doors.syntax import nodes_of, root_of

if TYPE_CHECKING:
    from tree_sitter import Node

_PLACE = re.compile(r"\.go:\d+:\d+: ")
_UNDEFINED = re.compile(r"\.go:\d+:\d+: undefined: (\w+)$")
_DIRECTIVE = re.compile(rb"//go:(embed|linkname|cgo_\w+)\b")
_UNIVERSE = re.compile(
    "any|append|bool|byte|cap|close|comparable|complex(?:64|128)?|copy|delete|error|false|float(?:32|64)|imag"
    "|u?int(?:8|16|32|64)?|iota|len|make|new|nil|panic|print(?:ln)?|real|recover|rune|string|true|uintptr"
)
"""Words of the language that a package can redefine, but for such as packages wrote themselves once."""
_FOREIGN = {".s", ".S", ".syso", ".c", ".cc", ".cpp", ".cxx", ".h", ".hh", ".m", ".f", ".swig", ".swigcxx"}
_DECLARED = {"function_declaration", "type_spec", "type_alias", "var_spec", "const_spec"}
_GROUPS = {"type_declaration", "var_declaration", "const_declaration", "var_spec_list"}
_USED = {"identifier", "type_identifier", "true", "false", "nil", "iota"}


def reaching(answer: Files, tests: Files) -> str:
    """Return what an answer does, or an empty string."""
    folders = {_folder(path) for path in tests}
    used = set(_used(tests.values()))
    for path, content in answer.items():
        if PurePosixPath(path).suffix in _FOREIGN:
            return f"{path} is not Go, and could define what belongs to other packages"
        if not path.endswith(".go"):
            continue
        if directive := _directive(content):
            return f"{path} {_WHY.get(directive, _LINKS)}: //go:{directive}"
        if _folder(path) in folders and (word := min(_redefined(content) & used, default="")):
            return f"{path} redefines a word of the language that tests use: {word}"
    return ""


def may_lean(said: str, reference: Iterable[bytes]) -> bool:
    """Say whether all that a package lacks without its tests is what the reference takes from these, too."""
    wrong = [line for line in said.splitlines() if _PLACE.search(line)]
    names = [_UNDEFINED.search(line) for line in wrong]
    words = {word for content in reference for word in re.findall(rb"\w+", content)}
    return bool(wrong) and all(name is not None and name[1].encode() in words for name in names)


_LINKS = "reaches into other packages"
_WHY = {"embed": "takes files into the program, as the tests are"}


def _folder(path: str) -> str:
    return path.rpartition("/")[0] or "."


def _directive(content: bytes) -> str:
    """Return a directive of the compiler that stands in a comment of its own."""
    if not _DIRECTIVE.search(content):
        return ""
    root = root_of("go", content.removeprefix(b"\xef\xbb\xbf"))
    comments = [content] if root is None else [n.text or b"" for n in nodes_of(root) if n.type == "comment"]
    found = (_DIRECTIVE.search(text) if root is None else _DIRECTIVE.match(text) for text in comments)
    return next((each[1].decode() for each in found if each), "")


def _redefined(content: bytes) -> set[str]:
    """Return the words of the language that a file declares for its package."""
    root = root_of("go", content)
    return set() if root is None else {name for name in _names(root) if _UNIVERSE.fullmatch(name)}


def _names(root: "Node") -> Iterator[str]:
    waiting = list(root.children)
    while waiting:
        node = waiting.pop()
        if node.type in _GROUPS:
            waiting += node.children
        elif node.type in _DECLARED:
            for name in node.children_by_field_name("name"):
                yield (name.text or b"").decode(errors="replace")


def _used(tests: Iterable[bytes]) -> Iterator[str]:
    for content in tests:
        for node in nodes_of(root) if (root := root_of("go", content)) else ():
            if node.type in _USED:
                yield (node.text or b"").decode(errors="replace")
