"""C++ exercises: right about honest answers, not fooled by others."""

import asyncio
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmbench.api import Limits, Outcome
from llmbench_plugins.validators.native.catch_main import Catch, compiled_main

SOURCE, HEADER = "coin_jar.cpp", "coin_jar.h"


@pytest.fixture(scope="module")
def grade(compiled: Callable[[str], Any]) -> Any:
    return compiled("cpp")


def test_the_reference_passes_all_tests_and_the_starter_fails(grade: Any) -> None:
    verdict = grade({})
    assert verdict.outcome is Outcome.PASSED, verdict
    assert (verdict.tests_run, verdict.tests_passed, verdict.tests_skipped) == (5, 5, 0)
    assert grade.nothing().outcome is Outcome.FAILED


def test_a_wrong_answer_is_told_what_failed_and_nothing_of_our_own_tests(grade: Any) -> None:
    verdict = grade({SOURCE: grade.reference(SOURCE, "{25, 10, 5, 1}", "{25, 5, 10, 1}")})
    assert verdict.outcome is Outcome.FAILED
    assert verdict.tests_passed == 4
    assert "REQUIRE( coin_jar::pay(41) == expected )" in verdict.stdout
    assert "llmbench" not in verdict.stdout


def test_a_warning_is_an_error_as_in_the_exercises_own_build(grade: Any) -> None:
    answer = grade.reference(SOURCE, "int total = 0;", "int total = 0, unused;")
    verdict = grade({SOURCE: answer})
    assert verdict.outcome is Outcome.FAILED
    assert "unused variable" in verdict.stdout


EARLY = "#include <cstdlib>\nnamespace { struct Early { Early() { %s std::exit(0); } } const early; }\n"
ATTACKS = {
    "exits while it starts": ("#include <cstdlib>\n", "std::exit(0);"),
    "leaves at once": ("#include <unistd.h>\n", "_exit(0);"),
    "prints a report": (
        "#include <cstdlib>\n#include <iostream>\n",
        'std::cout << "All tests passed\\n case 41 passed \\n end\\n"; std::exit(0);',
    ),
    "asks for the key": (
        "#include <cstdlib>\n#include <iostream>\n#include <string>\n",
        'std::string k; std::cin >> k; for (int n = 1; n < 120; ++n) dprintf(n, "\\n%s end\\n", k.c_str());',
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_answer_does_not_get_away_with_it(grade: Any, attack: str) -> None:
    includes, code = ATTACKS[attack]
    includes += "#include <cstdio>\n"
    answer = f"{includes}{EARLY % code}{grade.reference(SOURCE)}"
    assert grade({SOURCE: answer}).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("lines", "outcome"),
    [
        ("#define REQUIRE(...) (void)0\n", Outcome.TAMPERED),
        ("#define TWOBLUECUBES_SINGLE_INCLUDE_CATCH_HPP_INCLUDED\n", Outcome.TAMPERED),
        ("#undef EXERCISM_RUN_ALL_TESTS\n", Outcome.TAMPERED),
        ("#define false true\n", Outcome.TAMPERED),
        ("#define expected coin_jar::pay(41)\n", Outcome.FAILED),
    ],
)
def test_a_header_may_not_rewrite_the_tests(grade: Any, lines: str, outcome: Outcome) -> None:
    assert grade({HEADER: grade.reference(HEADER) + lines}).outcome is outcome


def test_an_answer_can_not_take_the_tests_in(grade: Any) -> None:
    taken = 'asm(".incbin \\"coin_jar_test.cpp\\"");\n'
    verdict = grade({HEADER: grade.reference(HEADER) + taken})
    assert verdict.outcome is Outcome.FAILED
    assert "file not found: coin_jar_test.cpp" in verdict.stdout


def test_the_main_program_is_kept_for_the_next_run_and_made_anew_if_it_is_damaged(
    grade: Any, tmp_path: Path
) -> None:
    def made() -> bytes:
        return asyncio.run(compiled_main(Catch("<catch2/catch.hpp>", {}), grade.boxes, Limits(), tmp_path))

    content = made()
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(hashlib.sha256(b"another").digest() + b"another")
    assert made() == b"another"
    kept.write_bytes(kept.read_bytes() + b"!")
    assert made() == content
    assert list(tmp_path.iterdir()) == [kept]
