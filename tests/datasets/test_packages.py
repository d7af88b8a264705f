"""Packages that tasks name: what is read, what is refused in one line, and what a task is without them."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmbench.api import Context, Packages, Task
from llmbench.errors import DatasetError
from llmbench.resources import resource_dir
from llmbench_plugins.datasets.catalog import Catalog, Options
from llmbench_plugins.datasets.shared.packages import read_packages


def read(toolchain: str, text: str) -> Packages | None:
    return read_packages(toolchain, text.encode(), "there")


def names(toolchain: str, text: str) -> tuple[str, ...]:
    found = read(toolchain, text)
    return found.names if found else ()


REQUIREMENTS = """
# comment
Requests[socks] == 2.32.3   # why
toolz==0.12.1
"""
GO_MOD = """\
module made // ours

go 1.22

require github.com/google/uuid v1.6.0
require (
\tgolang.org/x/text v0.14.0 // indirect
\tgopkg.in/yaml.v3 v3.0.1
)
"""
CARGO = """
[package]
name = "made"
[dependencies]
fastrand = "=2.1.1"
serde = { version = "=1.0.200", features = ["derive"], default-features = false }
[dev-dependencies]
rand_core = "=0.6.4"
"""


def test_each_form_is_read() -> None:
    assert names("python", REQUIREMENTS) == ("requests[socks] 2.32.3", "toolz 0.12.1")
    both = '{"name": "x", "type": "module", "dependencies": {"ms": "2.1.3", "@a/b": "1.0.0-rc.1"}}'
    assert names("node", both) == ("@a/b 1.0.0-rc.1", "ms 2.1.3")
    modules = ("github.com/google/uuid v1.6.0", "golang.org/x/text v0.14.0", "gopkg.in/yaml.v3 v3.0.1")
    assert names("go", GO_MOD) == modules
    assert names("rust", CARGO) == ("fastrand 2.1.1", "rand_core 0.6.4", "serde 1.0.200")


@pytest.mark.parametrize(
    ("toolchain", "text"),
    [
        ("python", "# none\n\n"),
        ("node", '{"type": "module", "devDependencies": {"jest": "^29"}, "scripts": {"install": "x"}}'),
        ("go", "module made\n\ngo 1.22\n\nreplace a => ../a\n"),
        ("rust", '[package]\nname = "made"\n\n[dependencies]\n'),
    ],
)
def test_a_file_without_packages_names_none(toolchain: str, text: str) -> None:
    assert read(toolchain, text) is None


def test_only_what_names_packages_reaches_a_package_manager() -> None:
    found = read("node", '{"dependencies": {"ms": "2.1.3"}, "scripts": {"install": "rm"}, "bin": "x"}')
    assert found is not None
    assert json.loads(dict(found.files)["package.json"]) == {"private": True, "dependencies": {"ms": "2.1.3"}}
    found = read("rust", '[dependencies]\na = "=1.0.0"\n[patch.crates-io]\na = { path = "../a" }\n')
    assert found is not None
    assert "patch" not in dict(found.files)["Cargo.toml"]
    found = read("go", GO_MOD + "exclude a v1.0.0\n")
    assert found is not None
    assert "exclude" not in dict(found.files)["go.mod"]


def test_the_same_packages_are_the_same_toolchain() -> None:
    one, other = read("python", "a==1\nB == 2\n"), read("python", "# x\nb==2\na == 1")
    assert one == other
    assert one is not None
    assert one.name.startswith("python+")
    different = read("python", "a==1\nb==3\n")
    assert different is not None
    assert different.name != one.name


REFUSED = {
    "a range": ("python", "a>=1", r"there: expected NAME==VERSION, got 'a>=1'"),
    "no version": ("python", "a", r"got 'a'"),
    "a wildcard": ("python", "a==1.*", r"got 'a==1\.\*'"),
    "an index": ("python", "--index-url http://here.test\na==1", r"got '--index-url http://here\.test'"),
    "another file": ("python", "-r more.txt", r"got '-r more\.txt'"),
    "an address": ("python", "a @ http://here.test/a.whl", r"expected NAME==VERSION"),
    "a marker": ("python", "a==1; python_version < '3'", r"expected NAME==VERSION"),
    "a caret": (
        "node",
        '{"dependencies": {"ms": "^2.1.3"}}',
        r"dependencies\.ms: expected an exact .* got \"\^2\.1\.3\"",
    ),
    "a tag": ("node", '{"dependencies": {"ms": "latest"}}', r"expected an exact version"),
    "a path": ("node", '{"dependencies": {"ms": "file:../ms"}}', r"expected an exact version"),
    "a path as a name": (
        "node",
        '{"dependencies": {"../ms": "1.0.0"}}',
        r"'\.\./ms' is no name of a package",
    ),
    "no table": ("node", '{"dependencies": ["ms"]}', r"expected a table 'dependencies'"),
    "no JSON": ("node", "{", r"there can't be read"),
    "no object": ("node", "[]", r"expected a table"),
    "no exact module": (
        "go",
        "require a.test/b latest",
        r"require: expected MODULE vX\.Y\.Z, got 'a\.test/b latest'",
    ),
    "a replacement": ("go", "require a.test/b v1.0.0\nreplace a.test/b => ../b", r"replace has no place"),
    "cargo's caret": (
        "rust",
        '[dependencies]\na = "1.0.0"',
        r"dependencies\.a: expected an exact version as \"=1\.2\.3\"",
    ),
    "a crate by path": ("rust", '[dependencies]\na = { path = "../a" }', r"expected an exact version"),
    "a crate by git": (
        "rust",
        '[dependencies]\na = { version = "=1.0.0", git = "http://here.test" }',
        r"can have a version and features, and no 'git'",
    ),
    "no TOML": ("rust", "[dependencies", r"there can't be read"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_not_pinned_is_refused_in_one_line(what: str) -> None:
    toolchain, text, words = REFUSED[what]
    with pytest.raises(DatasetError, match=words) as caught:
        read(toolchain, text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("toolchain", ["python", "node", "go", "rust"])
def test_any_file_is_read_or_refused(toolchain: str) -> None:
    words = st.sampled_from(
        [
            *("require", "(", ")", "replace", "[dependencies]", "a", "=", '"=1.0.0"', "==", "1.0", "v1.0.0"),
            *("\n", " ", "{", "}", '"dependencies"', ":", ",", "//", "#"),
        ]
    )

    def refusal(text: str) -> str:
        try:
            found = read_packages(toolchain, text.encode(errors="surrogatepass"), "there")
        except DatasetError as error:
            return str(error)
        assert found is None or found.names
        return "there"

    @given(st.one_of(st.text(), st.lists(words).map("".join), st.lists(words).map(" ".join)))
    def holds(text: str) -> None:
        said = refusal(text)
        assert said.startswith("there")
        assert "\n" not in said

    holds()


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    shutil.copytree(resource_dir("tasks") / "python/leap", tmp_path / "mine/leap")
    return tmp_path / "mine"


@pytest.fixture
def leap(mine: Path) -> Callable[..., Task]:
    def leap(**options: bool) -> Task:
        context = Context(work_dir=Path("unused"), cache_dir=Path("unused"))
        (task,) = Catalog(Options(path=str(mine), **options), context).tasks()
        return task

    return leap


def test_a_task_that_names_packages_beside_its_metadata_needs_them(
    mine: Path, leap: Callable[..., Task]
) -> None:
    before = leap(install_deps=True)
    assert (before.packages, before.unfit, before.toolchain) == (None, "", "python")
    (mine / "leap/requirements.txt").write_text("toolz==0.12.1\n")
    without, task = leap(), leap(install_deps=True)
    assert "needs packages (toolz 0.12.1): dataset.install_deps=true" in without.unfit
    assert without.packages is None
    assert task.packages is not None
    assert task.toolchain == task.packages.name
    assert task.digest not in (before.digest, without.digest)
    assert "requirements.txt" not in task.workspace


def test_those_of_the_workspace_are_looked_at_only_if_they_are_wanted(
    mine: Path, leap: Callable[..., Task]
) -> None:
    (mine / "leap/workspace/requirements.txt").write_text("toolz>=0.12\n")
    assert leap().unfit == ""
    with pytest.raises(DatasetError, match=r"leap/workspace/requirements\.txt: expected NAME==VERSION"):
        leap(install_deps=True)
    (mine / "leap/requirements.txt").write_text("toolz==0.12.1\n")
    packages = leap(install_deps=True).packages
    assert packages is not None
    assert packages.names == ("toolz 0.12.1",), "what is beside the metadata wins"
