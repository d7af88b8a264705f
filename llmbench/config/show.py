"""What Hydra itself can show: ``--cfg``, ``--info``, ``--hydra-help`` and shell completion."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr
from io import StringIO

import hydra
from hydra.types import TaskFunction
from omegaconf import DictConfig

from llmbench.config.arguments import Arguments
from llmbench.config.complaints import FOREIGN, as_user_error
from llmbench.config.compose import HYDRA_VERSION_BASE, config_dir, prepare
from llmbench.errors import UsageError


def show(arguments: Arguments) -> int:
    """Let Hydra show something; nothing is run.

    Raises:
        UsageError: an override or a YAML file is wrong.
    """
    said = StringIO()
    try:
        with redirect_stderr(said):
            run_hydra(arguments, _nothing, [*arguments.flags, *arguments.overrides])
    except SystemExit as error:
        if error.code:  # only a part (--package) that is not there ends Hydra so
            flags, told = " ".join(arguments.flags), said.getvalue().strip()
            raise UsageError(f"{flags}: {told}; see all of it: llmbench --cfg all") from None
        raise
    sys.stderr.write(said.getvalue())
    return 0


def run_hydra(arguments: Arguments, task: TaskFunction, argv: Sequence[str]) -> None:
    """Hand the command line to Hydra's own main.

    Raises:
        UsageError: an override or a YAML file is wrong.
    """
    prepare(arguments.sources)
    main = hydra.main(
        version_base=HYDRA_VERSION_BASE, config_path=config_dir(arguments.sources), config_name="config"
    )
    try:
        with _hydra_raises(), _argv(argv):
            main(task)()
    except FOREIGN as error:
        raise as_user_error(error, arguments) from error


def _nothing(config: DictConfig) -> None:
    """Be the task of a Hydra main that only shows something."""


@contextmanager
def _argv(argv: Sequence[str]) -> Iterator[None]:
    before = sys.argv
    sys.argv = [before[0], *argv]
    try:
        yield
    finally:
        sys.argv = before


@contextmanager
def _hydra_raises() -> Iterator[None]:
    """Hydra prints errors itself and exits, unless this variable is set while it runs."""
    before = os.environ.get("HYDRA_FULL_ERROR")
    os.environ["HYDRA_FULL_ERROR"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["HYDRA_FULL_ERROR"]
        else:
            os.environ["HYDRA_FULL_ERROR"] = before
