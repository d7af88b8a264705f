"""What a browser may launch: keys that have a field, values that are only that, paths in known folders.

It judges the words, before anything reads them, and the run that they compose to, whatever its files say.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from llmbench.config.build import RunSpec
from llmbench.config.values import split
from llmbench.errors import UsageError
from llmbench.resources import resource_dir
from llmbench.serve.faults import Refused
from llmbench.serve.launching.fields import Field
from llmbench.serve.launching.offer import GROUPS, Offer
from llmbench.serve.settings import Settings

MOST_WORDS = 64
LONGEST_WORD = 2000
_MOST_BRACKETS = 40
_WORD = re.compile(r"(?P<key>[A-Za-z][\w-]*(\.[\w-]+)*)=(?P<value>.+)", re.ASCII)
_FUNCTION = re.compile(r"\s*[A-Za-z_]\w*\s*\(")
_PATHS = ("./", "../", "/", "~", ".\\", "..\\")
_SHIPPED = ("conf", "models", "tasks")


def check_words(words: Sequence[str], offer: Offer, settings: Settings) -> None:
    """Refuse what no form offers.

    Raises:
        Refused: a word is no plain ``key=value``, its key can't be set from a browser, or its value leads
            somewhere else.
        UsageError: a choice is not there.
    """
    if len(words) > MOST_WORDS:
        raise Refused(f"{len(words)} settings: expected at most {MOST_WORDS}")
    for word in words:
        key, value = _taken_apart(word)
        if key in GROUPS:
            _check_choice(key, value, offer, settings)
        else:
            _check_value(_field(key, offer), value, settings)


def check_run(spec: RunSpec, settings: Settings, *, is_profile: bool) -> None:
    """Refuse a run that would do more than a browser may ask for, whichever files led to it.

    Args:
        spec: what the words compose to.
        settings: what the dashboard was started with.
        is_profile: whether the model has a file, whose author may have named any path.

    Raises:
        Refused: it would.
    """
    if refusal := refused_plugin("agent", spec.agent.name, settings):
        raise Refused(f"agent: {refusal}")
    if len(spec.sandbox) == 1 and (refusal := refused_plugin("sandbox", spec.sandbox[0].name, settings)):
        raise Refused(f"sandbox: {refusal}")
    for text in () if is_profile else _texts(getattr(spec.backend.options, "source", None)):
        if text.startswith(("/", "~")):
            _check_path("model", text, settings)


def refused_plugin(group: str, plugin: str, settings: Settings) -> str:
    """Return why a plugin may not be launched from a browser; empty where it may."""
    if (group, plugin) == ("agent", "cli") and not settings.allowed.cli:
        return "an outside agent is a command of this machine; start the dashboard with --allow-cli"
    if (group, plugin) == ("sandbox", "local") and not settings.allowed.local:
        return "local isolates nothing from this machine; start the dashboard with --allow-local"
    return ""


def _taken_apart(word: str) -> tuple[str, str]:
    if len(word) > LONGEST_WORD:
        raise Refused(f"{word[:40]}…: longer than {LONGEST_WORD} characters")
    found = _WORD.fullmatch(word)
    if found is None or not word.isprintable():
        raise Refused(f"{word[:80]!r}: expected key=value in one line, without + or ~")
    if "$" in word and "{" in word:
        # Escaped in whichever way, it may come together as an interpolation, which reads the environment.
        raise Refused(f"{found['key']}: no ${{…}} from a browser")
    return found["key"], found["value"]


def _field(key: str, offer: Offer) -> Field:
    if (field := offer.field(key)) is None:
        raise Refused(f"{key}: can't be set from a browser; set it on the command line")
    return field


def _check_choice(group: str, value: str, offer: Offer, settings: Settings) -> None:
    known = {choice.name: choice for choice in offer.groups[group].choices}
    for name in split(value):
        plain = name.strip("'\"")
        if plain in known:
            if refusal := refused_plugin(group, known[plain].plugin, settings):
                raise Refused(f"{group}: {refusal}")
        elif group == "model":
            _check_model(plain, settings)
        else:
            raise UsageError(f"{group}: there is no '{plain[:80]}'; there are: {', '.join(known)}")


def _check_model(name: str, settings: Settings) -> None:
    """Check a name without a profile: of a model that a backend knows, or of a file."""
    if any(letter in name for letter in "()[]{}$*"):
        raise Refused(f"model: expected a name, got '{name[:80]}'")
    for part in (name, name.partition(":")[2]):
        if part and _is_path(part):
            _check_path("model", part, settings)


def _is_path(text: str) -> bool:
    try:
        return (
            text.startswith(_PATHS)
            or ".." in text.split("/")
            or text.lower().endswith(".gguf")
            or Path(text).expanduser().exists()
        )
    except (OSError, RuntimeError, ValueError):  # too long, or of no user's
        return True


def _check_value(field: Field, value: str, settings: Settings) -> None:
    if field.key != "filter" and value[0] not in "'\"":
        _check_plain(field.key, value)
    if field.kind == "path":
        for part in split(value):
            _check_path(field.key, _unquoted(part), settings)
    if field.kind == "local url":
        for part in split(value):
            _check_url(field.key, _unquoted(part))


def _check_plain(key: str, value: str) -> None:
    """Refuse what Hydra would call, or read by calling itself too often."""
    if any(map(_FUNCTION.match, split(value))) or sum(map(value.count, "[{(")) > _MOST_BRACKETS:
        raise Refused(f"{key}: expected a value, got '{value[:80]}'")


def _check_path(key: str, text: str, settings: Settings) -> None:
    allowed = [settings.root, *settings.allowed.folders, *map(resource_dir, _SHIPPED)]
    try:
        path = Path(text).expanduser().resolve()
        if any(path.is_relative_to(folder.resolve()) for folder in allowed):
            return
    except (OSError, RuntimeError, ValueError):
        pass
    raise Refused(
        f"{key}: '{text[:80]}' is in no folder that launches may use; "
        "start the dashboard with --allow-folder DIR"
    )


def _check_url(key: str, text: str) -> None:
    try:
        url = urlsplit(text)
        host = url.hostname or ""
        is_here = url.scheme in ("http", "https") and (host == "localhost" or ip_address(host).is_loopback)
    except ValueError:
        is_here = False
    if not is_here:
        raise Refused(
            f"{key}: '{text[:80]}': from a browser, only this machine: http://127.0.0.1:PORT; "
            "set others on the command line, or in a file of conf/backend"
        )


def _unquoted(text: str) -> str:
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1].replace("\\'", "'").replace("\\\\", "\\")
    return text


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts in options."""
    if is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str):
        yield value
