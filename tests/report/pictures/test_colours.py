"""Colours of pictures: what is read can be read, what is seen can be told from its ground."""

import re
from pathlib import Path

import pytest

import llmbench.report

_TOKENS = Path(llmbench.report.__file__).with_name("static") / "tokens.css"
_COLOUR = re.compile(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)")
_READ, _SEEN = 4.5, 3.0
"""What WCAG 2.2 wants of words, and of parts of a picture (AA)."""
_TONES = ("good", "bad", "care", "other")


def tokens(*, dark: bool) -> dict[str, str]:
    """Return the colours as they are in light or dark."""
    found = _COLOUR.findall(_TOKENS.read_text(encoding="utf-8"))
    return {name: darker if dark else light for name, light, darker in found}


def contrast(one: str, other: str) -> float:
    """Return the ratio of two colours' luminances."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    """Return how light a colour is."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("dark", [False, True])
def test_words_can_be_read(dark: bool) -> None:
    colours = tokens(dark=dark)
    for level in range(5):
        assert contrast(colours[f"heat-{level}"], colours[f"on-heat-{level}"]) >= _READ
    for words in ("ink", "soft", "accent", "glow", *_TONES):
        for ground in ("paper", "card", "raised"):
            assert contrast(colours[words], colours[ground]) >= _READ, (words, ground)
    for tone in _TONES:
        assert contrast(colours[tone], colours[f"{tone}-bg"]) >= _READ
        assert contrast(colours["ink"], colours[f"{tone}-bg"]) >= _READ
    assert contrast(colours["on-accent"], colours["accent"]) >= _READ


@pytest.mark.parametrize("dark", [False, True])
def test_marks_can_be_seen(dark: bool) -> None:
    colours = tokens(dark=dark)
    for part in ("mark", "soft", "edge", "accent"):
        for ground in ("paper", "card", "raised"):
            assert contrast(colours[part], colours[ground]) >= _SEEN, (part, ground)
    assert contrast(colours["mark"], colours["tint"]) >= _SEEN


@pytest.mark.parametrize("dark", [False, True])
def test_shades_of_a_heat_map_go_one_way(dark: bool) -> None:
    colours = tokens(dark=dark)
    lightness = [luminance(colours[f"heat-{level}"]) for level in range(5)]
    assert lightness == sorted(lightness, reverse=not dark)
