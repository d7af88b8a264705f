"""Conformance of a dataset: run it in a plugin's own tests by subclassing."""

import asyncio
from abc import ABC, abstractmethod
from itertools import islice
from pathlib import Path

import msgspec

from llmbench.api import Dataset, Task, clean_path

_ENOUGH = 50
"""Tasks looked at: a conformance suite must stay quick on any dataset."""


class DatasetConformance(ABC):
    """What every dataset promises."""

    @abstractmethod
    def make_dataset(self, tmp_path: Path) -> Dataset:
        """Return a dataset whose data can be had in a test."""

    def _tasks(self, tmp_path: Path) -> list[Task]:
        dataset = self.make_dataset(tmp_path)
        asyncio.run(dataset.prepare())
        return list(islice(dataset.tasks(), _ENOUGH))

    def test_has_tasks_with_unique_ids(self, tmp_path: Path) -> None:
        """Ids name samples' folders and journal lines."""
        ids = [task.id for task in self._tasks(tmp_path)]
        assert ids
        assert len(set(ids)) == len(ids)

    def test_order_and_content_are_stable(self, tmp_path: Path) -> None:
        """A resumed run must find the same tasks."""
        first, second = self._tasks(tmp_path), self._tasks(tmp_path)
        assert [(task.id, task.digest) for task in first] == [(task.id, task.digest) for task in second]

    def test_paths_stay_in_the_workspace(self, tmp_path: Path) -> None:
        """Every file of a task has a clean relative path."""
        for task in self._tasks(tmp_path):
            for path in (*task.workspace, *task.tests, *task.reference):
                assert clean_path(path) == path

    def test_reference_changes_only_what_may_change(self, tmp_path: Path) -> None:
        """Otherwise the oracle could not pass."""
        for task in self._tasks(tmp_path):
            assert all(task.may_change(path) for path in task.reference), task.id

    def test_answers_do_not_lie_in_the_open(self, tmp_path: Path) -> None:
        """No test and no reference solution is among what the model sees."""
        for task in self._tasks(tmp_path):
            shown = task.instructions.encode() + b"".join(task.starter.values())
            for path, content in {**task.tests, **task.reference}.items():
                assert content.strip() == b"" or content.strip() not in shown, f"{task.id}: {path}"

    def test_describe_is_json(self, tmp_path: Path) -> None:
        """Provenance goes into the manifest."""
        msgspec.json.encode(dict(self.make_dataset(tmp_path).describe()))
