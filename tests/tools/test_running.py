"""Tools that run something, in real boxes: the shell, and the commands of a task."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from llmbench.api import BoxRun, Limits, Ran, Sandbox, ToolError, ToolResult, Workspace, closing
from llmbench.testing.tool import ScriptedScope, call
from llmbench_plugins.agents.tools.scope import TryScope
from llmbench_plugins.toolchains.python import PYTHON

FILES = {"main.py": "x = 1\n", "test_main.py": "from main import x\nassert x == 2, x\nprint('ok')\n"}
RULES = {"editable": ("main.py",), "protected": ("test_main.py",)}
TESTS = {"run_tests": ("python3", "test_main.py")}
LIMITS = Limits(wall_s=20.0, memory_mb=256, processes=32, disk_mb=16, output_bytes=100_000)


@pytest.fixture
def session(isolating_sandbox: Sandbox, make_task, make_tool) -> Callable[..., list[ToolResult]]:
    """Make calls one after the other in one box and return what they brought."""

    def made(*calls: tuple[str, dict[str, Any]], options: dict[str, Any] | None = None, **rules: Any) -> Any:
        task = make_task(FILES, **(RULES | {"commands": TESTS} | rules))

        async def main() -> list[ToolResult]:
            async with closing(await isolating_sandbox.open(PYTHON, LIMITS)) as box:
                scope = TryScope(task, Workspace(task), box)
                results = []
                for name, given in calls:
                    tool = make_tool(name, **(options or {}))
                    results.append(await tool.call(tool.check(given).arguments, scope))
                return results

        return asyncio.run(main())

    return made


def test_a_model_reads_edits_and_runs(session) -> None:
    before, _, after, kept = session(
        ("run_tests", {}),
        ("edit", {"path": "main.py", "old_string": "1", "new_string": "2"}),
        ("run_tests", {}),
        ("shell", {"cmd": "cat main.py; pwd"}),
    )
    assert before.failed
    assert "AssertionError: 1" in before.text
    assert before.text.endswith("[exit code 1]")
    assert (after.text, after.failed) == ("ok\n[exit code 0]", False)
    assert kept.text.startswith("x = 2\n/")


def test_the_shell_is_bash_and_tells_both_streams(session) -> None:
    (result,) = session(("shell", {"command": "x=(a b); echo ${x[1]}; echo oops >&2; exit 3"}))
    assert result == ToolResult(text="b\n[stderr]\noops\n[exit code 3]", failed=True)


def test_what_a_command_changes_is_told(session) -> None:
    (result,) = session(("shell", {"command": "echo > main.py; echo > notes; echo > test_main.py"}))
    assert "[changed: main.py, notes]" in result.text
    assert "[not yours to change, as before again: test_main.py]" in result.text
    assert result.refused == ("test_main.py",)
    assert not result.failed


def test_a_command_that_takes_too_long_is_stopped_and_the_next_one_runs(session) -> None:
    slow, capped, quick = session(
        ("shell", {"command": "echo begun; sleep 60", "timeout": 0.5}),
        ("shell", {"command": "sleep 60", "timeout_s": 100_000}),
        ("shell", {"command": "echo here"}),
        options={"timeout_s": 1.0},
    )
    assert slow.failed
    assert slow.text == "begun\n[stopped: it took too long; all its processes are gone]"
    assert capped.failed
    assert quick.text == "here\n[exit code 0]"


def test_there_is_no_network_and_no_input(session) -> None:
    offline, silent = session(
        ("shell", {"command": "python3 -c \"import socket; socket.create_connection(('1.1.1.1', 53), 2)\""}),
        ("shell", {"command": "read answer || echo 'nobody answers'"}),
    )
    assert offline.failed
    assert "nobody answers" in silent.text


def test_output_is_cut_in_the_middle_and_binary_output_is_named(session) -> None:
    flood, errors, binary, most = session(
        ("shell", {"command": "seq 1 5000"}),
        ("shell", {"command": "seq 1 5000; echo the reason >&2; exit 1"}),
        ("shell", {"command": "head -c 1000 /dev/zero"}),
        ("shell", {"command": "seq 1 100000"}),
        options={"max_chars": 600},
    )
    assert len(flood.text) <= 600
    assert flood.text.startswith("1\n2\n")
    assert "cut here" in flood.text
    assert flood.text.endswith("5000\n[exit code 0]")
    assert len(errors.text) <= 600
    assert errors.text.endswith("[stderr]\nthe reason\n[exit code 1]")
    assert binary.text == "[binary output, 1000 bytes, not shown]\n[exit code 0]"
    assert most.text.endswith("[exit code 0]\n[it wrote more than a box keeps: the end is missing]")


def test_a_command_may_print_anything(session) -> None:
    (result,) = session(("shell", {"command": "printf '\\377\\033[31mred'"}))
    assert result.text == "\ufffd\x1b[31mred\n[exit code 0]"


def test_a_task_without_a_command_offers_no_tool_for_it(make_tool, make_task) -> None:
    task = make_task(FILES, commands={"run_tests": ("true",)})
    assert make_tool("run_tests").unavailable(task) == ""
    assert make_tool("run_type_check").unavailable(task) == "this task names no type checker"
    assert "shows no tests" in make_tool("run_tests").unavailable(make_task(FILES))
    with pytest.raises(ToolError, match="run_type_check can't be used: this task names no type checker"):
        call(make_tool("run_type_check"), ScriptedScope(task), {})


def test_an_empty_command_is_an_error(make_tool, scope_of) -> None:
    with pytest.raises(ToolError, match="command is empty"):
        call(make_tool("shell"), scope_of(FILES), {"command": " \n"})


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (
            BoxRun(ran=Ran(exit_code=-9, stdout=b"", stderr=b"", duration_s=1, stopped="memory")),
            "more memory than",
        ),
        (
            BoxRun(ran=Ran(exit_code=0, stdout=b"", stderr=b"", duration_s=1), left=("a\nb",)),
            "workspace: 'a\\nb']",
        ),
        (BoxRun(ran=Ran(exit_code=0, stdout=b"", stderr=b"", duration_s=1), problem="too big"), "[too big]"),
        (
            BoxRun(
                ran=Ran(exit_code=0, stdout=b"", stderr=b"", duration_s=1),
                changed=tuple(f"{number}.txt" for number in range(100)),
            ),
            "11.txt and 88 more]",
        ),
    ],
)
def test_how_a_program_ended_is_told(make_tool, make_task, run, said) -> None:
    scope = ScriptedScope(make_task(FILES), run=lambda _: run)
    assert said in call(make_tool("shell"), scope, {"command": "true"}).text
