"""The report shows the sampler that was in effect, and says whose settings are whose."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from llmbench.console import Console
from llmbench.records.manifest import Session, read_manifest, write_manifest
from llmbench.records.masking import Mask
from llmbench.report import close_run
from llmbench.report.sampler import sampler
from llmbench.testing.runs import ORDINARY_RUN, write_run

LLAMA = {
    "server": "llama.cpp",
    "sampler": {"temperature": 0.800000011920929, "top_k": 40, "samplers": ["top_k"]},
}
GREEDY = {"temperature": 0.0, "top_p": 1.0, "top_k": None, "stop": None}


@pytest.mark.parametrize(
    ("model", "group", "server", "shown"),
    [
        (
            {},
            GREEDY,
            LLAMA,
            'temperature 0, top_p 1; the server\'s own: top_k 40, samplers ["top_k"]',
        ),
        (
            {"source": "the card"},
            {},
            LLAMA,
            'the server\'s own: temperature 0.8, top_k 40, samplers ["top_k"]',
        ),
        (
            {"temperature": 0.6, "top_k": 20, "source": "the card"},
            GREEDY,
            {"server": "vLLM"},
            "temperature 0, top_k 20, top_p 1; the server's own: what it does not tell",
        ),
        ({}, {}, {"server": "vLLM"}, "the server's own: what it does not tell"),
        (
            {"temperature": 0.6},
            {},
            {"server": "vLLM", "extra_body": {"temperature": 0.3, "guided": True}},
            "temperature 0.3; the server's own: what it does not tell",
        ),
        ({"temperature": 0.6}, {}, {}, "temperature 0.6"),
        (None, None, {}, ""),
    ],
)
def test_what_was_asked_for_lies_over_what_the_server_does(
    model: Any, group: Any, server: dict[str, Any], shown: str
) -> None:
    manifest = replace(ORDINARY_RUN, config={"model": {"sampling": model}, "sampling": group}).manifest()
    session = Session(started="2026-03-01T20:00:00.000+00:00", server=server)
    assert sampler(manifest, session) == shown


def test_no_report_shows_the_servers_default_where_another_was_asked_for(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", ORDINARY_RUN)
    manifest = read_manifest(folder)
    session = replace(manifest.sessions[-1], server=LLAMA)
    asked = replace(manifest, config={"sampling": GREEDY}, sessions=(session,))
    write_manifest(folder, asked, Mask({}))
    close_run(folder, Console(file=io.StringIO()))
    for name in ("REPORT.md", "report.html"):
        text = (folder / name).read_text()
        assert "temperature 0, top_p 1; the server" in text
        assert "temperature 0.8" not in text
        assert "0.800000" not in text
