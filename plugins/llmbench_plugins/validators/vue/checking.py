"""Whether a project compiles, and which patterns its syntax trees show. Nothing of an answer is executed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from llmbench.api import Boxes, Files, ServiceEnded, Task
from llmbench_plugins.shared.vue_spec import TYPE_TESTS, Grading, Pattern
from llmbench_plugins.validators.vue.services import Services

SCRIPTS = ("vue_check.mjs", "vue_patterns.mjs", "vue_silenced.mjs", "vue_source.mjs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What the compiler and the syntax trees say."""

    errors: tuple[str, ...]
    """Of the compiler, in the form of `vue-tsc`; what silences it stands here too."""
    missing: tuple[str, ...]
    """Patterns that are not met."""
    met: float
    """Weight of the patterns that are."""
    of: float
    late: bool = False

    @property
    def compiles(self) -> bool:
        """Whether there is no error, and nothing that would hide one."""
        return not self.errors


async def check(
    task: Task, grading: Grading, files: Files, services: Services, boxes: Boxes, timeout_s: float
) -> Checked:
    """Check the project with ``files`` laid over it."""
    request = {
        "files": _texts({**task.starter, **files}),
        "hidden": _texts({path: text for path, text in _tests(task).items() if path.startswith(TYPE_TESTS)}),
        "changed": sorted(files),
        "patterns": grading.patterns,
    }
    try:
        async with services.lend(boxes) as service:
            reply = msgspec.json.decode(await service.ask(msgspec.json.encode(request), timeout_s=timeout_s))
    except TimeoutError:
        return _none_met(grading, f"the type check did not end within {timeout_s:g} s", late=True)
    except ServiceEnded as error:
        return _none_met(grading, f"the type checker could not stand it: {error}")
    if "error" in reply:
        return _none_met(grading, f"the type checker could not stand it: {reply['error'].splitlines()[0]}")
    return _checked(grading.patterns, reply)


def _tests(task: Task) -> dict[str, bytes]:
    return {f"tests/{path}": content for path, content in task.tests.items()}


def _texts(files: Files) -> dict[str, str]:
    return {path: content.decode(errors="replace") for path, content in files.items()}


def _none_met(grading: Grading, error: str, *, late: bool = False) -> Checked:
    weight = sum(pattern.weight for pattern in grading.patterns)
    missing = tuple(f"{pattern.file}: {pattern.kind}" for pattern in grading.patterns)
    return Checked(errors=(error,), missing=missing, met=0.0, of=weight, late=late)


def _checked(patterns: tuple[Pattern, ...], reply: Mapping[str, Any]) -> Checked:
    looked = list(zip(patterns, reply["patterns"], strict=True))
    diagnostics = [one for one in reply["diagnostics"] if not one["file"].startswith(TYPE_TESTS)]
    silenced = [f"{one['file']}: silences the type checker: {one['what']}" for one in reply["silenced"]]
    return Checked(
        errors=(*map(_line, diagnostics), *silenced),
        missing=tuple(
            f"{'the types' if pattern.kind == 'types_hold' else pattern.file}: {look['missing']}"
            for pattern, look in looked
            if not look["met"]
        ),
        met=sum(pattern.weight for pattern, look in looked if look["met"]),
        of=sum(pattern.weight for pattern in patterns),
    )


def _line(diagnostic: Mapping[str, Any]) -> str:
    message = f"error TS{diagnostic['code']}: {diagnostic['message']}"
    if not diagnostic["file"]:
        return message
    return f"{diagnostic['file']}({diagnostic['line']},{diagnostic['column']}): {message}"
