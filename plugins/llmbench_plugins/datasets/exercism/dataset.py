"""Dataset `exercism`: the 225 exercises of the polyglot benchmark, in six languages, at a pinned commit.

Exercises are read as Exercism publishes them: ``<language>/exercises/practice/<slug>/``. What a model gets to
see are the stubs and what they need; tests and worked solutions stay out of its sight.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from llmbench.api import Dataset, Task, option
from llmbench.errors import UsageError
from llmbench_plugins.datasets.exercism.fetch import RELEASE, Tree, fetch, read_archive, read_folder
from llmbench_plugins.datasets.exercism.tasks import Shown, read_task
from llmbench_plugins.datasets.shared.twins import MOST, TWIN_HELP, described

Language = Literal["cpp", "go", "java", "javascript", "python", "rust"]
LANGUAGES: tuple[Language, ...] = ("cpp", "go", "java", "javascript", "python", "rust")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Options of the dataset."""

    path: Annotated[
        str | None, option(help="local checkout; null: fetched once", identity=False, from_browser="path")
    ] = None
    url: Annotated[
        str, option(help="where it is fetched from", identity=False, read_when={"path": (None,)})
    ] = RELEASE.url
    languages: Annotated[tuple[Language, ...], option(min_length=1, help="only these", identity=False)] = (
        LANGUAGES
    )
    show_tests: Annotated[bool, option(help="the model sees the tests, and may run them")] = False
    context_files: Annotated[
        bool, option(help="the model sees interfaces and build files beside the stubs")
    ] = True
    edit_cargo_toml: Annotated[bool, option(help="in Rust, dependencies may be added")] = True
    twin: Annotated[int, option(ge=0, le=MOST, help=f"{TWIN_HELP}; in Python", identity="unless default")] = 0


class Exercism(Dataset):
    """Reads the pinned archive, or a checkout."""

    Options = Options

    async def prepare(self) -> None:
        """Fetch the archive unless a checkout is given."""
        self._refuse_unproven_twins()
        if self.options.path is None:
            await fetch(self.options.url, self.context)

    def tasks(self) -> Iterator[Task]:
        """Yield the exercises of the chosen languages in the order of their ids."""
        self._refuse_unproven_twins()
        options = self.options
        shown = Shown(
            tests=options.show_tests, context=options.context_files, cargo_toml=options.edit_cargo_toml
        )
        for (language, slug), files in sorted(self._tree(tuple(sorted(options.languages))).items()):
            yield read_task(language, slug, files, shown, twin=options.twin)

    def describe(self) -> Mapping[str, Any]:
        """Return which release it is."""
        given = {"path": str(self.options.path)} if self.options.path else {"content_sha256": RELEASE.sha256}
        release = {"version": RELEASE.commit, "source": RELEASE.repository}
        return {**release, **given, **described(self.options.twin)}

    def _refuse_unproven_twins(self) -> None:
        twin = self.options.twin
        if twin and tuple(self.options.languages) != ("python",):
            raise UsageError(
                f"dataset.twin: got {twin}, expected 0 unless Python alone is asked: the twins of "
                "other languages' exercises are not proven; add dataset.languages=[python]"
            )

    def _tree(self, languages: tuple[str, ...]) -> Tree:
        if self.options.path is not None:
            return read_folder(self.options.path, languages)
        return read_archive(self.context, languages)
