"""Tasks taken out and solutions brought back: prompts, grade --solutions, export."""

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmbench.api import Sandbox, Task
from llmbench.commands.grade_solutions import _answer
from llmbench.commands.solutions import Solution, read_solutions
from llmbench.errors import UsageError
from llmbench.resources import resource_dir


def make_task(number: int) -> Task:
    return Task(
        id=f"HumanEval/{number}",
        instructions="…",
        starter={"solution.py": b"def f():\n"},
        editable=("solution.py",),
        grading={"entry_point": "f"},
    )


TASKS = [make_task(number) for number in range(11)]


def read(path: Path) -> tuple[list[Solution], list[str]]:
    said: list[str] = []
    return read_solutions(path, TASKS, said.append), said


def test_lines_of_evalplus(tmp_path: Path) -> None:
    lines = [
        {"task_id": "HumanEval/1", "solution": "one"},
        {"task_id": "HumanEval/0", "completion": "    return 1\n", "_identifier": 3},
        {"task_id": "HumanEval/1", "solution": "two"},
        {"task_id": "Mbpp/2", "solution": "x"},
    ]
    file = tmp_path / "samples.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)) + "\n\n")
    found, said = read(file)
    assert [(each.task, each.files["solution.py"]) for each in found] == [
        ("HumanEval/1", b"one"),
        ("HumanEval/0", b"def f():\n    return 1\n"),
        ("HumanEval/1", b"two"),
    ]
    assert said == ["1 lines of no task of the dataset are left out, first: Mbpp/2"]


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["HumanEval_0.py"], ["HumanEval/0"]),
        (["HumanEval/0.py", "HumanEval/10.py"], ["HumanEval/0", "HumanEval/10"]),
        (["HumanEval_1/0.py", "HumanEval_1/10.py", "HumanEval_1/2.py"], ["HumanEval/1"] * 3),
        (["HumanEval_1/solution.py", "HumanEval_1/PROMPT.md", "HumanEval_1/notes.txt"], ["HumanEval/1"]),
        (["HumanEval/1/solution.py"], ["HumanEval/1"]),
    ],
)
def test_folders(paths: list[str], expected: list[str], tmp_path: Path) -> None:
    for path in paths:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(path)
    found, said = read(tmp_path)
    assert ([each.task for each in found], said) == (expected, [])
    assert all(list(each.files) == ["solution.py"] for each in found)


def test_samples_of_a_folder_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for number in (10, 2, 0):
        (tmp_path / "HumanEval_1").mkdir(exist_ok=True)
        (tmp_path / f"HumanEval_1/{number}.py").write_text(str(number))
    assert [each.files["solution.py"] for each in read(tmp_path)[0]] == [b"0", b"2", b"10"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "holds no solution"),
        ("{", "expected a JSON object"),
        ('{"task_id": "HumanEval/0"}', "the keys task_id"),
    ],
)
def test_what_is_no_solution_is_named(content: str, words: str, tmp_path: Path) -> None:
    file = tmp_path / "samples.jsonl"
    file.write_text(content)
    with pytest.raises(UsageError, match=words):
        read(file)
    with pytest.raises(UsageError, match="no file or folder"):
        read(tmp_path / "none")


@given(st.dictionaries(st.from_regex(r"[a-z]{1,9}(/[a-z]{1,9})?\.py", fullmatch=True), st.binary()))
def test_the_agent_takes_exactly_what_was_handed_in(files: dict[str, bytes]) -> None:
    from llmbench_plugins.agents.shared.extraction import given_files

    assert given_files(_answer(files)) == files


@pytest.mark.parametrize(
    "answer", ["", "[]", "1", '{"a": 1}', '{"../a": ""}', '{"a": {"base64": "?"}}', "[" * 99999]
)
def test_what_holds_no_files_gives_none(answer: str) -> None:
    from llmbench_plugins.agents.shared.extraction import given_files

    assert given_files(answer) == {}


ROW = {"task_id": "HumanEval/1", "solution": 'X = """\n   \n"""\n'}
LINE = json.dumps(ROW)


@pytest.mark.parametrize(
    "content",
    [
        LINE.encode(),
        b"\xef\xbb\xbf" + LINE.encode(),
        gzip.compress(LINE.encode(), mtime=0) + gzip.compress(b"\n", mtime=0),
        gzip.compress(b"\xef\xbb\xbf" + LINE.encode(), mtime=0),
        f"\r\n{LINE}\r\n\r\n".encode(),
        f"# from elsewhere\n\n  {LINE}\n".encode(),
        json.dumps([ROW]).encode(),
        json.dumps([ROW], indent=1).encode(),
        json.dumps(ROW, indent=1).encode(),
    ],
)
def test_forms_of_files(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "samples.any"
    file.write_bytes(content)
    found, said = read(file)
    assert [(each.task, each.files) for each in found] == [
        ("HumanEval/1", {"solution.py": ROW["solution"].encode()})
    ]
    assert said == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (LINE.encode("utf-16"), "samples.any: expected UTF-8, got UTF-16; write it anew: iconv -f UTF-16"),
        (b'\n{"task_id": "\xe9"}', "samples.any:2: expected UTF-8, got the byte 0xe9"),
        (gzip.compress(LINE.encode(), mtime=0)[:-9], "samples.any: expected a whole file packed by gzip"),
        (b"[1]", "samples.any, item 1: expected the keys"),
        (f"{LINE}\n{{".encode(), "samples.any:2: expected a JSON object"),
    ],
)
def test_other_files_are_named(content: bytes, words: str, tmp_path: Path) -> None:
    file = tmp_path / "samples.any"
    file.write_bytes(content)
    with pytest.raises(UsageError, match=re.escape(words)) as raised:
        read(file)
    assert "\n" not in str(raised.value)


def test_half_a_surrogate_pair_is_replaced_and_said(tmp_path: Path) -> None:
    file = tmp_path / "samples.jsonl"
    file.write_text('{"task_id": "HumanEval/0", "solution": "# \\ud83e \\ud83d\\ude00"}')
    found, said = read(file)
    assert found[0].files["solution.py"] == "# \ufffd \U0001f600".encode()
    assert said == [f"{file}:1: half a surrogate pair, which no file can hold, is read as U+FFFD"]


def test_out_and_back(run: Any, here: Path, isolating_sandbox: Sandbox) -> None:
    sandbox = f"sandbox={type(isolating_sandbox).__name__.lower()}"
    chosen = "tasks=[leap,brackets]"
    assert run("prompts", "dataset=quickstart", chosen, "--output", "out").exit_code == 0
    written = sorted(path.relative_to("out").as_posix() for path in Path("out").rglob("*") if path.is_file())
    assert written == [
        "python_brackets/PROMPT.md",
        "python_brackets/brackets.py",
        "python_leap/PROMPT.md",
        "python_leap/leap.py",
    ]
    reference = resource_dir("tasks") / "python/leap/solution/leap.py"
    Path("out/python_leap/leap.py").write_bytes(reference.read_bytes())
    ran = run("grade", "--solutions", "out", "dataset=quickstart", chosen, sandbox, "--name", "by hand")
    assert ran.exit_code == 0, ran.stderr
    assert "1 passed" in ran.stdout
    assert "2 of 2 samples" in ran.stdout
    assert "by hand" in ran.stdout
    again = run("grade", "--solutions", "out", "dataset=quickstart", chosen, sandbox, "--name", "by hand")
    assert again.exit_code == 0
    assert len(list(Path("outputs/quickstart").iterdir())) == 1


def test_prompts_never_overwrite(run: Any, here: Path) -> None:
    Path("out").mkdir()
    Path("out/mine.txt").write_text("precious")
    ran = run("prompts", "dataset=quickstart", "--output", "out")
    assert (ran.exit_code, Path("out/mine.txt").read_text()) == (2, "precious")
    assert "new or empty folder" in ran.stderr


def test_export_refuses_other_datasets(run: Any, here: Path, isolating_sandbox: Sandbox) -> None:
    words = ("dataset=quickstart", "tasks=[leap]", "agent=nop", "model=any", "backend=openai")
    assert run(*words, f"sandbox={type(isolating_sandbox).__name__.lower()}").exit_code == 0
    ran = run("export", "last", "--format", "evalplus")
    assert ran.exit_code == 2
    assert "dataset 'quickstart'" in ran.stderr


def test_humanevalplus_out_and_exported(
    run: Any, here: Path, isolating_sandbox: Sandbox, evalplus_data: Path
) -> None:
    blank = 'MAP = """\n   \n"""\nassert MAP == "\\n   \\n"\n\n\n'
    source = f"{blank}def truncate_number(number):\n    return number % 1.0\n"
    Path("given.jsonl").write_text(json.dumps({"task_id": "HumanEval/2", "solution": source}) + "\n")
    where = f"dataset.path={evalplus_data / 'HumanEvalPlus.jsonl.gz'}"
    sandbox = f"sandbox={type(isolating_sandbox).__name__.lower()}"
    ran = run("grade", "--solutions", "given.jsonl", "dataset=humanevalplus", where, sandbox)
    assert ran.exit_code == 0, ran.stderr
    assert "163 of 164 tasks have no solution" in ran.stdout
    assert "base 100.0 %, plus 100.0 %" in ran.stdout
    assert run("export", "last", "--format", "evalplus", "--output", "-").stdout == (
        json.dumps({"task_id": "HumanEval/2", "solution": source}) + "\n"
    )


def test_tasks_may_have_unequal_numbers_of_solutions(
    run: Any, here: Path, isolating_sandbox: Sandbox
) -> None:
    right = (resource_dir("tasks") / "python/leap/solution/leap.py").read_text()
    wrong = "def is_leap(year):\n    return year % 4 == 0\n"
    given = [
        ("python/leap", wrong),
        ("python/leap", right),
        ("python/leap", right),
        ("python/brackets", "x = 1\n"),
    ]
    lines = [json.dumps({"task_id": task, "solution": source}) for task, source in given]
    Path("given.jsonl").write_text("\n".join(lines))
    sandbox = f"sandbox={type(isolating_sandbox).__name__.lower()}"
    ran = run("grade", "--solutions", "given.jsonl", "dataset=quickstart", sandbox)
    assert ran.exit_code == 0, ran.stderr
    assert "8 of 10 tasks have no solution" in ran.stdout
    assert "4 of 4 samples (2 tasks with up to 3)" in ran.stdout
    assert "2 passed, 2 failed" in ran.stdout
    (summary,) = here.glob("outputs/quickstart/*/summary.json")
    score = json.loads(summary.read_text())["score"]
    assert score["pass_at_1"] == pytest.approx((2 / 3 + 0) / 2)
    again = run("grade", "--solutions", "given.jsonl", "dataset=quickstart", sandbox)
    assert "4 samples were made before" in again.stdout
