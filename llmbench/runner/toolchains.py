"""Which toolchains a run's tasks need, and which tasks are left out where one is missing."""

from collections.abc import Iterable, Mapping, Sequence

from llmbench.api import Agent, Packages, Task, Toolchain, Validator
from llmbench.registry import load


def needed_toolchains(validator: Validator, agent: Agent, tasks: Sequence[Task]) -> list[Toolchain]:
    """Return the toolchains that grading and the agent's boxes need, plain ones first.

    Raises:
        UnknownPluginError: one is not installed.
        DatasetError: a task names packages for one that takes none.
    """
    added = packages_of(tasks)
    names = {name for task in tasks if not task.unfit for name in _used(validator, agent, task)}
    # What is made of another one needs that as well, which works where packages can't be had.
    below = {added[name].toolchain for name in names if name in added}
    return [
        toolchain_named(name, added) for name in sorted(names | below, key=lambda name: (name in added, name))
    ]


def packages_of(tasks: Iterable[Task]) -> dict[str, Packages]:
    """Return the packages that tasks name, by the name of the toolchain with them in it."""
    return {task.packages.name: task.packages for task in tasks if task.packages is not None}


def toolchain_named(name: str, added: Mapping[str, Packages] | None = None) -> Toolchain:
    """Return the toolchain of that name: an installed one, or one with ``added`` packages.

    Raises:
        UnknownPluginError: none is installed.
        DatasetError: it takes no packages.
    """
    packages = (added or {}).get(name)
    toolchain: Toolchain = load("toolchain", packages.toolchain if packages else name)
    return toolchain.with_packages(packages) if packages else toolchain


def unfit_tasks(
    validator: Validator, agent: Agent, tasks: Sequence[Task], lacking: Mapping[str, str]
) -> dict[str, str]:
    """Return the tasks that can't be done here, by id, each with the reason to skip it."""
    unfit = {task.id: task.unfit for task in tasks if task.unfit}
    for task in tasks:
        for name in sorted(_used(validator, agent, task) & lacking.keys() if not task.unfit else ()):
            # One line for the journal; the whole reason was shown as a warning.
            reason = lacking[name].splitlines()[0]
            has_packages = task.packages is not None and task.packages.name == name
            unfit[task.id] = reason if has_packages else f"toolchain {name} is missing: {reason}"
    return unfit


def _used(validator: Validator, agent: Agent, task: Task) -> set[str]:
    return {*validator.toolchains(task), *((task.toolchain,) if agent.uses_box else ())}
