"""The patch of a conversation, taken by git itself."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmbench.records.own_folder import changes
from llmbench.records.solves import patch_of

NAMES = st.sampled_from(["a.py", "b c.txt", "d/e.md", "d/ü.txt"])
TEXTS = st.text(st.sampled_from("ab\n\r\f\t \u2028é"), max_size=12).map(str.encode)


def disk(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


@given(before=st.dictionaries(NAMES, TEXTS), after=st.dictionaries(NAMES, TEXTS))
def test_git_makes_of_the_patch_what_was_made(
    tmp_path_factory: pytest.TempPathFactory, before: dict[str, bytes], after: dict[str, bytes]
) -> None:
    folder = tmp_path_factory.mktemp("mine")
    for path, content in before.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_bytes(content)
    patch = patch_of(before, changes(before, after)).encode()
    if patch:
        words = ["git", "-c", "core.autocrlf=false", "apply", "--whitespace=nowarn"]
        subprocess.run(words, cwd=folder, input=patch, check=True, capture_output=True)
    assert disk(folder) == after
