"""Dataset `humanevalplus`: the 164 problems of HumanEval with EvalPlus' inputs, v0.1.10."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from llmbench.api import Dataset, Task, option
from llmbench_plugins.datasets.shared.evalplus_data import Release, as_task, fetch, read_rows

RELEASE = Release(
    name="HumanEvalPlus",
    version="v0.1.10",
    url="https://github.com/evalplus/humanevalplus_release/releases/download/v0.1.10/HumanEvalPlus.jsonl.gz",
    sha256="42526ec0e7d5f3ee0b06d6ced98f8c8bae3d76519151bfb3d36f79010645bd7f",
    tasks=164,
)
INSTRUCTIONS = {
    "complete": (
        "`solution.py` begins the Python function `{name}`: its signature, and a docstring that says what it "
        "does. Complete it. Answer with the whole file: imports, signature and body, and every helper that "
        "the function needs."
    ),
    "chat": (
        "Write the Python function `{name}` as its docstring in `solution.py` describes it. Answer with "
        "one block of code that runs by itself: the complete function with all imports and helpers."
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Options of the dataset."""

    path: Annotated[str | None, option(help="local release file; null: fetched once", identity=False)] = None
    url: Annotated[str, option(help="where it is fetched from", identity=False)] = RELEASE.url
    prompt: Annotated[
        Literal["complete", "chat"],
        option(help="complete the function, or write it from its docstring"),
    ] = "complete"


class HumanEvalPlus(Dataset):
    """Reads the release file."""

    Options = Options

    async def prepare(self) -> None:
        """Fetch the release file unless a local one is given."""
        if self.options.path is None:
            await fetch(RELEASE, self.options.url, self.context)

    def tasks(self) -> Iterator[Task]:
        """Yield the problems in the release's order."""
        instructions = INSTRUCTIONS[self.options.prompt]
        for row in read_rows(RELEASE, self.options.path, self.context):
            yield as_task(row, instructions, "humaneval")

    def describe(self) -> Mapping[str, Any]:
        """Return which release it is."""
        return {"version": RELEASE.version, "source": RELEASE.url, "file_sha256": RELEASE.sha256}
