"""Which files of a task in its own language hold tests: by their usual names, or as its metadata says."""

import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

_USUAL: Mapping[str, str] = {
    "cpp": r"(.*/)?(test_[^/]*|[^/]*_test)\.cpp|tests/.*\.cpp",
    "go": r".*_test\.go",
    "html": r".*\.(test|spec)\.[cm]?js",
    "java": r".*Test\.java",
    "javascript": r".*\.(test|spec)\.[cm]?js",
    "python": r"(.*/)?(test_[^/]*|[^/]*_test)\.py",
    "rust": r"tests/[^/]+(/main)?\.rs",
}
"""Paths, once laid over the workspace, of files that hold tests; all others are what tests need."""


def holds_tests(path: str, language: str, patterns: Sequence[str] = ()) -> bool:
    """Say whether a file holds tests: by ``patterns`` or, without any, by the language's usual names."""
    if patterns:
        return any(fnmatchcase(path, pattern) for pattern in patterns)
    return re.fullmatch(_USUAL.get(language, "(?!)"), path) is not None
