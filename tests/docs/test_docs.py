"""The docs are complete, their links lead somewhere, and the commands that they show are commands."""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

from llmbench import cli, errors, registry
from llmbench.api import Outcome
from llmbench.config.arguments import parse
from llmbench.config.build import build_spec
from llmbench.config.compose import compose
from llmbench.errors import LlmbenchError
from llmbench.runner.spec import RunSpec
from llmbench.score.trust import RULES

ROOT = Path(__file__).parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    *(ROOT / folder / "README.md" for folder in ("models", "tools/demo_model", "examples/llmbench-foo")),
]
GENERATED = [ROOT / f"docs/reference/{name}.md" for name in ("options", "plugins", "errors", "help")]
CONF = ROOT / "conf"

PROFILES = ("a", "b", "c", "glm", "mine", "short")
"""Models that pages take for the reader's own, where none of that name ships."""

NOT_COMPOSED = {
    "backend=foo": "needs the example plugin; tests/examples runs these lines",
    "backend=mine": "needs the plugin that the page is about to write; tests/commands does it",
    "backend=parrot": "needs the plugin that the README is about to write; test_pages.py does it",
    "llmbench (host)": "is part of a diagram",
}
"""What no dry composition can check, and why."""


def page_id(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def everything() -> str:
    return "\n".join(text_of(page) for page in PAGES)


# Generated pages


def test_generated_pages_are_fresh() -> None:
    ran = subprocess.run(
        [sys.executable, ROOT / "tools/make_docs.py", "--check"], capture_output=True, text=True, timeout=300
    )
    assert ran.returncode == 0, ran.stderr


def test_a_stale_page_is_named(tmp_path: Path) -> None:
    for name in ("conf", "docs", "tools", "llmbench", "plugins"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for name in ("README.md", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    config = tmp_path / "conf/config.yaml"
    config.write_text(
        config.read_text(encoding="utf-8").replace("samples: 1 ", "samples: 2 "), encoding="utf-8"
    )
    (tmp_path / "docs/reference/errors.md").unlink()
    argv: list[str | Path] = [sys.executable, tmp_path / "tools/make_docs.py", "--check"]
    ran = subprocess.run(argv, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 1
    assert [line.split()[0] for line in ran.stderr.splitlines()] == [
        "docs/reference/options.md",
        "docs/reference/errors.md",
    ]


# Completeness


def keys(content: dict[str, object], prefix: str = "") -> Iterator[str]:
    for name, value in content.items():
        if isinstance(value, dict) and value:
            yield from keys(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def documented_keys() -> Iterator[str]:
    config = yaml.safe_load(text_of(CONF / "config.yaml"))
    yield from keys({name: value for name, value in config.items() if name not in ("defaults", "hydra")})
    for group in ("backend", "agent", "dataset", "validator", "sandbox"):
        for path in sorted((CONF / group).glob("*.yaml")):
            content = yaml.safe_load(text_of(path)) or {}
            yield from (f"{group}.{name}" for name in content if name not in ("defaults", "name"))


@pytest.mark.parametrize("key", sorted(set(documented_keys())))
def test_every_key_has_its_row(key: str) -> None:
    assert f"\n| `{key}` |" in text_of(ROOT / "docs/reference/options.md")


def choices() -> Iterator[str]:
    for folder in sorted(path for path in CONF.iterdir() if path.is_dir()):
        yield from (f"{folder.name}={path.stem}" for path in sorted(folder.glob("*.yaml")))


@pytest.mark.parametrize("choice", list(choices()))
def test_every_choice_is_explained(choice: str) -> None:
    page = "docs/reference/options.md" if choice.startswith("model=") else "README.md"
    row = re.search(rf"^\| `{re.escape(choice)}` \| (.*) \|$", text_of(ROOT / page), re.MULTILINE)
    assert row, f"no row for {choice} in {page}"
    assert len(row[1]) > 10, "begin its YAML with a comment that says what it is"


def test_the_readme_names_every_model() -> None:
    named = text_of(ROOT / "README.md")
    names = [path.stem for path in (CONF / "model").glob("*.yaml")]
    assert [name for name in names if not re.search(rf"`(model=)?{re.escape(name)}`", named)] == []


@pytest.mark.parametrize("axis", list(registry.AXES))
def test_every_plugin_is_documented(axis: str) -> None:
    page = text_of(ROOT / "docs/reference/plugins.md")
    ours = [plugin for plugin in registry.installed(axis) if plugin.distribution == "llmbench"]
    missing = [plugin.value for plugin in ours if f"| `{plugin.value}` |" not in page]
    assert missing == []


def test_every_error_class_is_documented() -> None:
    classes = {name for name, kind in vars(errors).items() if isinstance(kind, type)}
    assert classes == set(
        re.findall(r"^\| `(\w+)` \|", text_of(ROOT / "docs/reference/errors.md"), re.MULTILINE)
    )


def test_every_verb_is_explained() -> None:
    page = text_of(ROOT / "docs/reference/command-line.md")
    assert [verb for verb in cli.VERBS if f"| `llmbench {verb}" not in page] == []


def test_every_outcome_is_explained() -> None:
    page = text_of(ROOT / "docs/reference/outcomes.md")
    assert [outcome for outcome in Outcome if f"\n| `{outcome}` |" not in page] == []


def test_every_trust_rule_is_explained() -> None:
    page = text_of(ROOT / "docs/reference/trust.md")
    assert [rule.__name__ for rule in RULES if f"`{rule.__name__}`" not in page] == []


def test_every_page_can_be_reached_from_the_index() -> None:
    index = text_of(ROOT / "docs/index.md")
    linked = {(ROOT / "docs" / target).resolve() for target in re.findall(r"\]\(([^)#]+)", index)}
    left = [page for page in PAGES if (ROOT / "docs") in page.parents and page.name != "index.md"]
    assert [page_id(page) for page in left if page.resolve() not in linked] == []


# Links


def anchors(path: Path) -> set[str]:
    """Return the anchors that GitHub gives to a page's headings."""
    heads = re.findall(r"^#+ (.+)$", text_of(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_relative_links_lead_somewhere(page: Path) -> None:
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```", "", text_of(page), flags=re.DOTALL)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in anchors(file)):
            broken.append(target)
    assert broken == []


# Commands


def commands(page: Path) -> Iterator[str]:
    """Yield the commands of llmbench that a page shows: in shell blocks, in indented blocks, inline."""
    fence = ""
    for line in text_of(page).splitlines():
        if line.startswith("```"):
            fence = "" if fence else line
        elif fence:
            if fence == "```sh" and line.startswith("llmbench"):
                yield line
        elif re.match(r"    llmbench( |$)", line):
            yield line.strip()
        else:
            yield from (code.replace("\\|", "|") for code in re.findall(r"`(llmbench [^`]+)`", line))


ALL_COMMANDS = sorted(
    {(page_id(page), line) for page in PAGES if page not in GENERATED for line in commands(page)}
)


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a reader who has profiles for a few models."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "conf/model").mkdir(parents=True)
    for name in PROFILES:
        if (CONF / f"model/{name}.yaml").is_file():
            continue
        sources = f"{{default: {{}}, llamacpp: {{path: {name}.gguf}}, ollama: {{tag: {name}}}}}"
        profile = f"name: {name}\nsources: {sources}\n"
        (tmp_path / f"conf/model/{name}.yaml").write_text(profile)
    for name in ("my", "a", "b"):
        (tmp_path / f"{name}.gguf").symlink_to(ROOT / "models/demo.gguf")
    return tmp_path


@pytest.mark.parametrize(("page", "line"), ALL_COMMANDS)
def test_commands_are_commands(page: str, line: str, reader: Path) -> None:
    if any(words in line for words in NOT_COMPOSED):
        return
    words = simple(line)
    if words[:1] == ["run"]:  # what hands type first; it says nothing
        del words[0]
    if words[:1] and words[0] in cli.VERBS:
        check_verb(words[0], words[1:])
    elif words and "=" not in words[0] and not words[0].startswith("-") and not placeholder(words[0]):
        pytest.fail(f"no verb '{words[0]}'")
    else:
        check_run(words)


def test_the_overview_names_what_is_there() -> None:
    text = text_of(ROOT / "docs/design/overview.md")
    roots = "|".join(("llmbench", "plugins", "conf", "docs", "tests", "examples"))
    named = {path for path in re.findall(rf"`((?:{roots})/[^`\s]*)`", text) if "NAME" not in path}
    assert len(named) > 40
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_exceptions_are_still_needed() -> None:
    lines = "\n".join(line for _, line in ALL_COMMANDS)
    assert [words for words in NOT_COMPOSED if words not in lines] == []


def simple(line: str) -> list[str]:
    """Return the words of the first command of a line, without comments."""
    words = shlex.split(line, comments=True)[1:]
    ends = [position for position, word in enumerate(words) if word in ("&", "&&", "|", ";", ">")]
    return words[: ends[0]] if ends else words


def placeholder(word: str) -> bool:
    """Say whether a word stands for others: NAME, [key=value], …"""
    return bool(re.search(r"…|^\[|\]$|\b[A-Z]{2,}\b", word)) and not word.startswith("tasks=")


def check_verb(verb: str, words: list[str]) -> None:
    page = text_of(ROOT / "docs/reference/help.md")
    own = page.partition(f"## llmbench {verb}\n")[2].partition("\n## ")[0]
    flags = [word.partition("=")[0] for word in words if word.startswith("--") and word != "--help"]
    assert [flag for flag in flags if flag not in own] == []
    overrides = [word for word in words if "=" in word and not word.startswith("--")]
    check_run(["-m", *overrides] if verb == "compare" and overrides else overrides)


def check_run(words: list[str]) -> None:
    """Compose what a run's words ask for; of a sweep, each value once."""
    if any(map(placeholder, words)) or {"--help", "--version"} & set(words):
        return
    arguments = parse([word for word in words if word not in ("-m", "--multirun")])
    if arguments.flags or arguments.completion:
        return
    swept = [values(word) if {"-m", "--multirun"} & set(words) else [word] for word in arguments.overrides]
    for position, options in enumerate(swept):
        for option in options:
            cell = [option if place == position else other[0] for place, other in enumerate(swept)]
            try:
                check_weights(build_spec(compose(arguments, tuple(cell))))
            except LlmbenchError as error:
                pytest.fail(f"{' '.join(cell)}: {error}")
    if not swept:
        build_spec(compose(arguments, ()))


def check_weights(spec: RunSpec) -> None:
    """Fail where a backend would find no model, as the profile has no name for it there."""
    for backend, word in (("lmstudio", "key"), ("ollama", "tag")):
        if spec.backend.name == backend and not getattr(spec.backend.options.source, word):
            pytest.fail(f"model.sources.{backend}.{word}: missing for {spec.model.name}")


def values(override: str) -> list[str]:
    """Return one override for each value that is separated by a comma outside brackets."""
    key, _, value = override.partition("=")
    return [f"{key}={part}" for part in re.split(r",(?![^\[{]*[\]}])", value)]


# Files


def test_whatever_a_run_leaves_is_listed(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "llmbench", "limit=1", "agent=oracle"]
    ran = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=180)
    assert ran.returncode == 0, ran.stderr
    listed = text_of(ROOT / "docs/reference/files.md").partition("\n| file |")[0]
    [folder] = tmp_path.glob("outputs/quickstart/*")
    tries = folder.glob("samples/*/*/*/try-*/*")
    left = {path.name for path in (*folder.iterdir(), *(tmp_path / "outputs").glob("*.db"), *tries)}
    assert len(left) > 5
    assert sorted(name for name in left if name not in listed) == []
