"""Words in pictures fit, tell their things apart, and act on nothing."""

import re

from hypothesis import given
from hypothesis import strategies as st

from llmbench.report.pictures.labels import fitting_labels, inert_label, shortened, text_width
from llmbench.report.pictures.placing import Box, Spot, place_labels

AREA = Box(40, 20, 460, 280)
SPOTS = st.builds(Spot, st.integers(60, 440).map(float), st.integers(40, 270).map(float))


@given(st.text(max_size=300), st.integers(30, 300))
def test_a_shortened_text_fits(text: str, width: int) -> None:
    assert text_width(shortened(inert_label(text), width)) <= width


@given(st.lists(st.text(max_size=60), max_size=30), st.integers(80, 300))
def test_labels_fit_even_where_they_are_numbered(texts: list[str], width: int) -> None:
    labels = fitting_labels([inert_label(text) for text in texts], width)
    assert all(text_width(label) <= width for label in labels)


def test_the_longest_part_of_a_name_is_shortened_in_its_middle() -> None:
    label = shortened("qwen3-coder-30b-a3b-instruct-Q4_K_M.gguf · tools", 180)
    assert re.fullmatch(r"qwen3-\S*…\S*\.gguf · tools", label)


def test_names_that_came_out_alike_are_numbered() -> None:
    middles = ["a" * 50 + middle + "b" * 50 for middle in "xyz"]
    assert len(set(fitting_labels(middles, 120))) == 3


@given(st.text(max_size=500))
def test_what_is_left_of_foreign_text_may_stand_in_xml(text: str) -> None:
    assert not re.search(
        "[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]",
        inert_label(text),
    )


def test_a_letter_keeps_two_marks_and_no_tower_of_them() -> None:
    assert inert_label("e" + "\u0301" * 80 + "x") == "e\u0301\u0301x"


@given(st.lists(st.tuples(SPOTS, st.integers(10, 150)), max_size=30))
def test_labels_cover_neither_each_other_nor_a_point_and_stay_inside(
    labelled: list[tuple[Spot, int]],
) -> None:
    spots, widths = [spot for spot, _ in labelled], [float(width) for _, width in labelled]
    boxes = [placed.box for placed in place_labels(spots, widths, 15, AREA) if placed is not None]
    for number, box in enumerate(boxes):
        assert AREA.holds(box)
        assert not any(box.overlaps(other) for other in boxes[:number])
        assert not any(box.left < spot.x < box.right and box.top < spot.y < box.bottom for spot in spots)


def test_thirty_points_on_one_spot_all_find_a_place_for_their_number() -> None:
    spot = Spot(250, 150)
    placed = place_labels([spot] * 30, [20.0] * 30, 15, AREA)
    assert None not in placed


def test_a_label_that_stands_apart_has_a_line_to_its_point() -> None:
    near, *rest = place_labels([Spot(250, 150)] * 9, [60.0] * 9, 15, AREA)
    assert near is not None
    assert near.leader is None
    apart = [one for one in rest if one is not None and one.leader is not None]
    assert apart
    assert all(one.leader[0] == Spot(250, 150) for one in apart if one.leader)


def test_a_label_is_nearest_to_its_own_point_where_there_is_room() -> None:
    spots = [Spot(250, 150), Spot(250, 180)]
    placed = place_labels(spots, [200.0, 200.0], 15, AREA)
    assert [round(one.box.top + 7.5) for one in placed if one] == [150, 180]
