"""Hours of the day in which a run leaves the machine to others."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta

_HOURS = re.compile(r"(\d{1,2}:\d{2})\s*-\s*(\d{1,2}:\d{2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one time of day until another, over midnight where the second is the earlier one."""

    start: time
    end: time

    def began(self, now: datetime) -> datetime | None:
        """Return when the quiet hours began in which ``now`` lies; None where it lies in none.

        Times are those of the clock on the wall: where it is changed, the hours are longer or shorter.
        """
        clock = now.time().replace(second=0, microsecond=0)
        if self.start <= self.end:
            is_quiet = self.start <= clock < self.end
        else:
            is_quiet = clock >= self.start or clock < self.end
        if not is_quiet:
            return None
        day = now if clock >= self.start else now - timedelta(days=1)
        return day.replace(hour=self.start.hour, minute=self.start.minute, second=0, microsecond=0)

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"


def quiet_hours(text: str) -> QuietHours:
    """Read ``08:00-18:00``.

    Raises:
        ValueError: that is no such span; the message says what was expected.
    """
    refused = ValueError(
        f"quiet_hours: expected two different times of day, such as 08:00-18:00 or 22:00-06:30, got '{text}'"
    )
    found = _HOURS.fullmatch(text.strip())
    if found is None:
        raise refused
    try:
        start, end = (time.fromisoformat(word.zfill(5)) for word in found.groups())
    except ValueError:
        raise refused from None
    if start == end:
        raise refused
    return QuietHours(start, end)
