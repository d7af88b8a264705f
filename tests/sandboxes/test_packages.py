"""Packages in toolchains: installed once, out of reach of what runs, and missed with a reason."""

import asyncio
import dataclasses
import os
from pathlib import Path

import pytest

from llmbench.api import Context, Limits, NoOptions, Packages, Sandbox, Toolchain, closing
from llmbench.errors import DatasetError, PrerequisiteError, SandboxError
from llmbench.registry import load
from llmbench_plugins.sandboxes.bubblewrap import Bubblewrap
from llmbench_plugins.sandboxes.docker.images import base_tag, image_tag
from llmbench_plugins.sandboxes.local import Local
from llmbench_plugins.toolchains.python import PYTHON

NOWHERE = "http://127.0.0.1:9"
"""Nobody listens there."""
OFFLINE = {
    "PIP_INDEX_URL": NOWHERE,
    "NPM_CONFIG_REGISTRY": NOWHERE,
    "GOPROXY": NOWHERE,
    "CARGO_HTTP_PROXY": NOWHERE,
    "CARGO_NET_RETRY": "0",
}
INSTALL = """\
echo one more >> "$(dirname "$0")/../log"
mkdir "$1"
cp "$2"/names "$1"/
echo "$LLMBENCH_BOX_PATH" > "$1/path"
"""
_CRATE = """\
[package]
name = "packages"
version = "0.0.0"
edition = "2021"

[dependencies]
no-such-crate-of-llmbench = "=1.0.0"
"""
WANTED = {
    "python": ("requirements.txt", "no-such-package-of-llmbench==1.0\n"),
    "node": ("package.json", '{"private": true, "dependencies": {"no-such-package-of-llmbench": "1.0.0"}}'),
    "go": ("go.mod", "module packages\n\ngo 1.21\n\nrequire no.such.module.test/llmbench v1.0.0\n"),
    "rust": ("Cargo.toml", _CRATE),
}
REASONS = {
    "python": ("no-such-package-of-llmbench",),
    "node": ("ECONNREFUSED",),
    "go": ("no.such.module.test/llmbench",),
    "rust": ("failed to sync", "no-such-crate-of-llmbench", "failed"),
}


def context(folder: Path, **secrets: str) -> Context:
    work = folder / "work"
    work.mkdir(exist_ok=True)
    return Context(work_dir=work, cache_dir=folder / "cache", label="tests", secrets=secrets)


def packages(toolchain: str, *files: tuple[str, str]) -> Packages:
    return Packages(toolchain=toolchain, names=("some 1.0",), files=files)


@pytest.fixture
def lua(tmp_path: Path) -> Toolchain:
    """A toolchain whose packages are files that a script copies."""
    folder = tmp_path / "lua"
    (folder / "packages").mkdir(parents=True)
    (folder / "packages/install.sh").write_text(INSTALL)
    (folder / "packages/Dockerfile").write_text("")
    (folder / "Dockerfile").write_text("")
    env = (("PACKAGES", "there"),)
    return Toolchain(name="lua", folder=folder, programs=(), packages_at="/opt/lua", packages_env=env)


async def shown(sandbox: Sandbox, toolchain: Toolchain) -> str:
    async with closing(await sandbox.open(toolchain, Limits())) as box:
        ran = await box.run(
            ["sh", "-c", "cat /opt/lua/names; echo $PACKAGES; touch /opt/lua/more && echo no"]
        )
    return ran.stdout.decode()


@pytest.mark.bubblewrap
def test_they_are_installed_once_and_shown_to_those_who_name_them(lua: Toolchain, tmp_path: Path) -> None:
    one = lua.with_packages(packages("lua", ("names", "one\n")))
    other = lua.with_packages(packages("lua", ("names", "other\n")))

    async def seen() -> list[str]:
        sandbox = Bubblewrap(NoOptions(), context(tmp_path))
        try:
            for toolchain in (lua, one, other, one):
                await sandbox.prepare(toolchain)
            return [await shown(sandbox, toolchain) for toolchain in (lua, one, other)]
        finally:
            await sandbox.close()

    assert asyncio.run(seen()) == ["\n", "one\nthere\n", "other\nthere\n"]
    assert (lua.folder / "log").read_text() == "one more\n" * 2
    paths = [path.read_text() for path in (tmp_path / "cache/packages").glob("*/path")]
    assert len(paths) == 2
    assert all("/usr/bin" in path for path in paths)


@pytest.mark.bubblewrap
def test_nothing_is_installed_when_a_box_is_opened(lua: Toolchain, tmp_path: Path) -> None:
    toolchain = lua.with_packages(packages("lua", ("names", "one\n")))
    sandbox = Bubblewrap(NoOptions(), context(tmp_path))
    with pytest.raises(SandboxError, match=r"packages of toolchain lua\+\w+ are not installed"):
        asyncio.run(sandbox.open(toolchain, Limits()))
    assert not (lua.folder / "log").exists()


@pytest.mark.bubblewrap
@pytest.mark.parametrize("name", WANTED)
def test_without_a_network_the_first_line_says_what_is_missing(name: str, tmp_path: Path) -> None:
    plain: Toolchain = load("toolchain", name)
    toolchain = plain.with_packages(packages(name, WANTED[name]))
    sandbox = Bubblewrap(NoOptions(), context(tmp_path, **{**os.environ, **OFFLINE}))
    if reason := asyncio.run(sandbox.missing(plain)):
        pytest.skip(reason)
    # Its own libraries are not what this is about.
    toolchain = dataclasses.replace(toolchain, install="")
    with pytest.raises(PrerequisiteError) as caught:
        asyncio.run(sandbox.prepare(toolchain))
    first, *rest = str(caught.value).splitlines()
    assert first.startswith("packages can't be installed (some 1.0): ")
    assert any(word in first for word in REASONS[name]), first
    assert any("set http_proxy" in line for line in rest)
    assert list((tmp_path / "cache/packages").iterdir()) == []


def test_local_boxes_have_none(lua: Toolchain, tmp_path: Path) -> None:
    sandbox = Local(NoOptions(), context(tmp_path))
    reason = asyncio.run(sandbox.missing(lua.with_packages(packages("lua", ("names", "one\n")))))
    assert reason == "packages of tasks (some 1.0) need docker or bubblewrap"


def test_a_toolchain_without_a_place_for_them_takes_none() -> None:
    with pytest.raises(DatasetError, match="toolchain cpp takes no packages"):
        load("toolchain", "cpp").with_packages(packages("cpp"))


def test_images_are_named_after_packages_script_and_the_image_below(lua: Toolchain) -> None:
    def tag(names: str) -> str:
        return image_tag(lua.with_packages(packages("lua", ("names", names))), b"")

    first, below = tag("one"), base_tag(lua, b"")
    assert first == tag("one") != tag("other")
    assert image_tag(lua, b"") == below
    (lua.folder / "packages/install.sh").write_text("true\n")
    second = tag("one")
    assert second != first
    assert base_tag(lua, b"") == below, "the toolchain's own image is not built again for that"
    (lua.folder / "Dockerfile").write_text("FROM scratch\n")
    assert tag("one") not in (first, second)


def test_pythons_image_has_what_it_had_before() -> None:
    toolchain = PYTHON.with_packages(packages("python", WANTED["python"]))
    assert base_tag(toolchain, b"") == image_tag(PYTHON, b"")
    assert image_tag(toolchain, b"").startswith("llmbench-python-packages:")
