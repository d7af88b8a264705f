"""What is found in tests: expectations, and neither inputs nor names."""

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


def test_no_replacement_begins_or_ends_a_line() -> None:
    for language, path, source in (("go", "shop_test.go", GO), ("rust", "tests/shop.rs", RUST)):
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
