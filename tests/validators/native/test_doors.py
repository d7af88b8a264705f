"""What reaches for the tests from within their process is refused, and says in one line what it is."""

from dataclasses import replace

import pytest

from llmbench.api import Outcome

from .honest import ANSWERS, suite
from .sections import sections
from .tasks import ROOT, Grade

DOORS = {
    language: sections(ROOT.with_name("doors") / f"{language}.txt")
    for language in ("go", "rust", "cpp", "java")
}
EACH = [(language, name) for language, doors in DOORS.items() for name in doors]


@pytest.mark.parametrize(("language", "name"), EACH, ids=[f"{language}: {name}" for language, name in EACH])
def test_a_door_is_shut(language: str, name: str, grade: Grade) -> None:
    attack = DOORS[language][name]
    verdict = grade(suite(language), {**ANSWERS[language]["plain"].files, **attack.files})
    assert verdict.outcome in (Outcome.TAMPERED, Outcome.FAILED), verdict
    assert attack.said in verdict.reason
    assert "\n" not in verdict.reason


_READS = b"""class Own {
    static String encode(String text) {
        try {
            var out = new StringBuilder();
            var loader = Own.class.getClassLoader();
            for (var name : new String[] {"OwnTest.class", "/OwnTest.class", "OwnTest.java"}) {
                for (var each : java.util.Collections.list(loader.getResources(name))) out.append(each);
                if (Own.class.getResourceAsStream(name) != null) out.append("!");
                if (ClassLoader.getSystemResource(name) != null) out.append("!");
            }
            try (var all = java.nio.file.Files.walk(java.nio.file.Path.of("").toAbsolutePath())) {
                all.filter(path -> path.toString().contains("OwnTest")).forEach(out::append);
            }
            for (var field : loader.getClass().getDeclaredFields()) {
                field.setAccessible(true);
                if (field.get(loader) instanceof java.util.Map<?, ?> all && !all.isEmpty()) out.append(all);
            }
            throw new IllegalStateException("found: " + out);
        } catch (java.io.IOException | ReflectiveOperationException error) {
            throw new IllegalStateException(error);
        }
    }

    static String total(int n) { return null; }
}
"""


def test_classes_of_javas_tests_are_nowhere_to_be_read(grade: Grade) -> None:
    verdict = grade(suite("java"), {"src/main/java/Own.java": _READS})
    assert verdict.outcome is Outcome.FAILED
    assert "IllegalStateException: found:\n" in verdict.stdout


def test_what_the_reference_takes_from_the_tests_an_answer_may_take(grade: Grade) -> None:
    """An exercise of Exercism brings a function for its answers in the file of its tests."""
    like, plain = suite("go"), ANSWERS["go"]["plain"].files["own.go"]
    tests = {"own_test.go": like.tests["own_test.go"] + b'\nfunc Given(n int) string { return "385" }\n'}
    taking = {"own.go": plain + b"\nvar _ = Given(1)\n"}
    lent = replace(like, tests=tests, reference=taking)
    assert grade(lent, taking).outcome is Outcome.PASSED
    for builds in (b"", b"// No //go:debug.\n"):
        assert grade(lent, {"own.go": taking["own.go"] + builds}).outcome is Outcome.PASSED
        other = {"own.go": taking["own.go"] + builds + b"\nvar _ = cases\n"}
        assert grade(lent, other).outcome is Outcome.TAMPERED


_OUTSIDE = b"""#include "own.h"
#include <catch2/catch.hpp>

TEST_CASE("encodes") {
    std::string const coded = own::encode(std::string("WWWB"));
    REQUIRE(coded == "3WB");
    REQUIRE(own::encode(std::string("")) == "");
}
"""
_LEAVES = b"""#pragma once
#include <string>
namespace Catch { struct TestFailureException; }
namespace own {
template <typename E> std::string thrown() { throw E{}; }
template <typename S> std::string encode(S) { return thrown<Catch::TestFailureException>(); }
}
"""


def test_a_test_that_is_left_before_its_assertions_does_not_pass(grade: Grade) -> None:
    like = suite("cpp")
    left = replace(like, tests={"own_test.cpp": _OUTSIDE})
    assert grade(left, left.reference).outcome is Outcome.PASSED
    verdict = grade(left, {"own.h": _LEAVES})
    assert verdict.outcome is Outcome.FAILED
    assert verdict.reason == "encodes: only 0 of the 2 assertions were made that the reference meets"
    assert verdict.tests_passed == 0
