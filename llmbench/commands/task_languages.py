"""What a first version of a task looks like in each language: the files of ``llmbench new task``."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskLanguage:
    """A language's usual layout; paths hold the placeholders of templates."""

    toolchain: str
    main: str
    """The file that the model writes."""
    test: str
    """Where the tests are laid over the workspace."""
    signature: str
    caught: str
    """The test that catches the wrong solution."""
    beside: Mapping[str, str]
    """Template by path of what else the workspace holds."""
    protected: tuple[str, ...]
    instructions: str = "task/instructions.md"

    def files(self, root: str, language: str) -> dict[str, str]:
        """Return template by path below ``root``."""
        own = f"task/{language}"
        return {
            f"{root}/metadata.json": "task/metadata.json",
            f"{root}/instructions.md": self.instructions,
            **{f"{root}/workspace/{path}": f"{own}/{template}" for path, template in self.beside.items()},
            f"{root}/workspace/{self.main}": f"{own}/starter",
            f"{root}/tests/{self.test}": f"{own}/test",
            f"{root}/solution/{self.main}": f"{own}/solution",
            f"{root}/wrong/careless/{self.main}": f"{own}/wrong",
            f"{root}/wrong/careless/about.json": "task/about.json",
        }


TASK_LANGUAGES: Mapping[str, TaskLanguage] = {
    "python": TaskLanguage(
        toolchain="python",
        main="__MODULE__.py",
        test="test___MODULE__.py",
        signature="__MODULE__(n)",
        caught="test_nothing_to_add",
        beside={},
        protected=("test_*.py",),
    ),
    "javascript": TaskLanguage(
        toolchain="node",
        main="__MODULE__.js",
        test="__MODULE__.test.js",
        signature="sumTo(n)",
        caught="nothing to add",
        beside={"package.json": "package"},
        protected=("package.json", "*.test.js"),
    ),
    "go": TaskLanguage(
        toolchain="go",
        # As packages of Go are called; and there, endings of file names mean something: _linux.go.
        main="__WORD__.go",
        test="__WORD___test.go",
        signature="SumTo(n int) int",
        caught="TestNothingToAdd",
        beside={"go.mod": "module"},
        protected=("go.mod", "*_test.go"),
    ),
    "rust": TaskLanguage(
        toolchain="rust",
        main="src/lib.rs",
        test="tests/__MODULE__.rs",
        signature="sum_to(n: i64) -> i64",
        caught="nothing_to_add",
        beside={"Cargo.toml": "cargo"},
        protected=("Cargo.toml", "build.rs", "tests/*"),
    ),
    "cpp": TaskLanguage(
        toolchain="cpp",
        main="__MODULE__.cpp",
        test="tests/__MODULE___test.cpp",
        signature="sum_to(long n)",
        caught="nothing to add",
        beside={"__MODULE__.hpp": "header"},
        protected=("__MODULE__.hpp", "tests/*"),
    ),
    "html": TaskLanguage(
        toolchain="node",
        main="index.html",
        test="__MODULE__.test.js",
        signature="a page",
        caught="nothing to add",
        beside={},
        protected=("*.test.js",),
        instructions="task/html/instructions.md",
    ),
    "java": TaskLanguage(
        toolchain="java",
        main="src/main/java/__CLASS__.java",
        test="src/test/java/__CLASS__Test.java",
        signature="sumTo(long n)",
        caught="nothingToAdd",
        beside={},
        protected=("src/test/*",),
    ),
}
