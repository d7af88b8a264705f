"""Checks sections of the composed configuration; complaints name the key as a person would type it."""

from collections.abc import Mapping
from typing import Any, TypeVar

from llmbench.api.options import from_mapping
from llmbench.config.compose import Composed
from llmbench.config.origin import origin, preset_of, purpose_of
from llmbench.config.settled import settled
from llmbench.config.sources import Choice
from llmbench.errors import UsageError

T = TypeVar("T")


def section(composed: Composed, name: str) -> dict[str, Any]:
    """Return a section's keys.

    Raises:
        UsageError: it is not there, or not a section.
    """
    value = composed.values.get(name)
    if not isinstance(value, Mapping):
        raise complaint(f"{name}: expected a section of keys, got {value!r}", composed)
    return dict(value)


def checked(
    options: type[T],
    data: Mapping[str, Any],
    key: str,
    composed: Composed,
    *,
    renamed: Mapping[str, str] | None = None,
) -> T:
    """Build ``options`` from a section; what would not be read chooses its reader, or is refused.

    Args:
        options: the dataclass.
        data: the section.
        key: its dotted key.
        composed: where it comes from.
        renamed: other names, in complaints, for keys that were moved into the section.

    Raises:
        UsageError: naming key, value, what was expected, and the file.
    """
    try:
        _refuse_missing(data, key)
        return settled(from_mapping(options, data, key), key, composed)
    except UsageError as error:
        text = str(error).lstrip(".")
        for old, new in (renamed or {}).items():
            if text.startswith((f"{old}.", f"{old}:")):
                text = new + text.removeprefix(old)
        raise complaint(text, composed) from None


def complaint(text: str, composed: Composed) -> UsageError:
    """Return the error ``key: text`` with the name of who set the key."""
    key, _, what = text.partition(": ")
    preset = preset_of(key, composed) if what.startswith("unknown option") else None
    if preset is not None:
        return UsageError(_unfit(preset, key, composed))
    return UsageError(f"{text} ({origin(key, composed)})")


def _unfit(preset: Choice, key: str, composed: Composed) -> str:
    """Return that a preset sets what a chosen plugin does not have."""
    axis = key.partition(".")[0]
    return (
        f"preset={preset.name} does not fit {axis}={composed.choices.get(axis, '')}, which has no option "
        f"{key}; the preset: {purpose_of(preset)} ({preset})"
    )


def _refuse_missing(data: Any, key: str) -> None:
    if data == "???":
        raise UsageError(f"{key}: a value is missing; set it there or on the command line: {key}=…")
    items = data.items() if isinstance(data, Mapping) else enumerate(data) if isinstance(data, list) else ()
    for name, value in items:
        _refuse_missing(value, f"{key}.{name}" if key else str(name))
