"""A series of readings, and what can be said about the times between them."""

import bisect
import re
from datetime import datetime, timedelta
from fractions import Fraction

CIRCLE = 360_000
METHODS = ("linear", "previous", "nearest", "angle")
TIME = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{3}))?(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))", re.ASCII
)


def instant(text):
    """Return milliseconds since the beginning of 1970."""
    found = TIME.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is no time")
    local, thousandths, sign, hours, minutes = found.groups()
    moment = datetime.strptime(local, "%Y-%m-%dT%H:%M:%S")
    if not 1900 <= moment.year <= 2200:
        raise ValueError(f"{text!r} is out of range")
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    since = moment - datetime(1970, 1, 1) - (-offset if sign == "-" else offset)
    return since // timedelta(milliseconds=1) + int(thousandths or 0)


def check(method, max_gap):
    """Refuse what is no method or no gap."""
    if method not in METHODS:
        raise ValueError(f"{method!r} is no method")
    if max_gap is not None and max_gap < 0:
        raise ValueError(f"max_gap is {max_gap}")


class Series:
    """Readings at instants."""

    def __init__(self, points):
        self._values = {instant(time): value for time, value in points}
        self._times = sorted(self._values)

    def at(self, time, method="linear", max_gap=None, hold=False):
        """Return the value at a time, or None."""
        return self.resample(time, 0, 1, method, max_gap, hold)[0]

    def resample(self, start, step, count, method="linear", max_gap=None, hold=False):
        """Return the values at ``count`` times that are ``step`` milliseconds apart."""
        check(method, max_gap)
        if count < 0:
            raise ValueError(f"count is {count}")
        first = instant(start)
        return [self._at(first + step * number, method, max_gap, hold) for number in range(count)]

    def mean(self, start, end, max_gap=None):
        """Return the mean over a time, or None."""
        check("linear", max_gap)
        begin, until = instant(start), instant(end)
        if until < begin:
            raise ValueError(f"{end} is before {start}")
        if begin == until:
            return self._at(begin, "linear", max_gap, False)
        inner = self._times[bisect.bisect_right(self._times, begin) : bisect.bisect_left(self._times, until)]
        marks = [begin, *inner, until]
        heights = [self._exact(mark, max_gap) for mark in marks]
        if None in heights or self._gap_within(begin, until, max_gap):
            return None
        sides = zip(marks, marks[1:], heights, heights[1:])
        area = sum((right - left) * (low + high) for left, right, low, high in sides)
        return round(Fraction(area) / (2 * (until - begin)))

    def _gap_within(self, begin, until, max_gap):
        """Say whether a part of the time lies in too great a gap."""
        if max_gap is None:
            return False
        after = max(bisect.bisect_right(self._times, begin), 1)
        near = self._times[after - 1 : bisect.bisect_left(self._times, until) + 1]
        return any(right - left > max_gap for left, right in zip(near, near[1:]))

    def _exact(self, time, max_gap):
        if time in self._values:
            return self._values[time]
        pair = self._neighbours(time, max_gap)
        if pair is None:
            return None
        left, right = pair
        rise = self._values[right] - self._values[left]
        return self._values[left] + Fraction(rise * (time - left), right - left)

    def _neighbours(self, time, max_gap):
        """Return the instants of the points round a time, if something is known between them."""
        place = bisect.bisect_left(self._times, time)
        if place in (0, len(self._times)):
            return None
        left, right = self._times[place - 1 : place + 1]
        if self._values[left] is None or self._values[right] is None:
            return None
        return None if max_gap is not None and right - left > max_gap else (left, right)

    def _at(self, time, method, max_gap, hold):
        value = self._raw(time, method, max_gap, hold)
        return value % CIRCLE if method == "angle" and value is not None else value

    def _raw(self, time, method, max_gap, hold):
        if time in self._values:
            return self._values[time]
        if not self._times or not self._times[0] < time < self._times[-1]:
            return self._held(time, max_gap) if hold else None
        pair = self._neighbours(time, max_gap)
        if pair is None:
            return None
        left, right = pair
        if method == "previous":
            return self._values[left]
        if method == "nearest":
            return self._values[left if time - left < right - time else right]
        if method == "angle":
            return self._turned(time, left, right)
        return (2 * self._exact(time, max_gap) + 1) // 2

    def _held(self, time, max_gap):
        if not self._times:
            return None
        end = self._times[0] if time < self._times[0] else self._times[-1]
        return None if max_gap is not None and abs(end - time) > max_gap else self._values[end]

    def _turned(self, time, left, right):
        begin = self._values[left] % CIRCLE
        turn = (self._values[right] - begin) % CIRCLE
        if turn >= CIRCLE // 2:
            turn -= CIRCLE
        return round(begin + Fraction(turn * (time - left), right - left))
