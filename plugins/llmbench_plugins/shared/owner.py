"""Marks what this process makes, so that another can tell later whether its maker still lives."""

import os
import re
import socket

import psutil


def owner_mark() -> str:
    """Return a text that names this process, and no later one with its number."""
    return f"{socket.gethostname()}:{os.getpid()}:{int(psutil.Process().create_time())}"


def user_mark() -> str:
    """Return a text that names the user of this process on this machine."""
    return str(os.geteuid())


def owner_labels(label: str) -> dict[str, str]:
    """Return the labels of a container that bears ``label``."""
    return {
        "llmbench": "1",
        "llmbench.run": label,
        "llmbench.owner": owner_mark(),
        "llmbench.user": user_mark(),
    }


def as_name(label: str) -> str:
    """Return a label as it may stand in the name of a container or a folder."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", label)


def is_alive(mark: str) -> bool:
    """Say whether the process of ``mark`` lives; one that can't be looked up is taken to."""
    host, pid, started = (["", "", *mark.rsplit(":", 2)])[-3:]
    if host != socket.gethostname() or not (pid.isdigit() and started.isdigit()):
        return True
    try:
        return abs(psutil.Process(int(pid)).create_time() - int(started)) < 2
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
