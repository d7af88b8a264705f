"""Languages by the labels of fences and the ends of file names, as far as reading an answer needs them."""

from pathlib import PurePosixPath

TEXT = "text"
SHELL = "shell"
MARKDOWN = "markdown"
OTHER = "other"

_LABELS = {
    "python": "py python py2 py3 python2 python3 ipython ipython3 pyi cpython sage",
    "javascript": "js javascript jsx mjs cjs node nodejs es6 ts typescript tsx mts cts",
    "vue": "vue",
    "html": "html htm xhtml xml svg",
    "css": "css scss sass less",
    "go": "go golang",
    "rust": "rust rs",
    "java": "java",
    "cpp": "cpp c++ cc cxx c h hh hpp hxx",
    SHELL: "bash sh zsh fish shell console terminal powershell ps1 cmd bat shell-session cli",
    TEXT: "text txt plaintext plain output out log stdout stderr result results pycon pytb traceback raw",
    MARKDOWN: "md markdown mdx",
    OTHER: (
        "json jsonc yaml yml toml ini cfg sql ruby rb php swift kotlin kt scala "
        "csharp cs c# r lua perl dart haskell elixir diff patch dockerfile makefile cmake graphql "
        "csv mermaid latex tex gradle properties env"
    ),
    "": "code tool_code source src snippet",
}
_FAMILY = {label: family for family, labels in _LABELS.items() for label in labels.split()}
_NO_EXTENSIONS = frozenset({"code", "source", "src", "out", "node", "result", "results", "plain", "raw"})
_EXTENSIONS = frozenset(_FAMILY) - _NO_EXTENSIONS | {"lock", "mod", "sum", "svelte", "gitignore"}
_RELATED = ({"vue", "html"}, {"vue", "javascript"}, {"html", "javascript"})
_PRODUCTS = frozenset(
    f"{name}.js" for name in ("node", "vue", "next", "nuxt", "react", "express", "three", "d3")
)
"""They look like files, and are talked about."""


def family(label: str) -> str | None:
    """Return the language that a label means: an empty string for any, None where it is no label we know."""
    return _FAMILY.get(label.lower())


def family_of(path: str) -> str:
    """Return the language of a file by its name."""
    return _FAMILY.get(PurePosixPath(path).suffix[1:].lower(), OTHER)


def related(one: str, other: str) -> bool:
    """Say whether a fence of one language may hold a file of the other: a Vue file is often called HTML."""
    return one == other or {one, other} in _RELATED


def is_file_name(word: str) -> bool:
    """Say whether a word names a file: it has an extension that files have."""
    name = word.rpartition("/")[2]
    stem, dot, extension = name.rpartition(".")
    if not dot:
        return name in ("Makefile", "Dockerfile")
    return bool(stem.strip(".")) and extension.lower() in _EXTENSIONS and name.lower() not in _PRODUCTS


def is_test_name(path: str) -> bool:
    """Say whether a path looks like that of tests, which models like to show beside their answer."""
    parts = path.lower().split("/")
    name = path.rpartition("/")[2].partition(".")[0]
    stem = parts[-1].partition(".")[0]
    words = stem.replace("-", "_").split("_")
    folders = {"test", "tests", "spec", "__tests__"} & set(parts[:-1])
    marked = any(f".{word}." in parts[-1] for word in ("test", "spec"))
    return (
        bool(folders)
        or marked
        or words[0] == "test"
        or words[-1] in ("test", "tests")
        or name.endswith(("Test", "Tests"))
    )
