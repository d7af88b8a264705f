"""Fields of a form from a JSON Schema: numbers, switches and choices among words, and what is marked besides.

What has no field can't be set from a browser: the form and the gate before launches read the same list.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from llmbench.api.options import FROM_BROWSER, schema_of
from llmbench.api.schema import expected

Kind = Literal["switch", "choice", "choices", "integer", "number", "text", "texts", "path", "local url"]
_KINDS: Mapping[str, Kind] = {"boolean": "switch", "integer": "integer", "number": "number"}
_LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One key that can be set."""

    key: str
    """As the command line has it: ``backend.slots``."""
    kind: Kind
    default: str = ""
    """In words; empty where the model, or nothing, decides."""
    words: tuple[str, ...] = ()
    """What may be chosen."""
    expects: str = ""
    help: str = ""
    minimum: float | None = None
    is_flag: bool = False
    """Whether it is false unless it is set, so that one box to tick is enough."""
    is_on: bool = False
    """Whether a form sets it unless told otherwise."""


def fields_of(
    options: type,
    prefix: str,
    *,
    defaults: Mapping[str, Any] | None = None,
    comments: Mapping[str, str] | None = None,
) -> list[Field]:
    """Return a field for each key of a dataclass that a browser may set, those of nested ones included.

    Args:
        options: the dataclass, of a plugin or of the run.
        prefix: what stands before each key, with its dot (``backend.``).
        defaults: what the chosen file sets.
        comments: what it says of its keys, where the options themselves say nothing.
    """
    schema = schema_of(options)
    found = []
    for name, part in _leaves(schema, _resolved(schema, schema)):
        if (kind := _kind(schema, part)) is not None:
            default = _found(defaults or {}, name, part.get("default"))
            help_text = _said(schema, part, "description") or (comments or {}).get(name, "")
            found.append(_field(f"{prefix}{name}", kind, schema, part, default, str(help_text)))
    return found


def _field(
    key: str, kind: Kind, schema: Mapping[str, Any], part: Mapping[str, Any], default: Any, help_text: str
) -> Field:
    is_on = _said(schema, part, FROM_BROWSER) == "on"
    return Field(
        key=key,
        kind=kind,
        default=_shown(default),
        words=_words(schema, part),
        expects=expected(part, schema),
        help=help_text,
        minimum=_said(schema, part, "minimum"),
        is_flag=kind == "switch" and default is False and not is_on,
        is_on=is_on,
    )


def _leaves(schema: Mapping[str, Any], part: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the properties of a schema that hold a value, by dotted key."""
    for name, inner in part.get("properties", {}).items():
        deeper = _resolved(schema, inner)
        if deeper.get("properties"):
            yield from ((f"{name}.{key}", value) for key, value in _leaves(schema, deeper))
        else:
            yield name, inner


def _kind(schema: Mapping[str, Any], part: Mapping[str, Any]) -> Kind | None:
    marked = _said(schema, part, FROM_BROWSER)
    alternatives = [each for each in _alternatives(schema, part) if each.get("type") != "null"]
    types = {str(each.get("type")) for each in alternatives}
    if marked not in (None, "on"):
        return "texts" if marked == "text" and "array" in types else marked
    if _words(schema, part):
        return "choices" if types == {"array"} else "choice"
    return _KINDS.get(types.pop()) if len(types) == 1 else None


def _words(schema: Mapping[str, Any], part: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the words that a value, or each of a list, is chosen from; none where others may stand there."""
    found: list[str] = []
    for each in _alternatives(schema, part):
        if each.get("type") == "null":
            continue
        inner = _resolved(schema, each.get("items", {})) if each.get("type") == "array" else each
        words = inner.get("enum", [inner["const"]] if "const" in inner else [])
        if not words:
            return ()
        found += [str(word) for word in words]
    return tuple(found)


def _alternatives(schema: Mapping[str, Any], part: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    resolved = _resolved(schema, part)
    return [_resolved(schema, each) for each in resolved["anyOf"]] if "anyOf" in resolved else [resolved]


def _said(schema: Mapping[str, Any], part: Mapping[str, Any], name: str) -> Any:
    """Return what a property, or one of its alternatives, says under a name; None where nothing does."""
    return next((each[name] for each in (part, *_alternatives(schema, part)) if name in each), None)


def _resolved(schema: Mapping[str, Any], part: Mapping[str, Any]) -> Mapping[str, Any]:
    name = str(part.get("$ref", "")).rsplit("/", 1)[-1]
    found: Mapping[str, Any] = schema["$defs"][name] if name else part
    return found


def _found(data: Mapping[str, Any], key: str, default: Any) -> Any:
    """Return what nested data has for a dotted key."""
    found: Any = data
    for name in key.split("."):
        if not isinstance(found, Mapping) or name not in found:
            return default
        found = found[name]
    return found


def _shown(value: Any) -> str:
    if value is None or value == "???" or isinstance(value, Mapping):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    text = ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"
