"""Writes llmbench/records/schemas/*.json anew: ``python tools/make_schemas.py``."""

from typing import Any

from llmbench.api.options import schema_of
from llmbench.records.schemas import FOLDER, derived, encoded, titled
from llmbench.score.summary import Summary
from llmbench_plugins.datasets.catalog import Metadata
from llmbench_plugins.shared.vue_spec import Specification


def all_schemas() -> dict[str, dict[str, Any]]:
    """Return every schema by name; only here may those of core and plugin meet."""
    return derived() | {
        "summary": titled("summary", schema_of(Summary)),
        "task": titled("task", schema_of(Metadata)),
        "vue": titled("vue", schema_of(Specification)),
    }


if __name__ == "__main__":
    for name, schema in all_schemas().items():
        (FOLDER / f"{name}.json").write_bytes(encoded(schema))
