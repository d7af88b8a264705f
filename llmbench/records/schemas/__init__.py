"""The JSON Schemas of the files that a run leaves, derived from the dataclasses that write them.

The ``.json`` files beside this are committed, so that others can check our files without our code;
``tools/make_schemas.py`` writes them anew.
"""

from functools import reduce
from pathlib import Path
from typing import Any, get_args

import msgspec

from llmbench.api.options import schema_of
from llmbench.records.bundle import Bundle
from llmbench.records.control import Control
from llmbench.records.fitness import Fitness
from llmbench.records.manifest import Manifest
from llmbench.records.monitors import MonitorEvent
from llmbench.records.record import Record
from llmbench.records.solves import Solve
from llmbench.records.status import Status
from llmbench.records.transcript import Event

FOLDER = Path(__file__).parent
NAMES = (
    "bundle",
    "control",
    "fitness",
    "manifest",
    "monitors",
    "record",
    "solve",
    "status",
    "summary",
    "task",
    "transcript",
    "vue",
)


def read_schema(name: str) -> dict[str, Any]:
    """Return a committed schema: one of ``NAMES``."""
    schema: dict[str, Any] = msgspec.json.decode((FOLDER / f"{name}.json").read_bytes())
    return schema


def derived() -> dict[str, dict[str, Any]]:
    """Return the schemas of what this package writes, by name."""
    return {
        "bundle": titled("bundle", schema_of(Bundle)),
        "control": titled("control", schema_of(Control)),
        "fitness": titled("fitness", schema_of(Fitness)),
        "manifest": titled("manifest", schema_of(Manifest)),
        "monitors": titled("monitors", _one_of(get_args(MonitorEvent))),
        "record": titled("record", schema_of(Record)),
        "solve": titled("solve", schema_of(Solve)),
        "status": titled("status", schema_of(Status)),
        "transcript": titled("transcript", _one_of(get_args(Event))),
    }


def titled(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema that says which file it describes."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"llmbench.{name}/1"}
    return head | schema


def encoded(schema: dict[str, Any]) -> bytes:
    """Return a schema as it is committed."""
    return msgspec.json.format(msgspec.json.encode(schema, order="sorted"), indent=2) + b"\n"


def _one_of(kinds: tuple[type, ...]) -> dict[str, Any]:
    schemas = [schema_of(kind) for kind in kinds]
    definitions: dict[str, Any] = reduce(lambda all_, schema: all_ | schema["$defs"], schemas, {})
    return {"oneOf": [{"$ref": schema["$ref"]} for schema in schemas], "$defs": definitions}
