"""Options that not every choice reads: one that is set chooses what reads it, or is refused."""

from collections.abc import Iterator, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from typing import Any, TypeVar

from llmbench.api.options import read_when
from llmbench.config.arguments import key_of
from llmbench.config.compose import Composed
from llmbench.errors import UsageError

T = TypeVar("T")


def settled(options: T, key: str, composed: Composed) -> T:
    """Return ``options`` with the choices that follow from options which only they read.

    ``backend.url=…`` alone chooses ``backend.server=attach``, for nothing else reads it. A switch that is
    on or off is never turned for somebody: it has effects of its own.

    Args:
        options: an instance of a plugin's ``Options``.
        key: its dotted key.
        composed: what was set on the command line.

    Raises:
        UsageError: an option is set that would not be read.
    """
    made: Any = options
    given = [key_of(override) for override in composed.overrides]
    asked_by: dict[str, str] = {}
    for name, conditions in read_when(type(made)).items():
        if not _is_set(made, name, key, given):
            continue
        for choice, readers in conditions.items():
            now = getattr(made, choice)
            if now in readers or _gives_way(name, choice, key, given, is_switch=isinstance(now, bool)):
                continue
            is_free = choice not in asked_by and not _is_set(made, choice, key, given)
            if not is_free or isinstance(now, bool) or len(readers) > 1:
                raise UsageError(_unread(key, name, choice, now, readers, asked_by.get(choice, "")))
            made = replace(made, **{choice: readers[0]})
            asked_by[choice] = name
    whole: T = _with_nested(made, key, composed)
    return whole


def choices_of(options: Any) -> dict[str, Any]:
    """Return the choices that other options depend on, as they are after all."""
    depended = {choice for conditions in read_when(type(options)).values() for choice in conditions}
    return {choice: getattr(options, choice) for choice in sorted(depended)}


def _with_nested(made: Any, key: str, composed: Composed) -> Any:
    inner = {field.name: getattr(made, field.name) for field in fields(made)}
    parts = {name: value for name, value in inner.items() if is_dataclass(value) and read_when(type(value))}
    if not parts:
        return made
    return replace(made, **{name: settled(part, _full(key, name), composed) for name, part in parts.items()})


def _gives_way(name: str, choice: str, key: str, given: Sequence[str], *, is_switch: bool) -> bool:
    """Say whether an option of a file is passed over: the command line chose otherwise, or it is a switch."""
    return not _is_typed(name, key, given) and (is_switch or _is_typed(choice, key, given))


def _is_typed(name: str, key: str, given: Sequence[str]) -> bool:
    full = _full(key, name)
    return any(word == full or word.startswith(f"{full}.") for word in given)


def _is_set(options: Any, name: str, key: str, given: Sequence[str]) -> bool:
    """Say whether somebody set an option: on the command line, or to something else than its default."""
    value = getattr(options, name)
    if value is None or value in ((), {}, ""):
        return False
    if _is_typed(name, key, given):
        return True
    field = next(field for field in fields(options) if field.name == name)
    return any(value != default for default in _default(field))


def _default(field: Field[Any]) -> Iterator[Any]:
    """Yield the default of a field that has one."""
    if field.default is not MISSING:
        yield field.default
    elif field.default_factory is not MISSING:
        yield field.default_factory()


def _unread(key: str, name: str, choice: str, now: Any, readers: Sequence[Any], asked_by: str) -> str:
    wanted = " or ".join(map(_word, readers))
    who = f", which {_full(key, asked_by)} asks for" if asked_by else ""
    return (
        f"{_full(key, name)}: read only with {_full(key, choice)}={wanted}, and it is {_word(now)}{who}; "
        f"set {_full(key, choice)} or leave {_full(key, name)} out"
    )


def _full(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name


def _word(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return str(value)
