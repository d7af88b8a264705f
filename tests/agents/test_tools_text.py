"""Calls in plain text: what is written is read back to the letter, and other ways are understood."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmbench.api import Completion, Context, Finish, Tool
from llmbench.registry import load
from llmbench_plugins.agents.tools.checking import Mistake, Ready, check
from llmbench_plugins.agents.tools.reading import calls_in
from llmbench_plugins.agents.tools.text import description, read, written

NAMES = ("read", "write", "edit", "batch_read", "shell", "finish")
CODE = 'def f(a):\n    """Doc: <b> & "quotes" \\n."""\n    return {"a": [1, 2], **a}\n\n\nprint(f({}))'


def make(names: tuple[str, ...] = NAMES) -> dict[str, Tool]:
    context = Context(work_dir=Path(), cache_dir=Path())
    kinds = {name: load("tool", name) for name in names}
    return {name: kind(kind.Options(), context) for name, kind in kinds.items()}


TOOLS = make()


def found(content: str) -> list[tuple[str, Mapping[str, Any]]]:
    return [(call.name, call.arguments) for call in calls_in(content, TOOLS).calls]


def is_plain(text: str) -> bool:
    """Leave out what the form can't say: its own tags, a fence around all, and other line ends than ours."""
    own_tags = re.search(r"</?\s*(arg|argument|param|parameter|call|tool|invoke|function|result|path)", text)
    return not own_tags and "```" not in text and "\r" not in text


texts = st.text(
    st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("<>/\n {}[]\"'\\=")), max_size=120
).filter(is_plain)


@settings(max_examples=300, deadline=None, database=None, derandomize=True)
@given(path=texts, content=texts, before=st.sampled_from(["", "Let me write it.\n\n", "```\ncode\n```\n"]))
def test_any_text_comes_back_to_the_letter(path: str, content: str, before: str) -> None:
    call = written("write", {"path": path, "content": content})
    assert found(f"{before}{call}\nThat should do.") == [("write", {"path": path, "content": content})]


@settings(max_examples=200, deadline=None, database=None, derandomize=True)
@given(contents=st.lists(texts, min_size=1, max_size=4))
def test_several_calls_come_back_in_their_order(contents: list[str]) -> None:
    answer = "\n\n".join(written("write", {"path": "a.py", "content": text}) for text in contents)
    assert [arguments["content"] for _, arguments in found(answer)] == contents


@settings(max_examples=400, deadline=None, database=None, derandomize=True)
@given(
    parts=st.lists(
        st.one_of(
            st.text(max_size=20),
            st.sampled_from(
                [
                    '<call name="write">',
                    "</call>",
                    '<arg name="path">',
                    "</arg>",
                    "<tool_call>",
                    '{"name": "read", "arguments": {"path": "x"}}',
                    "<function=read>",
                    "<parameter=path>",
                    "</parameter>",
                    "</function>",
                    "<path>",
                    "</path>",
                    '<result of="read">',
                    "```json\n",
                    "\n```",
                    "{",
                    "[",
                ]
            ),
        ),
        max_size=12,
    )
)
def test_whatever_a_model_writes_is_read_without_an_error(parts: list[str]) -> None:
    content = "".join(parts)
    got = read(Completion(content=content, finish=Finish.STOP), TOOLS)
    for call in got.calls:
        checked = check(call, TOOLS)
        assert isinstance(checked, Ready) or checked.text


def test_code_may_speak_of_the_tags() -> None:
    code = 'text = "</arg>"\nother = "<arg name=x>"\n'
    assert found(written("write", {"path": "a.py", "content": code})) == [
        ("write", {"path": "a.py", "content": code})
    ]


WAYS = {
    "hermes": '<tool_call>\n{"name": "read", "arguments": {"path": "a.py"}}\n</tool_call>',
    "hermes without its end": '<tool_call>{"name": "read", "arguments": {"path": "a.py"}}',
    "qwen coder": "<tool_call>\n<function=read>\n<parameter=path>\na.py\n</parameter>\n</function>",
    "anthropic": '<invoke name="read">\n<parameter name="path">a.py</parameter>\n</invoke>',
    "argument's name as tag": '<call name="read"><path>a.py</path></call>',
    "no quotes": "<call name=read><arg name=path>a.py</arg></call>",
    "no name=": "<call read>\n<arg path>a.py</arg>\n</call>",
    "JSON inside": '<call name="read">{"path": "a.py"}</call>',
    "in a fence": '```xml\n<call name="read">\n<arg name="path">a.py</arg>\n</call>\n```',
    "words inside": '<call name="read">\nreading now\n<arg name="path">a.py</arg>\n</call>',
    "an argument without its end": '<call name="read"><arg name="path">a.py</call>',
    "JSON alone": '{"name": "read", "arguments": {"path": "a.py"}}',
    "JSON in a fence": 'I look:\n```json\n{"name": "read", "parameters": {"path": "a.py"}}\n```',
    "a list": '[{"type": "function", "function": {"name": "read", "arguments": {"path": "a.py"}}}]',
}


@pytest.mark.parametrize("way", WAYS)
def test_other_ways_are_understood(way: str) -> None:
    assert found(WAYS[way]) == [("read", {"path": "a.py"})]


def test_code_in_a_fence_inside_an_argument_is_taken_without_the_fence() -> None:
    answer = written("write", {"path": "a.py", "content": f"```python\n{CODE}\n```"})
    assert found(answer) == [("write", {"path": "a.py", "content": CODE})]


def test_numbers_booleans_and_lists_are_read_from_text() -> None:
    edit = '<call name="edit"><path>a</path><old>x</old><new>y</new><replaceAll>True</replaceAll></call>'
    lines = '<call name="read"><arg name="path">a.py</arg><arg name="start_line">3</arg></call>'
    paths = '<call name="batch_read"><arg name="paths">\na.py\nb.py\n</arg></call>'
    as_json = '<call name="batch_read"><arg name="paths">["a.py", "b.py"]</arg></call>'
    (edited,), (numbered,), (listed,), (encoded,) = map(found, (edit, lines, paths, as_json))
    assert edited[1] == {"path": "a", "old": "x", "new": "y", "replaceAll": True}
    assert numbered[1]["start_line"] == 3
    assert listed[1] == encoded[1] == {"paths": ["a.py", "b.py"]}
    for name, arguments in (edited, numbered, listed):
        (call,) = calls_in(written(name, arguments), TOOLS).calls
        assert isinstance(check(call, TOOLS), Ready)


@pytest.mark.parametrize("finish", [Finish.LENGTH, Finish.STOP])
def test_a_call_that_ends_in_the_middle_is_not_done(finish: Finish) -> None:
    cut = '<call name="write">\n<arg name="path">a.py</arg>\n<arg name="content">\nx ='
    answer = f"{written('read', {'path': 'a.py'})}\n{cut}"
    got = read(Completion(content=answer, finish=finish), TOOLS)
    assert [call.name for call in got.calls] == ["read"]
    assert got.mistake is Mistake.UNFINISHED
    assert got.text.startswith("your call of write has no end and was not done")


def test_results_that_a_model_makes_up_end_the_reading() -> None:
    answer = "\n".join(
        [
            written("read", {"path": "a.py"}),
            '<result of="read">\nx = 1\n</result>',
            written("finish", {"summary": "done"}),
        ]
    )
    got = read(Completion(content=answer, finish=Finish.STOP), TOOLS)
    assert [call.name for call in got.calls] == ["read"]
    assert got.invented
    assert "Results come only from me" in got.text


def test_words_and_code_are_no_calls() -> None:
    for content in ("", "Done.", f"```python\n{CODE}\n```", "if a <call and b> c:", '{"a": 1}', "[1, 2]"):
        assert found(content) == []


def test_tools_are_described_with_each_argument() -> None:
    told = description([tool.spec for tool in TOOLS.values()])
    assert "write: Create a file" in told
    assert "  path (string): file, relative to the root of the workspace" in told
    assert "  summary (string, optional): what you did, in a sentence" in told
    assert "  paths (array, as JSON)" in told
