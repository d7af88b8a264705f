"""``llmbench solve`` from the command line: a server in a thread, real files, a real box."""

import io
import json
import os
import pty
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from llmbench.api import Sandbox
from llmbench.records.schemas import read_schema
from llmbench.records.transcript import CompletionEvent, SubmissionEvent, ToolEvent, read_transcript
from llmbench.testing.servers import Answer, StubServer

Run = Callable[..., Any]
Body = Mapping[str, Any]
Turn = Sequence[tuple[str, Mapping[str, Any]]]
WORDS = ("model=any", "model.name=stub", "backend=openai", "backend.retries=0")
BOXLESS = "agent.tools=[ls,read,write,edit,finish]"
BEFORE = "def add(a, b):\n    return a - b\n"
AFTER = "def add(a, b):\n    return a + b\n"
FIX: Sequence[Turn] = (
    [("read", {"path": "sums.py"})],
    [("edit", {"path": "sums.py", "old": "a - b", "new": "a + b"})],
    [("write", {"path": "notes/why.md", "content": "It subtracted.\n"})],
    [("finish", {"summary": "add adds now"})],
)


def playing(script: Sequence[Turn], meanwhile: Callable[[], object] = lambda: None) -> Any:
    """Return a model that makes the calls of a script, turn by turn, and answers the look in words."""

    def answer(body: Body) -> Answer | str:
        if "tools" not in body:
            return "ready"
        said = [message for message in body["messages"] if message["role"] == "assistant"]
        turn = sum(bool(message.get("tool_calls")) for message in said)
        meanwhile()
        calls = [
            {
                "id": f"c{turn}-{n}",
                "type": "function",
                "function": {"name": name, "arguments": json.dumps(given)},
            }
            for n, (name, given) in enumerate(script[turn])
        ]
        return Answer(content=f"turn {turn}", tool_calls=calls)

    return answer


@pytest.fixture
def project(here: Path) -> Path:
    """A folder with a bug, and a prompt beside it."""
    folder = here / "project"
    folder.mkdir()
    (folder / "sums.py").write_text(BEFORE)
    (here / "prompt.md").write_text("add subtracts; mend it.\n")
    return folder


def solve(run: Run, answer: Any, *words: str, boxless: bool = True) -> Any:
    with StubServer(answer) as stub:
        return run(*line(stub.url, *words, boxless=boxless))


def line(url: str, *words: str, boxless: bool = True) -> list[str]:
    tools = [BOXLESS] if boxless and not any(word.startswith("agent=") for word in words) else []
    return ["solve", "--file", "prompt.md", *words, *WORDS, f"backend.url={url}", *tools]


def left(here: Path) -> Path:
    """Return the folder of the one conversation there is."""
    (folder,) = (here / "outputs/solve").iterdir()
    return folder


def test_it_tells_what_it_does_and_leaves_the_folder_alone(run: Run, here: Path, project: Path) -> None:
    done = solve(run, playing(FIX), "--folder", "project")
    assert (done.exit_code, done.stderr) == (0, "")
    assert (project / "sums.py").read_text() == BEFORE
    told = done.stdout.splitlines()
    assert [row.split(",")[0] for row in told if row.startswith("answer ")] == [
        f"answer {number}" for number in range(1, 5)
    ]
    assert "  edit path=sums.py old=a - b new=a + b" in told
    assert "turn 3" in told
    assert {"-    return a - b", "+    return a + b", "+It subtracted."} <= set(told)
    assert told[-1].startswith("2 files changed (4 answers, ")


def test_what_is_left_can_be_read_by_people_and_programs(run: Run, here: Path, project: Path) -> None:
    solve(run, playing(FIX), "--folder", "project")
    folder = left(here)
    note = json.loads((folder / "solve.json").read_text())
    jsonschema.validate(note, read_schema("solve"))
    assert sorted(note["changed"]) == ["notes/why.md", "sums.py"]
    assert (folder / "prompt.md").read_text() == (here / "prompt.md").read_text()
    assert (folder / "folder/sums.py").read_text() == AFTER
    events = read_transcript(folder / "transcript.jsonl")
    kinds = [type(event) for event in events]
    assert kinds == [CompletionEvent, ToolEvent] * 4 + [SubmissionEvent]
    shown = run("show", str(folder))
    assert (shown.exit_code, shown.stderr) == (0, "")
    assert "add subtracts; mend it." in shown.stdout
    assert "calls edit" in shown.stdout
    assert json.loads(run("show", str(folder), "--format", "json").stdout)["folder"] == str(project)
    assert len(run("show", str(folder), "--raw").stdout.splitlines()) == 4
    assert run("list", "runs").exit_code == 0


def test_the_patch_is_one_that_other_programs_apply(run: Run, here: Path, project: Path) -> None:
    (project / "old.py").write_text("x = 1\n")
    solve(run, playing(FIX), "--folder", "project")
    subprocess.run(["git", "apply", str(left(here) / "patch.diff")], cwd=project, check=True)
    assert (project / "sums.py").read_text() == AFTER
    assert (project / "notes/why.md").read_text() == "It subtracted.\n"


def test_apply_writes_the_changes_and_keeps_a_file_s_mode(run: Run, here: Path, project: Path) -> None:
    (project / "sums.py").chmod(0o750)
    done = solve(run, playing(FIX), "--folder", "project", "--apply", "--yes")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "wrote 2 files to project"
    assert (project / "sums.py").read_text() == AFTER
    assert (project / "sums.py").stat().st_mode & 0o777 == 0o750
    assert sorted(path.name for path in project.rglob("*")) == ["notes", "sums.py", "why.md"]


@pytest.mark.parametrize(("says", "code", "expected"), [("y\n", 0, AFTER), ("\n", 1, BEFORE)])
def test_a_person_is_asked_before_anything_is_written(
    here: Path, project: Path, says: str, code: int, expected: str
) -> None:
    ours, theirs = pty.openpty()
    try:
        with StubServer(playing(FIX)) as stub:
            words = [sys.executable, "-m", "llmbench", *line(stub.url, "--folder", "project", "--apply")]
            os.write(ours, says.encode())
            done = subprocess.run(words, stdin=theirs, capture_output=True, text=True, timeout=60)
    finally:
        os.close(ours)
        os.close(theirs)
    assert done.returncode == code, done.stderr
    assert "Write these changes to project? [y/N]" in done.stdout + done.stderr
    assert (project / "sums.py").read_text() == expected


def test_it_says_that_a_limit_of_the_agent_ended_it(run: Run, here: Path, project: Path) -> None:
    done = solve(run, playing(FIX), "--folder", "project", "agent.max_iterations=2")
    assert done.exit_code == 0, done.stderr
    assert "a limit of the agent's own ended the work" in done.stdout


@pytest.mark.parametrize("meanwhile", ["changed", "removed", "linked", "added"])
def test_nothing_is_applied_where_one_file_is_another_meanwhile(
    run: Run, here: Path, project: Path, meanwhile: str
) -> None:
    outside = here / "outside.py"
    outside.write_text(BEFORE)

    def disturb() -> None:
        if meanwhile == "added":
            (project / "notes").mkdir(exist_ok=True)
            (project / "notes/why.md").write_text("mine")
            return
        (project / "sums.py").unlink(missing_ok=True)
        if meanwhile == "changed":
            (project / "sums.py").write_text("mine")
        elif meanwhile == "linked":
            (project / "sums.py").symlink_to(outside)

    done = solve(run, playing(FIX, disturb), "--folder", "project", "--apply", "--yes")
    assert done.exit_code == 1
    assert "nothing was written: " in done.stderr
    assert done.stderr.count("\n") == 1
    assert outside.read_text() == BEFORE
    assert meanwhile == "added" or not (project / "notes").exists()


def test_a_link_in_place_of_a_folder_leads_nobody_out(run: Run, here: Path, project: Path) -> None:
    (here / "elsewhere").mkdir()
    (project / "notes").symlink_to(here / "elsewhere")
    done = solve(run, playing(FIX), "--folder", "project", "--apply", "--yes")
    assert done.exit_code == 1
    assert "notes/why.md a link leads elsewhere" in done.stderr
    assert list((here / "elsewhere").iterdir()) == []
    assert (project / "sums.py").read_text() == BEFORE


def test_git_s_own_files_can_t_be_written(run: Run, here: Path, project: Path) -> None:
    subprocess.run(["git", "init", "--quiet", str(project)], check=True)
    script = [
        [("write", {"path": ".git/hooks/pre-commit", "content": "#!/bin/sh\n"})],
        [("write", {"path": ".GIT/hooks/pre-commit", "content": "#!/bin/sh\n"})],
        [("finish", {"summary": "done"})],
    ]
    done = solve(run, playing(script), "--folder", "project", "--apply", "--yes")
    assert done.exit_code == 0, done.stderr
    assert not (project / ".git/hooks/pre-commit").exists()
    assert not (project / ".GIT/hooks/pre-commit").exists()
    assert "no file was changed" in done.stdout


def test_the_agent_runs_programs_in_a_box(
    run: Run, here: Path, project: Path, isolating_sandbox: Sandbox
) -> None:
    check = "python3 -c 'import sums; print(sums.add(20, 22))' > said.txt"
    script = [*FIX[1:2], [("shell", {"command": check})], [("finish", {"summary": "done"})]]
    name = type(isolating_sandbox).__module__.split(".")[2]
    done = solve(run, playing(script), "--folder", "project", f"sandbox={name}", boxless=False)
    assert done.exit_code == 0, done.stderr
    assert (left(here) / "folder/said.txt").read_text() == "42\n"
    assert not (project / "said.txt").exists()


def test_code_blocks_of_the_prompt_agent_become_the_files_they_name(
    run: Run, here: Path, project: Path
) -> None:
    answer = f"`sums.py`\n```python\n{AFTER}```\n\n`new.py`\n```python\nx = 1\n```\n"
    done = solve(run, answer, "--folder", "project", "--apply", "--yes", "agent=prompt")
    assert done.exit_code == 0, done.stderr
    assert (project / "sums.py").read_text() == AFTER
    assert (project / "new.py").read_text() == "x = 1\n"


def test_an_outside_agent_works_on_the_copy_too(run: Run, here: Path, project: Path, program: str) -> None:
    argv = f'agent.argv=[{program},solve,"{{base_url}}","{{api_key}}","{{prompt_file}}","{{files}}"]'
    words = ("agent=cli", argv, "agent.isolation=none", "agent.network=true")
    answer = f"`sums.py`\n```python\n{AFTER}```\n"
    done = solve(run, answer, "--folder", "project", "--apply", "--yes", *words)
    assert done.exit_code == 0, done.stderr
    assert (project / "sums.py").read_text() == AFTER
    assert (left(here) / "try-1/agent.stdout.log").exists()


def test_secrets_reach_neither_model_nor_disk_nor_screen(
    run: Run, here: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = "hunter2-hunter2"
    monkeypatch.setenv("DEPLOY_TOKEN", value)
    (project / "deploy.cfg").write_text(f"token={value}\n")
    (project / ".env").write_text("OTHER=1\n")
    asked: list[str] = []
    script = [
        [("read", {"path": "deploy.cfg"}), ("write", {"path": "leak.txt", "content": f"{value}\n"})],
        [("finish", {"summary": value})],
    ]
    playing_on = playing(script)

    def answer(body: Body) -> Any:
        asked.append(json.dumps(body["messages"][:2]))
        return playing_on(body)

    done = solve(run, answer, "--folder", "project")
    assert done.exit_code == 0, done.stderr
    assert asked
    assert not any(value in text or ".env" in text for text in asked)
    assert "deploy.cfg (holds a secret)" in done.stdout
    written = [path for path in (here / "outputs").rglob("*") if path.is_file()]
    assert len(written) == 6
    assert not any(value.encode() in path.read_bytes() for path in written)
    assert value not in done.stdout + done.stderr
    assert "[secret]" in (left(here) / "folder/leak.txt").read_text()


def test_nothing_that_a_model_says_steers_the_terminal(run: Run, here: Path, project: Path) -> None:
    (project / "up\x1b[2J.bin").write_bytes(b"\0")
    evil = "\x1b]0;mine\x07\u202e"
    script = [[("write", {"path": "a.py", "content": f"{evil}\n"})], [("finish", {"summary": evil})]]
    done = solve(run, playing(script), "--folder", "project")
    assert done.exit_code == 0, done.stderr
    assert "␛]0;mine␇\\u202e" in done.stdout
    assert not {"\x1b", "\x07", "\u202e"} & set(done.stdout + done.stderr)


def test_it_goes_on_where_the_last_conversation_ended(run: Run, here: Path, project: Path) -> None:
    solve(run, playing(FIX), "--folder", "project")
    (here / "prompt.md").write_text("Now say so in sums.py.\n")
    more = [
        [("edit", {"path": "sums.py", "old": "a + b", "new": "a + b  # a sum"})],
        [("finish", {"summary": "said"})],
    ]
    with StubServer(playing(more)) as stub:
        done = run(*line(stub.url, "--continue", "--apply", "--yes"))
    assert done.exit_code == 0, done.stderr
    told = [(message["role"], message["content"]) for message in stub.requests[-1]["messages"]]
    assert told[1] == ("user", "add subtracts; mend it.\n")
    assert told[2][0] == "assistant"
    assert "turn 3" in told[2][1]
    assert "notes/why.md, sums.py" in told[2][1]
    assert "Now say so in sums.py." in told[3][1]
    assert (project / "sums.py").read_text() == AFTER.replace("a + b", "a + b  # a sum")
    assert (project / "notes/why.md").exists()


def test_it_does_not_go_on_over_a_file_that_was_changed_since(run: Run, here: Path, project: Path) -> None:
    solve(run, playing(FIX), "--folder", "project")
    (project / "sums.py").write_text("mine\n")
    done = solve(run, playing(FIX), "--continue")
    assert done.exit_code == 2
    assert "sums.py was changed since the last conversation" in done.stderr


def test_an_agent_with_a_model_of_its_own_can_t_go_on(
    run: Run, here: Path, project: Path, program: str
) -> None:
    assert solve(run, playing(FIX), "--folder", "project").exit_code == 0
    own = ("agent=cli", f"agent.argv=[{program},nothing]", "agent.isolation=none", "agent.network=true")
    done = run(
        "solve", "--file", "prompt.md", "--continue", *own, "agent.asks=its_own", "model.name=outsider"
    )
    assert done.exit_code == 2
    assert "asks a model of its own" in done.stderr


def test_without_a_folder_it_begins_with_nothing(run: Run, here: Path, project: Path) -> None:
    done = solve(run, playing([[("write", {"path": "a.py", "content": "x = 1\n"})], FIX[-1]]))
    assert done.exit_code == 0, done.stderr
    assert [path.name for path in (left(here) / "folder").iterdir()] == ["a.py"]
    again = playing([[("edit", {"path": "a.py", "old": "1", "new": "2"})], FIX[-1]])
    assert solve(run, again, "--continue").exit_code == 0
    last = max((here / "outputs/solve").iterdir())
    assert (last / "folder/a.py").read_text() == "x = 2\n"


def test_what_was_done_is_kept_where_the_server_fails(run: Run, here: Path, project: Path) -> None:
    playing_on = playing(FIX[:2])

    def answer(body: Body) -> Any:
        said = [message for message in body["messages"] if message["role"] == "assistant"]
        return playing_on(body) if len(said) < 2 else Answer(status=400, error={"message": "no more"})

    done = solve(run, answer, "--folder", "project", "--apply", "--yes")
    assert done.exit_code == 1
    assert "no more" in done.stderr
    assert (project / "sums.py").read_text() == BEFORE
    assert (left(here) / "folder/sums.py").read_text() == AFTER


def test_a_limit_of_tokens_ends_it(run: Run, here: Path, project: Path) -> None:
    done = solve(run, playing(FIX), "--folder", "project", "limits.tokens=3")
    assert done.exit_code == 1
    assert "limits.tokens: " in done.stderr
    assert "broken off" in done.stdout


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--folder", "nowhere"], "solve: --folder: nowhere: expected a folder, got nothing"),
        (["--folder", "prompt.md"], "prompt.md: expected a folder, got a file"),
        (["--folder", "outputs"], "is in the folder of all runs"),
        (["--folder", "project", "--apply"], "give --apply --yes"),
        (["--folder", "project", "--yes"], "--yes is about --apply"),
        (["--apply", "--yes"], "there is no folder to write to"),
        (["--continue"], "holds no conversation to go on with"),
        (["--file", "none.md"], "none.md: No such file or directory"),
        (["--file", "empty.md"], "empty.md is empty"),
        (["--file", "project"], "project: Is a directory"),
        (["--toolchain", "cobol"], "no 'cobol'; there are: "),
        (["samples=3"], "samples is about runs of a benchmark"),
        (["dataset.path=x"], "dataset.path is about runs"),
        (["prompt.md"], "the prompt is named by --file"),
        (["agent=oracle"], "agent 'oracle' reads no prompt"),
        (["agent=nonsense"], "no agent 'nonsense'"),
        (["--bogus"], "--bogus"),
    ],
)
def test_bad_requests_get_one_line(
    run: Run, here: Path, project: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], expected: str
) -> None:
    (here / "empty.md").write_text(" \n")
    (here / "outputs").mkdir()
    monkeypatch.setattr("sys.stdin", io.StringIO())
    done = run(*line("http://127.0.0.1:9/v1", *words))
    assert done.exit_code == 2
    assert expected in done.stderr
    assert done.stderr.count("\n") == 1
    assert list((here / "outputs").iterdir()) == []


def test_a_model_that_nobody_chose_is_refused(run: Run, here: Path, project: Path) -> None:
    done = run("solve", "--file", "prompt.md", "model.name=mine")
    assert done.exit_code == 2
    assert "no model was chosen" in done.stderr


def test_no_server_leaves_nothing_behind(run: Run, here: Path, project: Path) -> None:
    done = run(*line("http://127.0.0.1:9/v1", "--folder", "project", "backend.ready_s=1"))
    assert done.exit_code != 0
    assert not (here / "outputs").exists()


def test_ctrl_c_keeps_what_was_done(here: Path, project: Path) -> None:
    stuck, go = threading.Event(), threading.Event()
    playing_on = playing(FIX)

    def answer(body: Body) -> Any:
        said = [message for message in body["messages"] if message["role"] == "assistant"]
        if "tools" in body and len(said) == 2:
            stuck.set()
            go.wait(20)
        return playing_on(body)

    with StubServer(answer) as stub:
        words = [sys.executable, "-m", "llmbench", *line(stub.url, "--folder", "project")]
        program = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            assert stuck.wait(30)
            program.send_signal(signal.SIGINT)
            go.set()
            _, stderr = program.communicate(timeout=20)
        finally:
            go.set()
            program.kill()
    assert program.returncode == 130
    assert "interrupted; what was done is in outputs/solve/" in stderr
    assert (left(here) / "folder/sums.py").read_text() == AFTER
    assert json.loads((left(here) / "solve.json").read_text())["changed"].keys() == {"sums.py"}
