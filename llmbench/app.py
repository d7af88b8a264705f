"""A Hydra run: compose, check, execute. Whatever goes wrong ends here as one line and an exit code."""

import errno
import gc
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from llmbench.errors import LlmbenchError

if TYPE_CHECKING:
    from llmbench.config.arguments import Arguments

INTERRUPTED = 130


def run_app(argv: Sequence[str]) -> int:
    """Run, show or sweep what the overrides ask for; return the exit code."""
    return guarded(lambda: _dispatch(argv))


def guarded(command: Callable[[], int]) -> int:
    """Run a command; its errors become one line on stderr and an exit code, and a bug keeps its traceback.

    LLMBENCH_TRACEBACK=1 shows the traceback of every error. SIGTERM is treated like Ctrl-C.
    """
    try:
        with _terminable():
            return command()
    except LlmbenchError as error:
        if _wants_tracebacks():
            raise
        print(f"llmbench: {error}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        # The reader of our output (such as `head`) has what it wanted.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG or _wants_tracebacks():
            _name_plugin(error)
            raise
        print(
            f"llmbench: {_shortened(str(error.filename))}: no file can have so long a name", file=sys.stderr
        )
        return 2
    except Exception as error:
        _name_plugin(error)
        raise
    except KeyboardInterrupt:
        if _wants_tracebacks():
            raise
        print("llmbench: interrupted; run the same command again to resume", file=sys.stderr)
        return INTERRUPTED


def _name_plugin(error: Exception) -> None:
    """Let the traceback end with whose fault it is, where that is a plugin's."""
    from llmbench.registry import culprit

    if plugin := culprit(error):
        error.add_note(f"llmbench: a fault of {plugin}")


def _shortened(path: str) -> str:
    return path if len(path) <= 120 else f"{path[:80]}… ({len(path)} characters)"


def _dispatch(argv: Sequence[str]) -> int:
    from llmbench.config.arguments import parse

    arguments = parse(argv)
    if arguments.flags:
        from llmbench.config.show import show

        return show(arguments)
    if arguments.multirun:
        from llmbench.config.sweep import sweep

        return sweep(arguments)
    return _run(arguments)


def _run(arguments: "Arguments") -> int:
    with _no_collections():
        from llmbench.config.build import build_spec
        from llmbench.config.compose import compose
        from llmbench.config.foresight import foreseen
        from llmbench.report import close_run
        from llmbench.runner import execute
        from llmbench.runner.progress import RunConsole

        spec = build_spec(compose(arguments))
    console = RunConsole()
    for key, where in spec.origins.items():
        console.print(f"{key}: {where}", style="dim", highlight=False, markup=False, soft_wrap=True)
    result = execute(spec, console=console, foresight=foreseen(spec))
    if spec.dry_run:
        return result.exit_code
    summary = close_run(result.folder, console, result.tasks)
    if result.stopped:
        print(f"llmbench: {result.stopped}", file=sys.stderr)
    return result.exit_code or int(spec.strict and summary.has_problem)


def _wants_tracebacks() -> bool:
    return "1" in (os.environ.get("LLMBENCH_TRACEBACK"), os.environ.get("HYDRA_FULL_ERROR"))


@contextmanager
def _no_collections() -> Iterator[None]:
    """Import and compose without the garbage collector, which finds nothing there and costs 5 % of it."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        # What was imported stays: later collections need not look at it.
        gc.freeze()


@contextmanager
def _terminable() -> Iterator[None]:
    def interrupt(number: int, frame: FrameType | None) -> None:
        # asyncio turns the first SIGINT into a cancellation, so that servers and boxes are closed.
        signal.raise_signal(signal.SIGINT)

    try:
        before = signal.signal(signal.SIGTERM, interrupt)
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
            # As a script starts what it puts in the background; a run that can't be ended would be worse.
            signal.signal(signal.SIGINT, signal.default_int_handler)
    except ValueError:  # not the main thread: whoever runs it there handles signals
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
