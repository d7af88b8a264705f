"""What the OpenAPI document allows, and more, is asked for: the answers are as it says, and never 500."""

import json
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import BaseSchema, Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from llmbench.serve.app import create_app
from llmbench.serve.settings import Settings
from llmbench.testing.runs import ORDINARY_RUN, write_run

RUN = "catalog/tiny-llamacpp-prompt-1a2b3c4d5e"
_CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]
_BOUNDED = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
_DOCUMENT = Path(__file__).parents[3] / "docs/reference/openapi.json"
"""That it is up to date is tested where the docs are."""
_READING = [path for path, methods in json.loads(_DOCUMENT.read_bytes())["paths"].items() if "get" in methods]

_CHANGING = [
    "/api/queue",
    *(f"/api/runs/{{dataset}}/{{name}}/{what}" for what in ("stop", "pause", "resume")),
]
"""What changes something and launches nothing."""


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> BaseSchema:
    root = tmp_path_factory.mktemp("outputs")
    write_run(root / RUN, ORDINARY_RUN)
    app = create_app(Settings(root=root, names=("testserver", "localhost")))
    return schemathesis.openapi.from_asgi("/api/openapi.json", app)


@pytest.mark.parametrize("path", _READING)
def test_any_address(described: BaseSchema, path: str) -> None:
    @_BOUNDED
    @given(described[path]["GET"].as_strategy())
    def is_as_described(case: Case) -> None:
        case.validate_response(case.call(), checks=_CHECKS)

    is_as_described()


@pytest.mark.parametrize("path", _CHANGING)
def test_any_change(described: BaseSchema, path: str) -> None:
    @_BOUNDED
    @given(described[path]["POST"].as_strategy())
    def is_as_described(case: Case) -> None:
        case.validate_response(case.call(), checks=_CHECKS)

    is_as_described()


@pytest.mark.parametrize("path", [path for path in _READING if "{name}" in path or "compare" in path])
def test_of_a_run_that_is_there(described: BaseSchema, path: str) -> None:
    @_BOUNDED
    @given(described[path]["GET"].as_strategy())
    def is_as_described(case: Case) -> None:
        _ask_of_the_run(case)
        case.validate_response(case.call(), checks=_CHECKS)

    is_as_described()


def _ask_of_the_run(case: Case) -> None:
    dataset, _, name = RUN.partition("/")
    known = {"dataset": dataset, "name": name, "task": "python/leap"}
    case.path_parameters |= {key: known[key] for key in known if f"{{{key}}}" in case.path}
    if case.path == "/api/compare":
        case.query |= {"a": RUN, "b": RUN}
