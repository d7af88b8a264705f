"""A series of readings, and what can be said about the times between them."""


class Series:
    """Readings at instants."""

    def __init__(self, points):
        raise NotImplementedError

    def at(self, time, method="linear", max_gap=None, hold=False):
        """Return the value at a time, or None."""
        raise NotImplementedError

    def resample(self, start, step, count, method="linear", max_gap=None, hold=False):
        """Return the values at ``count`` times that are ``step`` milliseconds apart."""
        raise NotImplementedError

    def mean(self, start, end, max_gap=None):
        """Return the mean over a time, or None."""
        raise NotImplementedError
