"""What is found in tests: expectations, and neither inputs nor names."""

import pytest

from llmbench_plugins.validators.native import Suite
from llmbench_plugins.validators.native.altered.places import Place, Rank, places_of

GO = b"""package shop

import "testing"

var cases = []struct {
	name  string
	given int
	want  string
}{
	{"one apple", 1111, "first"},
	{name: "two apples", given: 2222, want: "second"},
}

func TestLabel(t *testing.T) {
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			if got := Label(tc.given); got != tc.want {
				t.Errorf("Label(%d) = %q", tc.given, got)
			}
		})
	}
}

func TestPrice(t *testing.T) {
	want := 3333
	if got := Price(4444, "pear"); got != want {
		t.Fatalf("got %d", got)
	}
	check(t, Price(5555, "fig"))
}

func check(t *testing.T, got int) {
	if got != 6666 {
		t.Error("no")
	}
}
"""
RUST = b"""use shop::*;

#[test]
fn compared() {
    assert_eq!(label(1111), "first", "message");
}

#[test]
#[ignore]
fn named() {
    let input = 2222;
    let output = price(input, 3333);
    let expected = 4444;
    assert_eq!(output, expected);
}

mod inner {
    use super::*;
    const EXPECT: &[u8] = &[55];

    #[test]
    fn asked() {
        assert!(is_open(6666));
        check(7777, Some(8888));
        assert_eq!(state(EXPECT), State::Open);
    }

    #[test]
    #[should_panic(expected = "closed")]
    fn panics() {
        state(&[]);
    }
}

fn check(given: u32, wanted: Option<u32>) {
    assert_eq!(lookup(given), wanted);
}

fn other() -> State {
    State::Closed
}
"""
CPP = b"""#include "shop.h"
#include <catch2/catch.hpp>

struct Row { int given; std::string wanted; };
std::vector<Row> rows = {{1111, "first"}, {2222, "second"}};

static void check(int got, int price) { REQUIRE(got == price); }

TEST_CASE("a label" " of \\"two\\"", "[labels]") {
    for (Row row : rows) { REQUIRE(shop::label(row.given) == row.wanted); }
}

#if defined(ALL)
TEST_CASE_METHOD(Fixture, "prices") {
    std::vector<int> const expected{3333, -4};
    REQUIRE(shop::prices(4444, "pear") == expected);
    check(shop::price(5555), 6'666);
    SECTION("odd ones") { CHECK(shop::kind(7777) == shop::Kind::open); }
    auto kind = shop::Kind::closed;
}

TEST_CASE("refuses") {
    REQUIRE_THROWS_AS(shop::price(8888), std::domain_error);
    REQUIRE_FALSE(shop::is_open(9999));
    REQUIRE_THAT(shop::name(), Catch::Equals("fig"));
}
#endif
"""
JAVA = b"""package deli;

import static org.assertj.core.api.Assertions.assertThat;
import java.util.List;

class ShopTest {
    private static final String EXPECTED = "first";

    @Test
    void label() {
        assertThat(Shop.label(1111)).as("told").isEqualTo(EXPECTED);
        assertThat(Shop.state(2222)).isEqualTo(State.OPEN);
    }

    @Test
    void prices() {
        List<Integer> wanted = List.of(3333, -4);
        assertThat(Shop.prices(4444, "pear")).containsExactlyElementsOf(wanted);
        check(Shop.price(5555), 6_666L);
        State other = State.CLOSED;
    }

    private void check(long got, long price) { assertEquals(price, got); }

    @Nested
    class Closed {
        @Test
        void refuses() {
            assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> Shop.price(8888)).withMessage("closed");
            assertThat(Shop.isOpen(9999)).isFalse();
        }
    }

    @ParameterizedTest
    @CsvSource({"77, seven", "88, eight"})
    void row(int given, String wanted) { assertThat(Shop.row(given)).isEqualTo(wanted); }
}
"""

PYTHON = """import unittest

from shop import CLOSED, OPEN, Label, is_open, label, price, state

TABLE = [("äpfel", 1111, "eins"), ("birnen", 2222, "zwei")]


class Base(unittest.TestCase):
    def check(self, got, wanted):
        self.assertEqual(got, wanted)

    def test_compared(self):
        self.assertEqual("ä", "ö"), self.assertEqual(label(3333, "ü"), "drei ü")
        self.assertAlmostEqual(price(4444), 1.5, places=5555)
        self.assertEqual(state(""), OPEN)
        self.check(price(6666), 7777)


class Derived(Base):
    def test_table(self):
        for name, given, expected in TABLE:
            with self.subTest(name):
                self.assertEqual(price(given), expected)

    def test_turned(self):
        self.assertTrue(is_open(8888))
        self.assertIsNone(state(None))
        self.assertNotEqual(state(9999), CLOSED)

    def test_refused(self):
        with self.assertRaises(ValueError) as caught:
            price(-1010)
        self.assertEqual(caught.exception.args[0], "a " "debt")


def test_plain():
    assert label(1212) == []
    assert is_open(
        1313
    )
""".encode()
JAVASCRIPT = """import { label, price, state } from './shop';

const TABLE = [['äpfel', 1111, 'eins'], ['birnen', 2222, 'zwei']];
const check = (given, wanted) => expect(given).toEqual(wanted);

describe('a shop', () => {
  xtest('compares', () => {
    expect('ä'); expect(label(3333, 'ü')).toBe('drei ü');
    expect(price(4444)).toBeCloseTo(1.5, 5555);
    check(price(6666), 7777);
    return expect(state(8888)).resolves.toBe(true);
  });
  describe('inside', () => {
    test.each(TABLE)('%s', (name, given, expected) => {
      expect(price(given)).toBe(expected);
    });
    it('refuses', () => {
      expect(() => price(-1010)).toThrow(new RangeError('a debt'));
      expect(state(null)).not.toBeNull();
    });
  });
});
test(`from ${'what'} is computed`, () => {
  expect(1212).toBe(1212);
});
""".encode()
NODE = b"""import test from 'node:test';
import assert, { deepEqual } from 'node:assert/strict';
import { label, price } from './shop.mjs';

test('compares', async () => {
  const options = { size: 1111 };
  assert.equal(price(2222, options), 3333, 'message');
  deepEqual(label([4444]), []);
  assert.ok(label(5555));
  await assert.rejects(price(-6666), { name: 'RangeError' });
});
test('compares', () => {
  assert.throws(() => price(7777), TypeError);
});
"""


def found(language: str, path: str, source: bytes) -> dict[str, list[Place]]:
    suite = Suite(task_id="shop", language=language, tree={}, tests={path: source}, reference={})
    places: dict[str, list[Place]] = {}
    for place in places_of(suite):
        places.setdefault(source[place.start : place.end].decode(), []).append(place)
    return places


def test_go_takes_what_is_wanted_and_no_input_and_no_name() -> None:
    places = found("go", "shop_test.go", GO)
    assert {'"first"', '"second"', "3333", "6666"} <= places.keys()
    assert not {"1111", "2222", "4444", "5555", '"one apple"', '"pear"', '"fig"'} & places.keys()
    assert places['"first"'][0].parts == {"TestLabel/one_apple"}
    assert places['"second"'][0].unit != places['"first"'][0].unit
    assert places["6666"][0].tests == {"TestPrice"}


def test_go_turns_conditions_round_where_a_test_fails() -> None:
    places = found("go", "shop_test.go", GO)
    (turned,) = places["got != want"]
    assert (turned.rank, turned.replacements) == (Rank.NEGATED, (b"!(got != want)",))


def test_rust_takes_what_is_compared_and_no_input() -> None:
    places = found("rust", "tests/shop.rs", RUST)
    assert {'"first"', "4444", "8888", "55", "Open"} <= places.keys()
    assert not {"1111", "2222", "3333", "6666", "7777", '"message"'} & places.keys()
    assert places["4444"][0].tests == {"shop::named"}
    assert places["55"][0].tests == {"shop::inner::asked"}
    assert places["Open"][0].replacements == (b"Closed",)


def test_rust_turns_assertions_and_panics_round() -> None:
    places = found("rust", "tests/shop.rs", RUST)
    assert places["is_open(6666)"][0].replacements == (b"!(is_open(6666))",)
    assert {place.replacements for place in places["assert_eq"]} == {(b"assert_ne",)}
    (panics,) = places['#[should_panic(expected = "closed")]']
    assert panics.replacements[0].isspace()


def test_cpp_takes_what_is_compared_and_no_input_and_no_name() -> None:
    places = found("cpp", "shop_test.cpp", CPP)
    assert {'"first"', '"second"', "3333", "-4", "6'666", "shop::Kind::open", '"fig"'} <= places.keys()
    given = {"1111", "2222", "4444", "5555", "7777", "8888", "9999", '"pear"', '"prices"', '"odd ones"'}
    assert not given & places.keys()
    assert places['"first"'][0].tests == {'a label of "two"'}
    assert {place.tests for place in places["6'666"]} == {frozenset(["prices"])}
    assert all(b"'" in other for other in places["6'666"][0].replacements)
    assert places["shop::Kind::open"][0].replacements == (b"shop::Kind::closed",)


def test_cpp_turns_assertions_round_and_lets_other_exceptions_be_expected() -> None:
    places = found("cpp", "shop_test.cpp", CPP)
    assert {place.replacements for place in places["REQUIRE_FALSE"]} == {(b"REQUIRE",)}
    assert {place.rank for place in places["REQUIRE"]} == {Rank.NEGATED}
    (thrown,) = places["std::domain_error"]
    assert b"std::runtime_error" not in thrown.replacements, "some answer's own could derive from both"
    assert b"std::length_error" in thrown.replacements
    assert places['Catch::Equals("fig")'][0].replacements == (b'!(Catch::Equals("fig"))',)


def test_java_takes_what_is_compared_and_no_input() -> None:
    places = found("java", "src/test/java/deli/ShopTest.java", JAVA)
    assert {'"first"', "3333", "4", "6_666L", "State.OPEN", '"closed"'} <= places.keys()
    given = {"1111", "2222", "4444", "5555", "8888", "9999", '"pear"', '"told"'}
    assert not given & places.keys()
    assert places['"first"'][0].tests == {"class:deli.ShopTest/method:label()"}
    assert places["6_666L"][0].tests == {"class:deli.ShopTest/method:prices()"}
    assert places['"closed"'][0].tests == {"class:deli.ShopTest/nested-class:Closed/method:refuses()"}
    assert places["State.OPEN"][0].replacements == (b"State.CLOSED",)


def test_java_alters_each_row_of_a_parameterized_test_for_itself() -> None:
    places = found("java", "src/test/java/deli/ShopTest.java", JAVA)
    template = "class:deli.ShopTest/test-template:row(int, java.lang.String)/test-template-invocation:#"
    assert places["seven"][0].tests == {f"{template}1"}
    assert places["eight"][0].tests == {f"{template}2"}
    assert places["seven"][0].unit != places["eight"][0].unit
    assert '"77, seven"' not in places, "the first column is given to the answer"


def test_java_turns_assertions_round_and_lets_other_exceptions_be_expected() -> None:
    places = found("java", "src/test/java/deli/ShopTest.java", JAVA)
    assert places["isFalse"][0].replacements == (b"isTrue",)
    assert places["isFalse"][0].rank is Rank.NEGATED
    thrown = places["IllegalArgumentException.class"][0].replacements
    assert b"IllegalStateException.class" in thrown
    assert b"IllegalArgumentException.class" not in thrown


def test_no_replacement_begins_or_ends_a_line() -> None:
    sources = (
        ("go", "shop_test.go", GO),
        ("rust", "tests/shop.rs", RUST),
        ("cpp", "shop_test.cpp", CPP),
        ("java", "src/test/java/deli/ShopTest.java", JAVA),
        ("python", "shop_test.py", PYTHON),
        ("javascript", "shop.spec.js", JAVASCRIPT),
        ("javascript", "shop.test.mjs", NODE),
    )
    for language, path, source in sources:
        for text, places in found(language, path, source).items():
            for place in places:
                assert all(other.count(b"\n") == text.count("\n") for other in place.replacements)


def test_languages_without_a_module_have_no_places() -> None:
    assert found("html", "page.test.js", b"test('x', () => assert(1))") == {}


def test_a_string_becomes_what_another_test_expects() -> None:
    places = found("go", "shop_test.go", GO)
    assert places['"first"'][0].replacements[0] == b'"second"'
    assert len(places["3333"][0].replacements) == len(set(places["3333"][0].replacements))
    assert all(other.isdigit() for other in places["3333"][0].replacements)


def test_python_takes_what_is_compared_and_no_input_and_finds_it_behind_other_letters() -> None:
    places = found("python", "shop_test.py", PYTHON)
    assert {'"drei ü"', "1.5", "7777", '"eins"', '"zwei"', "OPEN", "[]"} <= places.keys()
    given = {"1111", "2222", "3333", "4444", "5555", "6666", "8888", "9999", "1010", "1212", "1313"}
    assert not (given | {'"äpfel"', '"birnen"', '""'}) & places.keys()
    assert places['"eins"'][0].tests == {"shop_test.Derived.test_table"}
    assert places['"drei ü"'][0].tests == {"shop_test.Base.test_compared", "shop_test.Derived.test_compared"}
    assert places["OPEN"][0].replacements == (b"CLOSED",)
    assert places["[]"][0].tests == {"shop_test.test_plain"}


def test_python_turns_assertions_and_errors_round() -> None:
    places = found("python", "shop_test.py", PYTHON)
    turned = {
        name: places[name][0].replacements[0] for name in ("assertTrue", "assertIsNone", "assertNotEqual")
    }
    assert turned == {
        "assertTrue": b"assertFalse",
        "assertIsNone": b"assertIsNotNone",
        "assertNotEqual": b"assertEqual",
    }
    assert b"ValueError" not in places["ValueError"][0].replacements
    assert places["is_open(\n        1313\n    )"][0].replacements == (
        b"not (is_open(\n        1313\n    ))",
    )
    # Of two strings that stand side by side, one is altered.
    assert places['"a "'][0].rank is Rank.COMPARED


def test_python_finds_places_behind_a_mark_of_order_and_in_packages() -> None:
    source = b"\xef\xbb\xbfassert 1\r\ndef test_a():\r\n    assert f(1) == 22\r\n"
    suite = Suite(
        task_id="shop",
        language="python",
        tree={},
        tests={"tests/unit/test_a.py": source},
        support={"tests/unit/__init__.py": b"", "tests/__init__.py": b""},
        reference={},
    )
    (place,) = [one for one in places_of(suite) if source[one.start : one.end] == b"22"]
    assert place.tests == {"tests.unit.test_a.test_a"}


def test_python_lets_a_test_fail_whose_body_is_a_loop() -> None:
    source = b"def test_a():\n    for one in f():\n        with one:\n            one.check()\n"
    (place,) = found("python", "test_a.py", source)[""]
    assert (place.rank, place.start) == (Rank.OUTCOME, source.index(b"one.check"))


@pytest.mark.parametrize("source", [b"def test_a(:", b"\xff = 1", b"x = '\x00'"])
def test_python_that_can_not_be_read_has_no_places(source: bytes) -> None:
    assert found("python", "shop_test.py", source) == {}


def test_javascript_takes_what_is_compared_and_no_input_and_no_name() -> None:
    places = found("javascript", "shop.spec.js", JAVASCRIPT)
    assert {"'drei ü'", "1.5", "7777", "'eins'", "'zwei'", "true", "'a debt'"} <= places.keys()
    given = {"1111", "2222", "3333", "4444", "5555", "6666", "8888", "1010", "1212"}
    assert not (given | {"'äpfel'", "'birnen'", "'refuses'"}) & places.keys()
    assert places["'eins'"][0].tests == {"a shop > inside > äpfel"}
    assert places["'eins'"][0].unit != places["'zwei'"][0].unit
    assert places["'a debt'"][0].tests == {"a shop > inside > refuses"}


def test_javascript_turns_matchers_round() -> None:
    places = found("javascript", "shop.spec.js", JAVASCRIPT)
    assert b"not.toThrow" in places["toThrow"][0].replacements
    assert places["not.toBeNull"][0].replacements == (b"toBeNull",)


def test_javascript_knows_the_assertions_of_node() -> None:
    places = found("javascript", "shop.test.mjs", NODE)
    assert {"3333", "[]", "'RangeError'", "TypeError"} <= places.keys()
    assert not {"1111", "2222", "4444", "5555", "6666", "7777", "'message'"} & places.keys()
    assert places["label(5555)"][0].replacements == (b"!(label(5555))",)
    assert places["rejects"][0].replacements == (b"doesNotReject",)
    # A name that is another's already has a number in the report.
    assert places["throws"][0].tests == {"compares (2)"}


@pytest.mark.parametrize(
    ("pattern", "table", "names"),
    [
        ("adds %i + %i", "[[1, 2, 3], [4, -5, 9]]", ["adds 1 + 2", "adds 4 + -5"]),
        ("%p of %s (%#) %%", "[['a', 'b']]", ['"a" of b (0) %']),
        ("%s", "[1, true, 'x']", ["1", "true", "x"]),
        ("%s", "[[f(1)], [2]]", []),
        ("%d", "[['1']]", []),
        ("$a of it", "[{ a: 1 }]", []),
        ("same", "[[1], [2]]", []),
        ("%s %s", "[[1]]", []),
    ],
)
def test_javascript_names_rows_as_jest_does_or_not_at_all(pattern: str, table: str, names: list[str]) -> None:
    source = f"test.each({table})('{pattern}', (a, b, c) => {{ expect(a).toBe(1); }});".encode()
    places = found("javascript", "shop.spec.js", source)
    assert sorted({name for each in places.values() for one in each for name in one.tests}) == sorted(names)


def test_javascript_alters_only_whether_a_test_fails_where_it_compares_objects_of_the_answer() -> None:
    source = b"""import { Ratio } from './ratio';
test('adds', () => { const expected = new Ratio(3, 2); expect(new Ratio(1, 2).add(1)).toEqual(expected); });
test('counts', () => { expect(new Ratio(1, 2).count).toEqual(22); });
"""
    places = [one for each in found("javascript", "ratio.spec.js", source).values() for one in each]
    assert {one.rank for one in places if "adds" in one.tests} == {Rank.OUTCOME}
    assert {one.rank for one in places if "counts" in one.tests} == {
        Rank.COMPARED,
        Rank.NEGATED,
        Rank.OUTCOME,
    }
