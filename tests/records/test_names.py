"""Names that file systems take."""

from pathlib import Path, PurePosixPath

from hypothesis import given
from hypothesis import strategies as st

from llmbench.records.names import LONGEST_BYTES, fitting_name, fitting_path
from llmbench.records.samples import sample_folder

texts = st.text(st.characters(exclude_categories=["Cs"]))


@given(texts, st.integers(16, 300))
def test_a_name_fits_and_a_short_one_stays(name: str, most: int) -> None:
    fitting = fitting_name(name, most)
    assert len(fitting.encode()) <= most
    assert (fitting == name) == (len(name.encode()) <= most)


def test_long_names_that_begin_alike_stay_apart() -> None:
    assert fitting_name("я" * 300 + "a") != fitting_name("я" * 300 + "b")


@given(st.lists(st.sampled_from(["a", "..", ".", "", "я" * 200, "x\0y", "HumanEval"])).map("/".join))
def test_a_path_leads_nowhere_else(path: str) -> None:
    fitting = fitting_path(path)
    assert not PurePosixPath(fitting).is_absolute()
    assert ".." not in fitting.split("/")
    assert "\0" not in fitting
    assert all(len(name.encode()) <= LONGEST_BYTES for name in fitting.split("/"))


def test_a_sample_of_any_task_has_a_folder(tmp_path: Path) -> None:
    for task in ("n" * 300, "я" * 300, f"python/{'n' * 300}", "HumanEval/0"):
        sample_folder(tmp_path, task, 0).mkdir(parents=True)
    assert sample_folder(tmp_path, "HumanEval/0", 3) == tmp_path / "samples/HumanEval/0/3"
