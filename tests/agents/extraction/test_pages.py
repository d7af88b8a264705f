"""Pages with their scripts and style sheets come out of an answer, named or not."""

import pytest

from llmbench.api import Task
from llmbench_plugins.agents.shared.extraction import extract

PAGE = (
    "<!doctype html>\n<html>\n  <head><link rel='stylesheet' href='style.css'></head>\n"
    "  <body><p id='x'></p><script src='form.js'></script></body>\n</html>\n"
)
STYLE = "p {\n  color: red;\n}\n"
SCRIPT = "const x = document.getElementById('x');\nx.textContent = 'hi';\n"
ALL = {"index.html": PAGE, "style.css": STYLE, "form.js": SCRIPT}


def task(*more: str) -> Task:
    files = {"index.html": b"<!doctype html>\n<html></html>\n", "style.css": b"", "form.js": b""}
    return Task(
        id="html/x",
        instructions="",
        starter=files | dict.fromkeys(more, b""),
        editable=(*files, *more),
        language="html",
        toolchain="node",
    )


def fence(label: str, text: str) -> str:
    return f"```{label}\n{text}```\n"


@pytest.mark.parametrize(
    "answer",
    [
        "\n".join(f"**{path}**\n{fence('', text)}" for path, text in ALL.items()),
        fence("html index.html", PAGE) + fence("css style.css", STYLE) + fence("js form.js", SCRIPT),
        f"`index.html`\n{fence('', PAGE)}\n`style.css`\n{fence('', STYLE)}\n`form.js`\n{fence('', SCRIPT)}",
        f"First:\n{fence('html', PAGE)}\nThen:\n{fence('css', STYLE)}\nAnd:\n{fence('js', SCRIPT)}",
    ],
)
def test_all_files_of_a_page(answer: str) -> None:
    assert extract(answer, task()).files == ALL


def test_a_script_alone_is_no_page() -> None:
    for answer in (f"`form.js`\n{fence('js', SCRIPT)}", f"I only change the script:\n{fence('js', SCRIPT)}"):
        assert extract(answer, task()).files == {"form.js": SCRIPT}


def test_a_page_without_marks() -> None:
    assert extract(PAGE, task()).files == {"index.html": PAGE}


def test_of_two_scripts_an_unnamed_one_is_neither() -> None:
    found = extract(fence("html", PAGE) + fence("js", SCRIPT), task("other.js")).files
    assert found == {"index.html": PAGE}


def test_a_page_that_breaks_off_gives_way_to_a_whole_one() -> None:
    answer = fence("html", PAGE) + fence("html", PAGE[:60] + "\n")
    assert extract(answer, task()).files == {"index.html": PAGE}
