"""Streams of events in memory."""

import copy
from itertools import islice


class Conflict(Exception):
    """A stream has another version than was expected."""


class Stream:
    """One stream: what is left of its events, its snapshots, and the calls that had a key."""

    def __init__(self):
        self.events = []
        self.removed = 0
        self.snapshots = {}
        self.calls = {}

    @property
    def version(self):
        """How many events there have ever been."""
        return self.removed + len(self.events)

    def after(self, version):
        """Return the index of the first event with a greater version."""
        return max(0, version - self.removed)

    def snapshot_up_to(self, version):
        """Return the version of the last snapshot that is not newer, or 0."""
        return max((at for at in self.snapshots if at <= version), default=0)


class EventStore:
    """Keeps streams of events, and snapshots of them."""

    def __init__(self, every=100):
        if every < 1:
            raise ValueError("every must be at least 1")
        self._every = every
        self._streams = {}
        self._all = []
        self._last = 0

    def append(self, stream, events, expected=None, key=None):
        """Append events, and return the version of the stream."""
        events = copy.deepcopy([tuple(event) for event in events])
        known = self._stream(stream)
        if key is not None and key in known.calls:
            appended, version = known.calls[key]
            if appended != events:
                raise ValueError(f"the key {key!r} was used for other events")
            return version
        wanted = 0 if expected == "new" else expected
        if wanted is not None and wanted != known.version:
            raise Conflict(stream, expected, known.version)
        if not all(isinstance(kind, str) and kind for kind, _ in events):
            raise ValueError("a kind must be a string that is not empty")
        self._streams[stream] = known
        for kind, data in events:
            self._add(stream, known, kind, data)
        if key is not None:
            known.calls[key] = events, known.version
        return known.version

    def read(self, stream, after=0, limit=None):
        """Return events of one stream."""
        _check_limit(limit)
        known = self._stream(stream)
        start = known.after(after)
        end = None if limit is None else start + limit
        return copy.deepcopy(known.events[start:end])

    def read_all(self, after=0, limit=None, kinds=None):
        """Return events of all streams."""
        _check_limit(limit)
        later = (event for event in self._all if event["position"] > after)
        found = (event for event in later if kinds is None or event["kind"] in kinds)
        return copy.deepcopy(list(islice(found, limit)))

    def snapshot(self, stream, version, state):
        """Keep the state of a stream, and say whether it was kept."""
        known = self._stream(stream)
        if not 1 <= version <= known.version:
            raise ValueError(f"{stream!r} has no version {version}")
        if version - known.snapshot_up_to(version - 1) < self._every:
            return False
        known.snapshots[version] = copy.deepcopy(state)
        return True

    def load(self, stream, version=None):
        """Return a snapshot, its version and the events after it."""
        known = self._stream(stream)
        version = known.version if version is None else version
        if not 0 <= version <= known.version:
            raise ValueError(f"{stream!r} has no version {version}")
        start = known.snapshot_up_to(version)
        if start < min(version, known.removed):
            raise ValueError(f"events of {stream!r} before version {version} have been removed")
        events = known.events[known.after(start) : known.after(version)]
        return copy.deepcopy((known.snapshots.get(start), start, events))

    def truncate(self, stream, version):
        """Remove old events, and say how many."""
        known = self._stream(stream)
        oldest = min((at for at in known.snapshots if at >= version), default=None)
        if oldest is None:
            raise ValueError(f"{stream!r} has no snapshot at version {version} or later")
        known.snapshots = {at: state for at, state in known.snapshots.items() if at >= oldest}
        count = known.after(version)
        del known.events[:count]
        known.removed += count
        self._all = [event for event in self._all if event["stream"] != stream or event["version"] > version]
        return count

    def _stream(self, name):
        return self._streams.get(name) or Stream()

    def _add(self, name, stream, kind, data):
        self._last += 1
        event = {
            "stream": name,
            "version": stream.version + 1,
            "position": self._last,
            "kind": kind,
            "data": data,
        }
        stream.events.append(event)
        self._all.append(event)


def _check_limit(limit):
    if limit is not None and limit < 1:
        raise ValueError("limit must be at least 1")
