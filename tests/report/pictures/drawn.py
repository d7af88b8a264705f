"""An SVG as its boxes: what stands where, as wide as our own estimate of letters says."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

from llmbench.report.pictures import Picture
from llmbench.report.pictures.labels import SIZE, text_width
from llmbench.report.pictures.placing import Box

_NAMESPACE = "{http://www.w3.org/2000/svg}"
_SINE = 0.7072


@dataclass(frozen=True)
class Drawn:
    """One element."""

    kind: str
    text: str
    box: Box
    classes: tuple[str, ...]
    is_level: bool


def root_of(picture: Picture) -> ElementTree.Element:
    """Return the picture's root; it is well-formed XML, or this raises."""
    return ElementTree.fromstring(str(picture.svg))  # noqa: S314 - our own, and what is tested here


def drawn(picture: Picture) -> list[Drawn]:
    """Return everything that the picture draws."""
    found = []
    for element in root_of(picture).iter():
        kind = element.tag.removeprefix(_NAMESPACE)
        for box in _boxes(kind, element):
            classes = tuple((element.get("class") or "").split())
            found.append(Drawn(kind, element.text or "", box, classes, "transform" not in element.attrib))
    return found


def view(picture: Picture) -> Box:
    """Return the picture's view box."""
    return Box(*map(float, (root_of(picture).get("viewBox") or "").split()))


def _boxes(kind: str, element: ElementTree.Element) -> Iterator[Box]:
    def number(name: str) -> float:
        return float(element.attrib[name])

    if kind == "rect":
        x, y = number("x"), number("y")
        assert number("width") >= 0
        assert number("height") >= 0
        yield Box(x, y, x + number("width"), y + number("height"))
    elif kind == "circle":
        x, y, r = number("cx"), number("cy"), number("r")
        yield Box(x - r, y - r, x + r, y + r)
    elif kind == "line":
        xs, ys = sorted((number("x1"), number("x2"))), sorted((number("y1"), number("y2")))
        yield Box(xs[0], ys[0], xs[1], ys[1])
    elif kind == "path":
        yield _path(element.attrib["d"])
    elif kind == "text":
        yield _text(element)


def _path(d: str) -> Box:
    """Return what a path covers that moves, draws level and upright lines, and goes by steps."""
    x = y = 0.0
    xs, ys = [], []
    for command, numbers in re.findall(r"([MHVl])([^MHVlz]*)", d):
        values = [float(value) for value in numbers.split()]
        if command == "M":
            x, y = values
        elif command == "l":
            x, y = x + values[0], y + values[1]
        elif command == "H":
            [x] = values
        else:
            [y] = values
        xs.append(x)
        ys.append(y)
    return Box(min(xs), min(ys), max(xs), max(ys))


def _text(element: ElementTree.Element) -> Box:
    x, y = float(element.attrib["x"]), float(element.attrib["y"])
    width = text_width(element.text or "", strong="strong" in (element.get("class") or ""))
    if "rotate(-45" in element.get("transform", ""):
        return Box(x - 4, y - _SINE * width, x + _SINE * width, y + 4)
    left = {"start": x, "middle": x - width / 2, "end": x - width}[element.get("text-anchor", "start")]
    return Box(left, y - 0.8 * SIZE, left + width, y + 0.2 * SIZE)
