"""``llmbench du``: what runs take on the disk, the biggest first."""

import json
from pathlib import Path

from llmbench.commands.arguments import Parser, columns
from llmbench.records.sizes import Size, shown
from llmbench.records.taken import Taken, taken
from llmbench.wording import plural


def main(argv: list[str]) -> int:
    """Print what each run takes."""
    parser = Parser("du", "What the folder of runs takes on the disk, by run, the biggest first.")
    parser.add_argument("--root", type=Path, default=Path("outputs"), help="where the runs are (outputs)")
    parser.add_argument("--json", action="store_true", help="for machines")
    options = parser.parse_args(argv)
    found = sorted(taken(options.root), key=lambda one: (-one.size.bytes, one.name))
    if options.json:
        print(json.dumps([_data(one) for one in found], indent=2))
        return 0
    total = sum((taken.size for taken in found), Size())
    rows = [[shown(one.size.bytes), str(one.size.files), one.name] for one in found]
    rows.append(
        [
            shown(total.bytes),
            str(total.files),
            f"{options.root}: {plural(sum(t.is_run for t in found), 'run')}",
        ]
    )
    print(columns([["SIZE", "FILES", "RUN"], *rows]))
    return 0


def _data(one: Taken) -> dict[str, object]:
    name = one.name if one.is_run else one.name.strip("()")
    return {"name": name, "is_run": one.is_run, "bytes": one.size.bytes, "files": one.size.files}
