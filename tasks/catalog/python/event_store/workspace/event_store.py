"""Streams of events in memory."""


class Conflict(Exception):
    """A stream has another version than was expected."""


class EventStore:
    """Keeps streams of events, and snapshots of them."""

    def __init__(self, every=100):
        raise NotImplementedError

    def append(self, stream, events, expected=None, key=None):
        """Append events, and return the version of the stream."""
        raise NotImplementedError

    def read(self, stream, after=0, limit=None):
        """Return events of one stream."""
        raise NotImplementedError

    def read_all(self, after=0, limit=None, kinds=None):
        """Return events of all streams."""
        raise NotImplementedError

    def snapshot(self, stream, version, state):
        """Keep the state of a stream, and say whether it was kept."""
        raise NotImplementedError

    def load(self, stream, version=None):
        """Return a snapshot, its version and the events after it."""
        raise NotImplementedError

    def truncate(self, stream, version):
        """Remove old events, and say how many."""
        raise NotImplementedError
