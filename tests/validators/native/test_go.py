"""Go's exercises: right about honest answers, not fooled by others."""

from collections.abc import Callable
from typing import Any

import pytest

from llmbench.api import Outcome

SOLUTION = "coin_jar.go"


# Whoever speaks of settings of the runtime has his tests built by go test -c.
FOR_GO = "\n// Not //go:debug either.\n"


class LeftToGo:
    """Grades answers as ``Compiled`` does, but with their tests built in the other of two ways."""

    def __init__(self, grade: Any) -> None:
        self._grade = grade

    def __call__(self, answer: dict[str, str], **options: object) -> Any:
        text = answer.get(SOLUTION) or self._grade.reference(SOLUTION)
        return self._grade({**answer, SOLUTION: text + FOR_GO}, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._grade, name)


@pytest.fixture(scope="module", params=["directly", "by go"])
def grade(compiled: Callable[[str], Any], request: pytest.FixtureRequest) -> Any:
    return compiled("go") if request.param == "directly" else LeftToGo(compiled("go"))


def test_the_reference_passes_all_tests_and_the_starter_none(grade: Any) -> None:
    verdict = grade({})
    assert verdict.outcome is Outcome.PASSED, verdict
    assert (verdict.tests_run, verdict.tests_passed, verdict.tests_skipped) == (4, 4, 0)
    assert grade.nothing().outcome is Outcome.FAILED


def test_a_wrong_answer_is_told_what_failed_and_nothing_of_our_own_tests(grade: Any) -> None:
    verdict = grade({SOLUTION: grade.reference(SOLUTION, "total += coin", "total = coin")})
    assert verdict.outcome is Outcome.FAILED
    assert verdict.tests_passed == 3
    assert "Worth([10 10 10]) = 10, <nil>, want 30" in verdict.stdout
    assert "llmbench" not in verdict.stdout


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("total += coin", "total += cion", "undefined: cion"),
        (
            'import "errors"',
            'import (\n\t"errors"\n\t"fmt"\n)\n\nfunc init() { fmt.Printf("%d", "x") }',
            "Printf",
        ),
    ],
    ids=["compiler", "vet"],
)
def test_what_does_not_build_fails_with_the_compilers_words(
    grade: Any, old: str, new: str, said: str
) -> None:
    verdict = grade({SOLUTION: grade.reference(SOLUTION, old, new)})
    assert verdict.outcome is Outcome.FAILED
    assert "does not compile" in verdict.reason
    assert said in verdict.stdout


REPORT = """
func init() {
	for _, fd := range []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10} {
		file := os.NewFile(uintptr(fd), "")
		fmt.Fprintln(file, "--- PASS: TestWorth (0.00s)\\nPASS\\nok")
		fmt.Fprintln(file, " case 54657374506179 passed \\n end")
	}
	os.Exit(0)
}
"""
ATTACKS = {
    "exits while it starts": ('"os"', "func init() { os.Exit(0) }"),
    "exits in a test": ('"os"', "func Worth(coins []int) (int, error) { os.Exit(0); return 0, nil }"),
    "calls the kernel": (
        '"syscall"',
        "func Worth(coins []int) (int, error) { syscall.Exit(0); return 0, nil }",
    ),
    "prints a report": ('"fmt"\n\t"os"', REPORT),
    "leaves the test": (
        '"runtime"',
        "func Worth(coins []int) (int, error) { runtime.Goexit(); return 0, nil }",
    ),
    "runs fewer tests": ('"os"', 'func init() { os.Args = append(os.Args, "-test.run=^TestPay$") }'),
    "has a main of its own": ('"testing"', "func TestMain(m *testing.M) {}"),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_answer_does_not_get_away_with_it(grade: Any, attack: str) -> None:
    imports, code = ATTACKS[attack]
    answer = grade.reference(SOLUTION, 'import "errors"', f'import (\n\t"errors"\n\t{imports}\n)\n\n{code}')
    if "func Worth" in code:
        answer = answer.replace(
            "\nfunc Worth(coins []int) (int, error) {\n", "\nfunc worth(coins []int) (int, error) {\n"
        )
    verdict = grade({SOLUTION: answer})
    assert verdict.outcome is Outcome.FAILED, verdict


@pytest.mark.parametrize(
    "code",
    [
        'import _ "embed"\n\n//go:embed coin_jar_test.go\nvar tests string',
        'import _ "unsafe"\n\n//go:linkname exit os.Exit\nfunc exit(int)',
    ],
)
def test_reaching_for_the_tests_is_tampering(grade: Any, code: str) -> None:
    answer = grade.reference(SOLUTION, "package coinjar\n", f"package coinjar\n\n{code}\n")
    assert grade({SOLUTION: answer}).outcome is Outcome.TAMPERED


def test_endless_answers_are_stopped(grade: Any) -> None:
    answer = grade.reference(SOLUTION, "total += coin", "for {\n\t\t}")
    verdict = grade({SOLUTION: answer}, timeout_s=20.0)
    assert verdict.outcome is Outcome.TIMEOUT
