import json
from collections.abc import Callable
from pathlib import Path

import pytest

from llmbench.api import Limits, Reasoning, Sampling
from llmbench.config.arguments import parse
from llmbench.config.build import build_spec
from llmbench.config.compose import compose
from llmbench.errors import BrokenPluginError, ImpossibleError, LlmbenchError, UsageError
from llmbench.runner.spec import Budget, RunSpec

Build = Callable[..., RunSpec]


@pytest.fixture
def build(here: Path, stub: tuple[str, ...]) -> Build:
    def build(*overrides: str) -> RunSpec:
        return build_spec(compose(parse([*stub, *overrides])))

    return build


def complaint(build: Build, *overrides: str, kind: type[LlmbenchError] = UsageError) -> str:
    with pytest.raises(kind) as caught:
        build(*overrides)
    assert caught.value.exit_code == 2
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_a_run_is_plain_frozen_data(build: Build) -> None:
    spec = build("limit=3", "tasks=[leap,HumanEval/3]", "box.memory_mb=64", "budget.hours=8")
    assert (spec.backend.name, spec.backend.provider) == ("stub", "llmbench-stub 1.2")
    assert spec.backend.options.source.path == "weights.bin"
    assert spec.selection.limit == 3
    assert spec.selection.tasks == ("leap", "HumanEval/3")
    assert spec.box == Limits(memory_mb=64)
    assert spec.budget == Budget(hours=8)
    assert spec.model.reasoning == Reasoning(answer_tokens=100)
    assert spec.model.sampling_source == "its card"
    assert spec.sampling == Sampling(temperature=0.7, top_p=0.9)
    assert spec.folder == Path(f"outputs/stub/org-stub-stub-stub-{spec.run_id}")
    assert spec.config["model"]["name"] == "org/stub"
    json.dumps(spec.config)


def test_composing_writes_nothing(build: Build, here: Path) -> None:
    build()
    assert list(here.iterdir()) == []


def test_the_sampling_group_lies_over_the_models_own(build: Build) -> None:
    assert build("sampling=greedy").sampling == Sampling(temperature=0.0, top_p=1.0)
    assert build("sampling.min_p=0.1").sampling == Sampling(temperature=0.7, top_p=0.9, min_p=0.1)


def test_the_dataset_chooses_its_validator_and_the_command_line_wins(build: Build) -> None:
    assert build().validator.name == "stub"
    assert build("validator=other").validator.name == "other"


def test_a_backend_that_the_model_does_not_name_gets_the_default_source(build: Build) -> None:
    assert build("model=fallback").backend.options.source.path == "any.bin"


def test_a_model_without_a_source_for_the_backend_is_impossible(build: Build) -> None:
    assert complaint(build, "model=nosource", kind=ImpossibleError) == (
        "model 'nosource' has no source for backend 'stub' and no default; it has: elsewhere"
    )


def test_a_backend_that_takes_no_source_needs_none(build: Build) -> None:
    assert build("model=nosource", "backend=sourceless").backend.name == "sourceless"


def test_the_presets_keys_lie_under_the_command_lines(build: Build) -> None:
    assert build("preset=quick").selection.limit == 5
    assert build("preset=quick", "limit=2").selection.limit == 2


def test_a_bare_word_is_a_list_of_one_task(build: Build) -> None:
    assert build("tasks=leap").selection.tasks == ("leap",)
    assert build("tasks=[1,HumanEval/3]").selection.tasks == ("1", "HumanEval/3")


@pytest.mark.parametrize("pattern", ["^leap$", "a|b", "[ab]c", r"HumanEval/\d+", "it's", "x=y", "~z"])
def test_a_filter_needs_no_quotes(build: Build, pattern: str) -> None:
    assert build(f"filter={pattern}").selection.filter == pattern


def test_odd_characters_need_no_quotes(build: Build) -> None:
    assert build("backend.flavour=http://x:80/v1?a=b&c=~d").backend.options.flavour == (
        "http://x:80/v1?a=b&c=~d"
    )


def test_an_address_in_brackets_needs_no_quotes(build: Build) -> None:
    assert build("backend.flavour=http://[::1]:80/v1").backend.options.flavour == "http://[::1]:80/v1"


def test_an_option_that_the_yaml_leaves_out_can_be_set(build: Build) -> None:
    assert build("backend.port=80").backend.options.port == 80
    assert build("+backend.port=81").backend.options.port == 81


def test_every_candidate_gets_the_options_that_it_knows(build: Build) -> None:
    docker, local = build("sandbox.ca_bundle=ca.pem").sandbox
    assert (docker.name, docker.options.ca_bundle) == ("stubdocker", "ca.pem")
    assert local.name == "stublocal"
    assert [part.name for part in build("sandbox=stubdocker").sandbox] == ["stubdocker"]


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("limit=0", "limit: expected an integer ≥ 1, got 0 (command line)"),
        ("limit=abc", "limit: expected an integer ≥ 1 or null, got 'abc' (command line)"),
        ("samples=0", "samples: expected an integer ≥ 1, got 0 (command line)"),
        ("samples=", "samples: expected an integer ≥ 1, got '' (command line)"),
        ("dry_run=maybe", "dry_run: expected true or false, got 'maybe' (command line)"),
        ("box.memory_mb=-1", "box.memory_mb: expected an integer ≥ 1, got -1 (command line)"),
        ("limits.wall=5", "limits.wall: unknown option; did you mean 'wall_s'? known: tokens, wall_s"),
        ("sampels=1", "sampels: unknown key; did you mean 'samples'? known: agent, backend,"),
        ("+x=1", "x: unknown key; known: agent,"),
        ("bakend=stub", "bakend: unknown key; did you mean 'backend'?"),
        ("backend.flavor=x", "backend.flavor: unknown option; did you mean 'flavour'? known: api_key_env,"),
        ("backend=1", "no backend '1'; available: "),
        ("backend=stbu", "no backend 'stbu'; did you mean 'stub'? available: "),
        ("model=", "no model ''; available: "),
        ("backend.port=x", "backend.port: expected an integer or null, got 'x' (command line)"),
        (
            "model.sources.stub.context=many",
            "model.sources.stub.context: expected an integer ≥ 512, got 'many' (command line)",
        ),
        ("backend.name=stbu", "backend.name: no backend 'stbu'; did you mean 'stub'? installed: "),
        ("sampling.temperature=hot", "sampling.temperature: expected a number ≥ 0 or null, got 'hot'"),
        ("model.reasoning.style=deep", "model.reasoning.style: expected one of inline, none, separate, got"),
        (
            "+model.reference={humanevalplus: {pass_at_1: 84.1}}",
            "model.reference.humanevalplus.pass_at_1: expected a number ≥ 0 and ≤ 1, got 84.1",
        ),
        (
            "+model.reference={humanevalplus: {pass_at1: 0.8}}",
            "model.reference.humanevalplus.pass_at1: unknown option",
        ),
        ("+model.published=[3]", "model.published.0: expected text, got 3"),
        ("sandbox.colour=red", "sandbox.colour: unknown option; known: ca_bundle, image (command line)"),
        ("tasks=a,b", "tasks=a,b: a list needs brackets: 'tasks=[a,b]'"),
        ("limit=1,2", "limit=1,2 names several values; add -m to run each, or brackets: 'limit=[1,2]'"),
        ("model=stub,fallback", "model=stub,fallback names several values; add -m to run each"),
        ("output_root=", "output_root: expected text of 1 characters or more, got '' (command line)"),
        ("limit", "'limit': expected key=value; see llmbench --help"),
        ("--confg=job", "unknown flag '--confg=job'; did you mean '--cfg'? see llmbench --help"),
        ("--config-dir=nowhere", "--config-dir: expected a folder, got 'nowhere'"),
        ("limit=[1", "'limit=[1' can't be read; put odd characters in quotes"),
        ("backend.flavour=${nothing}", "backend.flavour: Interpolation key 'nothing' not found"),
    ],
)
def test_a_wrong_request_is_told_in_one_line(build: Build, here: Path, override: str, expected: str) -> None:
    assert expected in complaint(build, override)
    assert list(here.iterdir()) == []


def test_complaints_name_the_file_that_set_the_key(build: Build, here: Path, site: Path) -> None:
    model = here / "conf/model/mine.yaml"
    model.parent.mkdir(parents=True)
    model.write_text("name: mine\nsources: {stub: {path: x, context: many}}\n")
    expected = "model.sources.stub.context: expected an integer ≥ 512, got 'many' (conf/model/mine.yaml)"
    assert complaint(build, "model=mine") == expected
    model.write_text("name: mine\nsources: {stub: {}}\n")
    assert complaint(build, "model=mine") == "model.sources.stub: 'path' is missing (conf/model/mine.yaml)"
    model.write_text("name: mine\nsources: {stub: {path: '???'}}\n")
    assert "model.sources.stub.path: a value is missing" in complaint(build, "model=mine")
    model.write_text("name: mine\nsauces: {}\n")
    assert "did you mean 'sources'" in complaint(build, "model=mine")
    (site / "llmbench_stub/conf/backend/stub.yaml").write_text("name: stub\nflavour: 3\n")
    assert complaint(build) == "backend.flavour: expected text, got 3 (llmbench_stub/conf/backend/stub.yaml)"


@pytest.mark.parametrize("text", ["name: [", "- a\n- b\n", "name: mine\nname: mine\n", "\xff", "a: ${b"])
def test_a_bad_yaml_file_is_told_in_one_line(build: Build, here: Path, text: str) -> None:
    model = here / "conf/model/mine.yaml"
    model.parent.mkdir(parents=True)
    model.write_text(text, encoding="latin-1")
    assert "conf/model/mine.yaml" in complaint(build, "model=mine")


def test_a_file_that_would_be_ignored_is_refused(build: Build, here: Path) -> None:
    hidden = here / "conf/model/stub.yaml"
    hidden.parent.mkdir(parents=True)
    hidden.write_text("name: other\n")
    assert complaint(build) == (
        f"{hidden}: hidden by llmbench_stub/conf/model/stub.yaml of llmbench-stub 1.2, "
        "which has the same name; rename it"
    )


def test_config_dir_adds_choices(build: Build, tmp_path: Path) -> None:
    path = tmp_path / "more/model/extra.yaml"
    path.parent.mkdir(parents=True)
    path.write_text("name: extra\nsources: {default: {path: x}}\n")
    assert build(f"--config-dir={tmp_path / 'more'}", "model=extra").model.name == "extra"


def test_broken_plugins_name_their_distribution(build: Build) -> None:
    assert "backend 'broken' of llmbench-stub 1.2 can't be imported (ModuleNotFoundError" in complaint(
        build, "backend=broken", kind=BrokenPluginError
    )
    assert "expected a subclass of llmbench.api.Backend" in complaint(
        build, "backend=notone", kind=BrokenPluginError
    )


def test_secrets_come_from_the_environment_and_from_dotenv(
    build: Build, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / ".env").write_text("MY_API_KEY=from-file\nPLAIN=also\n")
    monkeypatch.setenv("MY_API_KEY", "from-shell")
    monkeypatch.setenv("OTHER_TOKEN", "token")
    monkeypatch.setenv("ODDLY_NAMED", "odd")
    monkeypatch.setenv("UNRELATED", "no")
    secrets = build("backend.api_key_env=ODDLY_NAMED").secrets
    assert secrets["MY_API_KEY"] == "from-shell"
    assert secrets["PLAIN"] == "also"
    assert secrets["OTHER_TOKEN"] == "token"  # noqa: S105 - a made-up one
    assert secrets["ODDLY_NAMED"] == "odd"
    assert "UNRELATED" not in secrets


def test_quiet_hours_are_two_times_of_day(build: Build) -> None:
    assert str(build("quiet_hours=22:00-6:30").quiet) == "22:00-06:30"
    assert build("quiet_hours=null").quiet is None
    told = complaint(build, "quiet_hours=8-18")
    assert told.startswith("quiet_hours: expected two different times of day, such as 08:00-18:00")
    assert told.endswith("got '8-18' (command line)")
