"""Java's exercises: right about honest answers, not fooled by others."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from llmbench.api import Limits, Outcome
from llmbench_plugins.validators.native.java import (
    _ARCHIVE,
    _DATED,
    _JAVA,
    _JAVAC,
    _OURS,
    _compiled_grader,
)

JAR, COIN = "src/main/java/CoinJar.java", "src/main/java/Coin.java"


@pytest.fixture(scope="module")
def grade(compiled: Callable[[str], Any]) -> Any:
    return compiled("java")


def test_the_reference_passes_all_tests_and_the_starter_fails(grade: Any) -> None:
    verdict = grade({})
    assert verdict.outcome is Outcome.PASSED, verdict
    assert (verdict.tests_run, verdict.tests_passed, verdict.tests_skipped) == (4, 4, 0)
    assert grade.nothing().outcome is Outcome.FAILED


def test_compiler_and_grader_start_from_archives_of_their_classes(grade: Any) -> None:
    async def loaded() -> tuple[bytes, bytes]:
        limits = Limits(memory_mb=2048, processes=512)
        grader = await _compiled_grader(grade.boxes, limits)
        async with grade.boxes.open("java", limits) as box:
            await box.put({**grader, "A.java": b"class A {}\n"})
            log = "-Xlog:class+load"
            command = f'{_DATED} && exec java {log} "$@" -cp "{_OURS}:classes" llmbench.Grader'
            ran = await box.run(
                ["sh", "-c", command, "sh", *_JAVA, f"-XX:SharedArchiveFile={_ARCHIVE}"], stdin=b"key\n"
            )
            flags = [f"-J{flag}" for flag in (*_JAVAC, log)]
            return ran.stdout, (await box.run(["javac", *flags, "A.java"])).stdout

    grading, compiling = asyncio.run(loaded())
    assert b"llmbench.Grader source: shared objects file (top)" in grading
    assert b"com.sun.tools.javac.main.Main source: shared objects file (top)" in compiling


def test_aiders_rules_leave_some_disabled_tests_asleep(grade: Any) -> None:
    verdict = grade({}, rules="aider")
    assert verdict.outcome is Outcome.PASSED
    # The other is one with brackets in its reason, at which Aider's pattern ends too early.
    assert (verdict.tests_run, verdict.details["expected_skips"]) == (2, 2)


def test_a_wrong_answer_is_told_what_failed_and_nothing_of_our_own_tests(grade: Any) -> None:
    verdict = grade({COIN: grade.reference(COIN, "DIME(10)", "DIME(11)")})
    assert verdict.outcome is Outcome.FAILED
    assert verdict.tests_passed == 2
    assert "expected: 41" in verdict.stdout
    assert "llmbench" not in verdict.stdout


def test_what_does_not_build_fails_with_the_compilers_words(grade: Any) -> None:
    verdict = grade({JAR: grade.reference(JAR, "int worth", "long worths")})
    assert verdict.outcome is Outcome.FAILED
    assert "cannot find symbol" in verdict.stdout


ATTACKS = {
    "exits": "System.exit(0);",
    "halts": "Runtime.getRuntime().halt(0);",
    "prints a report": 'System.out.println("[4 tests successful]\\n case 4 passed \\n end"); System.exit(0);',
    "writes where the report goes": (
        "new java.io.PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out))"
        '.println("\\n case 41 passed \\n end"); Runtime.getRuntime().halt(0);'
    ),
    "asks for the key": (
        "try { byte[] key = System.in.readAllBytes(); System.out.write(key); "
        "new java.io.FileInputStream(java.io.FileDescriptor.in).transferTo(System.out); } "
        "catch (java.io.IOException error) { } System.exit(0);"
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_answer_does_not_get_away_with_it(grade: Any, attack: str) -> None:
    answer = grade.reference(
        JAR, "class CoinJar {", f"class CoinJar {{\n    static {{ {ATTACKS[attack]} }}\n"
    )
    assert grade({JAR: answer}).outcome is Outcome.FAILED


def test_a_class_among_the_tests_machinery_is_tampering(grade: Any) -> None:
    more = {"src/main/java/Evil.java": "package org.junit.jupiter.api;\nclass Evil {}\n"}
    assert grade(more).outcome is Outcome.TAMPERED
