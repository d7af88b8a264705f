"""Libraries of toolchains in boxes of the host: made once, shown read-only, and nothing besides."""

import asyncio
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from llmbench.api import Context, Limits, NoOptions, Program, Ran, Toolchain, closing
from llmbench.errors import PrerequisiteError, SandboxError
from llmbench_plugins.sandboxes.bubblewrap import Bubblewrap
from llmbench_plugins.sandboxes.local import Local
from llmbench_plugins.sandboxes.shared.host import own_prefixes
from llmbench_plugins.sandboxes.shared.libraries import install_libraries, libraries_folder

GOOD = 'mkdir "$1"; echo "some words"; echo content > "$1/library"\n'


def toolchain(tmp_path: Path, script: str = GOOD, *programs: str) -> Toolchain:
    folder = tmp_path / "toolchain"
    folder.mkdir(exist_ok=True)
    (folder / "install.sh").write_text(script)
    return Toolchain(
        name="lua",
        folder=folder,
        programs=tuple(Program(name=name, version_argv=()) for name in programs),
        install="install.sh",
    )


def context(tmp_path: Path, said: list[str] | None = None) -> Context:
    return Context(
        work_dir=tmp_path / "work",
        cache_dir=tmp_path / "cache",
        label="tests",
        progress=(said if said is not None else []).append,
    )


async def ran_in_a_box(sandbox: Bubblewrap, made: Toolchain, argv: Sequence[str]) -> Ran:
    try:
        await sandbox.prepare(made)
        async with closing(await sandbox.open(made, Limits())) as box:
            return await box.run(list(argv))
    finally:
        await sandbox.close()


def run_in_a_box(tmp_path: Path, made: Toolchain, *argv: str) -> Ran:
    sandbox = Bubblewrap(NoOptions(), context(tmp_path))
    if reason := asyncio.run(sandbox.missing(made)):
        pytest.skip(reason)
    return asyncio.run(ran_in_a_box(sandbox, made, argv))


@pytest.mark.bubblewrap
def test_a_box_shows_the_libraries_read_only(tmp_path: Path) -> None:
    script = "cat /opt/llmbench/lua/library; ls /opt/llmbench; touch /opt/llmbench/lua/more"
    ran = run_in_a_box(tmp_path, toolchain(tmp_path), "sh", "-c", script)
    assert ran.stdout == b"content\nlua\n"
    assert b"Read-only file system" in ran.stderr


@pytest.mark.bubblewrap
def test_a_box_is_not_opened_without_them(tmp_path: Path) -> None:
    sandbox = Bubblewrap(NoOptions(), context(tmp_path))
    if reason := asyncio.run(sandbox.missing(toolchain(tmp_path))):
        pytest.skip(reason)
    with pytest.raises(SandboxError, match="toolchain lua are not installed; install them: llmbench prepare"):
        asyncio.run(sandbox.open(toolchain(tmp_path), Limits()))


@pytest.mark.bubblewrap
def test_a_program_outside_the_system_is_shown_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Not below /tmp, which is the box's own.
    with tempfile.TemporaryDirectory(dir="/var/tmp") as home:
        program = Path(home, "tools", "lua-5", "bin", "mylua")
        program.parent.mkdir(parents=True)
        program.write_text("#!/bin/sh\necho it runs\n")
        program.chmod(0o755)
        Path(home, "secret").write_text("key")
        monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
        made = toolchain(tmp_path, GOOD, "mylua")
        ran = run_in_a_box(tmp_path, made, "sh", "-c", f"mylua; ls -a {home}")
    # Root's box reaches it although the home is closed to all others.
    assert ran.stdout == b"it runs\n.\n..\ntools\n"


def test_a_stand_in_of_a_version_manager_leads_to_what_it_stands_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, shims = tmp_path / "toolchains" / "stable", tmp_path / ".cargo" / "bin"
    for folder in (real / "bin", shims):
        folder.mkdir(parents=True)
    for name in ("rustc", "cargo"):
        (real / "bin" / name).write_text("")
        (shims / name).write_text(f'#!/bin/sh\n[ "$1 $2" = "--print sysroot" ] && echo {real}\n')
        (shims / name).chmod(0o755)
    # Alone on the search path: no Rust of this machine comes first.
    monkeypatch.setenv("PATH", str(shims))
    monkeypatch.setattr("llmbench_plugins.sandboxes.shared.host.PATH", "/nowhere")
    assert own_prefixes(toolchain(tmp_path, GOOD, "rustc", "cargo")) == [real]


@pytest.mark.parametrize("folder", [".", ".cargo", ".local"])
def test_a_folder_of_the_home_with_secrets_is_never_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    program = tmp_path / folder / "bin" / "mylua"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(program.parent))
    assert own_prefixes(toolchain(tmp_path, GOOD, "mylua")) == []


def test_the_script_runs_once_and_says_how_it_goes(tmp_path: Path) -> None:
    said: list[str] = []
    made = toolchain(tmp_path)

    async def twice_at_once() -> None:
        await asyncio.gather(*(install_libraries(made, context(tmp_path, said)) for _ in range(2)))

    folder = libraries_folder(made, tmp_path / "cache")
    asyncio.run(twice_at_once())
    assert folder is not None
    assert (folder / "library").read_text() == "content\n"
    assert said.count("installing the libraries of toolchain lua: some words") == 1
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_a_change_of_the_script_makes_other_libraries(tmp_path: Path) -> None:
    before = libraries_folder(toolchain(tmp_path), tmp_path)
    assert libraries_folder(toolchain(tmp_path, GOOD + "true\n"), tmp_path) != before


def test_a_script_that_fails_leaves_nothing_and_is_quoted(tmp_path: Path) -> None:
    made = toolchain(tmp_path, 'mkdir "$1"; echo "no route to the registry" >&2; exit 7\n')
    with pytest.raises(PrerequisiteError, match="exit code 7") as failed:
        asyncio.run(install_libraries(made, context(tmp_path)))
    assert "no route to the registry" in str(failed.value)
    assert list((tmp_path / "cache" / "toolchains").iterdir()) == []


def test_the_script_sees_no_key_of_a_model_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "secret")
    monkeypatch.setenv("CARGO_HTTP_CAINFO", "/some/bundle.pem")
    made = toolchain(tmp_path, 'mkdir "$1"; env > "$1/env"\n')
    asyncio.run(install_libraries(made, context(tmp_path)))
    folder = libraries_folder(made, tmp_path / "cache")
    assert folder is not None
    text = (folder / "env").read_text()
    assert "SOME_API_KEY" not in text
    assert "CARGO_HTTP_CAINFO=/some/bundle.pem" in text


def test_local_says_that_it_can_not_show_them(tmp_path: Path) -> None:
    sandbox = Local(NoOptions(), context(tmp_path))
    reason = asyncio.run(sandbox.missing(toolchain(tmp_path)))
    assert reason == "the libraries of toolchain lua must be in /opt/llmbench/lua; use docker or bubblewrap"
