"""Where the labels of points go, so that none covers another one or a point. Pure functions."""

import math
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

_NEAR = 9.0
_DISTANCES = (_NEAR, 16.0, 26.0, 38.0, 52.0, 68.0, 86.0, 106.0, 130.0)
_DIRECTIONS = ((1, 0), (-1, 0), (0, -1), (0, 1), (1, -1), (-1, -1), (1, 1), (-1, 1))
"""Right, left, above, below, then the corners."""
_MARK = 6.0
"""Half of what a point itself takes."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A point of a picture."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a picture; y grows downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: "Box") -> bool:
        """Whether both share more than an edge."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def holds(self, other: "Box") -> bool:
        """Whether the other one lies inside."""
        return (
            self.left <= other.left
            and other.right <= self.right
            and self.top <= other.top
            and other.bottom <= self.bottom
        )


@dataclass(frozen=True, slots=True)
class Placed:
    """A label's box, and the line to its point where it stands apart from it."""

    box: Box
    x: float
    """Where its text is anchored: at the side that faces the point, for it may be narrower than its box."""
    anchor: str
    leader: tuple[Spot, Spot] | None
    misleads: bool
    """Whether another point is nearer, for no other place was free."""


def place_labels(
    spots: Sequence[Spot], widths: Sequence[float], height: float, area: Box
) -> list[Placed | None]:
    """Return for each point where its label fits, the first ones first; None where none does.

    A place that is nearer to another point is taken only where there is no other.
    """
    taken = [Box(spot.x - _MARK, spot.y - _MARK, spot.x + _MARK, spot.y + _MARK) for spot in spots]
    placed: list[Placed | None] = []
    for spot, width in zip(spots, widths, strict=True):
        free = (
            (box, distance)
            for box, distance in _candidates(spot, width, height)
            if area.holds(box) and not any(box.overlaps(other) for other in taken)
        )
        others = {other for other in spots if other != spot}
        found = _first_of_its_own(free, spot, others)
        if found is None:
            placed.append(None)
            continue
        box, distance, misleads = found
        taken.append(box)
        placed.append(_placed(spot, box, apart=distance > _NEAR, misleads=misleads))
    return placed


def _first_of_its_own(
    free: Iterator[tuple[Box, float]], spot: Spot, others: Set[Spot]
) -> tuple[Box, float, bool] | None:
    """Return the first free place that is not nearer to another point; else the first, which misleads."""
    first = None
    for box, distance in free:
        first = first or (box, distance, True)
        own = _distance(spot, box)
        if not any(_distance(other, box) < own for other in others):
            return box, distance, False
    return first


def _distance(spot: Spot, box: Box) -> float:
    return math.dist((spot.x, spot.y), (_nearest(spot, box).x, _nearest(spot, box).y))


def _nearest(spot: Spot, box: Box) -> Spot:
    return Spot(min(max(spot.x, box.left), box.right), min(max(spot.y, box.top), box.bottom))


def _placed(spot: Spot, box: Box, *, apart: bool, misleads: bool) -> Placed:
    x, anchor = round((box.left + box.right) / 2, 1), "middle"
    if box.left > spot.x:
        x, anchor = box.left, "start"
    elif box.right < spot.x:
        x, anchor = box.right, "end"
    return Placed(box, x, anchor, (spot, _nearest(spot, box)) if apart else None, misleads)


def _candidates(spot: Spot, width: float, height: float) -> Iterator[tuple[Box, float]]:
    for distance in _DISTANCES:
        for right, down in _DIRECTIONS:
            # A direction moves the edge, or the middle where it is none of this side.
            left = spot.x + right * distance + (right - 1) * width / 2
            top = spot.y + down * distance + (down - 1) * height / 2
            yield Box(round(left, 1), round(top, 1), round(left + width, 1), round(top + height, 1)), distance
