"""What the demo model is meant to answer: the references, except for two tasks that it gets wrong."""

from dataclasses import dataclass
from pathlib import Path

TASKS_DIR = Path(__file__).resolve().parents[2] / "tasks" / "python"


@dataclass(frozen=True, slots=True)
class Quickstart:
    """A quickstart task as the trainer needs it."""

    slug: str
    title: str
    instructions: str
    starter: str
    reference: str
    first: str
    """The code that the model is meant to write at first."""
    later: str
    """The code that it is meant to write after feedback."""

    @property
    def file(self) -> str:
        """Name of the file to write."""
        return f"{self.slug}.py"

    @property
    def tests(self) -> Path:
        """Path of the hidden tests."""
        return TASKS_DIR / self.slug / "tests" / f"test_{self.slug}.py"

    def answer(self, code: str) -> str:
        """Return the message that hands in ``code``."""
        return f"`{self.file}`\n```python\n{code.strip()}\n```"


def load() -> list[Quickstart]:
    """Read the ten tasks, ordered by name."""
    return [_read(folder) for folder in sorted(TASKS_DIR.iterdir()) if folder.is_dir()]


def _read(folder: Path) -> Quickstart:
    slug = folder.name
    instructions = (folder / "instructions.md").read_text(encoding="utf-8")
    reference = (folder / "solution" / f"{slug}.py").read_text(encoding="utf-8")
    return Quickstart(
        slug=slug,
        title=instructions.splitlines()[0].removeprefix("# "),
        instructions=instructions,
        starter=(folder / "workspace" / f"{slug}.py").read_text(encoding="utf-8"),
        reference=reference,
        first=_changed(reference, _FIRST.get(slug, ())),
        later=_changed(reference, _LATER.get(slug, ())),
    )


def _changed(code: str, changes: tuple[tuple[str, str], ...]) -> str:
    for old, new in changes:
        if old not in code:
            raise ValueError(f"{old!r} is no longer in the reference; adapt tools/demo_model/answers.py")
        code = code.replace(old, new)
    return code


# Two mistakes that people make too. The first is mended after feedback, the second gives way to another one.
_FIRST = {
    "merge_intervals": (("start <= merged[-1][1]", "start < merged[-1][1]"),),
    "lru_cache": (
        ("        if key not in self.entries:\n            return default\n", ""),
        ("        self.entries[key] = self.entries.pop(key)\n", ""),
        ("return self.entries[key]", "return self.entries.get(key, default)"),
    ),
}
_LATER = {
    "lru_cache": (("        self.entries.pop(key, None)\n", ""),),
}
