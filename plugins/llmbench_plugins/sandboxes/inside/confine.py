"""Makes the process that it runs in the first one of a new box: own namespaces, own files, no powers.

The kernel's calls are made directly, as programs for them would cost more than the box itself. The process
comes with the powers over its surroundings that it needs for this, and has lost them all at the end.
"""

# Programs for inside boxes: pathlib would cost a third of a start-up.
# ruff: noqa: PTH102, PTH123

from __future__ import annotations

import ctypes
import fcntl
import functools
import os
import resource
import socket
import struct
from collections.abc import Mapping

NEW_PID = 0x20000000
_NEW_NS, _NEW_UTS, _NEW_IPC, _NEW_USER, _NEW_NET = 0x20000, 0x04000000, 0x08000000, 0x10000000, 0x40000000
_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_REMOUNT = 1, 2, 4, 8, 32
_MS_BIND, _MS_REC, _MS_PRIVATE = 4096, 16384, 1 << 18
_SET_DUMPABLE, _DROP_BOUND, _AMBIENT, _CLEAR_ALL = 4, 24, 47, 4
_CAPABILITIES_V3 = 0x20080522
_SIOCSIFFLAGS, _IFF_UP, _IFF_RUNNING = 0x8914, 0x1, 0x40
_NOBODY = 65534
_SYSCTL = "max_user_namespaces"

_libc = ctypes.CDLL(None, use_errno=True)


def check(result: int, what: str) -> int:
    """Return the result of a call of the C library.

    Raises:
        OSError: it failed.
    """
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def unshare(flags: int) -> None:
    """Leave namespaces for new ones."""
    check(_libc.unshare(flags), "unshare")


def setns(descriptor: int, kind: int) -> None:
    """Enter a namespace, or let later children be in it."""
    check(_libc.setns(descriptor, kind), "setns")


def prepare() -> None:
    """Do what need not be done for each box; no mount of one will be seen outside it."""
    _mount(None, "/", None, _MS_REC | _MS_PRIVATE)
    _last_capability()


def set_readable(to_others: bool) -> None:
    """Say whether processes of the same user may look into this one, and change it."""
    check(_libc.prctl(_SET_DUMPABLE, int(to_others), 0, 0, 0), "prctl")


def confine(limits: Mapping[str, int]) -> None:
    """Put this process, the first one of a new process namespace, into a box of its own."""
    unshare(_NEW_NS | _NEW_UTS | _NEW_IPC | _NEW_NET)
    _raise_loopback()
    sysctls = _mount_proc()
    _mount_files(limits)
    os.chdir("/box")
    unshare(_NEW_USER)
    _write("/proc/self/setgroups", "deny")
    for name in ("uid_map", "gid_map"):
        _write(f"/proc/self/{name}", f"{_NOBODY} 0 1")
    _forbid_namespaces(sysctls)
    _drop_capabilities()
    _set_limits(limits)
    set_readable(False)


def _raise_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        fcntl.ioctl(sock, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", _IFF_UP | _IFF_RUNNING))


def _mount_proc() -> int:
    """Mount /proc with settings read-only; return where those of users' namespaces can still be written."""
    _mount("proc", "/proc", "proc", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC)
    descriptor = os.open("/proc/sys/user", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    _mount("/proc/sys", "/proc/sys", None, _MS_BIND)
    flags = _MS_NOSUID | _MS_NODEV | _MS_NOEXEC
    _mount(None, "/proc/sys", None, _MS_REMOUNT | _MS_BIND | _MS_RDONLY | flags)
    return descriptor


def _mount_files(limits: Mapping[str, int]) -> None:
    """Mount the folders that can be written: one file system of limited size for all of them."""
    size = f"size={limits['disk_bytes']},nr_inodes={limits['files']},mode=755"
    _mount("tmpfs", "/tmp", "tmpfs", _MS_NOSUID | _MS_NODEV, size)  # noqa: S108 - covered below
    for name, mode in (("box", 0o755), ("tmp", 0o1777), ("shm", 0o1777)):
        os.mkdir(f"/tmp/{name}")  # noqa: S108 - as above
        os.chmod(f"/tmp/{name}", mode)  # noqa: S108, PTH101 - as above
    devpts = "newinstance,ptmxmode=0666,mode=620"
    _mount("devpts", "/dev/pts", "devpts", _MS_NOSUID | _MS_NOEXEC, devpts)
    for place in ("/dev/shm", "/box", "/tmp"):  # noqa: S108 - as above
        _mount(f"/tmp/{os.path.basename(place)}", place, None, _MS_BIND)  # noqa: S108, PTH119 - as above


def _mount(source: str | None, place: str, kind: str | None, flags: int, data: str = "") -> None:
    parts = [None if part is None else part.encode() for part in (source, place, kind)]
    check(_libc.mount(*parts, ctypes.c_ulong(flags), data.encode() or None), f"mount {place}")


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def _forbid_namespaces(sysctls: int) -> None:
    """Forbid further user namespaces, in which code would have powers again."""
    # Which namespace is meant is settled when the name is looked up: this one.
    descriptor = os.open(_SYSCTL, os.O_WRONLY | os.O_CLOEXEC, dir_fd=sysctls)
    os.write(descriptor, b"0")
    os.close(descriptor)
    os.close(sysctls)


def _drop_capabilities() -> None:
    check(_libc.prctl(_AMBIENT, _CLEAR_ALL, 0, 0, 0), "prctl")
    for number in range(_last_capability() + 1):
        check(_libc.prctl(_DROP_BOUND, number, 0, 0, 0), "prctl")
    check(_libc.capset((ctypes.c_uint32 * 2)(_CAPABILITIES_V3, 0), (ctypes.c_uint32 * 6)()), "capset")


@functools.cache
def _last_capability() -> int:
    with open("/proc/sys/kernel/cap_last_cap", encoding="ascii") as file:
        return int(file.read())


def _set_limits(limits: Mapping[str, int]) -> None:
    for name in ("NPROC", "CORE", "NOFILE", "DATA"):
        value = limits[name]
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, value))
