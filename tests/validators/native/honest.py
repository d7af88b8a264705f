"""One task of our own in each language, with many solutions: runs are coded, and squares are summed."""

from llmbench_plugins.validators.native import Suite

from .sections import sections
from .tasks import ROOT

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

const cases = [['', ''], ['XYZ', 'XYZ'], ['WWWB', '3WB'], ['WWWWWWWWWWWWBAAA', '12WB3A']];
test.each(cases)('%s', (text, coded) => {
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


ANSWERS = {language: sections(ROOT.with_name("honest") / f"{language}.txt") for language in _TESTS}
"""By language, and by what is unusual about them."""


def suite(language: str) -> Suite:
    """Return the task in a language."""
    return Suite(
        task_id=f"{language}/honest",
        language=language,
        tree=_TREES.get(language, {}),
        tests=_TESTS[language],
        reference=ANSWERS[language]["plain"].files,
        flags=_FLAGS.get(language, ()),
    )
