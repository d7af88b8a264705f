"""The runners by language, imported when a task of the language is graded."""

import importlib

from llmbench.errors import DatasetError
from llmbench_plugins.validators.native.runner import Runner

LANGUAGES = ("cpp", "go", "html", "java", "javascript", "python", "rust")


def runner_for(language: str) -> Runner:
    """Return the runner of a language.

    Raises:
        DatasetError: there is none.
    """
    if language not in LANGUAGES:
        raise DatasetError(f"there is no runner for tests in '{language}'; there are: {', '.join(LANGUAGES)}")
    runner: Runner = importlib.import_module(f"llmbench_plugins.validators.native.{language}").RUNNER
    return runner
