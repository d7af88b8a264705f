"""What stands behind an opening mark: a language, a file's name, attributes, or already code."""

import re
from dataclasses import dataclass

from llmbench_plugins.agents.shared.extraction.languages import family, family_of
from llmbench_plugins.agents.shared.extraction.naming import Names

_LANGUAGE = re.compile(
    r"""[\s{.\[(]* (?:lang(?:uage)?[-=:])? ["']? (?P<word>[A-Za-z][\w+#-]*) (?:\.\d+)* ["'\])]?""", re.VERBOSE
)
_MORE = re.compile(
    r"""\s* (?: [\w.:-]+ = (?:"[^"]*" | '[^']*' | \{[^}]*\} | \S+) | \{[^}]*\}? | \.[\w-]+ | \}
            | v?\d[\w.:,-]* | code:? | linenums | [,:|;(\[/#-]+ \s* | [)\]] )""",
    re.VERBOSE | re.IGNORECASE,
)
_CODE = re.compile(
    r"""(?: (?:async\s+)?def\s+\w+\s*[(\[] | class\s+\w+\s*[:({<] | import\s+[\w{*"']
        | from\s+[\w.]+\s+import\b | @\w
        | (?:(?:export|pub|public|async)\s+)*(?:function\b|(?:const|let|fn|class|interface)\s)
        | package\s+\w+ | func\s+\w | use\s+[\w:]+ | \#include | print\( | [A-Za-z_]\w*\s*=\s*\S
        | <(?:template|script)\b | \"\"\" | \'\'\' )""",
    re.VERBOSE,
)
_ATTRIBUTE = re.compile(
    r"\s*(?:title|file\w*|name|path|lang\w*|linenums|highlight|hl_lines|id|class)\s*[=:]", re.IGNORECASE
)
_MOST_CHARS = 200


@dataclass(frozen=True, slots=True)
class Label:
    """A mark's label."""

    language: str = ""
    """An empty string for none, or one that we don't know."""
    path: str = ""
    code: bool = False
    """Code begins on the mark's own line, behind the language if there is one."""
    length: int = 0
    """How much of the line is the label, where code begins on it."""
    opens: bool = False
    """It can only stand at an opening mark: it names a language or a file and nothing else."""


def read_label(rest: str, names: Names) -> Label:
    """Return what the rest of a mark's line is."""
    said = rest[:_MOST_CHARS]
    if not said.strip():
        return Label()
    word = _LANGUAGE.match(said)
    known = family(word["word"]) if word else None
    if word is None or known is None:
        return _without_language(said, names)
    tail = said[word.end() :]
    if _CODE.match(tail.lstrip()) and tail[:1].isspace() and not _is_attribute(tail):
        return Label(known, code=True, length=word.end())
    if _CODE.match(said.lstrip()) and not _is_attribute(said):
        return Label(code=True)
    path = next(names.words(said), "")
    return Label(known or (family_of(path) if path else ""), path, opens=_is_more(tail, path))


def _without_language(said: str, names: Names) -> Label:
    path = next(names.words(said), "")
    if _CODE.match(said.lstrip()) and not _is_attribute(said):
        return Label(code=True)
    alone = len(said.split()) == 1
    if path and (alone or _is_attribute(said)):
        return Label(family_of(path), path, opens=True)
    if path:
        return Label(family_of(path), path)
    return Label(opens=alone and said.strip().isalpha() and said.strip().islower())


def _is_attribute(said: str) -> bool:
    return bool(_ATTRIBUTE.match(said))


def _is_more(tail: str, path: str) -> bool:
    """Say whether what follows a language is nothing but attributes and the file's name."""
    tail = tail.strip()
    while tail:
        found = _MORE.match(tail)
        if found and found.end():
            tail = tail[found.end() :].lstrip()
            continue
        word = tail.split()[0]
        if not path or path.rpartition("/")[2].lower() not in word.lower():
            return False
        tail = tail[len(word) :].lstrip()
    return True
