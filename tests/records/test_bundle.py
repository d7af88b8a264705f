"""A bundle: the same bytes each time, nothing of the machine in them, and nothing believed that is in one."""

import json
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llmbench.errors import UsageError
from llmbench.records import unpacked as unpacking
from llmbench.records.anonymous import Anonymous, OfManifest
from llmbench.records.bundle import UNPACKED, bundle_of
from llmbench.records.journal import read_journal
from llmbench.records.manifest import read_manifest
from llmbench.records.masking import Mask
from llmbench.records.packing import Masks, pack
from llmbench.records.runs import find_run
from llmbench.records.samples import sample_folder
from llmbench.records.schemas import read_schema
from llmbench.records.transcript import CompletionEvent, SubmissionEvent, Transcript, scan_transcript
from llmbench.records.unpacked import unpacked
from llmbench.report.read import read_run
from llmbench.testing.bundles import entries, repacked, write_archive
from llmbench.testing.runs import ORDINARY_RUN, MadeSample, RunRecipe, write_run

HOME = "/home/maria"
SECRET = "sk-very-secret"  # noqa: S105 - what is looked for


def masks() -> Masks:
    secrets, folders = {"MY_KEY": SECRET}, [HOME]
    return Masks(
        manifest=OfManifest(secrets, folders=folders),
        texts=Anonymous(secrets, folders=folders, names={"zeus": "[host]"}),
        answers=Anonymous(secrets, folders=folders),
    )


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundle")
    run = write_run(folder / "outputs/catalog/tiny-llamacpp-prompt-1a2b3c4d5e", ORDINARY_RUN)
    pack(run, folder / "run.zip", masks(), transcripts=False)
    return folder / "run.zip"


def forget() -> None:
    while UNPACKED:
        shutil.rmtree(UNPACKED.popitem()[1].folder.parents[1])


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    """Start with nothing unpacked, whichever tests ran before in this process."""
    forget()
    yield
    forget()


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    packed = []
    for name in ("a", "b"):
        run = write_run(tmp_path / name / "catalog/tiny-1a2b3c4d5e", ORDINARY_RUN)
        pack(run, tmp_path / f"{name}.zip", masks(), transcripts=True)
        packed.append((tmp_path / f"{name}.zip").read_bytes())
    assert packed[0] == packed[1]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "a.zip", "b", "b.zip"]


def test_a_bundle_of_a_bundle_is_the_same(bundle: Path, tmp_path: Path) -> None:
    pack(unpacked(bundle), tmp_path / "again.zip", masks(), transcripts=False)
    assert (tmp_path / "again.zip").read_bytes() == bundle.read_bytes()


def test_what_is_in_one(bundle: Path) -> None:
    files = entries(bundle)
    jsonschema.validate(json.loads(files["bundle.json"]), read_schema("bundle"))
    assert list(files) == ["bundle.json", *sorted(name for name in files if name != "bundle.json")]
    kinds = {name.rpartition("/")[2] for name in files}
    assert kinds == {
        *("bundle.json", "manifest.json", "journal.jsonl", "transcript.jsonl"),
        *("response.md", "patch.diff", "stdout.log", "stderr.log"),
    }


def test_it_reads_as_the_run(bundle: Path, tmp_path: Path) -> None:
    folder = find_run(str(bundle), tmp_path / "nowhere")
    found = bundle_of(folder / "samples")
    assert found is not None
    assert found.file == bundle
    run = bundle.parent / "outputs" / found.bundle.run
    assert read_journal(folder / "journal.jsonl") == read_journal(run / "journal.jsonl")
    assert read_manifest(folder) == read_manifest(run)
    assert find_run(str(bundle), tmp_path) == folder


def test_prompts_and_reasoning_go_in_only_when_asked(bundle: Path, tmp_path: Path) -> None:
    run = bundle.parent / "outputs/catalog/tiny-llamacpp-prompt-1a2b3c4d5e"
    pack(run, tmp_path / "more.zip", masks(), transcripts=True)
    few, more = (b"".join(entries(file).values()) for file in (bundle, tmp_path / "more.zip"))
    assert b"You write Python." not in few
    assert b"You write Python." in more
    [answer] = [
        event
        for event in scan_transcript(unpacked(bundle) / "samples/python/leap/0/transcript.jsonl").events
        if isinstance(event, CompletionEvent)
    ]
    assert "is_leap" in answer.completion.content


def test_nothing_of_the_machine_is_in_it(tmp_path: Path) -> None:
    made = MadeSample(
        task="python/leap",
        reason=f"{HOME}/outputs/x failed on zeus with {SECRET}",
        answer=f"open('{HOME}/data.txt')  # {SECRET}",
        prompt=f"see {HOME}/notes",
    )
    config = {
        "output_root": f"{HOME}/outputs",
        "dataset": {"name": "catalog", "path": "/srv/tasks/mine"},
        "backend": {"url": f"http://me:{SECRET}@zeus:8080/v1", "api_key_env": "MY_KEY"},
    }
    recipe = RunRecipe(
        made=[made],
        config=config,
        warnings=(f"{HOME}/x is full",),
        overrides=(f"output_root={HOME}/outputs",),
    )
    run = write_run(tmp_path / "catalog/tiny-1a2b3c4d5e", recipe)
    sample = sample_folder(run, "python/leap", 0)
    transcript = Transcript(sample / "transcript.jsonl", Mask({}))
    files = {"leap.py": f"x = '{HOME}/a.py'".encode(), "x.pyc": f"\xff\0{HOME}/a.py".encode("latin-1")}
    transcript.append(SubmissionEvent.of(1, files, (f"{HOME}/b",), {"log": f"{HOME}/c"}))
    transcript.close()
    (sample / "try-1/stdout.log").write_text(f'File "{HOME}/tests/t.py" on zeus, {SECRET}')
    for more in (False, True):
        packed = pack(run, tmp_path / "run.zip", masks(), transcripts=more)
        assert packed.bundle.altered == ("python/leap#0",)
        found = b"\n".join(entries(tmp_path / "run.zip").values())
        for word in (HOME, SECRET, "maria", "/srv/tasks", "zeus"):
            assert word.encode() not in found, word
        [submitted] = [
            event
            for event in scan_transcript(
                unpacked(tmp_path / "run.zip") / "samples/python/leap/0/transcript.jsonl"
            ).events
            if isinstance(event, SubmissionEvent)
        ][-1:]
        assert submitted.files == {"leap.py": b"x = '[path]/a.py'", "x.pyc": b"\xff\0[path]/a.py"}
        again = pack(unpacked(tmp_path / "run.zip"), tmp_path / "again.zip", masks(), transcripts=more)
        assert again.bundle == packed.bundle
        forget()


def test_damaged_transcripts_are_named(tmp_path: Path) -> None:
    run = write_run(tmp_path / "catalog/tiny-1a2b3c4d5e", ORDINARY_RUN)
    with (run / "samples/python/leap/0/transcript.jsonl").open("ab") as file:
        file.write(b'{"event": "submission", HOME /home/maria\n')
    packed = pack(run, tmp_path / "run.zip", masks(), transcripts=True)
    assert packed.lost == ["python/leap#0"]
    assert b"maria" not in b"".join(entries(tmp_path / "run.zip").values())


def refused(file: Path) -> str:
    before, known = {path.name for path in file.parent.iterdir()}, dict(UNPACKED)
    with pytest.raises(UsageError) as told:
        unpacked(file)
    assert {path.name for path in file.parent.iterdir()} == before
    assert known == UNPACKED
    text = str(told.value)
    assert str(file) in text
    assert "\n" not in text
    return text


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "samples/../../evil",
        "/etc/evil",
        "samples/a/../b",
        "samples//x",
        "samples/a\\b/c",
        "evil",
        "samples/x",
    ],
)
def test_a_name_that_leads_elsewhere(bundle: Path, tmp_path: Path, name: str) -> None:
    changed = repacked(bundle, tmp_path / "run.zip", lambda files: files.update({name: b"x"}))
    assert "is no bundle of llmbench: '" in refused(changed)


def test_a_link(bundle: Path, tmp_path: Path) -> None:
    write_archive(tmp_path / "run.zip", entries(bundle), stat.S_IFLNK | 0o777)
    assert "is no plain file" in refused(tmp_path / "run.zip")


@pytest.mark.parametrize(
    "run", ["..", "../..", "a/..", "./b", "/etc/x", "a", "a/b/c", "", "a\\b/c\0", "a/\x1b[2J"]
)
def test_a_folder_that_leads_elsewhere(bundle: Path, tmp_path: Path, run: str) -> None:
    files = entries(bundle)
    files["bundle.json"] = json.dumps({**json.loads(files["bundle.json"]), "run": run}).encode()
    write_archive(tmp_path / "run.zip", files)
    assert "run: expected a dataset and a folder" in refused(tmp_path / "run.zip")


def test_too_much(bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    zeros = b"\0" * 10_000_000
    bomb = repacked(bundle, tmp_path / "bomb.zip", lambda files: files.update({"samples/a/0/x": zeros}))
    assert bomb.stat().st_size < 50_000
    monkeypatch.setattr(unpacking, "MOST_BYTES", 5_000_000)
    assert "too large for a bundle" in refused(bomb)
    monkeypatch.setattr(unpacking, "MOST_BYTES", 2**31)
    monkeypatch.setattr(unpacking, "MOST_BYTES_OF_ONE", 5_000_000)
    assert "'samples/a/0/x' is too large" in refused(bomb)
    monkeypatch.setattr(unpacking, "MOST_FILES", 3)
    assert "too large for a bundle" in refused(bundle_copy(bundle, tmp_path))


def bundle_copy(bundle: Path, folder: Path) -> Path:
    return repacked(bundle, folder / "copy.zip", lambda files: None)


def test_a_size_that_lies(bundle: Path, tmp_path: Path) -> None:
    """The archive says 10 bytes where it holds many: no more than it says is ever unpacked."""
    data = repacked(
        bundle, tmp_path / "a.zip", lambda files: files.update({"samples/a/0/x": b"\0" * 1_000_000})
    ).read_bytes()
    lying = data.replace((1_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert lying != data
    (tmp_path / "lie.zip").write_bytes(lying)
    assert "damaged" in refused(tmp_path / "lie.zip")


def test_twice_the_same_name(bundle: Path, tmp_path: Path) -> None:
    write_archive(tmp_path / "run.zip", entries(bundle))
    entry = zipfile.ZipInfo("journal.jsonl")
    entry.external_attr = 0o100644 << 16
    archive = zipfile.ZipFile(tmp_path / "run.zip", "a")
    with pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(entry, b"")
    archive.close()
    assert "twice there" in refused(tmp_path / "run.zip")


@pytest.mark.parametrize("name", ["journal.jsonl", "manifest.json", "samples/python/leap/0/transcript.jsonl"])
def test_a_change_on_the_way(bundle: Path, tmp_path: Path, name: str) -> None:
    def change(files: dict[str, bytes]) -> None:
        files[name] = files[name].replace(b"passed", b"failed") + b" "

    changed = repacked(bundle, tmp_path / "run.zip", change, checksums=False)
    assert f"damaged: '{name}' is not what its bundle.json says" in refused(changed)
    lacking = repacked(bundle, tmp_path / "lacking.zip", lambda files: files.pop(name), checksums=False)  # type: ignore[arg-type, return-value]
    assert f"'{name}' is missing" in refused(lacking)


@pytest.mark.parametrize(
    ("schema", "expected"),
    [("llmbench.bundle/2", "made by a newer llmbench"), ("other/1", "bundle.json can't be read")],
)
def test_another_version(bundle: Path, tmp_path: Path, schema: str, expected: str) -> None:
    files = entries(bundle)
    files["bundle.json"] = files["bundle.json"].replace(b"llmbench.bundle/1", schema.encode())
    write_archive(tmp_path / "run.zip", files)
    assert expected in refused(tmp_path / "run.zip")


def test_a_manifest_that_is_none(bundle: Path, tmp_path: Path) -> None:
    changed = repacked(bundle, tmp_path / "run.zip", lambda files: files.update({"manifest.json": b"{}"}))
    text = refused(changed)
    assert "manifest.json can't be read" in text
    assert "llmbench-bundle-" not in text


@pytest.mark.parametrize(
    ("key", "value"), [("samples", 10**12), ("samples", -1), ("tries", 10**9), ("tries", 0), ("counts", [1])]
)
def test_a_plan_that_would_keep_a_machine_busy(bundle: Path, tmp_path: Path, key: str, value: object) -> None:
    def change(files: dict[str, bytes]) -> None:
        manifest = json.loads(files["manifest.json"])
        manifest["plan"][key] = value
        files["manifest.json"] = json.dumps(manifest).encode()

    assert "manifest.json: plan: expected" in refused(repacked(bundle, tmp_path / "run.zip", change))


@pytest.mark.parametrize("tags", [None, 5, "x", {"a": 1}])
def test_odd_facts_of_tasks_break_no_report(bundle: Path, tmp_path: Path, tags: object) -> None:
    def change(files: dict[str, bytes]) -> None:
        manifest = json.loads(files["manifest.json"])
        manifest["plan"]["about"] = [{"tags": tags} for _ in manifest["plan"]["tasks"]]
        files["manifest.json"] = json.dumps(manifest).encode()

    run = read_run(unpacked(repacked(bundle, tmp_path / "run.zip", change)))
    assert run.summary.graded == 5


def test_it_is_gone_when_the_process_ends(bundle: Path, tmp_path: Path) -> None:
    program = "import sys; from pathlib import Path; from llmbench.records.unpacked import unpacked; "
    program += "folder = unpacked(Path(sys.argv[1])); assert folder.is_dir(); print(folder)"
    ran = subprocess.run(
        [sys.executable, "-X", "dev", "-c", program, str(bundle)], capture_output=True, text=True, check=True
    )
    assert ran.stderr == ""
    assert not Path(ran.stdout.strip()).parents[1].exists()


def test_where_it_can_not_be_written(bundle: Path) -> None:
    run = bundle.parent / "outputs/catalog/tiny-llamacpp-prompt-1a2b3c4d5e"
    for output in (bundle / "x.zip", bundle.parent / "none/x.zip"):
        with pytest.raises(UsageError, match="can't be written"):
            pack(run, output, masks(), transcripts=False)


def test_files_that_are_no_bundle(tmp_path: Path) -> None:
    for name, data in {"a.zip": b"", "b.zip": b"PK\3\4", "c.zip": b"hello", "d.bundle": b"PK" * 500}.items():
        (tmp_path / name).write_bytes(data)
        assert "no bundle of llmbench" in refused(tmp_path / name)
    write_archive(tmp_path / "e.zip", {"readme.txt": b"x"})
    assert "it has no bundle.json" in refused(tmp_path / "e.zip")
    (tmp_path / "last").write_bytes(b"no archive")
    with pytest.raises(UsageError, match="holds no run"):
        find_run("last", tmp_path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(data=st.data())
def test_any_damage_is_one_line(bundle: Path, tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(bundle.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    content = content[: data.draw(st.sampled_from([len(content), len(content) // 2, len(content) - 7]))]
    file = tmp_path / "damaged.zip"
    file.write_bytes(content)
    if why := complaint(file):
        assert "\n" not in why
        return
    # What changed is a field that nothing depends on: the content is that of the bundle.
    assert read_journal(unpacked(file) / "journal.jsonl") == read_journal(unpacked(bundle) / "journal.jsonl")
    forget()


def complaint(file: Path) -> str:
    try:
        unpacked(file)
    except UsageError as error:
        return str(error)
    return ""


def test_older_journals(tmp_path: Path) -> None:
    """A record of the first version had eight fields."""
    run = write_run(tmp_path / "catalog/tiny-1a2b3c4d5e", replace(ORDINARY_RUN, made=ORDINARY_RUN.made[:1]))
    fixed = ("schema", "task", "sample", "outcome", "score", "tries", "usage", "timing", "task_digest")
    record = json.loads((run / "journal.jsonl").read_text())
    old = {key: record[key] for key in fixed}
    old["tries"] = [{"number": 1, "outcome": "passed", "score": 1.0}]
    (run / "journal.jsonl").write_text(json.dumps(old) + "\n")
    manifest = json.loads((run / "manifest.json").read_text())
    for key in ("about", "counts", "whole"):
        manifest["plan"].pop(key)
    (run / "manifest.json").write_text(json.dumps(manifest))
    pack(run, tmp_path / "run.zip", masks(), transcripts=False)
    records = read_journal(unpacked(tmp_path / "run.zip") / "journal.jsonl")
    assert records == read_journal(run / "journal.jsonl")
