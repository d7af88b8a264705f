"""Options of a plugin: a frozen dataclass beside it; its JSON Schema is derived here, never written twice.

Annotate a field to limit or explain it::

    @dataclass(frozen=True, slots=True)
    class Options:
        context: Annotated[int, option(ge=512, help="tokens per slot")] = 16384
        port: Annotated[int, option(ge=1, identity=False)] | None = None
        url: Annotated[str | None, option(read_when={"server": ("attach",)})] = None
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from llmbench.errors import UsageError

T = TypeVar("T")
_IDENTITY = "x-llmbench-identity"
_READ_WHEN = "x-llmbench-read-when"
_IDENTIFIED_BY = "x-llmbench-identified-by"
FROM_BROWSER = "x-llmbench-from-browser"
"""In the schema of an option that the dashboard may set although its values are no closed set."""


@dataclass(frozen=True, slots=True)
class NoOptions:
    """The options of a plugin that has none."""


def option(
    *,
    help: str | None = None,  # noqa: A002 - the word that argparse and click users expect
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    lt: float | None = None,
    pattern: str | None = None,
    min_length: int | None = None,
    identity: bool | Literal["unless default"] = True,
    identified_by: str | None = None,
    read_when: Mapping[str, Sequence[Any]] | None = None,
    from_browser: Literal["text", "path", "local url", "on"] | None = None,
) -> msgspec.Meta:
    """Describe and limit one field: ``Annotated[int, option(ge=1)]``, and ``… | None`` outside of it.

    ``identity=False`` says that the value changes how a run is executed and never what it can score, so that
    it stays out of the run's hash (ports, folders, concurrency). ``identity="unless default"`` is for an
    option that is added later: runs that were made before it was there keep their names.

    ``identified_by="content"`` says that the option ``content`` tells what it is better than the value does,
    which stays out of the run's hash wherever that one is set: the same file in another folder.

    ``read_when={"server": ("attach",)}`` says that the value is read only where the option ``server`` of the
    same plugin has one of these values. Set where it would not be read, the option chooses the only word that
    reads it, or is refused: nothing that a person sets is ignored in silence.

    ``from_browser`` lets the dashboard set an option that is no number, no switch and no choice among words,
    which it may always: ``text`` is harmless whatever it says (a prompt), ``path`` must lead into a folder
    that launches may use, ``local url`` must lead to this machine. Never mark what becomes a part of a
    command, names a variable of the environment, or says where a secret is sent. ``on`` is for a switch that
    the dashboard turns on unless told otherwise.
    """
    marks = {
        _IDENTITY: None if identity is True else identity,
        _IDENTIFIED_BY: identified_by,
        _READ_WHEN: read_when,
        FROM_BROWSER: from_browser,
    }
    extra = {name: mark for name, mark in marks.items() if mark is not None} or None
    limits: Any = {"ge": ge, "gt": gt, "le": le, "lt": lt, "pattern": pattern, "min_length": min_length}
    return msgspec.Meta(description=help, extra_json_schema=extra, **limits)


def schema_of(options: type) -> dict[str, Any]:
    """Return the JSON Schema of a dataclass; keys it does not declare are errors."""
    schema = msgspec.json.schema(options)
    for definition in schema.get("$defs", {}).values():
        if definition.get("type") == "object" and "properties" in definition:
            definition["additionalProperties"] = False
    return schema


def from_mapping(options: type[T], data: Mapping[str, Any], key: str, *, source: str = "") -> T:
    """Build ``options`` from plain data.

    Args:
        options: the dataclass.
        data: what the YAML, the command line or a file says.
        key: the dotted key of ``data``, which stands before every complaint (``backend``, ``model``).
        source: the file that holds ``data``, named in complaints where known.

    Raises:
        UsageError: naming the full key, the value, what was expected and the file.
    """
    try:
        unknown = next(_unknown_keys(options, data, key), None)
        if unknown is None:
            return msgspec.convert(data, options, strict=True)
    except msgspec.ValidationError as error:
        raise UsageError(_explain(options, data, key, source) or f"{key}: {error}") from None
    raise UsageError(_explain(options, data, key, source) or f"{unknown}: unknown option")


def execution_only(options: type) -> frozenset[str]:
    """Return the names of the fields that stay out of a run's hash."""
    return _marked(options, False)


def unset(options: Any) -> frozenset[str]:
    """Return the fields of ``options`` that stay out of a run's hash as the others are set.

    Those added later that are the default, and those that another one identifies.
    """
    added = _marked(type(options), "unless default")
    same = (each.name for each in fields(options) if getattr(options, each.name) == each.default)
    hints = get_type_hints(type(options), include_extras=True)
    identified = {name: mark for name, hint in hints.items() for mark in _marks(hint, _IDENTIFIED_BY) if mark}
    known = (name for name, mark in identified.items() if getattr(options, mark) is not None)
    return added.intersection(same).union(known)


def read_when(options: type) -> dict[str, Mapping[str, Sequence[Any]]]:
    """Return the fields that are not always read: which values of which other fields read them."""
    hints = get_type_hints(options, include_extras=True)
    marked = {name: [mark for mark in _marks(hint, _READ_WHEN) if mark] for name, hint in hints.items()}
    return {name: marks[0] for name, marks in marked.items() if marks}


def _marked(options: type, mark: object) -> frozenset[str]:
    hints = get_type_hints(options, include_extras=True)
    return frozenset(name for name, hint in hints.items() if mark in _marks(hint, _IDENTITY))


def _marks(hint: Any, name: str) -> list[Any]:
    # A limit belongs to the number, so an optional one reads `Annotated[int, option(ge=1)] | None`.
    parts = [part for part in (hint, *get_args(hint)) if get_origin(part) is Annotated]
    return [
        (meta.extra_json_schema or {}).get(name)
        for part in parts
        for meta in get_args(part)[1:]
        if isinstance(meta, msgspec.Meta)
    ]


def _unknown_keys(options: Any, data: Any, key: str) -> Iterator[str]:
    """Yield keys that the dataclass does not declare, nested dataclasses included; msgspec ignores those."""
    if isinstance(data, list | tuple):
        for position, item in enumerate(data):
            for candidate in get_args(options):
                yield from _unknown_keys(candidate, item, f"{key}.{position}")
    if isinstance(data, Mapping) and get_origin(options) is Mapping:
        kind = get_args(options)[1]
        for name, value in data.items():
            for candidate in (kind, *get_args(kind)):
                yield from _unknown_keys(candidate, value, f"{key}.{name}")
    if not (is_dataclass(options) and isinstance(data, Mapping)):
        return
    hints = get_type_hints(options)
    names = {field.name for field in fields(options)}
    for name, value in data.items():
        if name not in names:
            yield f"{key}.{name}"
            continue
        for candidate in (hints[name], *get_args(hints[name])):
            yield from _unknown_keys(candidate, value, f"{key}.{name}")


def _explain(options: type, data: Mapping[str, Any], key: str, source: str) -> str:
    # jsonschema costs 50 ms to import: only a wrong request pays for it.
    from llmbench.api.schema import first_error

    return first_error(schema_of(options), data, key, source)
