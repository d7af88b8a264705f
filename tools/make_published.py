"""Writes llmbench/score/published/figures.json anew, from the files of the boards:

    python tools/make_published.py --evalplus results.json --polyglot polyglot_leaderboard.yml \
        --polyglot-qwen3 qwen3_leaderboard.yml

The first is of evalplus/evalplus.github.io, the others lie in aider/website/_data of Aider-AI/aider. Another
state of theirs than the one named below is named by --evalplus-state and --aider-state: COMMIT DATE.
"""

import argparse
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).with_name("published")
TARGET = Path(__file__).parents[1] / "llmbench/score/published/figures.json"
EVALPLUS = ("87418456d3a8c2bc6265f24ff91d2dd0e7993f4b", "2024-12-26")
AIDER = ("cb6a152e5ee27fbc77ac499d5e628ccd74a5fa2a", "2025-10-04")

Row = dict[str, Any]

DATASETS: Mapping[str, tuple[str, str, int, str]] = {
    "humaneval": ("humanevalplus", "pass@1 of base tests", 164, "v0.1.10"),
    "humanevalplus": ("humanevalplus", "pass@1", 164, "v0.1.10"),
    "mbpp": ("mbppplus", "pass@1 of base tests", 378, "v0.2.0"),
    "mbppplus": ("mbppplus", "pass@1", 378, "v0.2.0"),
}
"""By the boards' names, '+' spelled out: our dataset, metric, number of tasks, release."""
EXERCISES = 225
ODD = "no whole number of {tasks} tasks: a mean of several runs, or of another release"


def evalplus_figures(board: Mapping[str, Any], names: Mapping[str, list[str]], date: str) -> Iterator[Row]:
    """Yield the figures of EvalPlus's board: greedy, one answer."""
    for model, entry in board.items():
        ids = names.get(model) or hub_ids(entry["link"])
        conditions = {
            "temperature": 0.0,
            "agent": "prompt",
            "style": "asked" if entry["prompted"] else "continued",
        }
        for name, percent in entry["pass@1"].items():
            ours = name.replace("+", "plus")
            yield plus_figure(ours, percent, model, ids, "evalplus", date, conditions)


def plus_figure(
    name: str, percent: float | None, model: str, ids: list[str], source: str, date: str, conditions: Row
) -> Row:
    """Return a figure of HumanEval or MBPP, with or without the plus."""
    dataset, metric, tasks, release = DATASETS[name]
    # 30.0 % of 164 tasks is no whole number of them.
    fits = percent is None or any(abs(round(100 * n / tasks, 1) - percent) < 0.051 for n in range(tasks + 1))
    return figure(
        model=model,
        names=ids,
        dataset=dataset,
        metric=metric,
        percent=percent,
        source=source,
        date=date,
        conditions={"tasks": tasks, "release": release if fits else None, **conditions},
        note="" if fits else ODD.format(tasks=tasks),
    )


def aider_figures(rows: Iterable[Row], names: Mapping[str, Any], source: str) -> Iterator[Row]:
    """Yield the figures of one of Aider's boards: two tries, in the edit format that suits the model."""
    for row in rows:
        model = row["model"]
        precision = next((to for word, to in names["aider_precision"].items() if word in model), None)
        conditions = {
            "tasks": EXERCISES,
            "agent": "prompt",
            "edit_format": row["edit_format"],
            "reasoning": reasoning(row),
            "precision": precision,
        }
        cases = row["test_cases"]
        for key, metric in (("pass_rate_1", "pass@1"), ("pass_rate_2", "pass within 2 tries")):
            yield figure(
                model=model,
                names=[] if row["edit_format"] == "architect" else aider_ids(model, names["aider"]),
                dataset="exercism",
                metric=metric,
                percent=row[key],
                source=source,
                date=str(row["date"]),
                conditions=conditions,
                note="" if cases == EXERCISES else f"{cases} of {EXERCISES} exercises were run",
            )


def card_figures(cards: Mapping[str, Any]) -> Iterator[Row]:
    """Yield the figures that were written down by hand."""
    for card in cards["figures"]:
        shared = cards["conditions"].get(card["source"], {})
        conditions = {**shared, **{key: card[key] for key in ("precision", "reasoning") if key in card}}
        said = {"model": card["model"], "names": card["names"], "source": card["source"]}
        date = str(cards["sources"][card["source"]]["date"])
        if "exercism" in card:
            conditions = {"tasks": EXERCISES, **conditions}
            metric = "pass within 2 tries"
            yield figure(
                **said,
                dataset="exercism",
                metric=metric,
                percent=card["exercism"],
                date=date,
                conditions=conditions,
            )
        for name in DATASETS:
            if name in card:
                yield plus_figure(
                    name, card[name], card["model"], card["names"], card["source"], date, conditions
                )


def figure(
    *, names: Iterable[str], percent: float | None, conditions: Row, note: str = "", **said: Any
) -> Row:
    """Return a row of the file; what is not known is left out, but a share is null."""
    return {
        **said,
        "names": sorted({name.lower() for name in with_last_parts(names)}),
        "share": None if percent is None else round(percent / 100, 4),
        "conditions": {key: value for key, value in conditions.items() if value is not None},
        **({"note": note} if note else {}),
    }


def with_last_parts(names: Iterable[str]) -> Iterator[str]:
    """Yield ids of a hub also as servers give them, without the publisher, where they tell the size.

    Without one they may be another model's: deepseek-r1 is one of eight billion parameters to Ollama.
    """
    for name in names:
        yield name
        last = name.rpartition("/")[2]
        if re.search(r"\d[bB](?![a-zA-Z0-9])", last):
            yield last


def hub_ids(link: str) -> list[str]:
    """Return the id of a model that a link to Hugging Face names."""
    found = re.fullmatch(r"https://huggingface\.co/([\w.-]+/[\w.-]+)", link)
    return [found[1]] if found else []


def aider_ids(model: str, names: Mapping[str, list[str]]) -> list[str]:
    """Return the ids of a model of Aider's boards; its own name where that is an id, dates and all."""
    if model in names:
        return names[model]
    begins = [name for name in names if re.match(rf"{re.escape(name)} (diff|whole)\b", model)]
    if begins:
        return names[begins[0]]
    bare = re.sub(r" \([^()]*\)$", "", model)
    return [] if re.search(r"\s|latest|preview$", bare) else [bare]


def reasoning(row: Row) -> str | None:
    """Return how much a model of Aider's boards thought, as far as its row says."""
    tokens, words = row.get("thinking_tokens"), row["model"]
    if re.search(r"no.?think", words):
        return "off"
    if found := re.search(r"(\d+)k think", words):
        return f"{tokens or int(found[1]) * 1000} tokens"
    if found := re.search(r"\((Chat|Reasoner)\)", words):
        return "off" if found[1] == "Chat" else "on"
    found = re.search(r"\((low|medium|high)\)", words)
    return row.get("reasoning_effort") or (found[1] if found else None)


def written(sources: Mapping[str, Row], figures: Iterable[Row]) -> str:
    """Return the file, a line a figure, so that a difference between two states can be read."""
    head = {"schema": "llmbench.published/1", "sources": sources}
    lines = ",\n".join(f"  {json.dumps(row, ensure_ascii=False)}" for row in figures)
    return f'{json.dumps(head, indent=1, ensure_ascii=False)[:-2]},\n "figures": [\n{lines}\n ]\n}}\n'


def board_sources(evalplus: tuple[str, str], aider: tuple[str, str]) -> dict[str, Row]:
    """Return who publishes the boards, and which of our settings come nearest to theirs."""
    settings = {
        "validator.rules": "aider",
        "dataset.context_files": False,
        "dataset.edit_cargo_toml": False,
        "retry_budget": None,
    }
    polyglot = {"commit": aider[0], "date": aider[1], "settings": settings, "preset": "aider-compat"}
    page = "https://aider.chat"
    return {
        "evalplus": {
            "title": "EvalPlus leaderboard",
            "url": "https://evalplus.github.io/leaderboard.html",
            "commit": evalplus[0],
            "date": evalplus[1],
            "settings": {"retry_budget": None},
            "preset": "evalplus-compat",
        },
        "aider": {"title": "Aider polyglot leaderboard", "url": f"{page}/docs/leaderboards/", **polyglot},
        "aider-qwen3": {"title": "Aider on Qwen3", "url": f"{page}/2025/05/08/qwen3.html", **polyglot},
    }


def read(path: Path) -> Any:
    """Return what a YAML file holds."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for board in ("evalplus", "polyglot", "polyglot-qwen3"):
        parser.add_argument(f"--{board}", type=Path, required=True, metavar="FILE")
    for board, state in (("evalplus", EVALPLUS), ("aider", AIDER)):
        parser.add_argument(f"--{board}-state", nargs=2, default=state, metavar=("COMMIT", "DATE"))
    parser.add_argument("--output", type=Path, default=TARGET, metavar="FILE")
    options = parser.parse_args()
    names, cards = read(HERE / "names.yaml"), read(HERE / "cards.yaml")
    polyglot = read(options.polyglot)
    known = {row["dirname"] for row in polyglot}
    qwen3 = [row for row in read(options.polyglot_qwen3) if row["dirname"] not in known]
    evalplus = json.loads(options.evalplus.read_text(encoding="utf-8"))
    figures = [
        *evalplus_figures(evalplus, names["evalplus"], options.evalplus_state[1]),
        *aider_figures(polyglot, names, "aider"),
        *aider_figures(qwen3, names, "aider-qwen3"),
        *card_figures(cards),
    ]
    said = {key: {**source, "date": str(source["date"])} for key, source in cards["sources"].items()}
    sources = board_sources(tuple(options.evalplus_state), tuple(options.aider_state)) | said
    options.output.write_text(written(sources, figures), encoding="utf-8")
    print(f"{options.output}: {len(figures)} figures of {len(sources)} sources")


if __name__ == "__main__":
    main()
