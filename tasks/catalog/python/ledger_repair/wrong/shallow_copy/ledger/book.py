"""Entries, and what can be done with them."""


class Book:
    """Entries in the order in which they were made."""

    def __init__(self):
        self._entries = []
        self._reverses = []
        self._reversed = set()
        self._closed = ""

    def __len__(self):
        return len(self._entries)

    def post(self, date, lines):
        """Make an entry and return its number."""
        amounts = [cents for _, cents in lines]
        if len(amounts) < 2 or 0 in amounts or sum(amounts) != 0:
            raise ValueError("these lines make no entry")
        return self._add(date, lines, None)

    def reverse(self, number, date):
        """Make the opposite of an entry and return its number."""
        before, lines = self.entry(number)
        if number in self._reversed:
            raise ValueError(f"{number} is reversed")
        if date < before:
            raise ValueError(f"{number} is of a later date")
        made = self._add(date, [[account, -cents] for account, cents in lines], number)
        self._reversed.add(number)
        self._reversed.discard(self._reverses[number - 1])
        return made

    def is_reversed(self, number):
        """Say whether an entry is reversed now."""
        self.entry(number)
        return number in self._reversed

    def close(self, date):
        """Close all dates up to this one."""
        self._closed = max(self._closed, date)

    def entry(self, number):
        """Return date and lines of an entry."""
        if not 1 <= number <= len(self._entries):
            raise ValueError(f"there is no entry {number}")
        date, lines = self._entries[number - 1]
        return [date, [list(line) for line in lines]]

    def _add(self, date, lines, reverses):
        if date <= self._closed:
            raise ValueError(f"{date} is closed")
        self._entries.append((date, list(lines)))
        self._reverses.append(reverses)
        return len(self._entries)
