"""What a model is told of a program that ran: its output, how it ended, and what became of the files."""

from llmbench.api import BoxRun, Ran, ToolResult
from llmbench_plugins.tools.shared.text import cut

_NAMED = 12
_NOTES = 1500


def told(run: BoxRun, max_chars: int) -> ToolResult:
    """Return the result of a call that ran a program."""
    notes = cut("\n".join([_ending(run.ran), *_files(run)]), min(_NOTES, max_chars // 2))
    output = _output(run.ran, max_chars - len(notes) - 1)
    failed = run.ran.exit_code != 0 or run.ran.stopped is not None
    return ToolResult(text=f"{output}\n{notes}".strip(), failed=failed, refused=run.undone)


def _output(ran: Ran, room: int) -> str:
    """Return both streams; an error's own words are never pushed out by a flood on the other one."""
    out, err = _text(ran.stdout), _text(ran.stderr)
    if not err:
        return cut(out, room)
    head = "[stderr]\n"
    if not out:
        return head + cut(err, room - len(head))
    err_room = max(room // 2, room - len(out) - 1) - len(head)
    shown = head + cut(err, err_room)
    return f"{cut(out, room - len(shown) - 1)}\n{shown}"


def _text(stream: bytes) -> str:
    if b"\0" in stream:
        return f"[binary output, {len(stream)} bytes, not shown]"
    return stream.decode(errors="replace").rstrip("\n")


def _ending(ran: Ran) -> str:
    if ran.stopped == "timeout":
        return "[stopped: it took too long; all its processes are gone]"
    if ran.stopped:
        return f"[stopped: it used more {ran.stopped} than the box has; all its processes are gone]"
    return f"[exit code {ran.exit_code}]"


def _files(run: BoxRun) -> list[str]:
    notes = (
        ("changed", run.changed),
        ("not yours to change, as before again", run.undone),
        ("only in the box, not in the workspace", run.left),
    )
    lines = ["[it wrote more than a box keeps: the end is missing]"] if run.ran.truncated else []
    lines += [f"[{what}: {_named(paths)}]" for what, paths in notes if paths]
    return [*lines, f"[{run.problem}]"] if run.problem else lines


def _named(paths: tuple[str, ...]) -> str:
    more = f" and {len(paths) - _NAMED} more" if len(paths) > _NAMED else ""
    return ", ".join(repr(path) if not path.isprintable() else path for path in paths[:_NAMED]) + more
