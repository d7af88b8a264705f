"""Changes of Go's, JavaScript's, Rust's and C++'s sources, found among their tokens.

Some of them do not compile, such as half of a type's brackets taken for a comparison; they are left out when
they are graded.
"""

import re
from collections.abc import Iterator, Sequence

from mutation.edits import Edit
from mutation.tokens import Token, closing, tokens_of

_OTHERS = {
    "<": ("<=", ">="),
    "<=": ("<", ">"),
    ">": (">=", "<="),
    ">=": (">", "<"),
    "==": ("!=",),
    "!=": ("==",),
    "===": ("!==",),
    "!==": ("===",),
    "&&": ("||",),
    "||": ("&&",),
    "+": ("-",),
    "-": ("+",),
    "*": ("/",),
    "/": ("*",),
    "%": ("*",),
    "+=": ("-=",),
    "-=": ("+=",),
    "*=": ("/=",),
    "++": ("--",),
    "--": ("++",),
    "true": ("false",),
    "false": ("true",),
}
_DECLARES = ("func", "fn", "function", "fun")
_FLOW = ("return", "break", "continue", "throw", "defer", "go")
_KEPT = ("append", "copy", "delete", "make", "max", "min")
"""Functions whose arguments have types of their own, or whose order does not matter."""
_KEYWORDS = re.compile(
    "if|else|for|while|do|switch|match|loop|select|case|default|func|fn|function|class|struct|enum|impl|trait|mod"
    "|type|var|let|const|pub|use|import|export|package|namespace|template|using|static|public|private|protected"
    "|try|catch|finally|async|unsafe|auto"
)
"""What begins no statement that can be dropped, and is called by nobody."""
_ASSIGNS = frozenset(("=", "+=", "-=", "*=", "/=", "%=", "|=", "&=", "^=", "++", "--", "<-"))


def edits_of(source: str, language: str) -> Iterator[Edit]:
    """Yield all changes that this module knows of."""
    tokens = tokens_of(source, language)
    for index, token in enumerate(tokens):
        before = tokens[index - 1] if index else Token("sign", "", 0, 0)
        yield from (Edit(token.start, token.end, text) for text in _others(source, before, token))
        if token.text == "(":
            yield from _swapped(source, tokens, index)
        if _begins(source, tokens, index, language) and (end := _end(source, tokens, index, language)):
            yield Edit(token.start, end, "")


def _others(source: str, before: Token, token: Token) -> Iterator[str]:
    """Yield what a token may become."""
    if token.kind == "number" and before.text != ".":
        yield from _numbers(token.text)
    elif token.text == "!" and not (before.end == token.start and before.kind == "name"):
        yield ""
    elif token.text in _OTHERS and (token.kind == "name" or _is_binary(source, before, token)):
        yield from _OTHERS[token.text]


def _numbers(text: str) -> Iterator[str]:
    if match := re.fullmatch(r"(0[xX][\da-fA-F_']+|\d[\d_']*)((?:[iu](?:\d+|size)|n|[uUlL]+)?)", text):
        number = int(re.sub(r"[_']", "", match[1]), 16 if match[1][:2] in ("0x", "0X") else 10)
        yield from (f"{other}{match[2]}" for other in (number + 1, number - 1) if other >= 0)


def _is_binary(source: str, before: Token, token: Token) -> bool:
    if token.text in ("++", "--"):
        return True
    after = source[token.end : token.end + 1].isspace()
    spaced = before.end < token.start
    # Formatters set spaces around a comparison, and none around the brackets of a type; and those
    # of a factor are on both sides or on neither, while a pointer's star has one.
    return before.is_operand and spaced == after and (spaced or token.text not in ("<", ">"))


def _swapped(source: str, tokens: Sequence[Token], index: int) -> Iterator[Edit]:
    """Yield the call whose first two arguments have changed places."""
    if not _is_call(tokens, index):
        return
    end = closing(tokens, index)
    commas = [at for at in _level(tokens, index, end) if tokens[at].text == ","]
    bounds = [index, *commas, end]
    if len(commas) < 1 or bounds[2] - bounds[1] < 2:
        return
    first, second = ((tokens[a + 1].start, tokens[b - 1].end) for a, b in ((index, bounds[1]), bounds[1:3]))
    texts = source[slice(*first)], source[slice(*second)]
    if texts[0] != texts[1] and not any("\n" in text for text in texts):
        yield Edit(first[0], second[1], f"{texts[1]}{source[first[1] : second[0]]}{texts[0]}")


def _is_call(tokens: Sequence[Token], index: int) -> bool:
    name = tokens[index - 1] if index else None
    if name is None or name.kind != "name" or name.text in (*_FLOW, *_KEPT) or _KEYWORDS.fullmatch(name.text):
        return False
    # A function or method being declared: func name(, func (receiver) name(.
    return index < 2 or not (tokens[index - 2].text in _DECLARES or tokens[index - 2].text == ")")


def _level(tokens: Sequence[Token], index: int, end: int) -> Iterator[int]:
    """Yield the indexes within a pair of brackets and outside those in it."""
    at = index + 1
    while at < end:
        if tokens[at].text in ("(", "[", "{") and tokens[at].kind == "sign":
            at = closing(tokens, at)
        yield at
        at += 1


def _begins(source: str, tokens: Sequence[Token], index: int, language: str) -> bool:
    """Say whether a statement that can be dropped begins here."""
    token, before = tokens[index], tokens[index - 1] if index else None
    if (
        before is None
        or _KEYWORDS.fullmatch(token.text)
        or (token.kind != "name" and token.text not in ("*", "("))
    ):
        return False
    new_line = "\n" in source[before.end : token.start]
    if language == "go" and token.text == "return" and source[before.end : token.start].endswith("\n\t"):
        return False  # the last of a function, which does not compile without
    return before.text == "{" or (
        new_line and (before.text in ("}", ";", ":") or (language == "go" and before.is_operand))
    )


def _end(source: str, tokens: Sequence[Token], index: int, language: str) -> int:
    """Return where the statement ends, or 0 if it is none that can be dropped."""
    at, seen = index, [tokens[index].text]
    while at < len(tokens) and tokens[at].text not in (")", "]", "}"):
        if tokens[at].text == ";":
            return tokens[at].end if _does_something(seen) else 0
        if tokens[at].text in ("(", "[", "{"):
            if tokens[at].text == "{" and tokens[at - 1].text == ")":
                return 0  # the body of a function
            at = closing(tokens, at)
        following = source[tokens[at].end : tokens[at + 1].start] if at + 1 < len(tokens) else "\n"
        if language == "go" and "\n" in following and _ends_in_go(tokens[at]):
            return tokens[at].end if _does_something(seen) else 0
        at += 1
        seen += [tokens[at].text] if at < len(tokens) else []
    return 0


def _ends_in_go(token: Token) -> bool:
    return token.is_operand or token.text in ("return", "break", "continue", "++", "--")


def _does_something(texts: Sequence[str]) -> bool:
    calls = ")" in texts or "(" in texts
    return texts[0] in _FLOW or (":=" not in texts and (calls or not _ASSIGNS.isdisjoint(texts)))
