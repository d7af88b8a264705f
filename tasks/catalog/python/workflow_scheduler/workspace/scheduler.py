"""Decides when the tasks of a workflow start."""


class Scheduler:
    """A workflow on its way."""

    def __init__(self, tasks, pools):
        raise NotImplementedError

    def advance(self, now):
        """Let everything up to and including ``now`` happen, and return what started."""
        raise NotImplementedError

    def finish(self, name, attempt, now, ok):
        """Take the report that an attempt has ended, and return what started."""
        raise NotImplementedError

    def cancel(self, name, now):
        """Cancel a task that has not ended, and return what started."""
        raise NotImplementedError

    def next_time(self):
        """Return when something happens next without a report, or None."""
        raise NotImplementedError

    def states(self):
        """Return the state of every task."""
        raise NotImplementedError
