"""The book of a run: what its manifest says, kept up to date while a command works on it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from types import TracebackType
from typing import Any

from llmbench.api import Agent, Dataset, SelfTest, Task
from llmbench.records.journal import FILE, set_aside
from llmbench.records.manifest import Manifest, Session, machine, now, recover_manifest, write_manifest
from llmbench.records.masking import Mask
from llmbench.runner.handed_in import facts_from
from llmbench.runner.holding import held_plan, is_narrower
from llmbench.runner.naming import named_plugins, served_name, shown_names
from llmbench.runner.plan import dataset_digest, tests_shown
from llmbench.runner.spec import Part, RunSpec
from llmbench.runner.standing import Standing


class Book:
    """Knows what earlier commands wrote, and writes what this one adds; the caller holds the run's lock."""

    def __init__(
        self,
        spec: RunSpec,
        agent: Agent,
        dataset: Dataset,
        mask: Mask,
        warn: Callable[[str], None],
        warnings: Sequence[str],
    ) -> None:
        """Begin a session; nothing is read or written yet.

        Args:
            spec: the run.
            agent: says what it is.
            dataset: likewise.
            mask: of secrets.
            warn: shows a warning.
            warnings: those that were shown, which grow.
        """
        self._spec = spec
        self._agent = agent
        self._dataset = dataset
        self._mask = mask
        self._warn = warn
        self._warnings = warnings
        self._journal = spec.folder / FILE
        self._recorded: frozenset[str] = frozenset()
        self.standing = Standing(self._journal, keeps_spent=spec.retry_budget is not None)
        """What the journal says of every sample."""
        self.every: Sequence[Task] = ()
        """The whole dataset."""
        self.earlier: Manifest | None = None
        """What an earlier command wrote, once it was read."""
        self.session = Session(started=now(), machine=machine())

    def read(self) -> None:
        """Look at what earlier commands left; what is damaged is set aside, and named."""
        self.earlier = recover_manifest(self._spec.folder, self._warn)
        if self.standing.refreshed().damaged:
            for sentence in set_aside(self._journal):
                self._warn(sentence)
        self._recorded = self.standing.refreshed().tasks

    def note(self, **facts: Any) -> None:
        """Note something of this session; it is written with the next ``write``."""
        self.session = replace(self.session, **facts)

    def begin_again(self) -> None:
        """Begin another session, after a pause."""
        self.note(started=now(), ended="", server={}, rendered=None)

    def facts(self, axis: str, described: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a plugin says of itself, as far as it can be written."""
        part: Part = getattr(self._spec, axis)
        return facts_from(described, f"{axis} '{part.name}'", self._warn)

    def write(self, tasks: Sequence[Task], self_test: SelfTest | None) -> None:
        """Write the manifest of a command that asks for ``tasks``."""
        spec, earlier = self._spec, self.earlier
        plan = held_plan(spec, every=self.every, selected=tasks, recorded=self._recorded, earlier=earlier)
        known = set(plan.tasks)
        held = [task for task in self.every if task.id in known]
        wider = earlier if is_narrower(tasks, plan, earlier) else None
        manifest = Manifest(
            run_id=spec.run_id,
            config=wider.config if wider else dict(spec.config),
            overrides=wider.overrides if wider else spec.overrides,
            origins=wider.origins if wider else dict(spec.origins),
            providers=named_plugins(spec, "provider"),
            names=self._names(),
            notice=spec.model.notice if self._agent.asks_model else "",
            plan=plan,
            dataset={"sha256": dataset_digest(plan), **self._dataset_facts, **tests_shown(held)},
            self_test=self_test,
            sessions=earlier.sessions if earlier else (),
        )
        session = replace(self.session, warnings=tuple(self._warnings))
        write_manifest(spec.folder, manifest.with_session(session), self._mask)

    def close(
        self,
        tasks: Sequence[Task],
        self_test: SelfTest,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Note that the session ends; to be given to an exit stack."""
        self.note(ended=now(), interrupted=kind is not None)
        self.write(tasks, self_test)

    def _names(self) -> dict[str, str]:
        """Return the names of the run's parts; of a model that nobody named, the server's own."""
        served = self._served()
        return shown_names(self._spec, self._agent) | ({"model": served} if served else {})

    def _served(self) -> str:
        """Return what the server, or its answers, call the model that nobody named."""
        if not self._spec.model.is_unnamed or not self._agent.asks_model:
            return ""
        sessions = [*(self.earlier.sessions if self.earlier else ()), self.session]
        server = next((session.server for session in reversed(sessions) if session.server), {})
        return served_name(self._spec, server, self.standing.refreshed().models)

    @cached_property
    def _dataset_facts(self) -> dict[str, Any]:
        return self.facts("dataset", self._dataset.describe())
