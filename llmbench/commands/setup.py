"""What the verbs share that need a configuration and its plugins, and run nothing."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from llmbench.api import Agent, Context, Dataset, Validator
from llmbench.config.arguments import parse
from llmbench.config.build import build_spec
from llmbench.config.compose import compose
from llmbench.console import Console
from llmbench.errors import UsageError
from llmbench.records.temporary import make_temporary
from llmbench.registry import load
from llmbench.runner.agents import answers_are_known, make_agent
from llmbench.runner.news import News
from llmbench.runner.spec import RunSpec
from llmbench.runner.surroundings import make_context


@dataclass(frozen=True, slots=True)
class Parts:
    """The plugins of a configuration that grading needs."""

    spec: RunSpec
    context: Context
    agent: Agent
    dataset: Dataset
    validator: Validator

    @property
    def trusted(self) -> bool:
        """Whether all code that would run is known beforehand."""
        return answers_are_known(self.agent, self.spec.model)


def composed_spec(verb: str, words: Sequence[str]) -> RunSpec:
    """Return the run that overrides describe.

    Raises:
        UsageError: they are wrong, or ask for something else than one run.
    """
    arguments = parse(words)
    if arguments.flags or arguments.multirun:
        raise UsageError(f"{verb}: takes the overrides of one run, no flags of a run")
    return build_spec(compose(arguments))


def make_parts(
    spec: RunSpec, console: Console, work_dir: Path, waiting: Callable[[str], None] | None = None
) -> Parts:
    """Make the plugins; their warnings are shown on ``console``, and their waits unless ``waiting`` does."""

    def warn(message: str) -> None:
        console.print(message, style="yellow", highlight=False)

    made = make_context(spec, warn, waiting or News(console))
    context = Context(
        work_dir=work_dir,
        cache_dir=made.cache_dir,
        label=made.label,
        secrets=made.secrets,
        warn=made.warn,
        progress=made.progress,
    )
    return Parts(
        spec=spec,
        context=context,
        agent=make_agent(spec, context),
        dataset=load("dataset", spec.dataset.name)(spec.dataset.options, context),
        validator=load("validator", spec.validator.name)(spec.validator.options, context),
    )


@contextmanager
def scratch() -> Iterator[str]:
    """Have a folder for logs that nobody will miss."""
    folder = make_temporary()
    try:
        yield str(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
