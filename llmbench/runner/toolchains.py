"""Which toolchains a run's tasks need, and which tasks are left out where one is missing."""

from collections.abc import Mapping, Sequence

from llmbench.api import Agent, Task, Toolchain, Validator
from llmbench.runner.boxes import toolchain_named


def needed_toolchains(validator: Validator, agent: Agent, tasks: Sequence[Task]) -> list[Toolchain]:
    """Return the toolchains that grading and the agent's boxes need."""
    names = {name for task in tasks for name in _used(validator, agent, task)}
    return [toolchain_named(name) for name in sorted(names)]


def unfit_tasks(
    validator: Validator, agent: Agent, tasks: Sequence[Task], lacking: Mapping[str, str]
) -> dict[str, str]:
    """Return the tasks that need a toolchain that is lacking, by id, each with the reason to skip it."""
    unfit = {}
    for task in tasks:
        for name in sorted(_used(validator, agent, task) & lacking.keys()):
            # One line for the journal; the whole reason was shown as a warning.
            unfit[task.id] = f"toolchain {name} is missing: {lacking[name].splitlines()[0]}"
    return unfit


def _used(validator: Validator, agent: Agent, task: Task) -> set[str]:
    return {*validator.toolchains(task), *((task.toolchain,) if agent.uses_box else ())}
