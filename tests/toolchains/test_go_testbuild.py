"""The program that builds Go's tests: as go test -c does, by itself where it can, and it leaves no source."""

import asyncio
import shutil
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar

import platformdirs
import pytest

from llmbench.api import Box, Context, Limits, Ran, Sandbox, closing
from llmbench.errors import PrerequisiteError
from llmbench.registry import load
from llmbench_plugins.toolchains.go import GO

_T = TypeVar("_T")
LIMITS = Limits(processes=512, disk_mb=512)
TESTBUILD = "/opt/llmbench/go/testbuild"
KEY = "a key"
PACKAGE = {
    "go.mod": "module jar\n\ngo 1.18\n",
    "jar.go": "package jar\n\nfunc Worth() int { return 3 }\n",
    "jar_test.go": """package jar

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) { os.Exit(m.Run()) }

func TestWorth(t *testing.T) {
	if Worth() != 3 {
		t.Errorf("Worth() = %d", Worth())
	}
}
""",
}
SANDBOXES = ("bubblewrap", "docker")


class Opened:
    """One sandbox and one loop for all tests: what Docker keeps ready belongs to the loop that made it."""

    def __init__(self, sandbox: Sandbox, runner: asyncio.Runner) -> None:
        self.sandbox = sandbox
        self.runner = runner

    def use(self, files: dict[str, str], use: Callable[[Box], Awaitable[_T]]) -> _T:
        """Put ``files`` into a fresh box, and return what comes of using it."""

        async def using() -> _T:
            async with closing(await self.sandbox.open(GO, LIMITS)) as box:
                await box.put({path: text.encode() for path, text in files.items()})
                return await use(box)

        return self.runner.run(using())


@pytest.fixture(scope="module", params=SANDBOXES)
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """Return one sandbox and the other: they bring Go of different versions."""
    cache = Path(platformdirs.user_cache_dir("llmbench"))
    work = tmp_path_factory.mktemp("work")
    kind: type[Sandbox] = load("sandbox", request.param)
    made = kind(kind.Options(), Context(work_dir=work, cache_dir=cache, label="tests"))
    with asyncio.Runner() as runner:
        try:
            runner.run(made.prepare(GO))
        except PrerequisiteError as error:
            pytest.skip(str(error))
        yield Opened(made, runner)
        runner.run(made.close())


def built(opened: Opened, files: dict[str, str], *flags: str) -> Ran:
    """Build the tests in ``files`` and run them."""
    given = f"{KEY}\n".encode()
    argv = [TESTBUILD, *flags, "tests.bin", "-test.v"]
    return opened.use(
        files, lambda box: box.run(argv, stdin=given, env={"TESTBUILD": "verbose"}, timeout_s=120.0)
    )


@pytest.mark.parametrize("more", ["", "func Testing(int) {}\n", "func Testünchen(int) {}\n"])
def test_the_ordinary_is_built_without_go(opened: Opened, more: str) -> None:
    ran = built(opened, {**PACKAGE, "jar_test.go": PACKAGE["jar_test.go"] + more})
    assert ran.exit_code == 0, ran
    assert b"testbuild:" not in ran.stderr
    before, _, after = ran.stdout.partition(f"\n{KEY} built\n".encode())
    assert not before
    assert b"--- PASS: TestWorth" in after


EXTRAORDINARY = {
    "tests outside the package": (
        {"out_test.go": 'package jar_test\n\nimport "testing"\n\nfunc TestOut(t *testing.T) {}\n'},
        "[out_test.go]",
    ),
    "a package beside it": (
        {
            "coin/coin.go": "package coin\n\nconst Value = 3\n",
            "jar.go": 'package jar\n\nimport "jar/coin"\n\nfunc Worth() int { return coin.Value }\n',
        },
        '"jar/coin"',
    ),
    "a rare package of the library": (
        {"more.go": 'package jar\n\nimport "html"\n\nvar _ = html.EscapeString\n'},
        '"html"',
    ),
    "an example": (
        {"more_test.go": "package jar\n\nfunc ExampleWorth() {\n\tprint(Worth())\n\t// Output:\n}\n"},
        "ExampleWorth",
    ),
    "an embedded file": (
        {"more.go": 'package jar\n\nimport _ "embed"\n\n//go:embed go.mod\nvar module string\n'},
        "[go.mod]",
    ),
    "more in go.mod": ({"go.mod": "module jar\n\ngo 1.18\n\nretract v1.0.0\n"}, "retract"),
    "an old version": ({"go.mod": "module jar\n\ngo 1.9\n"}, '"1.9"'),
}


@pytest.mark.parametrize("what", EXTRAORDINARY)
def test_the_extraordinary_is_left_to_go(opened: Opened, what: str) -> None:
    files, reason = EXTRAORDINARY[what]
    ran = built(opened, {**PACKAGE, **files})
    said = ran.stderr.decode()
    assert "left to go test -c" in said
    assert reason in said
    assert ran.exit_code == 0, ran
    assert b"--- PASS: TestWorth" in ran.stdout


REFUSED = {
    "does not compile": ("jar.go", "package jar\n\nfunc Worth() int { return Coins }\n", "undefined: Coins"),
    "does not link": (
        "jar.go",
        'package jar\nimport _ "unsafe"\n//go:linkname f jar.f\nfunc f()\nfunc Worth() int { f(); return 3 }',
        "relocation target jar.f not defined",
    ),
    "vet finds something": (
        "more_test.go",
        'package jar\n\nimport "testing"\n\nfunc TestMore(t *testing.T) { t.Logf("%d", "x") }\n',
        "wrong type",
    ),
    "reaches for a package of ours": (
        "more.go",
        'package jar\n\nimport _ "llmbench/reporter"\n',
        "llmbench/reporter is not in std",
    ),
    "reaches into the library": (
        "more.go",
        'package jar\n\nimport _ "internal/abi"\n',
        "use of internal package internal/abi not allowed",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_go_refuses_is_refused_in_its_words(opened: Opened, what: str) -> None:
    path, text, said = REFUSED[what]
    ran = built(opened, {**PACKAGE, path: text})
    assert ran.exit_code == 1
    assert KEY.encode() not in ran.stdout
    assert said in (ran.stdout + ran.stderr).decode()


ASKED_BEFORE = {
    "vet": ({"more_test.go": REFUSED["vet finds something"][1]}, "wrong type"),
    "the package alone": (
        {"jar.go": "package jar\n\nfunc Worth() int { return coins }\n"},
        "undefined: coins",
    ),
}


@pytest.mark.parametrize("more", ["", "\n// Not //go:debug either.\n"], ids=["directly", "by go"])
@pytest.mark.parametrize("what", ASKED_BEFORE)
def test_what_was_asked_of_the_package_before_is_not_asked_again(
    opened: Opened, what: str, more: str
) -> None:
    changed, said = ASKED_BEFORE[what]
    files = {**PACKAGE, **changed, "coins_test.go": "package jar\n\nconst coins = 3\n" + more}
    first = built(opened, files)
    assert first.exit_code == 1
    assert said in (first.stdout + first.stderr).decode()
    again = built(opened, files, "-again")
    assert b"--- PASS: TestWorth" in again.stdout, again
    assert (b"left to go test -c" in again.stderr) == bool(more)


def test_a_package_without_tests_is_nothing_to_run(opened: Opened) -> None:
    ran = built(opened, {name: text for name, text in PACKAGE.items() if name != "jar_test.go"})
    assert ran.exit_code == 0
    assert f"\n{KEY} nothing\n".encode() in ran.stdout


LISTING = """package jar

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestMain(m *testing.M) {
	said, _ := io.ReadAll(os.Stdin)
	fmt.Printf("given %q\\n", said)
	for _, root := range []string{".", os.TempDir()} {
		filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() {
				fmt.Println("found", path)
			}
			return nil
		})
	}
}
"""


@pytest.mark.parametrize("more", [{}, {"sub/sub.go": "package sub\n", "go.mod": "module jar\n\ngo 1.9\n"}])
def test_the_program_finds_its_data_and_the_key_but_no_source(opened: Opened, more: dict[str, str]) -> None:
    ran = built(opened, {**PACKAGE, "jar_test.go": LISTING, "data/coins.txt": "3", **more})
    assert ran.exit_code == 0, ran
    assert f'given "{KEY}\\n"' in ran.stdout.decode()
    found = {line.split(" ")[1] for line in ran.stdout.decode().splitlines() if line.startswith("found ")}
    assert found == {"go.mod", "data/coins.txt", "tests.bin"}


def test_a_version_of_go_that_speaks_otherwise_is_named_and_left_to_go(opened: Opened) -> None:
    async def prepared(box: Box) -> tuple[Ran, bool]:
        ran = await box.run([TESTBUILD, "-prepare", "log", "made"])
        return ran, "made/testbuild.json" in await box.get()

    ran, written = opened.use({"log": "cd /somewhere\nlink everything\n", "made/note": ""}, prepared)
    assert ran.exit_code == 0
    assert b"is not known well enough to call its tools directly" in ran.stdout
    assert not written


def test_its_source_is_formatted_and_vetted(tmp_path: Path) -> None:
    if shutil.which("gofmt") is None or shutil.which("go") is None:
        pytest.skip("go is not installed")
    for name in ("testbuild", "testmain", "reporter"):
        shutil.copytree(GO.folder / name, tmp_path / name)
    (tmp_path / "go.mod").write_text("module ours\n\ngo 1.18\n")
    ran = subprocess.run(["gofmt", "-l", "."], cwd=tmp_path, capture_output=True, check=True, timeout=60)
    assert ran.stdout == b""
    vetted = subprocess.run(
        ["go", "vet", "./..."], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300
    )
    assert vetted.returncode == 0, vetted.stderr
