"""The prompt that a server made, in the manifest; manifests from before that was noted stay readable."""

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from llmbench.api import Rendered
from llmbench.records.manifest import Manifest, read_manifest, write_manifest
from llmbench.records.masking import MASKED, Mask
from llmbench.records.rendered import kept
from llmbench.records.schemas import read_schema
from llmbench.score.prompts import prompts_of

_OLDER = Path(__file__).with_name("older") / "manifest-without-rendered.json"


@pytest.fixture
def older(tmp_path: Path) -> Manifest:
    """A run of the demo model, made by the llmbench before."""
    (tmp_path / "manifest.json").write_bytes(_OLDER.read_bytes())
    return read_manifest(tmp_path)


def test_an_older_manifest_is_read_and_keeps_to_the_schema(older: Manifest) -> None:
    assert older.sessions[-1].rendered is None
    assert older.sessions[-1].server["server"] == "llama.cpp (embedded)"
    jsonschema.validate(json.loads(_OLDER.read_text()), read_schema("manifest"))


def test_an_older_run_is_compared_but_for_its_prompts(older: Manifest) -> None:
    rendered = kept(Rendered(text="x"), "asked")
    newer = replace(older, sessions=(replace(older.sessions[-1], rendered=rendered),))
    found = prompts_of(older, newer)
    assert found is not None
    assert (found.weights, found.found) == ("same", "not noted")


def test_what_was_rendered_is_kept_with_the_schema_and_without_secrets(
    older: Manifest, tmp_path: Path
) -> None:
    text = "<s>Use the key top-secret-1 é\n"
    session = replace(
        older.sessions[-1], rendered=kept(Rendered(text=text, adds_bos=True, bos="<s>"), "asked")
    )
    write_manifest(tmp_path, replace(older, sessions=(session,)), Mask({"MY_KEY": "top-secret-1"}))
    jsonschema.validate(json.loads((tmp_path / "manifest.json").read_text()), read_schema("manifest"))
    read = read_manifest(tmp_path).sessions[-1].rendered
    assert read is not None
    assert read.text == f"<s>Use the key {MASKED} é\n"
    assert (read.characters, read.adds_bos, read.bos) == (len(text), True, "<s>")


def test_what_a_plugin_hands_in_wrong_can_be_read_back(older: Manifest, tmp_path: Path) -> None:
    odd = Rendered(text="half \ud83d", adds_bos="yes", bos="\udcff")  # type: ignore[arg-type]
    session = replace(older.sessions[-1], rendered=kept(odd, "asked"))
    write_manifest(tmp_path, replace(older, sessions=(session,)), Mask({}))
    read = read_manifest(tmp_path).sessions[-1].rendered
    assert read is not None
    assert (read.text, read.adds_bos) == ("half \\ud83d", None)
