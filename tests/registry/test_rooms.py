"""Each plugin has a room of its own, and what several share knows no plugin."""

import tomllib
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS = PROJECT["tool"]["importlinter"]["contracts"]
ROOMS = frozenset(
    module for contract in CONTRACTS if contract["type"] == "independence" for module in contract["modules"]
)
ENTRY_POINTS = {
    f"{group} {name}": value.partition(":")[0]
    for group, plugins in PROJECT["project"]["entry-points"].items()
    for name, value in plugins.items()
}


def room_of(module: str) -> str:
    """Return the room in which a module lies, or an empty string."""
    return next((room for room in ROOMS if f"{module}.".startswith(f"{room}.")), "")


@pytest.mark.parametrize("plugin", ENTRY_POINTS)
def test_each_plugin_lies_in_a_room_that_is_kept_apart(plugin: str) -> None:
    assert room_of(ENTRY_POINTS[plugin]), "add its room to an independence contract in pyproject.toml"


def test_each_room_is_a_plugins() -> None:
    assert {room_of(module) for module in ENTRY_POINTS.values()} == ROOMS


def test_what_is_shared_imports_no_plugins_room() -> None:
    graph = grimp.build_graph("llmbench_plugins")
    shared = {module for module in graph.modules if not room_of(module)}
    assert {"llmbench_plugins.backends.shared", "llmbench_plugins.validators.native.go"} <= shared
    found = {
        f"{module} imports {other}"
        for module in shared
        for other in graph.find_modules_directly_imported_by(module)
        # What a language's tests need of its toolchain may be known: a toolchain is data, without choices.
        if room_of(other) and not other.startswith("llmbench_plugins.toolchains.")
    }
    assert not found
