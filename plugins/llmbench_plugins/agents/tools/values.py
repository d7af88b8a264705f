"""Arguments written as text, as the values that a tool's schema speaks of."""

from collections.abc import Mapping
from typing import Any

import msgspec

from llmbench.api import Tool


def typed(arguments: Mapping[str, Any], tool: Tool) -> dict[str, Any]:
    """Return arguments with numbers, booleans and lists read from their text; the rest is left as it is."""
    schemas = tool.spec.parameters.get("properties", {})
    return {
        name: _typed(value, schemas.get(tool.argument_aliases.get(name, name), {}))
        for name, value in arguments.items()
    }


def _typed(value: Any, schema: Mapping[str, Any]) -> Any:
    kinds = _kinds(schema)
    if not isinstance(value, str) or "string" in kinds or not kinds:
        return value
    text = value.strip()
    try:
        return msgspec.json.decode(text.lower() if "boolean" in kinds else text)
    except msgspec.DecodeError:
        # A list of texts, one a line, is what people write who do not think of JSON.
        items = schema.get("items", {})
        is_texts = kinds == {"array"} and isinstance(items, dict) and "string" in _kinds(items)
        return [line.strip() for line in text.splitlines() if line.strip()] if is_texts else value


def _kinds(schema: Mapping[str, Any]) -> set[str]:
    parts = schema.get("anyOf", [schema])
    kinds = {part.get("type") for part in parts if isinstance(part, dict)}
    return {kind for kind in kinds if isinstance(kind, str)}
