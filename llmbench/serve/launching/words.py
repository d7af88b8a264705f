"""From a form to the words of a command line, and back to a line to copy."""

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from llmbench.config.values import quoted, split
from llmbench.serve.launching.fields import Field
from llmbench.serve.launching.offer import GROUPS, Offer

Form = Mapping[str, Sequence[str]]
"""What a form sent: one or several values by name."""
MORE = ".more"
"""Behind a group's name: further choices, or names that have no file."""
_PLAIN = re.compile(r"(?!(?:null|true|false|nan|inf)\b)[A-Za-z./~][\w./:~-]*", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Words:
    """The overrides of a launch."""

    overrides: tuple[str, ...]
    is_sweep: bool = False
    """Whether one of them has several values."""

    def line(self, root: Path) -> str:
        """Return the equal command line, to be copied into a shell."""
        return shlex.join(["llmbench", *self.argv(root)])

    def argv(self, root: Path) -> list[str]:
        """Return the arguments of the command that makes its runs below ``root``."""
        placed = [] if root.resolve() == Path("outputs").resolve() else [f"output_root={_text(str(root))}"]
        return [*(["-m"] if self.is_sweep else []), *self.overrides, *placed]


def chosen(form: Form) -> dict[str, list[str]]:
    """Return the names that a form chooses, by group."""
    return {group: names for group in GROUPS if (names := _names(form, group))}


def words_of(form: Form, offer: Offer) -> Words:
    """Return the overrides that a form stands for; what is empty is left to the defaults."""
    overrides, several = [], False
    for group, names in chosen(form).items():
        overrides.append(f"{group}={','.join(names)}")
        several |= len(names) > 1
    for field in (each for fields in offer.sections.values() for each in fields):
        values = [value.strip() for value in form.get(field.key, ()) if value.strip()]
        values = values or (["true"] if field.is_on else [])
        if values:
            text = _value(field, values)
            overrides.append(f"{field.key}={text}")
            several |= _is_swept(field, text)
    return Words(tuple(overrides), several)


def _names(form: Form, group: str) -> list[str]:
    """Return the names that are chosen in a group, each once; a name may have been typed."""
    given = [*form.get(group, ()), *form.get(group + MORE, ())]
    return list(dict.fromkeys(_each_name(given)))


def _each_name(given: Sequence[str]) -> Iterator[str]:
    for text in given:
        yield from (name for name in split(text) if name)


def _value(field: Field, values: Sequence[str]) -> str:
    if field.kind in ("texts", "choices"):
        parts = [
            part for value in values for part in split(value.removeprefix("[").removesuffix("]")) if part
        ]
        return f"[{','.join(map(_text, parts))}]"
    if field.key == "filter":  # one pattern, whatever it holds
        return values[0]
    if field.kind in ("text", "path", "local url"):
        return _text(values[0])
    return ",".join(part for value in values for part in split(value) if part)


def _text(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else quoted(text)


def _is_swept(field: Field, text: str) -> bool:
    return field.kind in ("integer", "number", "switch", "choice") and "," in text
