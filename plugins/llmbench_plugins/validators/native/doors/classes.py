"""Java: which compiled classes are the tests' and which the answer's, and what these may not speak of.

The tests' classes never lie on a disk that the answer can read. The answer's speak neither of them nor of
what judges: an object that brings its own assertion would be asked by it.
"""

import struct
from collections.abc import Collection, Iterator
from pathlib import PurePosixPath

from llmbench.api import Files
from llmbench_plugins.validators.native.doors.syntax import root_of

_JUDGES = ("org/junit/", "org/assertj/", "org/opentest4j/", "org/hamcrest/", "org/mockito/")
_DECLARATIONS = {
    "class_declaration",
    "interface_declaration",
    "enum_declaration",
    "record_declaration",
    "annotation_type_declaration",
}
_CLASS, _UTF8 = 7, 1
_SIZES = {3: 4, 4: 4, 5: 8, 6: 8, 8: 2, 9: 4, 10: 4, 11: 4, 12: 4, 15: 3, 16: 2, 17: 4, 18: 4, 19: 2, 20: 2}
"""Bytes of each kind of constant but texts and classes; of 5 and 6, each takes two places."""


def parted(classes: Files, hidden: Files) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Return the tests' classes and the answer's, both by names such as ``pkg/Name$1``."""
    tops = declared(hidden)
    tests = {name: content for name, content in classes.items() if _top(name) in tops}
    return tests, {name: content for name, content in classes.items() if name not in tests}


def declared(sources: Files) -> set[str]:
    """Return the classes that sources declare outside of others: ``pkg/Name``."""
    return {
        name for path, content in sources.items() if path.endswith(".java") for name in _declared(content)
    }


def reaching(
    classes: Files, answer: Files, tests: Collection[str], reference: Collection[bytes]
) -> tuple[dict[str, bytes], str]:
    """Return the answer's classes without its own tests, and what one of the others reaches for, if it does.

    What the reference speaks of, an answer may: helpers that the tests bring, for one.
    """
    simple = {name: name.rpartition("/")[2].encode() for name in map(_top, tests)}
    secret = {name for name, word in simple.items() if not any(word in text for text in reference)}
    kept = {}
    for name, content in classes.items():
        named = set(_classes_named(content))
        if judge := min((each for each in named if each.startswith(_JUDGES)), default=""):
            if _is_own_test(_top(name), answer):
                continue
            return {}, f"the answer's class {name} uses {judge}, by which tests judge"
        if test := min((each for each in named if _top(each) in secret), default=""):
            return {}, f"the answer's class {name} uses {test}, a class of the tests"
        kept[name] = content
    return kept, ""


def _top(name: str) -> str:
    """Return the class outside of which there is none; a name may begin with ``$``."""
    folder, slash, simple = name.rpartition("/")
    return folder + slash + simple[0] + simple[1:].partition("$")[0]


def _is_own_test(top: str, answer: Files) -> bool:
    """Say whether an answer's class lies where people put tests of their own."""
    return any(path.endswith(f"/{top}.java") and "test" in PurePosixPath(path).parts[:-1] for path in answer)


def _declared(source: bytes) -> Iterator[str]:
    if (root := root_of("java", source)) is None:
        return
    package = ""
    for node in root.children:
        if node.type == "package_declaration":
            package = "".join(
                (child.text or b"").decode(errors="replace")
                for child in node.named_children
                if child.type in ("scoped_identifier", "identifier")
            )
        elif node.type in _DECLARATIONS and (name := node.child_by_field_name("name")) and name.text:
            yield f"{package.replace('.', '/')}/{name.text.decode(errors='replace')}".lstrip("/")


def _classes_named(content: bytes) -> Iterator[str]:
    """Return the classes that a class file names, as its table of constants has them."""
    texts, classes = _constants(content)
    for index in classes:
        name = texts.get(index, b"").decode("latin-1")
        yield name.lstrip("[").removeprefix("L").removesuffix(";") if name.startswith("[") else name


def _constants(content: bytes) -> tuple[dict[int, bytes], list[int]]:
    """Return texts by their place, and the places of classes' names. What javac wrote is well formed."""
    texts: dict[int, bytes] = {}
    classes: list[int] = []
    (count,) = struct.unpack_from(">H", content, 8)
    at, index = 10, 1
    while index < count:
        kind = content[at]
        if kind == _UTF8:
            (length,) = struct.unpack_from(">H", content, at + 1)
            texts[index] = content[at + 3 : at + 3 + length]
            at += 3 + length
        elif kind == _CLASS:
            classes += struct.unpack_from(">H", content, at + 1)
            at += 3
        else:
            at += 1 + _SIZES[kind]
        index += 2 if kind in (5, 6) else 1
    return texts, classes
