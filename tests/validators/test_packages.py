"""Tasks that name packages: installed by each language's own client, found by answer and tests, graded."""

import asyncio
import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs
import pytest

from llmbench.api import Context, Limits, Outcome, Sandbox, Task, closing
from llmbench.errors import PrerequisiteError
from llmbench.registry import load
from llmbench.testing.validator import OpenBoxes
from llmbench_plugins.datasets.catalog import Catalog, Options
from llmbench_plugins.validators.command import Command


@dataclass(frozen=True)
class Case:
    """A task in one language, whose answer and tests both use a package."""

    probe: tuple[str, ...]
    """The language's own client, asking for the package: whether there is a network."""
    toolchain: str
    language: str
    main: str
    answer: str
    files: Mapping[str, str] = field(default_factory=dict)
    beside: Mapping[str, str] = field(default_factory=dict)


CASES = {
    "python": Case(
        probe=("pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "toolz==0.12.1"),
        toolchain="python",
        language="python",
        main="made.py",
        answer="import toolz\n\n\ndef made(given):\n    return list(toolz.unique(given))\n",
        files={
            "workspace/made.py": "def made(given):\n    return given\n",
            "tests/test_made.py": "import unittest\n\nimport toolz\n\nfrom made import made\n\n\n"
            "class T(unittest.TestCase):\n    def test_it(self):\n"
            "        self.assertEqual(made([1, 2, 1]), list(toolz.unique([1, 2, 1])))\n",
        },
        beside={"requirements.txt": "# what the answer may use\ntoolz == 0.12.1\n"},
    ),
    "javascript": Case(
        probe=("npm", "view", "ms@2.1.3", "version"),
        toolchain="node",
        language="javascript",
        main="made.js",
        answer="import ms from 'ms';\n\nexport const made = (given) => ms(given);\n",
        files={
            "workspace/made.js": "export const made = () => 0;\n",
            "workspace/package.json": '{"type": "module", "dependencies": {"ms": "2.1.3"}}',
            "tests/made.test.js": "import test from 'node:test';\nimport assert from 'node:assert';\n"
            "import ms from 'ms';\nimport { made } from './made.js';\n\n"
            "test('it', () => assert.equal(made('2 days'), ms('2 days')));\n",
        },
    ),
    "go": Case(
        probe=("go", "list", "-m", "github.com/google/uuid@v1.6.0"),
        toolchain="go",
        language="go",
        main="made.go",
        answer='package made\n\nimport "github.com/google/uuid"\n\n'
        "func Made() string { return uuid.Nil.String() }\n",
        files={
            "workspace/made.go": 'package made\n\nfunc Made() string { return "" }\n',
            "workspace/go.mod": "module made\n\ngo 1.21\n\nrequire github.com/google/uuid v1.6.0\n",
            "tests/made_test.go": 'package made\n\nimport (\n\t"testing"\n\n\t"github.com/google/uuid"\n)\n\n'
            "func TestIt(t *testing.T) {\n\tif uuid.MustParse(Made()) != uuid.Nil {\n"
            "\t\tt.Fail()\n\t}\n}\n",
        },
    ),
    "rust": Case(
        probe=("cargo", "info", "--quiet", "fastrand@2.1.1"),
        toolchain="rust",
        language="rust",
        main="src/lib.rs",
        answer="pub fn made(seed: u64) -> u8 {\n    fastrand::Rng::with_seed(seed).u8(..)\n}\n",
        files={
            "workspace/src/lib.rs": "pub fn made(_: u64) -> u8 {\n    0\n}\n",
            "workspace/Cargo.toml": '[package]\nname = "made"\nversion = "0.1.0"\nedition = "2021"\n\n'
            '[dependencies]\nfastrand = "=2.1.1"\n',
            "tests/tests/made.rs": "#[test]\nfn it() {\n"
            "    assert_eq!(made::made(7), fastrand::Rng::with_seed(7).u8(..));\n}\n",
        },
    ),
}


def write(case: Case, root: Path) -> Path:
    """Write the task, and return the folder of tasks."""
    about = {
        "schema": "llmbench.task/1",
        "title": "made",
        "language": case.language,
        "toolchain": case.toolchain,
        "editable": [case.main],
        "grading": {"tests": 1},
        "commands": {},
    }
    files = {
        "metadata.json": json.dumps(about),
        "instructions.md": "Make it.\n",
        f"solution/{case.main}": case.answer,
        **case.files,
        **case.beside,
    }
    for name, text in files.items():
        path = root / "tasks/made" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root / "tasks"


def read(path: Path) -> Task:
    context = Context(work_dir=Path("unused"), cache_dir=Path("unused"))
    (task,) = Catalog(Options(path=str(path), install_deps=True, show_tests=True), context).tasks()
    return task


async def prepared(task: Task, name: str, folder: Path) -> Sandbox:
    """Return a sandbox with the task's packages; skip where the toolchain itself is missing."""
    context = Context(work_dir=folder, cache_dir=Path(platformdirs.user_cache_dir("llmbench")), label="tests")
    kind: type[Sandbox] = load("sandbox", name)
    sandbox = kind(kind.Options(), context)
    assert task.packages is not None
    toolchain = load("toolchain", task.packages.toolchain)
    try:
        await sandbox.prepare(toolchain)
    except PrerequisiteError as error:
        pytest.skip(str(error))
    await sandbox.prepare(toolchain.with_packages(task.packages))
    return sandbox


def need_network(case: Case, folder: Path) -> None:
    """Skip where the language's own client does not get the package."""
    try:
        asked = subprocess.run(case.probe, cwd=folder, capture_output=True, timeout=120, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        pytest.skip(f"no network, says {case.probe[0]}: {error}")
    if asked.returncode:
        pytest.skip(f"no network, says {case.probe[0]}: {asked.stderr.decode()[-300:]}")


@pytest.mark.slow
@pytest.mark.bubblewrap
@pytest.mark.parametrize("language", CASES)
def test_answer_and_tests_find_them_in_boxes_of_this_host(language: str, tmp_path: Path) -> None:
    check(CASES[language], "bubblewrap", tmp_path)


@pytest.mark.slow
@pytest.mark.docker
@pytest.mark.parametrize("language", CASES)
def test_answer_and_tests_find_them_in_containers(language: str, tmp_path: Path) -> None:
    check(CASES[language], "docker", tmp_path)


def check(case: Case, name: str, tmp_path: Path) -> None:
    """Install a task's packages, grade its reference and its starter, and run the tests as an agent does."""
    need_network(case, tmp_path)
    task = read(write(case, tmp_path))
    asyncio.run(_check_in(name, task, tmp_path))


async def _check_in(name: str, task: Task, tmp_path: Path) -> None:
    sandbox = await prepared(task, name, tmp_path)
    try:
        await _check(task, sandbox, tmp_path)
    finally:
        await sandbox.close()


async def _check(task: Task, sandbox: Sandbox, tmp_path: Path) -> None:
    assert task.packages is not None
    plain = load("toolchain", task.packages.toolchain)
    toolchain = plain.with_packages(task.packages)
    boxes = OpenBoxes(sandbox, [plain, toolchain])
    validator = Command(Command.Options(), Context(work_dir=tmp_path, cache_dir=tmp_path))
    assert validator.toolchains(task) == (toolchain.id,)
    verdict = await validator.grade(task, task.reference, boxes)
    assert verdict.outcome is Outcome.PASSED, verdict
    assert (await validator.grade(task, {}, boxes)).outcome is Outcome.FAILED
    test = await validator.self_test([task], boxes)
    assert test.passed, test.problems
    limits = Limits(wall_s=180, processes=512, memory_mb=2048, disk_mb=1024)
    async with closing(await sandbox.open(toolchain, limits)) as box:
        await box.put({**task.workspace, **task.reference})
        ran = await box.run(task.commands["run_tests"])
        assert ran.exit_code == 0, (ran.stdout + ran.stderr).decode()
        written = await box.run(["sh", "-c", f"touch {toolchain.packages_at}/more"])
        assert written.exit_code != 0, "packages can't be changed from within"
    async with closing(await sandbox.open(plain, limits)) as box:
        ran = await box.run(["ls", toolchain.packages_at])
        assert ran.exit_code != 0, "other tasks do not have them"
