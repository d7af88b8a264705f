"""Code between tags (``<code>``, ``<file path="…">``, ``[PYTHON]``), and in a shell's here-documents."""

import html
import re
from collections.abc import Callable, Iterator

from llmbench_plugins.agents.shared.extraction.fences import chosen
from llmbench_plugins.agents.shared.extraction.languages import family, family_of
from llmbench_plugins.agents.shared.extraction.naming import Named, Names, first
from llmbench_plugins.agents.shared.extraction.passage import Passage, common_indentation, shorter
from llmbench_plugins.agents.shared.extraction.reader import Reader

_OF_HTML = frozenset({"code", "pre", "script", "source", "content", "output", "template"})
_TAG = re.compile(
    r"[<\[](?P<name>code|pre|answer|solution|final_answer|final|file|files|python|py|javascript|js|typescript|ts|go|golang|"
    r"rust|java|cpp|c\+\+|vue|html|content|contents|file_content|file_contents|source|source_code|implementation|program|"
    r"code_block|codeblock|result|response|artifact|antartifact|boltaction|create_file|write_file|write_to_file|code_output|"
    r"completion|output|snippet)(?P<more>\s[^<>\n]{0,200})?[>\]]",
    re.IGNORECASE,
)
_PATH = re.compile(
    r"\b(?:path|file_?name|filepath|file_?path|file|name|title|src|id)\s*=\s*[\"']?([^\"'>\s\]]+)",
    re.IGNORECASE,
)
_PATH_BEFORE = re.compile(
    r"<(?:path|file_?name|filepath|file_?path|name)>\s*([^<\s]+)\s*</\w+>\s*$", re.IGNORECASE
)
_LANGUAGE = re.compile(r"(?:lang(?:uage)?[-=]\s*[\"']?|type=[\"'][\w/.]*[./])([\w+#]+)", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|apos|nbsp|#\d+|#x[0-9a-f]+);", re.IGNORECASE)
_FENCE = re.compile(r"```|^[ \t]*~~~", re.MULTILINE)
_HEREDOC = re.compile(
    r"^[ \t]*(?:\$ )?(?:sudo )?(?:cat|tee)\b(?=[^\n]*<<)(?P<head>[^\n]{0,200})\n", re.MULTILINE
)
_END_WORD = re.compile(r"<<-?\s*[\"'\\]?(\w+)")
_TARGET = re.compile(r"(?:>|\btee)\s*[\"']?([^\s\"'<>]+)")
_MOST = 60


def tagged(
    text: str, names: Names, reader_of: Callable[[str, str], Reader | None], *, beside_html: bool
) -> Iterator[Passage]:
    """Yield what stands between tags; ``beside_html``: the files themselves may hold HTML's tags."""
    for number, found in enumerate(_TAG.finditer(text)):
        if number == _MOST:
            return
        name = found["name"].lower()
        if beside_html and name in _OF_HTML:
            continue
        named, language = _named(text, found, names), _language(found)
        reader = reader_of(language, named.path)
        begin, end = found.end(), _end(text, found, reader)
        code, mended = chosen(_variants(text[begin:end], html_tag=name in ("pre", "code")), reader)
        if code.strip() and not _is_outer(code, reader):
            named = named if named.sure else first([names.at_top(code), named if named.path else None])
            yield Passage(
                method="tag", text=code, start=found.start(), end=end, language=language, path=named.path,
                sure=named.sure, mended=mended,
            )  # fmt: skip


def written(text: str, names: Names) -> Iterator[Passage]:
    """Yield the files that here-documents write."""
    for number, found in enumerate(_HEREDOC.finditer(text)):
        if number == _MOST:
            return
        word, target = _END_WORD.search(found["head"]), _TARGET.search(found["head"])
        path = names.path(target[1]) if target else ""
        if not word or not path:
            continue
        end = re.compile(rf"^[ \t]*{word[1]}[ \t]*$", re.MULTILINE).search(text, found.end())
        if end:
            yield Passage(
                method="heredoc", text=text[found.end() : end.start()], start=found.start(), end=end.start(),
                language=family_of(path), path=path, sure=True,
            )  # fmt: skip


def _is_outer(code: str, reader: Reader | None) -> bool:
    """Say whether a tag stands around fences or other tags, which are passages of their own."""
    if code.lstrip().startswith(("```", "~~~", "<code", "<path")):
        return True
    return bool(_FENCE.search(code)) and (
        reader is None or not reader.strict or reader(code).problem is not None
    )


def _end(text: str, found: re.Match[str], reader: Reader | None) -> int:
    """Return where a tag's content ends: at the first closing tag before which it parses, or the first."""
    closing = f"[/{found['name']}]" if found[0].startswith("[") else f"</{found['name']}>"
    ends: list[int] = []
    at = text.find(closing, found.end())
    while at >= 0 and len(ends) < 5:
        if reader is None or not reader.strict or reader(text[found.end() : at]).problem is None:
            return at
        ends.append(at)
        at = text.find(closing, at + 1)
    return ends[0] if ends else len(text)


def _named(text: str, found: re.Match[str], names: Names) -> Named:
    given = _PATH.search(found["more"] or "") or _PATH_BEFORE.search(
        text[max(0, found.start() - 300) : found.start()]
    )
    path = names.path(given[1]) if given else ""
    if path:
        return Named(path, sure=True)
    return first([names.before(text[max(0, found.start() - 1000) : found.start()])])


def _language(found: re.Match[str]) -> str:
    said = _LANGUAGE.search(found["more"] or "")
    word = said[1].removeprefix("x-") if said else found["name"]
    return family(word) or ""


def _variants(body: str, *, html_tag: bool) -> Iterator[tuple[str, str]]:
    code = body.removeprefix("\n") if body.startswith("\n") else re.sub(r"^[ \t]+\n", "", body)
    code = re.sub(r"\n[ \t]+\Z", "\n", code)
    if code.lstrip().startswith("<![CDATA["):
        code = code.strip().removeprefix("<![CDATA[").removesuffix("]]>").removeprefix("\n")
    if html_tag and _ENTITY.search(code):
        yield html.unescape(code), "entities"
    yield code, ""
    lines = code.split("\n")
    if width := common_indentation(lines):
        yield "\n".join(shorter(lines, width)), "indentation of all lines"
    if _ENTITY.search(code):
        yield html.unescape(code), "entities"
