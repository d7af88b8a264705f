"""Runs that the pages of runs, samples and comparisons are tested with, and pages as somebody reads them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from llmbench.api import Outcome
from llmbench.testing.runs import ORDINARY_RUN, MadeSample, RunRecipe, write_run


def _failed(task: str, reason: str = "AssertionError: 1 != 2") -> MadeSample:
    return MadeSample(task=task, outcome=Outcome.FAILED, reason=reason, tests=(3, 4))


LARGE = RunRecipe(
    made=[
        _failed("python/leap"),
        MadeSample(task="python/brackets"),
        MadeSample(task="python/caesar"),
        MadeSample(task="python/fizzbuzz", outcome=Outcome.INFRA_ERROR, reason="the server went away"),
        MadeSample(task="python/lru_cache", outcome=Outcome.TIMEOUT, reason="took more than 10 s"),
    ],
    model="large",
    run_id="2a2b3c4d5e",
    config={"seed": 3, "model": {"reasoning": {"answer_tokens": 800}}},
)
OTHER = RunRecipe(made=[MadeSample(task="go/maze")], model="tiny", dataset="other", run_id="3a2b3c4d5e")
TINY = "/runs/catalog/tiny-llamacpp-prompt-1a2b3c4d5e"


@dataclass
class Read(HTMLParser):
    """What a page says."""

    status: int
    html: str
    links: list[tuple[str, str]] = field(default_factory=list)
    """Words and address of each link."""
    rows: list[list[str]] = field(default_factory=list)
    """The cells of all tables' rows."""
    text: str = ""

    def __post_init__(self) -> None:
        super().__init__()
        self._in_row = False
        self.feed(self.html)
        self.text = " ".join(self.text.split())
        self.rows = [[" ".join(cell.split()) for cell in row] for row in self.rows]
        self.links = [(" ".join(words.split()), href) for words, href in self.links]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.links.append(("", dict(attrs).get("href") or ""))
        elif tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
        self.handle_data(" ")

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.links:
            self.links[-1] = (self.links[-1][0] + data, self.links[-1][1])
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self.links.append(("", ""))
        elif tag == "tr":
            self.rows.append([])

    def link(self, words: str) -> str:
        """Return the address of the first link with these words."""
        return next(href for said, href in self.links if said == words)

    def column(self, name: str) -> list[str]:
        """Return the cells below a heading of the first table that has it."""
        head = next(row for row in self.rows if name in row)
        start = self.rows.index(head) + 1
        return [row[head.index(name)] for row in self.rows[start:] if len(row) == len(head)]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two runs of the same tasks, and one of others."""
    folder = tmp_path / "outputs"
    for recipe in (ORDINARY_RUN, LARGE, OTHER):
        name = f"{recipe.model}-llamacpp-prompt-{recipe.run_id}"
        write_run(folder / recipe.dataset / name, recipe)
    return folder


@pytest.fixture
def read(client: TestClient) -> Callable[[str], Read]:
    """Read a page."""

    def get(path: str) -> Read:
        answer = client.get(path)
        return Read(answer.status_code, answer.text)

    return get
