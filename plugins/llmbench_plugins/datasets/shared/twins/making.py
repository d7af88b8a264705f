"""The twin of a task: other names for what its tests call, in all of its files; nothing else changes."""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace

from llmbench.api import Files, Task, Wrong
from llmbench_plugins.datasets.shared.twins.choice import Wishes, decoded, is_code, rewriter
from llmbench_plugins.datasets.shared.twins.rewriting import Rewriter

_SCRIPT = re.compile(r"(<script\b[^>]*>)(.*?)(</script>)", re.DOTALL | re.IGNORECASE)
RENAMED = "renamed"
"""The key of ``Task.about`` that holds the new names by the old ones; empty where there are none."""


def twin_of(
    task: Task,
    number: int,
    wishes: Wishes | None = None,
    *,
    asked: Collection[str] = (),
    instructions: str | None = None,
) -> Task:
    """Return the twin of that number; a task in which nothing can be renamed stays as it is, digest included.

    Args:
        task: the original.
        number: from 1; 0 is the original.
        wishes: of the task's author.
        asked: names that the grader calls, and no test.
        instructions: in other words, still with the old names.

    Raises:
        DatasetError: a wish of the author's can't be fulfilled.
    """
    if not number:
        return task
    reworded = task if instructions is None else replace(task, digest="", instructions=instructions)
    made = rewriter(reworded, number, wishes or Wishes(), asked)
    if made is None:
        return replace(task, about={**task.about, RENAMED: {}})
    return replace(_rewritten(reworded, made), about={**task.about, RENAMED: dict(made.names)})


def _rewritten(task: Task, made: Rewriter) -> Task:
    return replace(
        task,
        # That of the new content, which is not known yet.
        digest="",
        instructions=made.markdown(task.instructions),
        starter=_files(task.starter, made),
        tests=_files(task.tests, made),
        reference=_files(task.reference, made),
        wrong={name: _wrong(wrong, made) for name, wrong in task.wrong.items()},
    )


def _wrong(wrong: Wrong, made: Rewriter) -> Wrong:
    # Where tests are called by sentences, these may name what is renamed, as the tests' own strings do.
    return replace(
        wrong, files=_files(wrong.files, made), fails=tuple(made.string(name) for name in wrong.fails)
    )


def _files(files: Files, made: Rewriter) -> Mapping[str, bytes]:
    return {path: _content(path, content, made) for path, content in files.items()}


def _content(path: str, content: bytes, made: Rewriter) -> bytes:
    text = decoded(content)
    if text is None:
        return content
    if is_code(path, made.language):
        return made.code(text).encode()
    if path.endswith(".html") and made.language == "javascript":
        return _SCRIPT.sub(lambda found: found[1] + made.code(found[2]) + found[3], text).encode()
    return made.markdown(text).encode() if path.endswith(".md") else content
