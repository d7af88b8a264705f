"""Runs that the pages about many runs are tested with, and pages as somebody reads them."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from llmbench.api import Outcome
from llmbench.records.record import UsageTotal
from llmbench.serve.app import create_app
from llmbench.serve.settings import Settings
from llmbench.testing.runs import MadeSample, RunRecipe, write_run

PORT = 7860
TASKS = ("python/leap", "python/brackets", "python/caesar", "python/fizzbuzz")


@dataclass
class Page(HTMLParser):
    """What a page says: its tables as rows of cells, its links by their words, and its forms' fields."""

    status: int
    html: str
    tables: list[list[list[str]]] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)
    fields: dict[str, list[str]] = field(default_factory=dict)
    text: str = ""

    def __post_init__(self) -> None:
        super().__init__()
        self._cell: list[str] | None = None
        self._link: list[str] | None = None
        self._silent = 0
        self.feed(self.html)
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag != "a":
            self.handle_data(" ")  # what stands in elements of its own is not run together
        if tag in ("style", "script"):
            self._silent += 1
        elif tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self._cell = []
        elif tag == "a":
            self._link, self._href = [], given.get("href", "")
        elif tag == "input":
            self.fields.setdefault(given.get("name", ""), []).append(given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in ("style", "script"):
            self._silent -= 1
        elif tag in ("td", "th") and self._cell is not None:
            self.tables[-1][-1].append(" ".join("".join(self._cell).split()))
            self._cell = None
        elif tag == "a" and self._link is not None:
            self.links[" ".join("".join(self._link).split())] = self._href
            self._link = None

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        self.text += data
        for heard in (self._cell, self._link):
            if heard is not None:
                heard.append(data)

    def column(self, name: str, table: int = 0) -> list[str]:
        """Return the cells below a heading."""
        head, *rows = self.tables[table]
        return [row[head.index(name)] for row in rows if len(row) > head.index(name)]


@dataclass
class Place:
    """A folder of runs, and a dashboard over it."""

    root: Path
    made: int = 0

    def add(
        self,
        model: str,
        solved: int,
        *,
        cost: float | None = None,
        tasks: Sequence[str] = TASKS,
        manifest: dict[str, Any] | None = None,
        **recipe: Any,
    ) -> str:
        """Write a run that solved so many of the tasks; return its folder below that of all runs.

        ``manifest`` is laid over what the run's manifest says, one level deep.
        """
        self.made += 1
        usage = UsageTotal(completions=1, prompt_tokens=100, completion_tokens=40, cost_usd=cost)
        made = [
            MadeSample(task=task, outcome=Outcome.PASSED if place < solved else Outcome.FAILED, usage=usage)
            for place, task in enumerate(tasks)
        ]
        run_id = f"{self.made:010x}"
        written = RunRecipe(made=made, model=model, run_id=run_id, **recipe)
        name = f"{written.dataset}/run-{run_id}"
        folder = write_run(self.root / name, written)
        if manifest:
            _change(folder / "manifest.json", manifest)
        return name

    def open(self, path: str, root_path: str = "") -> Page:
        """Return a page as a browser without scripts gets it."""
        with self.client(root_path) as client:
            answer = client.get(path)
        return Page(answer.status_code, answer.text)

    @contextmanager
    def client(self, root_path: str = "") -> Iterator[TestClient]:
        """A dashboard over the folder, below a proxy's ``root_path``."""
        app = create_app(Settings(root=self.root, port=PORT))
        address = f"http://127.0.0.1:{PORT}"
        with TestClient(app, address, root_path=root_path, follow_redirects=False) as client:
            yield client


def _change(path: Path, changes: dict[str, Any]) -> None:
    data = json.loads(path.read_text(encoding="utf-8"))
    for key, value in changes.items():
        data[key] = {**data[key], **value} if isinstance(value, dict) else value
    path.write_text(json.dumps(data), encoding="utf-8")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """An empty folder of runs, for a user with an empty cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return Place(tmp_path / "outputs")


@pytest.fixture
def page_of() -> Callable[[int, str], Page]:
    """Read an answer as a page."""
    return Page
