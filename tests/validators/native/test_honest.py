"""Right answers stay right: unusual, but honest solutions of one task, fifteen in each language."""

import re
from pathlib import Path

import pytest

from llmbench.api import Outcome
from llmbench_plugins.validators.native import Suite

from .tasks import Grade

ROOT = Path(__file__).parents[2] / "data" / "honest"
_GO = b"""package own

import "testing"

var cases = []struct{ in, want string }{
	{"", ""}, {"XYZ", "XYZ"}, {"WWWB", "3WB"}, {"WWWWWWWWWWWWBAAA", "12WB3A"},
}

func TestEncode(t *testing.T) {
	for _, each := range cases {
		if got := Encode(each.in); got != each.want {
			t.Errorf("Encode(%q) = %q, want %q", each.in, got, each.want)
		}
	}
}

func TestTotal(t *testing.T) {
	if got := Total(10); got != "385" {
		t.Fatal(got)
	}
	if got := Total(1000000); got != "333333833333500000" {
		t.Error(got)
	}
}
"""
_RUST = b"""use own::*;

#[test]
fn encodes() {
    for (text, coded) in [("", ""), ("XYZ", "XYZ"), ("WWWB", "3WB"), ("WWWWWWWWWWWWBAAA", "12WB3A")] {
        assert_eq!(encode(text), coded);
    }
    assert!(encode("aa") != "aa");
}

#[test]
fn totals() {
    assert_eq!(total(10).to_string(), "385");
    assert_eq!(total(1_000_000).to_string(), "333333833333500000");
}
"""
_CPP = b"""#include "own.h"
#include <catch2/catch.hpp>

TEST_CASE("encodes") {
    REQUIRE(own::encode(std::string("")) == "");
    REQUIRE(own::encode(std::string("XYZ")) == "XYZ");
    REQUIRE(own::encode(std::string("WWWB")) == "3WB");
    CHECK(own::encode(std::string("WWWWWWWWWWWWBAAA")) == "12WB3A");
}

TEST_CASE("totals") {
    SECTION("a few") { REQUIRE("385" == own::total(10)); }
    SECTION("many") { REQUIRE(own::total(1000000) == "333333833333500000"); }
}
"""
_JAVA = b"""import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class OwnTest {
    @Test
    void encodes() {
        assertThat(Own.encode("")).isEmpty();
        assertThat(Own.encode("XYZ")).isEqualTo("XYZ");
        assertThat(Own.encode("WWWB")).isEqualTo("3WB");
        assertThat(Own.encode("WWWWWWWWWWWWBAAA")).isEqualTo("12WB3A");
    }

    @Test
    void totals() {
        assertEquals("385", Own.total(10));
        assertEquals("333333833333500000", Own.total(1_000_000));
    }
}
"""
_JAVASCRIPT = b"""import { encode, total } from './own.mjs';

test.each([['', ''], ['XYZ', 'XYZ'], ['WWWB', '3WB'], ['WWWWWWWWWWWWBAAA', '12WB3A']])('%s', (text, coded) => {
  expect(encode(text)).toBe(coded);
});
test('totals', () => {
  expect(total(10)).toEqual('385');
  expect(total(1000000)).toEqual('333333833333500000');
});
"""
_PYTHON = b"""from own import encode, total

def test_encode():
    for text, coded in [("", ""), ("XYZ", "XYZ"), ("WWWB", "3WB"), ("WWWWWWWWWWWWBAAA", "12WB3A")]:
        assert encode(text) == coded

def test_total():
    assert total(10) == "385"
    assert total(1000000) == "333333833333500000"
"""
_TESTS = {
    "go": {"own_test.go": _GO},
    "rust": {"tests/own.rs": _RUST},
    "cpp": {"own_test.cpp": _CPP},
    "java": {"src/test/java/OwnTest.java": _JAVA},
    "javascript": {"own.spec.mjs": _JAVASCRIPT},
    "python": {"own_test.py": _PYTHON},
}
_TREES = {
    "go": {"go.mod": b"module example/own\n\ngo 1.21\n"},
    "rust": {"Cargo.toml": b'[package]\nname = "own"\nversion = "0.1.0"\nedition = "2021"\n'},
}
_FLAGS = {"cpp": ("-std=c++17", "-Wall", "-Wextra", "-Wpedantic", "-Werror")}


def _answers(language: str) -> dict[str, dict[str, bytes]]:
    """Return the answers by what they are, as a file holds them: ``=== NAME``, then ``--- PATH`` and a file."""
    text = (ROOT / f"{language}.txt").read_text(encoding="utf-8")
    parts = re.split(r"(?m)^=== (.+)\n", text)[1:]
    return {
        name: {
            path: content.encode()
            for files in [re.split(r"(?m)^--- (.+)\n", body)[1:]]
            for path, content in zip(files[::2], files[1::2], strict=True)
        }
        for name, body in zip(parts[::2], parts[1::2], strict=True)
    }


ANSWERS = {language: _answers(language) for language in _TESTS}
EACH = [(language, name) for language, answers in ANSWERS.items() for name in answers]


def suite(language: str) -> Suite:
    return Suite(
        task_id=f"{language}/honest",
        language=language,
        tree=_TREES.get(language, {}),
        tests=_TESTS[language],
        reference=ANSWERS[language]["plain"],
        flags=_FLAGS.get(language, ()),
    )


@pytest.mark.parametrize("language", ANSWERS)
def test_there_are_fifteen_in_each_language(language: str) -> None:
    assert len(ANSWERS[language]) >= 15
    assert len({tuple(files.values()) for files in ANSWERS[language].values()}) == len(ANSWERS[language])


@pytest.mark.parametrize(("language", "name"), EACH, ids=[f"{language}: {name}" for language, name in EACH])
def test_a_right_answer_passes(language: str, name: str, grade: Grade) -> None:
    verdict = grade(suite(language), ANSWERS[language][name])
    assert verdict.outcome is Outcome.PASSED, verdict
