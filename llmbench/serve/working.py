"""Which runs are being worked on now: read from their locks, without taking one."""

import json
import socket
from datetime import datetime
from pathlib import Path

import psutil

_SLACK_S = 2.0
"""A process began before it signed the lock; clocks are read to a second."""


def is_working(folder: Path) -> bool:
    """Say whether a process of this machine holds the run's lock."""
    try:
        holder = json.loads((folder / ".lock").read_bytes()[:4096])
        if holder["host"] != socket.gethostname():
            return False
        since = datetime.fromisoformat(holder["since"]).timestamp()
        return psutil.Process(holder["pid"]).create_time() <= since + _SLACK_S
    except (OSError, ValueError, KeyError, TypeError, psutil.Error):
        return False
