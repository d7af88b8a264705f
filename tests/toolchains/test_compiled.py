"""The toolchains with libraries: what their images need is shipped, and boxes of this host get them."""

import re
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from llmbench.api import Toolchain
from llmbench_plugins.sandboxes.shared.making import folder_content

NAMES = ("cpp", "go", "java", "node", "rust")


def toolchain(name: str) -> Toolchain:
    (found,) = (entry for entry in entry_points(group="llmbench.toolchains") if entry.name == name)
    loaded = found.load()
    assert isinstance(loaded, Toolchain)
    return loaded


@pytest.mark.parametrize("name", NAMES)
def test_image_and_host_get_their_libraries_from_one_script(name: str) -> None:
    made = toolchain(name)
    assert made.name == name
    text = (made.folder / "Dockerfile").read_text(encoding="utf-8")
    assert f"sh /usr/local/src/llmbench/{made.install} /opt/llmbench/{name}" in text
    assert "COPY ca/" in text
    assert "--mount" not in text, "the classic builder does not know it"
    assert re.search(r"install --yes --no-install-recommends python3\b", text), "the supervisor runs on it"
    assert (made.folder / made.install).read_text(encoding="utf-8").startswith("#!/bin/sh\n")
    assert all(program.cure for program in made.programs)


@pytest.mark.parametrize("name", NAMES)
def test_what_the_dockerfile_copies_is_there(name: str) -> None:
    made = toolchain(name)
    there = {path for path, _ in folder_content(made)}
    copied = re.findall(
        r"^COPY (.+) /usr/local/src/llmbench/$", (made.folder / "Dockerfile").read_text(), re.MULTILINE
    )
    assert copied
    assert {file for line in copied for file in line.split()} <= there


def test_gos_library_is_compiled_for_the_flags_of_a_box() -> None:
    made = toolchain("go")
    script = (made.folder / made.install).read_text(encoding="utf-8")
    # With others, go would compile it again for every answer.
    assert f"GOFLAGS='{dict(made.env)['GOFLAGS']}'" in script


def test_every_jar_is_pinned_by_its_checksum() -> None:
    lines = (toolchain("java").folder / "jars.txt").read_text(encoding="utf-8").splitlines()
    jars = [line.split() for line in lines if not line.startswith("#")]
    assert {"junit-platform-console-standalone", "assertj-core"} <= {jar[1] for jar in jars}
    assert all(len(jar) == 4 and re.fullmatch(r"[0-9a-f]{64}", jar[3]) for jar in jars)


def test_no_lock_file_is_shipped() -> None:
    for name in NAMES:
        for path, content in folder_content(toolchain(name)):
            assert Path(path).name not in ("package-lock.json", "Cargo.lock", "go.sum")
            assert b"resolved" not in content
