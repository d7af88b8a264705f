"""What a Vue task asks for beside its instructions: patterns with weights, and the names of its tests."""

from dataclasses import dataclass
from typing import Annotated, Literal

from llmbench.api import option

Kind = Literal[
    "script_setup_ts",
    "no_options_api",
    "typed_props",
    "typed_emits",
    "typed_slots",
    "typed_model",
    "generic_component",
    "no_any",
    "no_this",
    "no_non_null",
    "interface_declared",
    "function_exported",
    "generic_function",
    "calls",
    "no_calls",
    "composable_used",
    "imports",
    "defines_store",
    "component_used",
    "slot_offered",
    "types_hold",
]
_NAMED = (
    "interface_declared",
    "function_exported",
    "generic_function",
    "calls",
    "no_calls",
    "composable_used",
    "imports",
    "defines_store",
    "component_used",
    "slot_offered",
)
_FROM_MODULE = ("composable_used", "imports")
TYPE_TESTS = "tests/types/"
"""Where type tests lie: files that the type checker reads beside the answer, and nobody runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """Something that must stand in a file, decided on its syntax tree."""

    kind: Kind
    file: Annotated[str, option(min_length=1, help="below the project; of types_hold, in tests/types/")]
    weight: Annotated[float, option(gt=0)] = 1.0
    name: Annotated[str, option(help="of the function, type, store, component or slot")] = ""
    names: Annotated[tuple[str, ...], option(help="props, events or slots that must be declared")] = ()
    module: Annotated[
        str, option(help="where name comes from: a package, or a path below the project without .ts")
    ] = ""

    @property
    def lacks(self) -> str:
        """Return the key without which this kind means nothing, or an empty string."""
        if self.kind in _NAMED and not self.name:
            return "name"
        if self.kind in _FROM_MODULE and not self.module:
            return "module"
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grading:
    """What the validator needs to know of a task."""

    patterns: Annotated[tuple[Pattern, ...], option(min_length=1)]
    tests: Annotated[tuple[str, ...], option(min_length=1, help="full names, as the reference passes them")]
    timeout_s: Annotated[float, option(gt=0, help="for all tests together")] = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Specification:
    """validation.json of a Vue task."""

    schema: Literal["llmbench.vue/1"]
    title: str
    editable: Annotated[tuple[str, ...], option(min_length=1, help="files the model may change; globs")]
    patterns: Annotated[tuple[Pattern, ...], option(min_length=1)]
    tests: Annotated[tuple[str, ...], option(min_length=1, help="full names, as the reference passes them")]
    timeout_s: Annotated[float, option(gt=0, help="for all tests together")] = 60.0
    difficulty: Literal["easy", "medium", "hard"] = "medium"
    tags: tuple[str, ...] = ()
