"""Dataset `humanevalplus`: the 164 problems of HumanEval with EvalPlus' inputs, v0.1.10."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from llmbench.api import Dataset, Task, option
from llmbench_plugins.datasets.shared.evalplus_data import Release, as_task, fetch, read_rows
from llmbench_plugins.datasets.shared.twins import MOST, TWIN_HELP, described

RELEASE = Release(
    name="HumanEvalPlus",
    dataset="humanevalplus",
    version="v0.1.10",
    url="https://github.com/evalplus/humanevalplus_release/releases/download/v0.1.10/HumanEvalPlus.jsonl.gz",
    sha256="42526ec0e7d5f3ee0b06d6ced98f8c8bae3d76519151bfb3d36f79010645bd7f",
    tasks=164,
)
INSTRUCTIONS = {
    "complete": (
        (
            "`solution.py` begins the Python function `{name}`: its signature, and a docstring that says "
            "what it does. Complete it. Answer with the whole file: imports, signature and body, and "
            "every helper that the function needs."
        ),
        (
            "In `solution.py` you find the first lines of the Python function `{name}`, with a docstring "
            "that says what is expected of it. Finish the function, and answer with the complete file: "
            "imports, signature, body and all helpers."
        ),
        (
            "The file `solution.py` holds the head of a Python function, `{name}`, and a description as "
            "its docstring. Write what is missing. Your answer is the file as a whole, with its imports "
            "and with every helper."
        ),
        (
            "Please fill in the Python function `{name}`, which `solution.py` begins with its signature "
            "and its docstring. Give back the entire file: imports, the function from signature to end, "
            "and what helpers it calls."
        ),
    ),
    "chat": (
        (
            "Write the Python function `{name}` as its docstring in `solution.py` describes it. Answer "
            "with one block of code that runs by itself: the complete function with all imports and "
            "helpers."
        ),
        (
            "The docstring of `{name}` in `solution.py` says what this Python function does. Write it. "
            "Your answer is a single block of code that runs by itself, with imports and helpers."
        ),
        (
            "Please write `{name}`, a Python function that does what its docstring in `solution.py` says."
            " Give one block of code with the whole function, its imports and its helpers, so that it "
            "runs by itself."
        ),
        (
            "A Python function is wanted: `{name}`, described by its docstring in `solution.py`. Answer "
            "with the function, its imports and all helpers in one block of code that needs nothing else."
        ),
    ),
}
"""By the kind of prompt: the wording of the original, and those of its twins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Options of the dataset."""

    path: Annotated[
        str | None,
        option(help="local release file; null: fetched once", identity=False, from_browser="path"),
    ] = None
    url: Annotated[
        str, option(help="where it is fetched from", identity=False, read_when={"path": (None,)})
    ] = RELEASE.url
    prompt: Annotated[
        Literal["complete", "chat"],
        option(help="complete the function, or write it from its docstring"),
    ] = "complete"
    twin: Annotated[int, option(ge=0, le=MOST, help=TWIN_HELP, identity="unless default")] = 0


class HumanEvalPlus(Dataset):
    """Reads the release file."""

    Options = Options
    hub_id: ClassVar[str] = "evalplus/humanevalplus"

    async def prepare(self) -> None:
        """Fetch the release file unless a local one is given."""
        if self.options.path is None:
            await fetch(RELEASE, self.options.url, self.context)

    def tasks(self) -> Iterator[Task]:
        """Yield the problems in the release's order."""
        wordings = INSTRUCTIONS[self.options.prompt]
        for row in read_rows(RELEASE, self.options.path, self.context):
            yield as_task(row, wordings, "humaneval", twin=self.options.twin)

    def describe(self) -> Mapping[str, Any]:
        """Return which release it is."""
        release = {"version": RELEASE.version, "source": RELEASE.url, "file_sha256": RELEASE.sha256}
        return {**release, **described(self.options.twin)}
