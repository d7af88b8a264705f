"""Values for intervals of whole numbers."""

from bisect import bisect_right


class IntervalMap:
    """Keeps a value for each point, or none."""

    def __init__(self):
        self._parts = []

    def put(self, start, end, value):
        """Give the points from start to end a value."""
        self._cut_out(start, end)
        self._parts.append((start, end, value))
        self._parts.sort()
        self._join()

    def remove(self, start, end):
        """Take the values of the points from start to end away."""
        self._cut_out(start, end)

    def get(self, point, default=None):
        """Return the value of a point."""
        index = bisect_right([part[0] for part in self._parts], point) - 1
        if index < 0 or point >= self._parts[index][1]:
            return default
        return self._parts[index][2] or default

    def items(self):
        """Return all intervals with their values."""
        return list(self._parts)

    def gaps(self, start, end):
        """Return the intervals between start and end that have no value."""
        _check(start, end)
        found, free = [], start
        for low, high, _ in self._parts:
            if high <= start or low >= end:
                continue
            if low > free:
                found.append((free, low))
            free = high
        if free < end:
            found.append((free, end))
        return found

    def shift(self, point, count):
        """Make room for new points."""
        if count < 0:
            raise ValueError("count is negative")
        moved = []
        for low, high, value in self._parts:
            if low < point:
                moved.append((low, high + count if high > point else high, value))
            else:
                moved.append((low + count, high + count, value))
        self._parts = moved

    def _cut_out(self, start, end):
        _check(start, end)
        left = []
        for low, high, value in self._parts:
            if low < start:
                left.append((low, min(high, start), value))
            if high > end:
                left.append((max(low, end), high, value))
        self._parts = left

    def _join(self):
        joined = []
        for low, high, value in self._parts:
            if joined and joined[-1][1] == low and joined[-1][2] == value:
                joined[-1] = (joined[-1][0], high, joined[-1][2])
            else:
                joined.append((low, high, value))
        self._parts = joined


def _check(start, end):
    if start >= end:
        raise ValueError(f"no interval: {start} to {end}")
