"""The vue toolchain: pinned, complete, and without a lock file."""

import json
import re
from importlib.metadata import entry_points

from llmbench_plugins.toolchains.vue import VUE


def test_the_entry_point_is_the_toolchain() -> None:
    (found,) = (entry for entry in entry_points(group="llmbench.toolchains") if entry.name == "vue")
    assert found.load() is VUE
    assert VUE.programs[0].cure


def test_every_library_is_pinned() -> None:
    versions = json.loads((VUE.folder / "package.json").read_text())["dependencies"]
    assert {"vue", "vue-tsc", "typescript", "vitest", "@vue/test-utils", "pinia", "happy-dom"} <= set(
        versions
    )
    assert [name for name, version in versions.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []
    assert not list(VUE.folder.glob("*lock*"))


def test_image_and_host_run_the_same_script() -> None:
    dockerfile = (VUE.folder / "Dockerfile").read_text(encoding="utf-8")
    assert (VUE.folder / VUE.install).is_file()
    assert f"{VUE.install} /opt/llmbench/vue" in dockerfile
    assert "COPY ca/" in dockerfile
    script = (VUE.folder / VUE.install).read_text(encoding="utf-8")
    assert "--ignore-scripts" in script
    for name in ("package.json", "type_check.sh"):
        assert name in script
        assert name in dockerfile
