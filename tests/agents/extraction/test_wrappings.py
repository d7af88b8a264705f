"""Any solution, in any of the ways in which models wrap code, comes out as it went in, byte for byte."""

import ast
import html
import json
import re
import textwrap
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmbench.api import Task
from llmbench.resources import resource_dir
from llmbench_plugins.agents.shared.extraction import extract

POLYGLOT = Path(__file__).parents[2] / "data/polyglot"
USAGE = "```python\nprint({name}(1))\n```"
HARD = {
    "fence in a docstring": (
        'def {name}(x):\n    """Say.\n\n    ```python\n    {name}(1)\n    ```\n    """\n    return x\n'
    ),
    "fence at column 0": 'DOC = """\n```\n{name}(1)  # True\n```\n"""\n\n\ndef {name}(x):\n    return x\n',
    "blank lines in a string": 'MAP = """a\n   \n\t\nb"""\n\n\ndef {name}(x):\n    return MAP\n',
    "tags in a string": 'def {name}(x):\n    return x.split("</think>")[-1].removesuffix("<|im_end|>\\n")\n',
    "marks in a comment": "def {name}(x):  # gives ```x``` back\n    # ```\n    # ~~~ or so\n    return x\n",
    "a class": "import os\n\n\nclass {name}:\n    '''Keep.'''\n\n    def get(self):\n        return os.sep\n",
    "tabs": "def {name}(x):\n\tif x:\n\t\treturn '\t'\n\treturn x\n",
    "letters of all kinds": "def {name}(x):\n    return 'é 漢 \u200b 👍'\n",
}


@cache
def solutions() -> tuple[tuple[str, str], ...]:
    """Return solutions in Python with the name that is asked for."""
    hard = [("solve", text.replace("{name}", "solve")) for text in HARD.values()]
    files = [
        *sorted(resource_dir("tasks").glob("python/*/solution/*.py")),
        *sorted(POLYGLOT.glob("python/exercises/practice/*/.meta/*.py")),
    ]
    texts = [file.read_text(encoding="utf-8") for file in files]
    return (*hard, *((name, text) for text in texts if (name := _first_name(text))))


def _first_name(source: str) -> str:
    kinds = (ast.FunctionDef, ast.ClassDef)
    return next((node.name for node in ast.parse(source).body if isinstance(node, kinds)), "")


def fenced(code: str, info: str = "python", mark: str = "```") -> str:
    return f"{mark}{info}\n{code}{mark}\n"


def longer(code: str) -> str:
    """Return a mark that the code does not hold, as a careful writer chooses it."""
    return "`" * max(4, 1 + max(map(len, re.findall("`+", code)), default=0))


def indented(text: str, by: str) -> str:
    return "".join(f"{by}{line}" for line in text.splitlines(keepends=True))


Wrap = Callable[[str, str], str]
"""Makes an answer of the name that is asked for and of code that ends with a line end."""
WRAPPINGS: dict[str, Wrap] = {
    # fences as they should be
    "plain": lambda name, code: fenced(code),
    "no language": lambda name, code: fenced(code, ""),
    "between prose": lambda name, code: (
        f"Sure! Here it is.\n\n{fenced(code)}\nIt handles all cases; that's it.\n"
    ),
    "tildes": lambda name, code: fenced(code, "python", "~~~~"),
    "a longer mark": lambda name, code: fenced(code, "python", longer(code)),
    # labels
    "py": lambda name, code: fenced(code, "py"),
    "python3": lambda name, code: fenced(code, "python3"),
    "a version": lambda name, code: fenced(code, "Python 3.11"),
    "a version without a space": lambda name, code: fenced(code, "python3.12"),
    "a blank before the label": lambda name, code: fenced(code, " python "),
    "pandoc": lambda name, code: fenced(code, "{.python .numberLines}"),
    "braces": lambda name, code: fenced(code, "{python}"),
    "marked lines": lambda name, code: fenced(code, "python {1,3-5}"),
    "title": lambda name, code: fenced(code, 'python title="leap.py"'),
    "colon": lambda name, code: fenced(code, "python:leap.py"),
    "file after the language": lambda name, code: fenced(code, "py leap.py"),
    "file= in the label": lambda name, code: fenced(code, "python file=leap.py"),
    "only the file": lambda name, code: fenced(code, "leap.py"),
    "lines and file": lambda name, code: fenced(code, "1:20:leap.py"),
    "tool_code": lambda name, code: fenced(code, "tool_code"),
    # names
    "backticks": lambda name, code: f"`leap.py`\n{fenced(code)}",
    "bold": lambda name, code: f"**leap.py:**\n\n{fenced(code)}",
    "heading": lambda name, code: f"### File: `leap.py`\n\n{fenced(code)}",
    "heading and a sentence": lambda name, code: f"## leap.py\n\nThis does the work:\n\n{fenced(code)}",
    "sentence": lambda name, code: f"Here is the corrected code for `leap.py`:\n{fenced(code)}",
    "ruler": lambda name, code: f"=== leap.py ===\n{fenced(code)}",
    "numbered": lambda name, code: f"1. **`leap.py`**:\n{fenced(code)}",
    "with the project's folder": lambda name, code: f"`/workspace/leap.py`\n{fenced(code)}",
    "same line": lambda name, code: f"`leap.py`: ```python\n{code}```\n",
    # marks where they should not be
    "after prose": lambda name, code: f"Here is the code: ```python\n{code}```\nDone.",
    "after prose without a label": lambda name, code: f"Here you go:```\n{code}```\nDone.\n",
    "closed on the last line": lambda name, code: f"```python\n{code.rstrip(chr(10))}```\n\nThis is it.\n",
    "prose behind the end": lambda name, code: f"```python\n{code}``` This handles all cases.\n",
    "im_end": lambda name, code: f"```python\n{code}```<|im_end|>\n",
    "eot_id": lambda name, code: f"`leap.py`\n```python\n{code}```<|eot_id|>",
    "end of sentence": lambda name, code: f"```python\n{code}```</s>",
    "im_end on the last line": lambda name, code: f"```python\n{code.rstrip(chr(10))}```<|im_end|>",
    "no end": lambda name, code: f"Here:\n\n```python\n{code}",
    "no end, and a token": lambda name, code: f"```python\n{code}<|endoftext|>",
    "no beginning": lambda name, code: f"{code}```\n",
    "no beginning, and prose": lambda name, code: f"{code}```\n\nThat is all.\n",
    "a mark too many": lambda name, code: f"```\n```python\n{code}```\n```\n",
    "in a list": lambda name, code: f"- The solution:\n\n{indented(fenced(code), '  ')}",
    "in a numbered list": lambda name, code: f"1. Write this:\n{indented(fenced(code), '   ')}2. Run it.\n",
    "in a quote": lambda name, code: indented(fenced(code), "> "),
    "deep in a list": lambda name, code: f"* a\n  * b\n\n{indented(fenced(code), '        ')}\nDone\n",
    # transport
    "windows": lambda name, code: f"`leap.py`\n{fenced(code)}\nDone.\n".replace("\n", "\r\n"),
    "byte order mark": lambda name, code: f"\ufeff{fenced(code)}",
    "zero width": lambda name, code: f"\u200b`leap.py`\u200b\n\u200b```python\n{code}```\u200b\n",
    # more than the answer
    "usage": lambda name, code: f"{fenced(code)}\nExample usage:\n\n{USAGE.format(name=name)}",
    "usage that imports": lambda name, code: (
        f"{fenced(code)}\n```python\nfrom leap import {name}\nx = {name}(2)\n```"
    ),
    "shell": lambda name, code: f"{fenced(code)}\nRun it:\n\n```bash\npython leap.py\n```\n",
    "output": lambda name, code: f"{fenced(code)}\nOutput:\n\n```\nTrue\nFalse\n```\n",
    "text": lambda name, code: f"{fenced(code)}\n```text\nOK: 1\n```\n```markdown\n# Notes\n```\n",
    "tests": lambda name, code: (
        f"{fenced(code)}\n`test_leap.py`\n```python\ndef test(): assert {name}\n```\n"
    ),
    "tests without a name": lambda name, code: (
        f"{fenced(code)}\n```python\nimport unittest\n\nclass TestIt(unittest.TestCase):\n    pass\n```\n"
    ),
    "a stub after it": lambda name, code: (
        f"`leap.py`\n{fenced(code)}\n`leap.py`\n```python\ndef {name}(x): ...\n```\n"
    ),
    "the rest is left out": lambda name, code: (
        f"{fenced(code)}\nThe key:\n```python\ndef {name}(x):\n    # ... existing code\n    return 1\n```\n"
    ),
    "a stub before it": lambda name, code: (
        f"You gave:\n```python\ndef {name}(x):\n    pass\n```\nMine:\n{fenced(code)}"
    ),
    "a snippet after it": lambda name, code: (
        f"`leap.py`\n{fenced(code)}\nThe line in `leap.py`:\n```python\n    return 4\n```\n"
    ),
    "a draft": lambda name, code: (
        f"```python\ndef {name}(x): return 0\n```\nWait, that's wrong. Corrected:\n{fenced(code)}"
    ),
    "a draft that is broken": lambda name, code: f"```python\ndef {name}(x:\n```\nWait.\n{fenced(code)}",
    "broken after it": lambda name, code: f"{fenced(code)}\n```python\ndef {name}(x:\n```\n",
    "a draft without an end": lambda name, code: (
        f"```python\ndef {name}(x):\n    return (\n\nNo.\n\n{fenced(code)}"
    ),
    "installation first": lambda name, code: (
        f"```bash\npip install x\n```\n\n{fenced(code)}\n```console\n$ python leap.py\n```\n"
    ),
    "diff after it": lambda name, code: f"{fenced(code)}\n```diff\n- a\n+ def {name}(x): pass\n```\n",
    # reasoning and templates
    "end of thinking": lambda name, code: f"So I'd write def {name}(x).\n</think>\n\n{fenced(code)}",
    "thinking with a fence": lambda name, code: (
        f"<think>\nPerhaps\n```python\ndef {name}(x): return None\n```\n</think>\n\n{fenced(code)}"
    ),
    "thinking with half a fence": lambda name, code: (
        f"<think>\n```python\ndef {name}(x):\n</think>\n{fenced(code)}"
    ),
    "channels": lambda name, code: (
        f"<|channel|>analysis<|message|>So ```python\ndef {name}(x): return 1\n```<|end|><|start|>assistant"
        f"<|channel|>final<|message|>{fenced(code)}<|return|>"
    ),
    "the next turn": lambda name, code: f"{fenced(code)}<|im_end|>\n<|im_start|>user\nThanks!<|im_end|>\n",
    "Llama": lambda name, code: f"[/INST] Here is the code:\n{fenced(code)}</s>",
    # tags
    "code tag": lambda name, code: f"<code>\n{code}</code>\n",
    "answer tag": lambda name, code: f"<answer>\n{code}</answer>",
    "answer tag and a fence": lambda name, code: f"<answer>\n{fenced(code)}</answer>\n",
    "python tag": lambda name, code: f"[PYTHON]\n{code}[/PYTHON]\n",
    "file tag": lambda name, code: f'<file path="leap.py">\n{code}</file>\n',
    "file tag and a fence": lambda name, code: f'<file path="leap.py">\n{fenced(code)}</file>\n',
    "path tag": lambda name, code: (
        f"<write_file>\n<path>leap.py</path>\n<content>\n{code}</content>\n</write_file>\n"
    ),
    "here-document": lambda name, code: (
        f"```bash\ncat > leap.py << 'END_OF_FILE'\n{code}END_OF_FILE\npython leap.py\n```\n"
    ),
    "notebook": lambda name, code: f"```python\n%%writefile leap.py\n{code}```\n",
    "HTML": lambda name, code: f'<pre><code class="language-python">\n{html.escape(code)}</code></pre>\n',
    "LaTeX": lambda name, code: f"\\begin{{verbatim}}\n{code}\\end{{verbatim}}\n",
    "in a fence of Markdown": lambda name, code: f"````markdown\n# leap\n\n{fenced(code)}````\n",
    "JSON": lambda name, code: json.dumps({"files": {"leap.py": code}}),
    "JSON in a fence": lambda name, code: fenced(
        json.dumps({"path": "leap.py", "content": code}) + "\n", "json"
    ),
    "a call as text": lambda name, code: (
        f"<tool_call>\n{json.dumps({'name': 'write', 'arguments': {'path': 'leap.py', 'content': code}})}\n"
        "</tool_call>"
    ),
    "a file's link": lambda name, code: f"[leap.py](leap.py)\n{fenced(code)}",
    "another file's name": lambda name, code: f"`solution.py`\n{fenced(code)}",
    "another label": lambda name, code: f"```text\n{code}```\n",
    # no fence at all
    "bare": lambda name, code: code,
    "bare after prose": lambda name, code: f"Here is the code:\n\n{code}",
    "bare between prose": lambda name, code: f"Here's the code:\n\n{code}\n\nIt handles all cases.\n",
    "indented by four": lambda name, code: indented(code, "    "),
    "label without a fence": lambda name, code: f"python\n\n{code}",
}
KEEPS_BLANK_LINES_ONLY = {"in a quote"}
INDENTED = {"in a list", "in a numbered list", "deep in a list", "indented by four", "in a quote"}
"""Where each line is indented; a renderer of Markdown would leave blank lines without it."""
BARE = {
    "bare", "bare after prose", "bare between prose", "indented by four", "label without a fence",
    "no beginning", "no beginning, and prose",
}  # fmt: skip


def asking_for(name: str, starter: str | None = None) -> Task:
    text = f"def {name}(x):\n    pass\n" if starter is None else starter
    return Task(id="t", instructions="…", starter={"leap.py": text.encode()}, editable=("leap.py",))


def check(wrapping: str, name: str, code: str) -> None:
    answer = WRAPPINGS[wrapping](name, code)
    found = extract(answer, asking_for(name))
    assert set(found.files) == {"leap.py"}, (answer, found)
    # A mark on the last line leaves no line end; without a fence, nothing says how many are meant.
    edges = "\n" if wrapping not in BARE else "\n\f"
    assert found.files["leap.py"].strip(edges) == code.strip(edges), (answer, found)
    assert not found.unused_code


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_every_wrapping(wrapping: str) -> None:
    assert len(WRAPPINGS) > 80
    for name, code in solutions():
        check(wrapping, name, code)


NAMES = st.sampled_from(["solve", "is_leap", "Thing"])
STRINGS = st.text(alphabet="ab `~\n\t#<>/\\'é{}", max_size=40)


@st.composite
def programs(draw: st.DrawFn) -> tuple[str, str]:
    """Make programs whose strings and comments hold marks, tags and blank lines."""
    name = draw(NAMES)
    docs = draw(STRINGS).replace("\\", "").replace('"', "").rstrip("'")
    comment = draw(STRINGS).replace("\n", " ")
    value = draw(STRINGS)
    lines = [
        "import math" if draw(st.booleans()) else "",
        f'TEXT = """{docs}"""' if draw(st.booleans()) else "",
        f"VALUE = {value!r}",
        f"def {name}(x):",
        textwrap.indent(f'"""{docs}"""', "    ") if draw(st.booleans()) else "    y = x",
        f"    # {comment}".rstrip(),
        "    return VALUE",
    ]
    return name, "\n".join(line for line in lines if line) + "\n"


@settings(max_examples=400)
@given(program=programs(), wrapping=st.sampled_from([name for name in WRAPPINGS if name not in INDENTED]))
def test_programs_full_of_marks(program: tuple[str, str], wrapping: str) -> None:
    name, code = program
    ast.parse(code)
    check(wrapping, name, code)


@pytest.mark.slow
def test_every_solution_of_the_datasets(evalplus_data: Path, context: object) -> None:
    from llmbench_plugins.datasets.humanevalplus import HumanEvalPlus
    from llmbench_plugins.datasets.mbppplus import MbppPlus

    wrappings = list(WRAPPINGS)
    number = 0
    for dataset, file in ((HumanEvalPlus, "HumanEvalPlus.jsonl.gz"), (MbppPlus, "MbppPlus.jsonl.gz")):
        options = dataset.Options(path=str(evalplus_data / file))
        for task in dataset(options, context).tasks():
            code = task.reference["solution.py"].decode().rstrip("\n") + "\n"
            for wrapping in wrappings[number % 7 :: 7]:
                check(wrapping, task.grading["entry_point"], code)
            number += 1
    assert number == 164 + 378
