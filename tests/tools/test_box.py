"""The scope of an agent over a real box: what programs change comes back, as far as it may."""

import asyncio
import contextlib
import json
import random
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from llmbench.api import Box, BoxRun, Limits, Sandbox, ToolError, Workspace, closing
from llmbench.api.scope import FILE_BYTES
from llmbench_plugins.agents.tools.scope import TryScope
from llmbench_plugins.toolchains.python import PYTHON

FILES = {"main.py": "x = 1\n", "src/a.py": "a\n", "tests/test_a.py": "t\n", "conftest.py": "c\n"}
RULES = {"editable": ("main.py", "src/*"), "protected": ("conftest.py", "*.cfg")}
SMALL = Limits(wall_s=20.0, memory_mb=256, processes=32, disk_mb=8, output_bytes=100_000)

Body = Callable[[TryScope], Awaitable[Any]]


@pytest.fixture
def in_box(isolating_sandbox: Sandbox, make_task) -> Callable[..., Any]:
    """Run a body with a scope over a fresh box."""

    def ran(body: Body, files: dict[str, Any] | None = None, **rules: Any) -> Any:
        task = make_task(FILES if files is None else files, **(rules or RULES))

        async def main() -> Any:
            box = await isolating_sandbox.open(PYTHON, SMALL)
            async with closing(box):
                return await body(TryScope(task, Workspace(task), box))

        return asyncio.run(main())

    return ran


def sh(scope: TryScope, script: str, **more: Any) -> Awaitable[BoxRun]:
    return scope.run(["sh", "-c", script], **more)


def test_files_go_in_and_come_back(in_box) -> None:
    async def body(scope: TryScope) -> None:
        scope.write("src/new.py", b"new\n")
        run = await sh(scope, "cat main.py src/*.py; echo 'x = 2' > main.py; rm src/a.py; echo n > notes.txt")
        assert run.ran.stdout == b"x = 1\na\nnew\n"
        assert run.changed == ("main.py", "notes.txt", "src/a.py")
        assert (run.undone, run.left, run.problem) == ((), (), "")
        files = scope.workspace.files
        assert files["main.py"] == b"x = 2\n"
        assert files["notes.txt"] == b"n\n"
        assert "src/a.py" not in files
        scope.delete("src/new.py")
        again = await sh(scope, "ls -R . | sort; cat main.py")
        assert b"new.py" not in again.ran.stdout
        assert again.changed == ()

    in_box(body)


def test_what_may_not_be_changed_is_restored_and_told(in_box) -> None:
    async def body(scope: TryScope) -> None:
        script = "echo hacked | tee tests/test_a.py > conftest.py; echo 1 > setup.cfg; echo 'x = 3' > main.py"
        run = await sh(scope, script)
        assert run.changed == ("main.py",)
        assert run.undone == ("conftest.py", "setup.cfg", "tests/test_a.py")
        assert set(scope.workspace.changed()) == {"main.py"}
        again = await sh(scope, "cat conftest.py tests/test_a.py main.py; ls setup.cfg; rm -r tests")
        assert again.ran.stdout == b"c\nt\nx = 3\n"
        assert again.undone == ("tests/test_a.py",)
        assert (await sh(scope, "cat tests/test_a.py")).ran.stdout == b"t\n"
        assert scope.workspace.deleted() == ()

    in_box(body)


def test_outputs_and_big_files_stay_in_the_box(in_box) -> None:
    script = (
        "mkdir -p __pycache__ node_modules/x .cache target/debug; "
        "for d in __pycache__ node_modules/x .cache target/debug; do echo 1 > $d/f; done; "
        f"head -c {FILE_BYTES + 1} /dev/zero > big.txt; printf '\\0\\377' > tool.bin; printf '\\0' > src/data"
    )

    async def body(scope: TryScope) -> None:
        run = await sh(scope, script)
        assert run.ran.exit_code == 0, run
        assert run.changed == ("src/data",)
        assert run.left == ("big.txt", "tool.bin")
        again = await sh(scope, "ls __pycache__ node_modules/x .cache target/debug big.txt tool.bin")
        assert again.ran.exit_code == 0, again
        assert set(scope.workspace.changed()) == {"src/data"}

    in_box(body)


def test_a_folder_of_sources_is_none_for_outputs(in_box) -> None:
    async def body(scope: TryScope) -> None:
        scope.write("bin/tool.py", b"old")
        run = await sh(scope, "echo new > build/new.py; echo 2 > build/make.py; mkdir dist; echo 1 > dist/x")
        assert run.changed == ("build/make.py", "build/new.py")
        assert scope.workspace.read("bin/tool.py") == b"old"

    in_box(body, {"build/make.py": "1"}, editable=("*",))


def test_a_file_that_outgrows_the_workspace_is_as_before(in_box) -> None:
    async def body(scope: TryScope) -> None:
        run = await sh(scope, f"head -c {FILE_BYTES + 1} /dev/zero >> main.py")
        assert "too big, and as before again: main.py" in run.problem
        assert scope.workspace.changed() == {}
        assert (await sh(scope, "wc -c < main.py")).ran.stdout.strip() == b"6"

    in_box(body)


def test_a_box_that_a_program_has_filled_is_no_fault_of_the_machine(in_box) -> None:
    async def body(scope: TryScope) -> None:
        run = await sh(scope, "truncate -s 1T sparse; echo 'x = 9' > main.py")
        assert "nothing of what it wrote was taken back" in run.problem
        assert "disk limit" in run.problem
        assert scope.workspace.changed() == {}
        scope.write("main.py", b"x = 5\n")
        run = await sh(scope, "cat main.py; rm sparse")
        assert run.ran.stdout == b"x = 5\n"
        assert run.problem == ""
        await sh(scope, "head -c 20M /dev/zero > full; true")
        scope.write("src/more.py", b"y" * 1_000_000)
        run = await sh(scope, "ls; cat main.py; rm main.py")
        assert run.ran.stdout == b"conftest.py\nmain.py\nsrc\ntests\nx = 5\n"
        assert run.problem == "the box was full: what is not in the workspace was removed from it"
        assert run.changed == ("main.py",)
        for number in range(8):
            scope.write(f"src/{number}", b"z" * 1_200_000)
        with pytest.raises(ToolError, match="the workspace does not fit into the box"):
            await sh(scope, "true")

    in_box(body)


def test_links_made_in_the_box_lead_nowhere(in_box, tmp_path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret", encoding="utf-8")
    script = (
        f"ln -s {secret} src/link; ln -s / root; ln -s /etc src/etc; rm main.py; ln -s /etc/passwd main.py; "
        f"rm -r tests; ln -s {tmp_path} tests"
    )

    async def body(scope: TryScope) -> None:
        run = await sh(scope, script)
        assert run.changed == ("main.py",)
        assert run.undone == ("tests/test_a.py",)
        assert list(scope.workspace) == ["conftest.py", "src/a.py", "tests/test_a.py"]
        scope.write("src/link/inner.py", b"inner")
        scope.write("main.py", b"mine")
        run = await sh(scope, "cat main.py src/link/inner.py tests/test_a.py")
        assert run.ran.stdout == b"mineinnert\n"

    in_box(body)
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]
    assert secret.read_text(encoding="utf-8") == "secret"


def test_a_link_swapped_in_while_files_are_read_shows_nothing(in_box) -> None:
    # What swaps them ends with its run, so that nothing can race against the reading that follows.
    swap = "(while :; do rm -f f; ln -s /etc/passwd f; rm -f f; echo plain > f; done) & sleep 0.3"

    async def body(scope: TryScope) -> None:
        for _ in range(5):
            run = await sh(scope, swap)
            assert run.ran.stopped is None
            assert scope.workspace.files.get("f", b"plain\n") in (b"plain\n", b"")

    in_box(body)


def test_names_that_no_tool_could_show_stay_in_the_box(in_box) -> None:
    async def body(scope: TryScope) -> None:
        code = "open('line\\nbreak', 'w').write('x'); open('back\\\\slash', 'w'); open(b'bad\\xff', 'w')"
        run = await scope.run(["python3", "-c", code])
        assert run.ran.exit_code == 0, run
        assert run.changed == ()
        assert run.left == ("line\nbreak",)

    in_box(body)


def test_a_folder_in_the_place_of_a_file_and_back(in_box) -> None:
    async def body(scope: TryScope) -> None:
        run = await sh(
            scope,
            "rm main.py conftest.py; mkdir main.py conftest.py; echo 1 > main.py/in; echo 2 > conftest.py/in",
        )
        assert run.changed == ("main.py", "main.py/in")
        assert run.undone == ("conftest.py",)
        assert run.left == ("conftest.py/in",)
        run = await sh(scope, "cat conftest.py; rm -r main.py; echo back > main.py")
        assert run.ran.stdout == b"c\n"
        assert scope.workspace.files["main.py"] == b"back\n"
        assert "main.py/in" not in scope.workspace.files

    in_box(body)


def test_one_program_at_a_time_and_files_written_meanwhile_stay(in_box) -> None:
    async def body(scope: TryScope) -> None:
        helper = scope.for_helper()
        assert helper.state is not scope.state
        slow = asyncio.ensure_future(sh(scope, "cat src/a.py; sleep 1; echo 1 > order"))
        await asyncio.sleep(0.3)
        quick = asyncio.ensure_future(sh(helper, "cat order src/a.py"))
        scope.write("src/a.py", b"meanwhile\n")
        assert (await slow).ran.stdout == b"a\n"
        assert (await quick).ran.stdout == b"1\nmeanwhile\n"
        assert scope.workspace.files["src/a.py"] == b"meanwhile\n"

    in_box(body)


def test_after_a_cancelled_run_box_and_workspace_are_alike(in_box) -> None:
    async def body(scope: TryScope) -> None:
        await sh(scope, "true")
        running = asyncio.ensure_future(sh(scope, "echo half > main.py; echo 1 > left.txt; sleep 30"))
        await asyncio.sleep(0.5)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        run = await sh(scope, "cat main.py; ls left.txt")
        assert run.ran.stdout == b"x = 1\n"
        assert run.changed == ()

    in_box(body)


def test_a_later_try_finds_the_box_as_the_workspace_is(in_box, make_task, isolating_sandbox) -> None:
    task = make_task(FILES, **RULES)

    async def main() -> None:
        async with closing(await isolating_sandbox.open(PYTHON, SMALL)) as box:
            workspace = Workspace(task)
            first = TryScope(task, workspace, box)
            await sh(first, "echo 2 > main.py; echo s > scratch.txt; echo hacked > conftest.py")
            workspace.delete("scratch.txt")
            second = TryScope(task, workspace, box)
            run = await sh(second, "cat main.py conftest.py; ls scratch.txt")
            assert run.ran.stdout == b"2\nc\n"
            assert run.changed == ()

    asyncio.run(main())


@pytest.mark.parametrize("seed", range(2))
def test_box_and_workspace_stay_alike_whatever_changes_where(in_box, seed) -> None:
    luck = random.Random(seed)  # noqa: S311 - the same each time, and no secret
    paths = ["main.py", "src/a.py", "src/b/c.py", "src/b", "tests/test_a.py", "conftest.py", "notes", "x.cfg"]
    look = "{str(p): p.read_text() for p in pathlib.Path().rglob('*') if p.is_file()}"
    look = f"import json, pathlib; print(json.dumps({look}))"

    def anywhere(scope: TryScope) -> None:
        with contextlib.suppress(ToolError):
            path = luck.choice(paths)
            scope.delete(path) if luck.random() < 0.3 else scope.write(path, b"%d" % luck.randrange(99))

    def script() -> str:
        path = luck.choice(paths)
        return luck.choice(
            [
                f"rm -rf {path}",
                f"mkdir -p $(dirname {path}); echo {luck.randrange(99)} > {path}",
                f"rm -rf {path}; ln -s /etc/passwd {path}",
                f"rm -rf {path}; mkdir -p {path}; echo 1 > {path}/inner",
                f"mv {path} {luck.choice(paths)}",
                "rm -rf ./*",
            ]
        )

    async def body(scope: TryScope) -> None:
        for _ in range(12):
            for _ in range(luck.randrange(3)):
                anywhere(scope)
            await sh(scope, script())
            seen = json.loads((await scope.run(["python3", "-c", look])).ran.stdout)
            files = {path: content.decode() for path, content in scope.workspace.files.items()}
            assert {path: text for path, text in seen.items() if path in files} == files
            assert {path: files.get(path) for path in ("tests/test_a.py", "conftest.py", "x.cfg")} == {
                "tests/test_a.py": "t\n",
                "conftest.py": "c\n",
                "x.cfg": None,
            }

    in_box(body)


@pytest.mark.parametrize("word", ["nul\0", "half \ud800", "x" * 200_000])
def test_a_command_that_no_system_takes_is_the_models_mistake(in_box, word) -> None:
    async def body(scope: TryScope) -> None:
        with pytest.raises(ToolError, match="the command"):
            await scope.run(["sh", "-c", word])
        assert (await sh(scope, "echo fine")).ran.stdout == b"fine\n"

    in_box(body)


def test_without_a_box_nothing_runs_and_without_a_delegate_nobody_answers(make_task) -> None:
    task = make_task(FILES)
    scope = TryScope(task, Workspace(task), None)
    with pytest.raises(ToolError, match="no box"):
        asyncio.run(scope.run(["true"]))
    with pytest.raises(ToolError, match="do it yourself"):
        asyncio.run(scope.delegate("?"))


def test_a_broken_box_is_a_fault_of_the_machine(make_task, isolating_sandbox) -> None:
    from llmbench.errors import SandboxError

    task = make_task(FILES)

    async def main(box: Box) -> None:
        scope = TryScope(task, Workspace(task), box)
        await box.close()
        with pytest.raises(SandboxError):
            await sh(scope, "true")

    async def opened() -> None:
        await main(await isolating_sandbox.open(PYTHON, SMALL))

    asyncio.run(opened())
