"""Names in JavaScript, Go, Rust and C++, told by the tokens around them."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import PurePosixPath

from llmbench_plugins.datasets.shared.twins.found import Found
from llmbench_plugins.datasets.shared.twins.lexing import literal
from llmbench_plugins.datasets.shared.twins.tokens import NEWLINE, Tokens, after_path, quoted_words, tokens


def names_in(text: str, language: str) -> Found:
    """Return what a file says about names."""
    return _READERS[language](text)


_BEFORE_MEMBER = ("{", "}", ";", "get", "set", "static", "async", "*")


def _javascript(text: str) -> Found:
    found = tokens(text, "javascript")
    free, members = _javascript_definitions(found)
    barred, modules = _javascript_imports(found)
    return Found(
        free=frozenset(free),
        members=frozenset(members),
        barred=barred,
        modules=modules,
        quoted=quoted_words(found),
    )


def _javascript_definitions(found: Tokens) -> tuple[set[str], set[str]]:
    """Return what the module defines, and the members of its classes."""
    free: set[str] = set()
    members: set[str] = set()
    blocks: list[str] = []
    opening, depth = "", 0
    for place, piece in enumerate(found.pieces):
        before, after = found.text(place - 1), found.text(place + 1)
        if piece.kind == "mark":
            opening = _track(piece.text, blocks, opening)
            depth += (piece.text == "(") - (piece.text == ")")
        elif piece.kind == "name" and before != "." and not depth:
            opening = "class" if piece.text == "class" else opening
            if not blocks and _javascript_declares(found, place):
                free.add(piece.text)
            elif blocks[-1:] == ["class"] and after in ("(", "=") and before in _BEFORE_MEMBER:
                members.add(piece.text)
    return free, members


def _javascript_declares(found: Tokens, place: int) -> bool:
    before = found.text(place - 1)
    is_generator = before == "*" and found.text(place - 2) == "function"
    return is_generator or before in ("function", "class", "const", "let", "var")


def _track(mark: str, blocks: list[str], opening: str) -> str:
    """Note a brace that opens or closes a block; return what the next one opens."""
    if mark == "{":
        blocks.append(opening or "block")
        return ""
    if mark == "}" and blocks:
        blocks.pop()
    return "" if mark == ";" else opening


def _javascript_imports(found: Tokens) -> tuple[frozenset[str], frozenset[str]]:
    barred: set[str] = set()
    modules: set[str] = set()
    for begin in found.names():
        if found.text(begin) not in ("import", "const", "let", "var"):
            continue
        end, names = begin + 1, set[str]()
        while end < begin + 200 and found.text(end) not in ("from", "=", ";", "("):
            names |= {found.text(end)} if found.is_name(end) else set()
            end += 1
        is_import = found.text(begin) == "import" and found.text(end) == "from"
        is_call = found.text(end) == "=" and found.text(end + 1) == "require"
        if is_import or is_call:
            source = literal(found.text(end + (1 if is_import else 3)))
            whole = found.text(begin + 1) != "{"
            if not source.startswith("."):
                barred |= names
            elif whole:
                modules.add(found.text(end - 1))
    return frozenset(barred - {"as"}), frozenset(modules)


def _go(text: str) -> Found:
    found = tokens(text, "go", lines=True)
    # What another package can use begins with a capital letter.
    free, members = (
        {name for name in names if name[0].isupper()} for names in (_go_free(found), _go_methods(found))
    )
    packages = {
        found.text(place + 1).removesuffix("_test")
        for place in found.names()
        if found.text(place) == "package"
    }
    foreign = set(_go_imports(found)) - packages
    barred_members = {
        found.text(place)
        for place in found.names()
        if found.text(place - 1) == "." and found.text(place - 2) in foreign
    }
    return Found(
        free=frozenset(free),
        members=frozenset(members),
        barred=frozenset(packages),
        barred_members=frozenset(barred_members),
        modules=frozenset(packages),
        fields=frozenset(_go_embedded(found)),
        quoted=quoted_words(found),
    )


def _go_embedded(found: Tokens) -> Iterator[str]:
    """Yield the names that begin a line, but for a star and a package, as those of embedded types do."""
    for place in found.names():
        begin = place - 2 if found.text(place - 1) == "." else place
        begin -= found.text(begin - 1) == "*"
        if found.text(begin - 1) in ("\n", "{") and found.text(place + 1) in ("\n", "}", "["):
            yield found.text(place)


def _go_imports(found: Tokens) -> Iterator[str]:
    """Yield what imported packages are called, by their paths."""
    for place in found.names():
        if found.text(place) == "import":
            end = place + 1
            while end < len(found) and (
                found[end].kind in ("space", "string", "name") or found.text(end) in "(._"
            ):
                if found[end].kind == "string":
                    yield PurePosixPath(literal(found.text(end))).name
                if found.text(place + 1) != "(" and found[end] is NEWLINE:
                    break
                end += 1


def _go_free(found: Tokens) -> Iterator[str]:
    depth, grouped = 0, False
    for place, piece in enumerate(found.pieces):
        if piece.text in ("{", "("):
            depth += 1
            grouped = grouped or (depth == 1 and found.text(place - 1) in ("var", "const", "type"))
        elif piece.text in ("}", ")"):
            depth -= 1
            grouped = grouped and depth > 0
        elif piece.kind == "name":
            before = found[place - 1]
            is_single = not depth and before.text in ("func", "type", "var", "const")
            if is_single or (grouped and depth == 1 and (before is NEWLINE or before.text == "(")):
                yield piece.text


def _go_methods(found: Tokens) -> Iterator[str]:
    for place in found.names():
        if found.text(place) == "func" and found.text(place + 1) == "(":
            end = place + 2
            while end < len(found) and found.text(end) != ")":
                end += 1
            # A function without a name has its parameters there.
            if found.is_name(end + 1) and found.text(end + 2) == "(":
                yield found.text(end + 1)


def _rust(text: str) -> Found:
    found = tokens(text, "rust")
    traits = {found.text(place + 1) for place in found.names() if found.text(place) == "trait"}
    free: set[str] = set()
    members: set[str] = set()
    barred: set[str] = set()
    blocks: list[str] = []
    opening = ""
    for place, piece in enumerate(found.pieces):
        if piece.kind == "mark":
            opening = _track(piece.text, blocks, opening)
        elif piece.text in ("impl", "trait") and (
            place == 0 or found.text(place - 1) not in ("(", ":", ">", ",", "&", "<", "=")
        ):
            opening = _rust_block(found, place, traits)
        elif piece.kind == "name" and found.text(place - 1) in _RUST_DEFINING:
            kind = next((block for block in reversed(blocks) if block != "block"), "")
            (barred if kind == "foreign" else members if kind == "ours" else free).add(piece.text)
    barred |= {*after_path(found, ("std", "core", "alloc")), *_rust_in_strings(found)}
    return Found(
        free=frozenset(free - barred),
        members=frozenset(members - barred),
        barred=frozenset(barred),
        quoted=quoted_words(found),
    )


def _rust_in_strings(found: Tokens) -> Iterator[str]:
    """Yield the variables that format strings name: ``{left}`` and ``{left:>5}`` are code within a string."""
    for piece in found.pieces:
        if piece.kind == "string":
            told = piece.text.replace("{{", "").replace("}}", "")  # braces that are text
            yield from re.findall(r"\{([^\W\d]\w*)(?::[^{}]*)?\}", told)


_RUST_DEFINING = ("fn", "struct", "enum", "trait", "const", "static", "type", "union")


def _rust_block(found: Tokens, place: int, traits: Collection[str]) -> str:
    """Return whose the methods of a block are that begins with ``impl`` or ``trait``."""
    if found.text(place) == "trait":
        return "ours"
    last, angles, at = "", 0, place + 1
    while at < len(found) and found.text(at) not in ("{", ";"):
        text = found.text(at)
        angles += (text == "<") - (text == ">" and found.text(at - 1) != "-")
        if text == "for" and not angles:
            return "ours" if last in traits else "foreign"
        if found.is_name(at) and not angles:
            last = text
        at += 1
    return "ours"


def _cpp(text: str) -> Found:
    found = tokens(text, "cpp")
    free: set[str] = set()
    members: set[str] = set()
    blocks: list[str] = []
    opening, depth = "", 0
    for place, piece in enumerate(found.pieces):
        if piece.kind == "mark":
            opening = _track(piece.text, blocks, opening)
            depth += (piece.text == "(") - (piece.text == ")")
        elif piece.kind == "name" and not depth and all(block != "block" for block in blocks):
            if piece.text in ("namespace", "class", "struct", "union", "enum") and found.text(
                place - 1
            ) not in ("<", ","):
                opening = piece.text
            elif _cpp_type(found, place):
                free.add(piece.text)
            elif found.text(place + 1) == "(" and _cpp_declares(found, place):
                is_member = blocks[-1:] in (["class"], ["struct"]) or found.text(place - 1) == ":"
                (members if is_member else free).add(piece.text)
    return Found(
        free=frozenset(free - members),
        members=frozenset(members - free),
        barred=frozenset(after_path(found, ("std",))),
        quoted=quoted_words(found),
    )


def _cpp_type(found: Tokens, place: int) -> bool:
    before, after = found.text(place - 1), found.text(place + 1)
    is_enum_class = found.text(place - 2) == "enum" and before in ("class", "struct")
    is_type = before in ("class", "struct", "union", "enum") and found.text(place - 2) not in (
        "<",
        ",",
        "enum",
    )
    return (is_type or is_enum_class) and after in ("{", ":", ";", "final")


def _cpp_declares(found: Tokens, place: int) -> bool:
    """Say whether a type stands before the name of a function; a call has none there."""
    before = found[place - 1]
    if before.text == ":" and found.text(place - 2) == ":":
        return found.text(place - 3) != "std"
    return before.text in ("*", "&", ">") or (
        before.kind == "name" and before.text not in ("return", "throw", "new", "else", "case", "explicit")
    )


_READERS: Mapping[str, Callable[[str], Found]] = {
    "javascript": _javascript,
    "go": _go,
    "rust": _rust,
    "cpp": _cpp,
}
