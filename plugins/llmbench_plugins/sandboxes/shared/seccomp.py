"""A seccomp filter as bubblewrap reads it: what could hide memory from the watchdog, or pry at the kernel.

The refused calls answer ENOSYS, as on a kernel without them, so that programs fall back.
"""

import errno
import platform
import struct

_NUMBERS = {
    # name: (x86_64, aarch64)
    "memfd_create": (319, 279),  # memory that no process maps is not counted
    "memfd_secret": (447, 447),
    "shmget": (29, 194),  # likewise
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "perf_event_open": (298, 241),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
}
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7), "arm64": (1, 0xC00000B7)}
_LOAD, _JUMP_IF_EQUAL, _JUMP_IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW = 0x7FFF0000
_REFUSE = 0x00050000 | errno.ENOSYS
_X32 = 0x40000000
"""Set in the numbers of a second 64-bit ABI of x86, which would lead past a list of plain numbers."""


def refused_calls() -> list[int]:
    """Return the numbers of the refused calls; empty on an architecture that is not known here."""
    if platform.machine() not in _MACHINES:
        return []
    column, _ = _MACHINES[platform.machine()]
    return [pair[column] for pair in _NUMBERS.values()]


def seccomp_filter() -> bytes:
    """Return the filter for this machine, or nothing where its architecture is not known here."""
    numbers = refused_calls()
    if not numbers:
        return b""
    _, architecture = _MACHINES[platform.machine()]
    left = len(numbers) + 3
    program = [
        (_LOAD, 0, 0, 4),  # the architecture
        (_JUMP_IF_EQUAL, 0, left, architecture),
        (_LOAD, 0, 0, 0),  # the call's number
        (_JUMP_IF_AT_LEAST, left - 2, 0, _X32),
    ]
    for position, number in enumerate(numbers):
        program.append((_JUMP_IF_EQUAL, len(numbers) - position, 0, number))
    program += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)]
    return b"".join(struct.pack("=HBBI", *step) for step in program)
