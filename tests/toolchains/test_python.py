"""The python toolchain: what an image of it needs is shipped."""

from importlib.metadata import entry_points

from llmbench.api import Toolchain
from llmbench_plugins.toolchains.python import PYTHON


def test_the_entry_point_is_the_toolchain() -> None:
    (found,) = (entry for entry in entry_points(group="llmbench.toolchains") if entry.name == "python")
    assert isinstance(found.load(), Toolchain)
    assert found.load() is PYTHON


def test_its_folder_holds_a_dockerfile_for_any_builder() -> None:
    text = (PYTHON.folder / "Dockerfile").read_text(encoding="utf-8")
    assert "COPY ca/" in text
    assert "--mount" not in text, "the classic builder does not know it"
    assert PYTHON.programs[0].name == "python3"
    assert PYTHON.programs[0].cure
