"""Code is renamed by tokens, strings only where they name something, prose only where it marks code."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmbench_plugins.datasets.shared.twins.rewriting import Rewriter

NAMES = {"add": "plus", "max_len": "largest_len", "Pool": "PlainPool"}
BACK = {new: old for old, new in NAMES.items()}


def free(language: str = "python", **more: object) -> Rewriter:
    return Rewriter(language=language, free=NAMES, members={}, **more)  # type: ignore[arg-type]


def members(language: str = "python") -> Rewriter:
    return Rewriter(language=language, free={}, members=NAMES)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("add(1) + added", "plus(1) + added"),
        ("x.add(1)", "x.add(1)"),
        ("mine.add(1)", "mine.plus(1)"),
        ("from add import add", "from add import plus"),
        ("f(*add, **add)", "f(*plus, **plus)"),
        ("f'{add(x)} add'", "f'{plus(x)} add'"),
        ("x = 'add'", "x = 'add'"),
        ("x = 'call add() once'", "x = 'call plus() once'"),
        ("x = 'max_len is too small'", "x = 'largest_len is too small'"),
        (
            "x = 'data/max_len.txt', '\"max_len\": 1', 'max_len'",
            "x = 'data/max_len.txt', '\"max_len\": 1', 'max_len'",
        ),
        ("# add `add` to max_len", "# add `plus` to largest_len"),
        (
            'def f():\n    """Add, by the function add.\n\n    >>> add(1) + x.add\n    add\n    """',
            'def f():\n    """Add, by the function plus.\n\n    >>> plus(1) + x.add\n    add\n    """',
        ),
    ],
)
def test_python(code: str, expected: str) -> None:
    assert free(modules=frozenset({"mine"})).code(code) == expected


def test_methods_are_renamed_after_a_dot_too() -> None:
    assert (
        members().code("def add(self): return x.add(self.max_len)")
        == "def plus(self): return x.plus(self.largest_len)"
    )


def test_a_whole_string_is_renamed_where_it_is_a_name() -> None:
    assert (
        free(whole=frozenset({"add"})).code("__all__ = ['add', 'max_len']") == "__all__ = ['plus', 'max_len']"
    )


@pytest.mark.parametrize(
    ("language", "code", "expected"),
    [
        ("javascript", "f(...add, `${add(1)} add`, x.add)", "f(...plus, `${plus(1)} add`, x.add)"),
        ("go", "add(1); x.add(2) // add `add`", "plus(1); x.add(2) // add `plus`"),
        ("rust", "Pool::add(0..add); x.add()", "PlainPool::plus(0..plus); x.add()"),
        ("cpp", '#include "add.h"\nns::add(1); x.add();', '#include "add.h"\nns::plus(1); x.add();'),
    ],
)
def test_other_languages(language: str, code: str, expected: str) -> None:
    assert free(language).code(code) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Add and add to the Pool.", "Add and add to the Pool."),
        ("Write `add(x)` in `add.py`; not `add.py`", "Write `plus(x)` in `add.py`; not `add.py`"),
        ("The class Pool has a max_len.", "The class PlainPool has a largest_len."),
        ("add(1) gives `'add'`", "plus(1) gives `'add'`"),
        ("```python\nadd = x.add  # add\n```\nadd", "```python\nplus = x.add  # add\n```\nadd"),
        ("```\nadd 1\nclass Pool\n```", "```\nadd 1\nclass PlainPool\n```"),
    ],
)
def test_instructions(text: str, expected: str) -> None:
    assert free().markdown(text) == expected


TOKENS = st.sampled_from(
    [
        *NAMES,
        "x",
        "'add'",
        "+",
        "(",
        ")",
        ".",
        "\n",
        " ",
        "# Pool\n",
        "f'{add}'",
        "'''max_len'''",
        "`add`",
        "1",
    ]
)


@given(
    text=st.lists(TOKENS).map("".join),
    language=st.sampled_from(["python", "javascript", "go", "rust", "cpp"]),
)
def test_renaming_back_gives_the_original(text: str, language: str) -> None:
    there = Rewriter(language=language, free={}, members=NAMES)
    back = Rewriter(language=language, free={}, members=BACK)
    assert back.code(there.code(text)) == text
    assert back.markdown(there.markdown(text)) == text


@given(value=st.text())
def test_data_stays(value: str) -> None:
    if any(name in value for name in NAMES):
        return
    code = f"x = {value!r}\nadd({value!r})"
    assert ast.literal_eval(ast.parse(free().code(code)).body[0].value) == value  # type: ignore[attr-defined]
