"""A real outside agent, small: edits, hangs, forks, links, or asks a model, as its first argument says."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

GOOD = "def is_leap(year):\n    return year % 4 == 0\n"


def edit() -> None:
    """Write what was asked for, and what was not."""
    print("told:", sys.stdin.read() if len(sys.argv) < 3 else sys.argv[2])
    Path("leap.py").write_text(GOOD)
    Path("node_modules/x").mkdir(parents=True)
    Path("node_modules/x/index.js").write_text("junk")
    Path("notes.md").write_text("mine")


def nothing() -> None:
    """Change nothing, in good order."""


def fail() -> None:
    """End with an error before anything is done."""
    sys.exit("Error: not logged in")


def hang() -> None:
    """Write something, start a child that leaves the family, and never end."""
    Path("leap.py").write_text(GOOD)
    print("thinking", flush=True)
    subprocess.Popen(["sleep", "4711"], start_new_session=True)
    time.sleep(600)


def fork() -> None:
    """End at once, leaving children behind."""
    for _ in range(3):
        subprocess.Popen(["sleep", "4712"], start_new_session=True)
    Path("leap.py").write_text(GOOD)


def link() -> None:
    """Lead out of the folder by links."""
    Path("leap.py").unlink()
    Path("leap.py").symlink_to("/etc/passwd")
    Path("etc").symlink_to("/etc")
    Path("notes.txt").write_text("changed")


def look() -> None:
    """Say what can be seen and reached."""
    seen = {
        "home": sorted(path.name for path in Path.home().iterdir()),
        "environment": sorted(os.environ),
        "folder": str(Path.cwd()),
        "secret": Path(sys.argv[2]).exists(),
        "writable": [place for place in ("/", "/etc", "/usr") if os.access(place, os.W_OK)],
        "network": _interfaces(),
    }
    print(json.dumps(seen))
    Path("leap.py").write_text(GOOD)


def _interfaces() -> list[str]:
    lines = Path("/proc/net/dev").read_text().splitlines()[2:]
    return sorted(line.split(":")[0].strip() for line in lines)


def remember() -> None:
    """Count how often it ran in this home folder."""
    count = Path.home() / "count"
    times = int(count.read_text()) + 1 if count.exists() else 1
    count.write_text(str(times))
    print(f"run {times}: {sys.stdin.read()}")
    Path("leap.py").write_text(f"TIMES = {times}\n")


def ask() -> None:
    """Ask the model at the URL given, once for each further argument, and write what it says."""
    _, _, url, key, *questions = sys.argv
    said = [_asked(url, key, question) for question in questions]
    Path("leap.py").write_text("".join(said))


def solve() -> None:
    """Ask the model for the task, and write the code of its answer into the first file."""
    _, _, url, key, prompt, *files = sys.argv
    answer = _asked(url, key, Path(prompt).read_text())
    print(answer)
    Path(files[0]).write_text(answer.split("```python\n")[-1].split("```")[0])


def _asked(url: str, key: str, question: str) -> str:
    body = {
        "model": "whatever",
        "messages": [{"role": "user", "content": [{"type": "text", "text": question}]}],
        "temperature": 0.3,
        "max_tokens": 50,
        "stream": question.startswith("stream"),
    }
    request = urllib.request.Request(  # noqa: S310 - the URL that llmbench gave
        f"{url}/chat/completions",
        json.dumps(body).encode(),
        {"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310 - likewise
            return _read(response.read().decode())
    except urllib.error.HTTPError as error:
        return f"{error.code} {json.loads(error.read())['error']['code']}\n"


def _read(text: str) -> str:
    if not text.startswith(("data:", ":")):
        return str(json.loads(text)["choices"][0]["message"]["content"])
    data = [line[6:] for line in text.splitlines() if line.startswith("data: ") and line != "data: [DONE]"]
    choices = [choice for event in data for choice in json.loads(event)["choices"]]
    return "".join(choice["delta"].get("content") or "" for choice in choices)


def version() -> None:
    """Say which version it is."""
    print("outside 1.2.3")


if __name__ == "__main__":
    globals()[sys.argv[1]]()
