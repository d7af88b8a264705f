"""Fetches the jars that jars.txt names from Maven Central into a folder, and checks what came."""

import hashlib
import sys
import time
import urllib.request
from pathlib import Path

CENTRAL = "https://repo1.maven.org/maven2"


def fetch(folder: Path, group: str, name: str, version: str, sha256: str) -> None:
    """Fetch one jar; a damaged or replaced one ends the program."""
    url = f"{CENTRAL}/{group.replace('.', '/')}/{name}/{version}/{name}-{version}.jar"
    print(f"{name} {version}", flush=True)
    content = read(url)
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        sys.exit(f"{url} has the sha256 {found}, expected {sha256}")
    (folder / f"{name}.jar").write_bytes(content)


def read(url: str) -> bytes:
    """Return what an address holds, asking up to three times."""
    for pause in (1, 5, 0):
        try:
            with urllib.request.urlopen(url, timeout=120) as answer:  # noqa: S310 - https, see CENTRAL
                return bytes(answer.read())
        except OSError as error:
            if not pause:
                sys.exit(f"can't fetch {url}: {error}")
            time.sleep(pause)
    raise AssertionError


if __name__ == "__main__":
    lines = Path(__file__).with_name("jars.txt").read_text(encoding="utf-8").splitlines()
    for line in lines:
        if line and not line.startswith("#"):
            fetch(Path(sys.argv[1]), *line.split())
