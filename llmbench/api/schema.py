"""JSON Schema errors as one line a person can act on: key, what was expected, what was found, which file."""

import difflib
import json
from collections.abc import Mapping
from typing import Any

import jsonschema
from jsonschema.exceptions import ValidationError, best_match

_TYPES = {
    "string": "text",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a section of keys",
    "null": "null",
}


def first_error(schema: Mapping[str, Any], data: Any, key: str, source: str = "") -> str:
    """Return the most telling complaint about ``data``, or an empty string where there is none.

    Example: ``backend.context: expected an integer ≥ 512, got 'many' (conf/model/glm.yaml)``.
    """
    validator = jsonschema.Draft202012Validator(dict(schema))
    error = best_match(validator.iter_errors(data))
    if error is None:
        return ""
    where = ".".join([key, *(str(part) for part in error.absolute_path)]).strip(".")
    text = _unknown_option(error, where) or f"{where}: {_expectation(error, schema)}"
    return f"{text} ({source})" if source else text


def _unknown_option(error: ValidationError, where: str) -> str:
    if error.validator != "additionalProperties":
        return ""
    schema: Any = error.schema
    found: Any = error.instance
    known = sorted(schema.get("properties", {}))
    name = next(str(key) for key in found if key not in known)
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean '{close[0]}'? " if close else ""
    return f"{where}.{name}: unknown option; {hint}known: {', '.join(known) or 'none'}"


def _expectation(error: ValidationError, root: Mapping[str, Any]) -> str:
    if error.validator == "required":
        required: Any = error.validator_value
        found: Any = error.instance
        missing = [name for name in required if name not in found]
        return f"'{missing[0]}' is missing"
    got = json.dumps(error.instance, ensure_ascii=False, default=str).replace('"', "'")
    got = got if len(got) <= 80 else f"{got[:77]}…"
    return f"expected {expected(error.schema, root)}, got {got}"


def expected(schema: Any, root: Mapping[str, Any]) -> str:
    """Return what a schema accepts, in words; ``root`` holds the definitions that it refers to."""
    if not isinstance(schema, Mapping):
        return "something else"
    if "$ref" in schema:
        return expected(root["$defs"][schema["$ref"].rsplit("/", 1)[1]], root)
    if "enum" in schema:
        return "one of " + ", ".join(str(value) for value in schema["enum"])
    if "const" in schema:
        return repr(schema["const"])
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(expected(part, root) for part in schema["anyOf"]))
    kinds = schema.get("type", "a value")
    names = [_TYPES.get(kind, str(kind)) for kind in ([kinds] if isinstance(kinds, str) else kinds)]
    return " or ".join(names) + _bounds(schema)


def _bounds(schema: Mapping[str, Any]) -> str:
    words = {
        "minimum": "≥ {}",
        "exclusiveMinimum": "> {}",
        "maximum": "≤ {}",
        "exclusiveMaximum": "< {}",
        "minLength": "of {} characters or more",
        "minItems": "of {} or more",
        "pattern": "matching {}",
    }
    parts = [text.format(schema[name]) for name, text in words.items() if name in schema]
    return f" {' and '.join(parts)}" if parts else ""
