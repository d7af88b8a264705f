"""What the form calls its fields, and how it sorts them: the usual ones first, the others folded away."""

from collections.abc import Sequence
from dataclasses import dataclass

from llmbench.serve.launching.fields import Field
from llmbench.serve.launching.offer import Offer

_LABELS = {
    "limit": "At most so many tasks",
    "tasks": "Only these tasks",
    "filter": "Only tasks that match",
    "samples": "Samples of each task",
    "tries": "Tries of each sample",
    "seed": "Seed",
    "retry_budget": "Once more with so many times the tokens",
    "strict": "A problem in the trust report is an error",
    "stop_when_suspicious": "Stop when the set-up looks broken",
    "graders": "Graded at once",
    "in_flight": "Samples under way at once",
    "monitor_interval_ms": "Milliseconds between readings",
    "limits.wall_s": "A sample: seconds of waiting",
    "limits.tokens": "A sample: tokens",
    "budget.tokens": "The whole run: tokens",
    "budget.cost_usd": "The whole run: US dollars",
    "budget.hours": "The whole run: hours",
    "box.wall_s": "A program: seconds",
    "box.memory_mb": "A program: MB of memory",
    "box.processes": "A program: processes",
    "box.disk_mb": "A program: MB on disk",
    "box.output_bytes": "A program: bytes of output",
    "model.name": "Name that is sent and shown",
    "dataset.show_tests": "Show the tests to the model",
    "dataset.install_deps": "Install packages that tasks name",
    "dataset.path": "Folder or file of tasks",
    "dataset.twin": "Twin (same tasks, other names)",
}
_FIRST = (
    "limit",
    "samples",
    "tries",
    "seed",
    "dataset.show_tests",
    "dataset.install_deps",
    "backend.unload_others",
)
_BUDGETS = ("limits.", "budget.")
_NOT_SHOWN = ("dry_run",)
"""It has a button of its own."""


@dataclass(frozen=True, slots=True)
class Section:
    """Fields that stand together."""

    id: str
    title: str
    fields: Sequence[Field]


def label_of(field: Field) -> str:
    """Return what a person calls a field."""
    plain = field.key.partition(".")[2] or field.key
    words = plain.replace(".", ": ").replace("_", " ")
    return _LABELS.get(field.key, words[:1].upper() + words[1:])


def sections_of(offer: Offer) -> dict[str, Section]:
    """Return the fields of the form by section; ``first`` holds those that most launches set."""
    every = [each for fields in offer.sections.values() for each in fields if each.key not in _NOT_SHOWN]
    first = sorted((each for each in every if each.key in _FIRST), key=lambda each: _FIRST.index(each.key))
    rest = [each for each in every if each.key not in _FIRST]
    run = [each for each in rest if each in offer.sections["run"]]
    budgets = [each for each in run if each.key.startswith(_BUDGETS)]
    made = [
        Section("first", "How much", first),
        Section("budgets", "Limits and budgets", budgets),
        *(
            Section(name, title, [each for each in rest if each in offer.sections[name]])
            for name, title in (
                ("model", "The model"),
                ("sampling", "The sampler"),
                ("backend", "The backend"),
                ("agent", "The agent"),
                ("dataset", "The dataset"),
                ("validator", "The validator"),
                ("sandbox", "The sandbox"),
            )
        ),
        Section("run", "The run", [each for each in run if each not in budgets]),
    ]
    return {section.id: section for section in made if section.fields}
