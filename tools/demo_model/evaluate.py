"""Measures the demo model in the real llama.cpp server, which the package xllamacpp carries."""

import argparse
import json
import random
import urllib.request
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import answers
import samples
import xllamacpp
from answers import Quickstart

SLOTS = 4
CONTEXT = 4096


@dataclass(frozen=True, slots=True)
class Case:
    """A question and the answer that the model is meant to give."""

    task: Quickstart
    messages: samples.Messages
    expected: str


def main() -> None:
    """Print how many answers are the intended ones, for each kind of question."""
    options = _arguments()
    server = _started(options.model)
    url = f"{server.listening_address}/v1/chat/completions"
    tasks = answers.load()
    kinds = {
        "exact form, first try": [Case(task, samples.exact(task), task.first) for task in tasks],
        "exact form, after feedback": [_revision(task) for task in tasks],
        "held-out wordings": _held_out(tasks, options.prompts),
    }
    for temperature in (0.0, 0.2):
        for kind, cases in kinds.items():
            _report(url, f"{kind}, temperature {temperature}", cases, temperature)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    default = Path(__file__).resolve().parents[2] / "models" / "demo.gguf"
    parser.add_argument("--model", type=Path, default=default)
    parser.add_argument("--prompts", type=int, default=50, help="held-out questions for each task")
    return parser.parse_args()


def _started(model: Path) -> xllamacpp.Server:
    params = xllamacpp.CommonParams()
    params.model.path = str(model)
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_ctx = CONTEXT * SLOTS
    params.n_parallel = SLOTS
    params.n_gpu_layers = 0
    params.verbosity = 0
    return xllamacpp.Server(params)


def _revision(task: Quickstart) -> Case:
    # A task that is right at first has no second try; the untouched starter stands for a failed answer.
    code = task.first if task.first != task.reference else task.starter
    output = samples.test_output(task, code)
    return Case(task, samples.exact_revision(task, task.answer(code), output), task.later)


def _held_out(tasks: Sequence[Quickstart], prompts: int) -> list[Case]:
    rng = random.Random(12345)  # noqa: S311 - draws wordings, no secrets
    return [Case(task, samples.held_out(task, rng), task.first) for task in tasks for _ in range(prompts)]


def _report(url: str, kind: str, cases: Sequence[Case], temperature: float) -> None:
    with ThreadPoolExecutor(SLOTS) as pool:
        replies = list(pool.map(lambda case: _ask(url, case.messages, temperature), cases))
    wrong = [
        case
        for case, reply in zip(cases, replies, strict=True)
        if reply != ("stop", case.task.answer(case.expected))
    ]
    print(f"{kind}: {len(cases) - len(wrong)} of {len(cases)} as intended", flush=True)
    if wrong:
        print("  others:", dict(Counter(case.task.slug for case in wrong)))
        print("  for example:", json.dumps(wrong[0].messages[-1]["content"][:300]))


def _ask(url: str, messages: samples.Messages, temperature: float) -> tuple[str, str]:
    body = {"messages": messages, "temperature": temperature, "max_tokens": 400, "seed": 1}
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)  # noqa: S310 - our own server
    with urllib.request.urlopen(request, timeout=120) as response:  # noqa: S310 - likewise
        choice = json.load(response)["choices"][0]
    return choice["finish_reason"], choice["message"]["content"]


if __name__ == "__main__":
    main()
