"""What a browser may launch: hostile words are refused, and what passes means just what it says."""

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmbench.config.arguments import parse
from llmbench.config.build import build_spec
from llmbench.config.compose import compose
from llmbench.errors import LlmbenchError, UsageError
from llmbench.serve.faults import Refused
from llmbench.serve.launching.gate import check_words
from llmbench.serve.launching.offer import Offer, make_offer
from llmbench.serve.launching.trial import check, try_words
from llmbench.serve.launching.words import Words, words_of
from llmbench.serve.settings import Allowed, Settings

HOSTILE = [
    "hydra.run.dir=/tmp/x",
    "hydra/launcher=joblib",
    "hydra=x",
    "+backend.x=1",
    "++backend.slots=1",
    "~backend",
    "-m",
    "--config-dir=/etc",
    "output_root=/etc",
    "history_url=sqlite:////etc/x",
    "agent=cli",
    "agent=claude-code",
    "sandbox=local",
    "sandbox.candidates=[local]",
    "sandbox.name=local",
    "agent.name=cli",
    "agent.argv=[sh,-c,id]",
    "agent.install=id",
    "backend.binary=/bin/sh",
    "backend.extra_args=[--log-file,/etc/x]",
    "backend.docker_args=[--privileged]",
    "backend.api_key_env=AWS_SECRET_ACCESS_KEY",
    "backend.headers={a:env:HOME}",
    "backend.url=http://169.254.169.254/",
    "backend.url=http://127.0.0.1.example.com/",
    "backend.url=file:///etc/passwd",
    "backend.source.path=/etc/passwd",
    "model.sources.llamacpp.path=/etc/passwd",
    "model.trusted=true",
    "model=/etc/passwd",
    "model=./../../etc/x.gguf",
    "model=llamacpp:/etc/x.gguf",
    "model=~/x.gguf",
    "model=$(id)",
    "dataset.path=/etc",
    "dataset.path='/etc'",
    "dataset.path=../..",
    "dataset.url=http://example.com/x.tar.gz",
    "monitor_options.nvidia.devices=[0]",
    "agent.system=${oc.env:HOME}",
    "agent.system=$\\{oc.env:HOME\\}",
    "agent.system='${oc.env:HOME}'",
    "agent.system=a\nb",
    "agent.system=a\0b",
    "agent.system=a\u202eb",
    "samples=range(1,1000000)",
    "agent=glob(*)",
    "samples",
    "=1",
    "",
    "samples=" + "1" * 5000,
    "tasks=" + "[" * 900 + "]" * 900,
    "tasks=" + "{a:" * 300 + "1" + "}" * 300,
]


@cache
def _offer(backend: str = "") -> Offer:
    return make_offer({"backend": [backend]} if backend else {})


def _settings(root: Path, **allowed: bool) -> Settings:
    return Settings(root=root, allowed=Allowed(**allowed))


@pytest.mark.parametrize("word", HOSTILE)
@pytest.mark.parametrize("sweep", [False, True])
def test_what_is_hostile_is_refused_in_one_line(word: str, sweep: bool, tmp_path: Path) -> None:
    offer = _offer("openai" if "url" in word else "")
    with pytest.raises((Refused, UsageError)) as refusal:
        check(Words((word,), sweep), offer, _settings(tmp_path))
    assert "\n" not in str(refusal.value)


def test_what_the_server_was_started_with_is_allowed(tmp_path: Path) -> None:
    local = Words(("sandbox=local",))
    assert not try_words(local, _offer(), _settings(tmp_path, local=True)).wrong
    allowed = _settings(tmp_path, cli=True)
    assert not try_words(Words(("agent=claude-code",)), _offer(), allowed).is_refused


def test_paths_may_lead_into_folders_that_are_allowed_and_not_out_through_a_link(tmp_path: Path) -> None:
    inside, outside = tmp_path / "mine", tmp_path / "other"
    for folder in (inside, outside):
        folder.mkdir()
    (inside / "link").symlink_to(outside)
    own = Settings(root=tmp_path / "outputs", allowed=Allowed(folders=(inside,)))
    offer = _offer()
    check_words([f"dataset.path='{inside}/tasks'"], offer, own)
    for path in (outside, inside / "link", inside / ".." / "other"):
        with pytest.raises(Refused, match=r"dataset\.path"):
            check_words([f"dataset.path='{path}'"], offer, own)


def test_a_sweep_is_bounded_before_its_cells_are_listed(tmp_path: Path) -> None:
    many = ",".join(map(str, range(300)))
    words = Words((f"samples={many}", f"seed={many}", f"tries={many}"), is_sweep=True)
    with pytest.raises(UsageError, match="a sweep of"):
        check(words, _offer(), _settings(tmp_path))


def test_a_complaint_names_the_field(tmp_path: Path) -> None:
    trial = try_words(Words(("backend.slots=0",)), _offer(), _settings(tmp_path))
    assert (trial.key, trial.is_refused) == ("backend.slots", False)
    assert trial.wrong == "backend.slots: expected an integer ≥ 1, got 0"


def test_a_run_elsewhere_is_named_by_the_line_to_copy(tmp_path: Path) -> None:
    trial = try_words(Words(("limit=2",)), _offer(), _settings(tmp_path / "a b"))
    assert trial.line == f"llmbench limit=2 'output_root='\"'\"'{tmp_path}/a b'\"'\"''"
    assert trial.folders == ("quickstart/demo-llamacpp-prompt-b8af0a3ecd",)


_ANY = st.text(max_size=60)


@given(
    word=st.one_of(
        _ANY, st.builds("{}={}".format, st.sampled_from(["hydra.x", "agent.argv", "+a", "~b"]), _ANY)
    )
)
@settings(max_examples=150, deadline=None)
def test_no_word_passes_whose_key_has_no_field(word: str) -> None:
    offer = _offer()
    try:
        check_words([word], offer, Settings(root=Path("outputs")))
    except LlmbenchError:
        return
    key = word.partition("=")[0]
    assert key in offer.groups or offer.field(key)
    assert word.isprintable()


@given(
    text=st.text(
        st.characters(blacklist_categories=["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"]),
        min_size=1,
        max_size=40,
    )
)
@settings(max_examples=30, deadline=None)
def test_a_text_that_passes_is_read_to_the_letter(text: str) -> None:
    form = {"agent.system": [text]}
    words = words_of(form, _offer())
    trial = try_words(words, _offer(), Settings(root=Path("outputs")))
    assert bool(trial.wrong) == ("$" in text and "{" in text)
    if not trial.wrong:
        assert build_spec(compose(parse(words.argv(Path("outputs"))))).agent.options.system == text.strip()
