"""Files of other languages come out of an answer as they went in, and several files of one answer too."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from llmbench.api import Task
from llmbench.resources import resource_dir
from llmbench_plugins.agents.shared.extraction import extract

PRACTICE = Path(__file__).parents[2] / "data/polyglot"
VUE = resource_dir("tasks") / "vue"


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def starter_of(language: str, file: str) -> str:
    return read(PRACTICE / language / "exercises/practice/coin-jar" / file)


def solution_of(language: str, file: str) -> str:
    return starter_of(language, f".meta/{file}")


FILES: dict[str, tuple[str, str, str, str]] = {
    "go": ("coin_jar.go", "go", starter_of("go", "coin_jar.go"), solution_of("go", "example.go")),
    "rust": ("src/lib.rs", "rust", starter_of("rust", "src/lib.rs"), solution_of("rust", "example.rs")),
    "java": (
        "src/main/java/CoinJar.java",
        "java",
        starter_of("java", "src/main/java/CoinJar.java"),
        solution_of("java", "src/reference/java/CoinJar.java"),
    ),
    "cpp": ("coin_jar.cpp", "cpp", starter_of("cpp", "coin_jar.cpp"), solution_of("cpp", "example.cpp")),
    "javascript": (
        "coin-jar.js",
        "js",
        starter_of("javascript", "coin-jar.js"),
        solution_of("javascript", "coin-jar.js"),
    ),
    "typescript": (
        "src/useBoard.ts",
        "ts",
        "",
        read(VUE / "several-files/solution/src/composables/useBoard.ts"),
    ),
    "vue": (
        "src/components/UserBadge.vue",
        "vue",
        read(VUE / "simple-component/project/src/components/UserBadge.vue"),
        read(VUE / "simple-component/solution/src/components/UserBadge.vue"),
    ),
}  # fmt: skip
MARKED = {
    "rust": (
        "/// Doubles.\n///\n/// ```\n/// assert_eq!(jar::twice(2), 4);\n/// ```\n"
        "pub fn twice(x: u64) -> u64 {\n    x * 2\n}\n"
    ),
    "go": (
        'package jar\n\nconst Doc = `\n   \n` + "```"\n\n'
        "// Twice doubles.\nfunc Twice(x int) int { return x * 2 }\n"
    ),
    "javascript": (
        "/**\n * ```js\n * twice(2);\n * ```\n */\n"
        "export const twice = (x) => {\n  return `${x}\n   \n` + x * 2;\n};\n"
    ),
    "java": (
        "/**\n * ```\n * twice(2)\n * ```\n */\n"
        "class Jar {\n    static int twice(int x) { return 2 * x; }\n}\n"
    ),
    "cpp": '#include "jar.h"\n\n/* Like so:\n```\ntwice(2);\n```\n*/\nint twice(int x) { return 2 * x; }\n',
}

Wrap = Callable[[str, str, str], str]
WRAPPINGS: Mapping[str, Wrap] = {
    "plain": lambda path, label, code: f"```{label}\n{code}```\n",
    "named": lambda path, label, code: f"`{path}`\n```{label}\n{code}```\nDone.\n",
    "last part": lambda path, label, code: f"**{path.rpartition('/')[2]}**\n\n```{label}\n{code}```\n",
    "no label": lambda path, label, code: f"Here:\n\n```\n{code}```\n",
    "after prose": lambda path, label, code: f"Here is the code: ```{label}\n{code}```\nDone.\n",
    "closed on the last line": lambda path, label, code: f"```{label}\n{code.rstrip()}```\n\nThat is it.\n",
    "prose behind the end": lambda path, label, code: f"```{label}\n{code}``` That is it.\n",
    "token": lambda path, label, code: f"```{label}\n{code}```<|im_end|>",
    "no end": lambda path, label, code: f"```{label}\n{code}",
    "in a list": lambda path, label, code: "1. So:\n" + "".join(
        f"   {line}" for line in f"```{label}\n{code}```\n".splitlines(keepends=True)
    ),
    "windows": lambda path, label, code: f"`{path}`\n```{label}\n{code}```\n".replace("\n", "\r\n"),
    "shell after it": lambda path, label, code: f"```{label}\n{code}```\n\n```bash\nmake test\n```\n",
    "output after it": lambda path, label, code: f"```{label}\n{code}```\n\n```\nok 1\n```\n",
    "tests after it": lambda path, label, code: (
        f"`{path}`\n```{label}\n{code}```\n\n`tests/some_test.{path.rpartition('.')[2]}`\n```{label}\nx\n```\n"
    ),
    "left out after it": lambda path, label, code: (
        f"`{path}`\n```{label}\n{code}```\n\n`{path}`\n```{label}\n// ... rest of the code\n```\n"
    ),
    "thinking": lambda path, label, code: f"<think>```{label}\nfoo(\n</think>\n```{label}\n{code}```\n",
    "answer tag": lambda path, label, code: f"<answer>\n{code}</answer>\n",
    "file tag": lambda path, label, code: f'<file path="{path}">\n{code}</file>\n',
}  # fmt: skip


def make_task(files: Mapping[str, str], editable: tuple[str, ...] = ()) -> Task:
    starter = {path: text.encode() for path, text in files.items()}
    return Task(id="t", instructions="…", starter=starter, editable=editable or tuple(files))


@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize("language", FILES)
def test_every_wrapping(language: str, wrapping: str) -> None:
    path, label, starter, solution = FILES[language]
    found = extract(WRAPPINGS[wrapping](path, label, solution), make_task({path: starter}))
    assert found.files.keys() == {path}, found
    # A mark on the last line leaves no line end.
    assert found.files[path].rstrip() == solution.rstrip(), found
    assert not found.unused_code


@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize("language", MARKED)
def test_marks_in_the_code(language: str, wrapping: str) -> None:
    path, label, _, _ = FILES[language]
    found = extract(WRAPPINGS[wrapping](path, label, MARKED[language]), make_task({path: ""}))
    assert {name: text.rstrip() for name, text in found.files.items()} == {path: MARKED[language].rstrip()}


HEADER, SOURCE = "jar.h", "jar.cpp"
FIRST = "#pragma once\nint twice(int x);\n"
SECOND = '#include "jar.h"\nint twice(int x) { return 2 * x; }\n'


@pytest.mark.parametrize(
    "answer",
    [
        f"`{SOURCE}`\n```cpp\n{SECOND}```\n`{HEADER}`\n```cpp\n{FIRST}```\n",
        f"```cpp {HEADER}\n{FIRST}```\n```cpp {SOURCE}\n{SECOND}```\n",
        f"### 1. {HEADER}\n\nThe declarations.\n\n```cpp\n{FIRST}```\n### 2. {SOURCE}\n```c++\n{SECOND}```\n",
        f"```cpp\n// {HEADER}\n{FIRST}```\n\n```cpp\n// {SOURCE}\n{SECOND}```\n",
        f'<file path="{HEADER}">\n{FIRST}</file>\n<file path="{SOURCE}">\n{SECOND}</file>\n',
        f"```sh\ncat > {HEADER} <<EOF\n{FIRST}EOF\ncat <<'EOF' > {SOURCE}\n{SECOND}EOF\n```\n",
        f"`{SOURCE}`\n```cpp\n{SECOND}```\n`{HEADER}`\n```cpp\n{FIRST}```\n`{SOURCE}`\n```cpp\n// ...\n```\n",
    ],
)
def test_several_files(answer: str) -> None:
    found = extract(answer, make_task({SOURCE: "", HEADER: ""}))
    contents = {path: text.removeprefix(f"// {path}\n") for path, text in found.files.items()}
    assert contents == {HEADER: FIRST, SOURCE: SECOND}


def test_files_without_names_go_where_their_names_are_defined() -> None:
    task = make_task({"Jar.java": "class Jar {}\n", "Coin.java": "record Coin(int value) {}\n"})
    jar, coin = (
        "class Jar {\n    int sum;\n}\n",
        "record Coin(int value) {\n    int twice() { return 2 * value; }\n}\n",
    )
    found = extract(f"```java\n{coin}```\nand\n```java\n{jar}```\n", task)
    assert found.files == {"Jar.java": jar, "Coin.java": coin}


def test_new_files_by_pattern() -> None:
    task = make_task({"src/App.vue": "<template></template>\n"}, ("src/*.vue", "src/*.ts"))
    answer = "`src/App.vue`\n```vue\n<template><p/></template>\n```\n"
    answer += "`src/new.ts`\n```ts\nexport const x = 1;\n```\n"
    answer += "`other/x.ts`\n```ts\nexport const y = 1;\n```\n"
    assert extract(answer, task).files == {
        "src/App.vue": "<template><p/></template>\n",
        "src/new.ts": "export const x = 1;\n",
    }


def test_a_change_of_the_second_file_alone() -> None:
    task = make_task({"a.go": "package a\n\nfunc A() {}\n", "b.go": "package a\n\nfunc B() {}\n"})
    new = "package a\n\nfunc B() int { return 1 }\n"
    answer = f"`b.go`\n```go\n{new}```\nRun `go test`:\n```\nok\n```\n"
    assert extract(answer, task).files == {"b.go": new}
