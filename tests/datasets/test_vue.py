"""The dataset `vue`: what ships is complete, and what is wrong is named."""

import asyncio
import json
import shutil
from pathlib import Path

import jsonschema
import pytest
import yaml

from llmbench.api import Context, Dataset, Outcome, Task, Workspace
from llmbench.api.options import from_mapping
from llmbench.errors import DatasetError, UsageError
from llmbench.records.schemas import read_schema
from llmbench.resources import resource_dir
from llmbench.runner.judging import Submission, judge
from llmbench.testing.agent import ScriptedModel
from llmbench.testing.dataset import DatasetConformance
from llmbench_plugins.agents.prompt.agent import Options as PromptOptions
from llmbench_plugins.agents.prompt.agent import Prompt
from llmbench_plugins.datasets.catalog import Options as CatalogOptions
from llmbench_plugins.datasets.catalog import Quickstart
from llmbench_plugins.datasets.vue import PLACEHOLDER, Options, Vue

OURS = resource_dir("tasks") / "vue"
CONTEXT = Context(work_dir=Path(), cache_dir=Path())


def tasks(path: Path | None = None) -> dict[str, Task]:
    dataset = Vue(Options(path=str(path) if path else None), CONTEXT)
    return {task.id: task for task in dataset.tasks()}


class TestConformance(DatasetConformance):
    def make_dataset(self, tmp_path: Path) -> Dataset:
        return Vue(Options(), Context(work_dir=tmp_path, cache_dir=tmp_path))


def test_ten_and_more_climb_from_easy_to_hard() -> None:
    assert "vue/simple-component" in tasks()
    levels = [json.loads(path.read_text())["difficulty"] for path in OURS.rglob("validation.json")]
    assert len(levels) >= 10
    assert set(levels) == {"easy", "medium", "hard"}


def test_the_quickstart_leaves_them_out() -> None:
    languages = {task.language for task in Quickstart(CatalogOptions(), CONTEXT).tasks()}
    assert languages == {"python"}


@pytest.mark.parametrize("path", sorted(OURS.rglob("validation.json")), ids=lambda path: path.parent.name)
def test_each_fits_the_schema_and_is_a_whole_project(path: Path) -> None:
    jsonschema.validate(json.loads(path.read_text(encoding="utf-8")), read_schema("vue"))
    project = path.parent / "project"
    for name in ("package.json", "tsconfig.json", "vite.config.ts", "env.d.ts", "index.html", "src/main.ts"):
        assert (project / name).is_file(), name
    assert json.loads((project / "tsconfig.json").read_text())["compilerOptions"]["strict"] is True


@pytest.mark.parametrize("task", tasks().values(), ids=lambda task: task.id)
def test_the_prompt_shows_all_code_that_may_be_changed(task: Task) -> None:
    assert PLACEHOLDER not in task.instructions
    for path, content in task.starter.items():
        shown = f"`{path}`\n```" in task.instructions and content.decode() in task.instructions
        assert shown == task.may_change(path), path


@pytest.mark.parametrize("task", tasks().values(), ids=lambda task: task.id)
def test_agents_can_check_the_types(task: Task) -> None:
    assert task.commands["run_type_check"][0] == "sh"
    assert "run_tests" not in task.commands


@pytest.mark.parametrize(
    "path",
    [
        "package.json",
        "tsconfig.json",
        "vite.config.ts",
        "vitest.config.ts",
        "env.d.ts",
        "src/shims-vue.d.ts",
        "src/components/UserBadge.test.ts",
        "tests/user-badge.test.ts",
        "node_modules/vue/index.mjs",
    ],
)
def test_files_that_steer_the_grader_are_tampering(path: str) -> None:
    task = tasks()["vue/simple-component"]
    submission = Submission(files={}, refused=(path,))
    verdict = asyncio.run(judge(task, submission, None, None, None))  # type: ignore[arg-type]
    assert verdict.outcome is Outcome.TAMPERED
    assert path in verdict.reason


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A folder with one task."""
    shutil.copytree(OURS / "simple-component", tmp_path / "mine" / "badge")
    return tmp_path / "mine"


def changed(copy: Path, **values: object) -> None:
    path = copy / "badge/validation.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_a_folder_of_ones_own(copy: Path) -> None:
    assert list(tasks(copy)) == ["vue/badge"]


NO_NAME = {"kind": "imports", "file": "src/components/UserBadge.vue", "module": "vue"}
ELSEWHERE = {"kind": "no_any", "file": "src/Other.vue"}
MISPLACED = {"kind": "types_hold", "file": "src/components/UserBadge.vue"}


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"patterns": [{"kind": "no_eval", "file": "x"}]}, "validation.patterns.0.kind: expected"),
        ({"patterns": []}, "validation.patterns: expected"),
        ({"patterns": [NO_NAME]}, "patterns.0: imports needs a name"),
        ({"patterns": [ELSEWHERE]}, "patterns.0.file: 'src/Other.vue' is in no folder of the task"),
        ({"patterns": [MISPLACED]}, "types_hold, and nothing else, is for tests/types/"),
        ({"tests": []}, "validation.tests: expected"),
        ({"wieghts": {}}, "validation.wieghts"),
        ({"editable": ["src/types.ts"]}, "solution/src/components/UserBadge.vue matches no pattern"),
        ({"editable": ["*"]}, ""),
    ],
)
def test_what_is_wrong_is_named(copy: Path, values: dict[str, object], complaint: str) -> None:
    changed(copy, **values)
    if not complaint:
        assert tasks(copy)["vue/badge"].may_change("src/new.ts")
        return
    with pytest.raises(DatasetError) as raised:
        tasks(copy)
    assert complaint in str(raised.value)
    assert "badge" in str(raised.value)


@pytest.mark.parametrize("name", ["prompt.md", "project", "tests", "solution"])
def test_a_missing_part_is_named(copy: Path, name: str) -> None:
    part = copy / "badge" / name
    part.unlink() if part.is_file() else shutil.rmtree(part)
    with pytest.raises(DatasetError, match=name):
        tasks(copy)


def test_a_prompt_without_a_place_for_the_code_is_refused(copy: Path) -> None:
    (copy / "badge/prompt.md").write_text("Type it.")
    with pytest.raises(DatasetError, match=r"expected \{\{original_code\}\} once"):
        tasks(copy)


def test_an_empty_or_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="llmbench new task --language vue NAME"):
        tasks(tmp_path)
    with pytest.raises(UsageError, match=r"dataset\.path: expected a folder of Vue tasks"):
        tasks(tmp_path / "none")


def test_one_question_and_one_answer_do(context: Context) -> None:
    options = yaml.safe_load((resource_dir("conf") / "agent/prompt.yaml").read_text(encoding="utf-8"))
    del options["name"]
    agent = Prompt(from_mapping(PromptOptions, options, "agent"), context)
    task = tasks()["vue/simple-component"]
    ((path, content),) = task.reference.items()
    workspace, model = Workspace(task), ScriptedModel(f"`{path}`\n```vue\n{content.decode()}```")
    asyncio.run(agent.solve(task, workspace, model, None))
    assert workspace.changed() == task.reference
    asked = model.questions[0][-1].content
    assert asked.count(task.starter[path].decode()) == 1
    assert asked.count(task.starter["tsconfig.json"].decode()) == 1
