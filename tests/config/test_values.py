"""Values on their way to Hydra's grammar and back: each arrives as it was meant, and no sweep shrinks."""

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import MissingConfigException
from hypothesis import given
from hypothesis import strategies as st

from llmbench.config.arguments import parse
from llmbench.config.complaints import as_user_error
from llmbench.config.shown import shown
from llmbench.config.values import fit_names, fit_sweep, quoted

PARSER = OverridesParser.create()
odd = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters=",'\"\\()[]{}$")


def cells(value: str) -> list[str]:
    """What Hydra reads of a fitted value, as people see it."""
    override = PARSER.parse_override(f"++key={value}")
    if not override.is_sweep_override():
        return [shown(f"++key={value}")]
    return [shown(f"++key={part}") for part in override.sweep_string_iterator()]


def is_word(text: str) -> bool:
    """Leave out what Hydra reads as a number or a word of YAML."""
    try:
        float(text.replace("_", ""))
    except ValueError:
        return text.lower() not in ("true", "false", "null")
    return False


@given(st.lists(st.text(odd, min_size=1).map(str.strip).filter(bool).filter(is_word), min_size=2, max_size=4))
def test_each_part_between_commas_is_a_cell(parts: list[str]) -> None:
    assert cells(fit_sweep(",".join(parts))) == parts


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="$")))
def test_what_is_quoted_is_read_to_the_letter(text: str) -> None:
    assert cells(quoted(text)) == [text]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("qwen3:8b,b", ["qwen3:8b", "b"]),
        ("it's,that's", ["it's", "that's"]),
        (":),:(", [":)", ":("]),
        ("'a,b',c=d", ["a,b", "c=d"]),
        (r"a\,b=1,c", ["a,b=1", "c"]),
        ("[a=b,c],[d]", ["[a=b,c]", "[d]"]),
        ("{a:é,b:2},{a:3}", ["{a:é,b:2}", "{a:3}"]),
        ("${x:a,b},c", ["${x:a,b}", "c"]),
        ("choice(a=b,моя)", ["a=b", "моя"]),
        ("range(1,4)", ["1", "2", "3"]),
        ("a{1,2},b", ["a{1,2}", "b"]),
        ("true,null", ["true", "null"]),
        ("one", ["one"]),
    ],
)
def test_parts_are_told_apart(value: str, expected: list[str]) -> None:
    assert cells(fit_sweep(value)) == expected


def test_names_of_files_may_be_numbers() -> None:
    assert fit_names("4,4.5,x") == "'4','4.5',x"


def test_a_launcher_of_another_package_names_the_package() -> None:
    missing = MissingConfigException("…", missing_cfg_file="hydra/launcher/joblib", options=["basic"])
    said = "hydra/launcher=joblib needs the package hydra-joblib-launcher: pip install hydra-joblib-launcher"
    assert str(as_user_error(missing, parse([]))) == said
