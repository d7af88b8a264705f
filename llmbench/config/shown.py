"""Values as people know them: without Hydra's quotes and escapes."""

from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser


def shown(override: str) -> str:
    """Return the value of an override as people write it."""
    return _words(OverridesParser.create().parse_override(override).value())


def _words(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, list):
        return f"[{','.join(map(_words, value))}]"
    if isinstance(value, dict):
        return f"{{{','.join(f'{_words(key)}:{_words(part)}' for key, part in value.items())}}}"
    return str(value)
