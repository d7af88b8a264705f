"""Tokens of Go, JavaScript, Rust and C++: as much of their syntax as changes need."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_STRING = r'"(?:\\.|[^"\\\n])*"'
_QUOTED = r"'(?:\\.|[^'\\\n])*'"
_STRINGS = {
    "go": rf"{_STRING}|{_QUOTED}|`[^`]*`",
    "javascript": rf"{_STRING}|{_QUOTED}|`(?:\\.|\$\{{(?:[^`{{}}]|`[^`]*`|\{{[^{{}}]*\}})*\}}|[^`\\])*`",
    # A lifetime is no beginning of a character, and a text may hold ends of lines.
    "rust": r"""b?r(?P<hashes>#*)".*?"(?P=hashes)|b?"(?:\\.|[^"\\])*"|b?'(?:\\[^'\n]*'?|[^'\\\n])'|'\w+""",
    "cpp": rf'R"(?P<delimiter>[^(\s]*)\(.*?\)(?P=delimiter)"|{_STRING}|{_QUOTED}',
}
_PASSED_OVER = {
    "rust": r"|\#!?\[[^\]]*\]",  # attributes
    "cpp": r"|^[ \t]*\#(?:\\\n|[^\n])*",  # the preprocessor's lines
}
_NUMBER = r"0[xX][\da-fA-F_']+\w*|\d[\d_']*(?:\.\d+)?(?:[eE][+-]?\d+)?\w*"
_OPERATOR = (
    r"<<=|>>=|\.\.\.|\.\.=|===|!==|\*\*|&&|\|\||==|!=|<=|>=|:=|<-|->|=>"
    r"|\+\+|--|[-+*/%&|^]=|<<|>>|::|\?\.|\?\?"
)
_REGEX = re.compile(r"/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+/\w*")
_NO_OPERANDS = re.compile(
    "return|case|in|of|typeof|await|yield|else|match|if|while|throw|delete|void|new|do|range|go|defer|let"
)
_ENDS = ("name", "number", "string")


@dataclass(frozen=True, slots=True)
class Token:
    """A token and where it stands."""

    kind: str
    """``name`` (keywords, too), ``number``, ``string`` or ``sign``."""
    text: str
    start: int
    end: int

    @property
    def is_operand(self) -> bool:
        """Whether a value may end with it, so that what follows is no prefix."""
        return (self.kind in _ENDS and not _NO_OPERANDS.fullmatch(self.text)) or self.text in (")", "]", "}")


def tokens_of(source: str, language: str) -> list[Token]:
    """Return the tokens of a source text without its comments.

    Raises:
        ValueError: a character begins none.
    """
    pattern = _pattern(language)
    found: list[Token] = []
    position = 0
    while position < len(source):
        match = _regex(source, position, found, language) or pattern.match(source, position)
        if match is None:
            raise ValueError(f"line {source.count(chr(10), 0, position) + 1}: no token of {language}")
        kind = match.lastgroup if match.re is pattern else "string"
        if kind and kind != "other":
            found.append(Token(kind, match.group(), match.start(), match.end()))
        position = match.end()
    return found


def _pattern(language: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?P<other>\s+|//[^\n]*|/\*.*?\*/{_PASSED_OVER.get(language, '')})"
        rf"|(?P<string>{_STRINGS[language]})|(?P<number>{_NUMBER})|(?P<name>[^\W\d][\w$]*|[$#@][\w$]+)"
        rf"|(?P<sign>{_OPERATOR}|[^\w\s])",
        re.DOTALL | re.MULTILINE,
    )


def _regex(source: str, position: int, found: Sequence[Token], language: str) -> re.Match[str] | None:
    """Return JavaScript's regular expression that begins here, where none could divide."""
    if language != "javascript" or (found and found[-1].is_operand):
        return None
    return _REGEX.match(source, position)


def closing(tokens: Sequence[Token], index: int) -> int:
    """Return the index of the bracket that closes the one at ``index``, or of the last token if none does."""
    depth = 0
    for at in range(index, len(tokens)):
        if tokens[at].kind == "sign":
            depth += (tokens[at].text in ("(", "[", "{")) - (tokens[at].text in (")", "]", "}"))
        if not depth:
            return at
    return len(tokens) - 1
