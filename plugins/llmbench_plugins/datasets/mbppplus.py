"""Dataset `mbppplus`: the 378 problems of MBPP with EvalPlus' inputs, v0.2.0."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from llmbench.api import Dataset, Task, option
from llmbench_plugins.datasets.shared.evalplus_data import Release, as_task, fetch, read_rows
from llmbench_plugins.datasets.shared.twins import MOST, TWIN_HELP, described

RELEASE = Release(
    name="MbppPlus",
    dataset="mbppplus",
    version="v0.2.0",
    url="https://github.com/evalplus/mbppplus_release/releases/download/v0.2.0/MbppPlus.jsonl.gz",
    sha256="b54e762755248ca411b523c917fa9f93c07b5ff2966bf60b3917b853926a3dad",
    tasks=378,
)
INSTRUCTIONS = {
    "complete": (
        (
            "The docstring in `solution.py` describes a Python function and shows one assertion that it "
            "meets. Write the function `{name}` below it. Answer with the whole file: imports, the "
            "complete function, and every helper that it needs."
        ),
        (
            "`solution.py` begins with a docstring: what a Python function has to do, and one assertion "
            "that holds for it. Below it, write this function, `{name}`, and answer with the complete "
            "file, its imports and helpers included."
        ),
        (
            "A Python function, `{name}`, is described at the top of `solution.py`, with an assertion "
            "that it fulfils. Write it after this docstring. Your answer is the file as a whole: imports,"
            " function and all helpers."
        ),
        (
            "Please write the Python function `{name}`. The docstring in `solution.py` says what it does "
            "and gives an assertion that is true of it. Give back the entire file, with imports and with "
            "every helper."
        ),
    ),
    "chat": (
        (
            "Write the Python function `{name}` that the text in `solution.py` describes. Answer with one"
            " block of code that runs by itself: the complete function with all imports and helpers."
        ),
        (
            "The text in `solution.py` says what the Python function `{name}` does. Write it. Your answer"
            " is a single block of code that runs by itself, with imports and helpers."
        ),
        (
            "Please write `{name}`, a Python function that does what the text in `solution.py` says. Give"
            " one block of code with the whole function, its imports and its helpers, so that it runs by "
            "itself."
        ),
        (
            "A Python function is wanted: `{name}`, described by the text in `solution.py`. Answer with "
            "the function, its imports and all helpers in one block of code that needs nothing else."
        ),
    ),
}
"""By the kind of prompt: the wording of the original, and those of its twins."""
# What JSON can't say of the arguments, by the number of the problem; the letters are those of the validator.
_FORMS: Mapping[tuple[str, ...], str] = {
    ("t",): "2 116 132 143 222 261 273 394 399 421 424 429 470 560 579 596 616 630 726 740 744 809",
    ("lt",): "63 64 70 94 120 237 272 299 400 409 417 438 473 614 780",
    ("lt", ""): "75 413 444 753",
    ("", "t"): "106 750",
    ("le",): "115",
    ("f", "c"): "124",
    ("t", ""): "250 405 446 617 720 763 808 307",
    ("tt",): "259 401 445",
    ("tu",): "278",
    ("dt", ""): "722",
    ("c",): "252",
    ("T",): "580 615 791",
}
_FORM_OF = {f"Mbpp/{number}": form for form, numbers in _FORMS.items() for number in numbers.split()}


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
        Literal["complete", "chat"], option(help="go on below the description, or write it anew")
    ] = "complete"
    twin: Annotated[int, option(ge=0, le=MOST, help=TWIN_HELP, identity="unless default")] = 0


class MbppPlus(Dataset):
    """Reads the release file."""

    Options = Options
    hub_id: ClassVar[str] = "evalplus/mbppplus"

    async def prepare(self) -> None:
        """Fetch the release file unless a local one is given."""
        if self.options.path is None:
            await fetch(RELEASE, self.options.url, self.context)

    def tasks(self) -> Iterator[Task]:
        """Yield the problems in the release's order."""
        wordings = INSTRUCTIONS[self.options.prompt]
        for row in read_rows(RELEASE, self.options.path, self.context):
            forms = list(_FORM_OF.get(row["task_id"], ()))
            yield as_task(row, wordings, "mbpp", twin=self.options.twin, forms=forms)

    def describe(self) -> Mapping[str, Any]:
        """Return which release it is."""
        release = {"version": RELEASE.version, "source": RELEASE.url, "file_sha256": RELEASE.sha256}
        return {**release, **described(self.options.twin)}
