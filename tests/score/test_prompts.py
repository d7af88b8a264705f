"""Two servers' prompts held together: the same, where they part, and where that can't be said."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmbench.api import Rendered
from llmbench.records.manifest import Manifest, Session
from llmbench.records.rendered import KEPT_CHARACTERS, RenderedPrompt, kept
from llmbench.report.prompts import prompts_line, prompts_text
from llmbench.score.differences import differences
from llmbench.score.prompts import Prompts, around, parting, prompts_of

LLAMACPP = "<|im_start|>system\nBe brief.\n<|im_end|>\n<|im_start|>assistant\n"
OLLAMA = "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>assistant\n"
GGUF = {"weights_sha256": "1" * 64}
Made = Callable[..., Manifest]


@pytest.fixture
def run(make: Any) -> Made:
    """Make the manifest of a run on a server that made this text."""

    def run(
        backend: str,
        text: str | None = LLAMACPP,
        *,
        rendered: RenderedPrompt | None = None,
        server: Any = GGUF,
        model: str = "m",
        **told: Any,
    ) -> Manifest:
        if text is not None:
            rendered = kept(Rendered(text=text, **told), "asked")
        session = Session(started="2026-03-01T20:00:00.000+00:00", server=server, rendered=rendered)
        manifest: Manifest = make.manifest(sessions=(session,))
        return replace(manifest, names={"backend": backend, "model": model})

    return run


def sentence(a: Manifest, b: Manifest) -> str:
    return prompts_line(prompts_of(a, b), a.names, b.names)


def causes(a: Manifest, b: Manifest) -> list[tuple[str, str]]:
    return [(one.cause, one.key) for one in differences(a, b)]


def test_the_same_text_is_the_same_byte_for_byte(run: Made) -> None:
    a, b = run("llamacpp", adds_bos=False), run("ollama", adds_bos=False)
    assert sentence(a, b) == "byte for byte the same (62 characters)"
    assert causes(a, b) == [("server", "names.backend")]


def test_where_texts_part_is_shown_of_both(run: Made) -> None:
    a, b = run("llamacpp", adds_bos=False), run("ollama", OLLAMA, adds_bos=False)
    assert sentence(a, b) == (
        r"part at character 28: llamacpp '…system\nBe brief.\n<|im_end|>\n<|im_start|>assistan…' — "
        r"ollama '…system\nBe brief.<|im_end|>\n<|im_start|>assistant…'"
    )
    assert causes(a, b)[0] == ("chat template", "rendered.text")


def test_runs_of_spaces_can_be_seen(run: Made) -> None:
    a, b = run("llamacpp", "if x:\n    pass"), run("ollama", "if x:\n  pass")
    assert r"llamacpp 'if x:\n␣␣␣␣pass' — ollama 'if x:\n␣␣pass'" in sentence(a, b)


def test_other_weights_are_no_match_and_no_cause(run: Made) -> None:
    a, b = run("llamacpp"), run("ollama", OLLAMA, server={"weights_sha256": "2" * 64})
    assert sentence(a, b).startswith("not held together: the weights are not the same")
    assert [cause for cause, _ in causes(a, b)] == ["weights", "server"]


def test_weights_that_no_server_names_are_said_to_be_unknown(run: Made) -> None:
    a, b = run("llamacpp"), run("ollama", OLLAMA, server={"server": "ollama"})
    assert sentence(a, b).endswith("; whether their weights are the same is not known")
    assert ("chat template", "rendered.text") in causes(a, b)


def test_other_models_are_nobodys_question(run: Made) -> None:
    other = run("ollama", OLLAMA, server={"weights_sha256": "2" * 64}, model="another")
    assert prompts_of(run("llamacpp"), other) is None


def test_the_same_weights_under_two_names_are_the_same_weights(run: Made) -> None:
    assert sentence(run("llamacpp"), run("ollama", OLLAMA, model="another")).startswith(
        "part at character 28"
    )


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        ("", "ollama's can't be read back"),
        ("no tools here", "ollama's can't be read back (no tools here)"),
    ],
)
def test_a_server_that_can_not_tell_is_named(run: Made, problem: str, said: str) -> None:
    silent = RenderedPrompt(asked="asked", problem=problem)
    a, b = run("llamacpp"), run("ollama", None, rendered=silent)
    assert sentence(a, b) == said
    assert causes(a, b) == [("server", "names.backend")]


def test_a_run_of_an_older_llmbench_has_nothing_to_hold_against(run: Made) -> None:
    assert sentence(run("llamacpp"), run("ollama", None)).startswith(
        "not noted by a run that was made by an older"
    )


@pytest.mark.parametrize("rendered", [None, RenderedPrompt(asked="asked"), RenderedPrompt(asked="other")])
def test_where_neither_weights_nor_prompts_are_known_nothing_is_said(run: Made, rendered: Any) -> None:
    hosted = run("openrouter", None, rendered=rendered, server={"server": "openrouter"})
    assert prompts_of(run("llamacpp"), hosted) is None


def test_conversations_that_are_not_the_same_are_not_held_together(run: Made) -> None:
    with_tools = kept(Rendered(text=OLLAMA), "with tools")
    found = prompts_of(run("llamacpp"), run("ollama", None, rendered=with_tools))
    assert found is not None
    assert found.found == "other conversation"
    assert not found.is_cause


def test_a_run_without_a_server_says_nothing(run: Made) -> None:
    assert prompts_of(run("llamacpp"), run("replay", None, server={})) is None


def test_on_one_kind_of_server_only_a_difference_is_news(run: Made) -> None:
    assert sentence(run("llamacpp"), run("llamacpp")) == ""
    assert sentence(run("llamacpp"), run("llamacpp", OLLAMA)).startswith("part at character 28: A '")


def test_the_last_session_that_had_a_server_counts(run: Made) -> None:
    a, b = run("llamacpp", adds_bos=False), run("ollama", adds_bos=False)
    settled = Session(started="2026-03-02T20:00:00.000+00:00")
    assert sentence(replace(a, sessions=(*a.sessions, settled)), b).startswith("byte for byte the same")


class TestBeginningOfSequence:
    def test_one_server_that_adds_it_alone_is_named(self, run: Made) -> None:
        a, b = run("llamacpp", adds_bos=True, bos="<s>"), run("ollama", adds_bos=False)
        assert sentence(a, b).endswith("; llamacpp alone puts a beginning-of-sequence token before it")
        assert ("chat template", "rendered.adds_bos") in causes(a, b)

    def test_what_is_not_known_is_said(self, run: Made) -> None:
        said = sentence(run("llamacpp", adds_bos=True, bos="<s>"), run("ollama"))
        assert said.endswith("; whether ollama puts a beginning-of-sequence token before it is not known")

    @pytest.mark.parametrize(
        ("adds", "theirs", "ending", "is_cause"),
        [
            (True, None, ", which llamacpp puts there itself", False),
            (
                True,
                True,
                ", which llamacpp puts there itself; so does ollama, and the model may get it twice",
                False,
            ),
            (False, None, "; with llamacpp the model gets none", True),
            (None, None, "; whether llamacpp puts it there itself is not known", True),
        ],
    )
    def test_a_template_that_writes_it_is_told_from_a_tokenizer_that_adds_it(
        self, run: Made, adds: bool | None, theirs: bool | None, ending: str, is_cause: bool
    ) -> None:
        a = run("llamacpp", adds_bos=adds, bos="<s>")
        b = run("ollama", f"<s>{LLAMACPP}", adds_bos=theirs)
        assert sentence(a, b) == (
            f"the same but for the beginning-of-sequence token at the front of ollama's{ending}"
        )
        found = prompts_of(a, b)
        assert found is not None
        assert found.is_cause is is_cause


def test_of_a_long_text_the_beginning_is_kept_and_the_checksum_of_all() -> None:
    text = "é" * KEPT_CHARACTERS
    one, other = (kept(Rendered(text=text + end), "asked") for end in "ab")
    assert one.text == other.text == text
    assert one.characters == KEPT_CHARACTERS + 1
    assert one.sha256 == hashlib.sha256(f"{text}a".encode()).hexdigest() != other.sha256


def test_texts_that_part_beyond_what_is_kept_are_said_to(run: Made) -> None:
    text = "x" * KEPT_CHARACTERS
    a, b = run("llamacpp", f"{text}a"), run("ollama", f"{text}b")
    assert sentence(a, b) == "not the same, beyond the beginning that is kept of 16\u202f001 characters"
    assert ("chat template", "rendered.sha256") in causes(a, b)


def test_words_of_a_server_on_the_same_weights_are_no_other_weights(run: Made) -> None:
    """llama.cpp calls Q4_K_M otherwise than Ollama, whose parameters are its sampler."""
    a = run("llamacpp", server={**GGUF, "quantization": "Q4_K - Medium", "parameters": 7_000_000})
    b = run(
        "ollama",
        server={**GGUF, "quantization": "Q4_K_M", "parameters": ["temperature 0.7"], "digest": "3" * 64},
    )
    assert causes(a, b) == [("sampler", "server.modelfile"), ("server", "names.backend")]


@given(common=st.text(), a=st.text(max_size=80), b=st.text(max_size=80))
def test_before_the_parting_all_is_the_same_and_there_it_is_not(common: str, a: str, b: str) -> None:
    at = parting(common + a, common + b)
    assert (at is None) == (a == b)
    if at is not None:
        one, other = common + a, common + b
        assert at >= len(common)
        assert one[:at] == other[:at]
        assert one[at : at + 1] != other[at : at + 1]
        assert around(one, at) != around(other, at)


@given(text=st.text(), other=st.text())
def test_a_sentence_is_one_line_without_controls(text: str, other: str) -> None:
    at = parting(text, other)
    if at is not None:
        found = Prompts(
            weights="same",
            found="apart",
            at=at,
            a=around(text, at),
            b=around(other, at),
            bos_a=False,
            bos_b=False,
        )
        assert all(letter.isprintable() or letter == "\u202f" for letter in prompts_text(found, "a", "b"))
