"""What a file of tests in Rust consists of, and which test reaches what."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from llmbench_plugins.validators.native.altered.syntax import of_type, root_of, text_of, walk

if TYPE_CHECKING:
    from tree_sitter import Node

_ITEMS = ("function_item", "const_item", "static_item", "macro_definition")
_TEST = re.compile(r"#\s*\[\s*(?:\w+::)*test\s*\]")


@dataclass(frozen=True, slots=True)
class Item:
    """A function, a constant or a macro of a file of tests."""

    modules: tuple[str, ...]
    name: str
    node: "Node"
    attributes: tuple["Node", ...] = ()

    @property
    def is_test(self) -> bool:
        """Whether it is one."""
        return any(_TEST.match(text_of(one)) for one in self.attributes)

    @property
    def full_name(self) -> str:
        """Its name with its modules'."""
        return "::".join([*self.modules, self.name])


@dataclass(frozen=True)
class TestFile:
    """One file of integration tests."""

    __test__ = False  # pytest takes names that begin with Test for its own
    source: bytes = field(repr=False)

    @cached_property
    def root(self) -> "Node":
        """The file's tree."""
        return root_of("rust", self.source)

    @cached_property
    def items(self) -> list[Item]:
        """What is declared in the file, in modules as well."""
        return list(_items(self.root, ()))

    @cached_property
    def reached_by(self) -> dict[str, set[str]]:
        """The tests that reach an item, by full names."""
        reached: dict[str, set[str]] = {item.full_name: set() for item in self.items}
        uses = {item.full_name: self._uses(item) for item in self.items}
        for test in (item for item in self.items if item.is_test):
            waiting, seen = [test.full_name], {test.full_name}
            while waiting:
                name = waiting.pop()
                reached[name].add(test.full_name)
                new = uses[name] - seen
                seen |= new
                waiting += new
        return reached

    @cached_property
    def compared(self) -> set[str]:
        """The names that stand alone in what assertions compare."""
        return {
            text_of(operand[0]).removeprefix("&")
            for macro in assertions(self.root)
            for operand in operands(macro)
            for operand in [[one for one in operand if text_of(one) not in "&*"]]
            if len(operand) == 1
        }

    @cached_property
    def variants(self) -> dict[str, set[str]]:
        """What stands behind the name of a type that tests use, by that name."""
        found: dict[str, set[str]] = {}
        pattern = rb"\b([A-Z]\w*)\s*::\s*([A-Z][A-Za-z0-9]*)\b(?!\s*[({<:])"
        for type_name, variant in re.findall(pattern, self.source):
            found.setdefault(type_name.decode(), set()).add(variant.decode())
        return found

    def helper(self, name: str) -> Item | None:
        """Return the function of a name that is no test."""
        return next(
            (i for i in self.items if i.name == name and i.node.type == "function_item" and not i.is_test),
            None,
        )

    def _uses(self, item: Item) -> set[str]:
        names = {text_of(one) for one in walk(item.node) if one.type in ("identifier", "field_identifier")}
        found: dict[str, Item] = {}
        for other in self.items:
            nearer = other.name not in found or len(other.modules) > len(found[other.name].modules)
            if other.name in names and nearer and item.modules[: len(other.modules)] == other.modules:
                found[other.name] = other
        # What is in a module of its own is named by its path.
        beside = {other.full_name for other in self.items if other.name in names and other.name not in found}
        return {one.full_name for one in found.values()} | beside


def _items(node: "Node", modules: tuple[str, ...]) -> Iterator[Item]:
    attributes: list[Node] = []
    for one in node.named_children:
        if one.type == "attribute_item":
            attributes.append(one)
            continue
        name = text_of(one.child_by_field_name("name"))
        if one.type in _ITEMS:
            yield Item(modules, name, one, tuple(attributes))
        elif one.type in ("mod_item", "impl_item"):
            body = one.child_by_field_name("body")
            if body is not None:
                yield from _items(body, (*modules, name) if one.type == "mod_item" else modules)
        if "comment" not in one.type:
            attributes = []


def assertions(node: "Node") -> list["Node"]:
    """Return the calls of macros that compare or ask."""
    return [
        one
        for one in of_type(node, "macro_invocation")
        if text_of(one.child_by_field_name("macro")) in ("assert_eq", "assert_ne", "assert", "assert_matches")
    ]


def operands(macro: "Node") -> list[list["Node"]]:
    """Return the parts of what a macro compares: two, or those beside ``==``, or one."""
    tree = next((one for one in macro.children if one.type == "token_tree"), None)
    if tree is None:
        return []
    parts: list[list[Node]] = [[]]
    for one in tree.children[1:-1]:
        if text_of(one) == ",":
            parts.append([])
        else:
            parts[-1].append(one)
    parts = [part for part in parts if part]
    if text_of(macro.child_by_field_name("macro")) != "assert":
        return parts[:2]
    first = parts[0] if parts else []
    at = next((number for number, one in enumerate(first) if text_of(one) == "=="), None)
    return [first] if at is None else [part for part in (first[:at], first[at + 1 :]) if part]
