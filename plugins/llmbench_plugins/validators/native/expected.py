"""What the references passed on this machine: kept, so that each is run once."""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from llmbench_plugins.validators.native.runner import TestRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """The tests of an exercise, by what the reference did with them."""

    passed: frozenset[str]
    skipped: frozenset[str]
    assertions: Mapping[str, int] = field(default_factory=dict)
    """How many each test made that passed, where the framework tells that."""

    @classmethod
    def of(cls, run: TestRun) -> "Expected":
        """Take what a run of the reference did."""
        by_status = {
            status: frozenset(name for name, case in run.cases.items() if case.status == status)
            for status in ("passed", "skipped")
        }
        assertions = {
            name: case.assertions
            for name, case in run.cases.items()
            if case.status == "passed" and case.assertions is not None
        }
        return cls(passed=by_status["passed"], skipped=by_status["skipped"], assertions=assertions)


class Kept:
    """A folder of results, one file each; a damaged or missing one is found out anew."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, Expected] = {}

    def get(self, key: str) -> Expected | None:
        """Return what is kept under ``key``."""
        if key not in self._known:
            try:
                content = (self._folder / f"{key}.json").read_bytes()
                self._known[key] = msgspec.json.decode(content, type=Expected)
            except (OSError, msgspec.DecodeError):
                return None
        return self._known[key]

    def put(self, key: str, expected: Expected) -> None:
        """Keep a result, whole or not at all."""
        self._known[key] = expected
        self._folder.mkdir(parents=True, exist_ok=True)
        content: dict[str, object] = {name: sorted(getattr(expected, name)) for name in ("passed", "skipped")}
        content["assertions"] = dict(expected.assertions)
        descriptor, part = tempfile.mkstemp(dir=self._folder, prefix=".part-")
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(content))
        Path(part).replace(self._folder / f"{key}.json")
