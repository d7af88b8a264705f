"""Measures the demo model in the real llama.cpp server, which the package xllamacpp carries."""

import argparse
import json
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import answers
import cases
import chat
import xllamacpp
from cases import Case

SLOTS = 4
CONTEXT = 4096


def main() -> None:
    """Print how many answers are the intended ones, for each kind of question."""
    options = _arguments()
    server = _started(options.model)
    tasks = answers.load()
    kinds = cases.all_kinds(tasks, options.prompts)
    _check_template(server.listening_address, [case for some in kinds.values() for case in some[:20]])
    for temperature in (0.0, 0.2):
        for kind, some in kinds.items():
            _report(server.listening_address, f"{kind}, temperature {temperature}", some, temperature)


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
    params.cpuparams.n_threads = 1
    params.verbosity = 0
    return xllamacpp.Server(params)


def _check_template(url: str, some: Sequence[Case]) -> None:
    """Check that the server writes prompts as the training did."""
    for case in some:
        prompt = _post(f"{url}/apply-template", _body(case))["prompt"]
        if prompt != chat.rendered(case.messages, case.tools):
            raise SystemExit(f"the server's prompt differs from chat.rendered: {prompt!r}")


def _report(url: str, kind: str, some: Sequence[Case], temperature: float) -> None:
    with ThreadPoolExecutor(SLOTS) as pool:
        replies = list(pool.map(lambda case: _ask(url, case, temperature), some))
    wrong = [
        (case, reply) for case, reply in zip(some, replies, strict=True) if reply != _wanted(case.expected)
    ]
    print(f"{kind}: {len(some) - len(wrong)} of {len(some)} as intended", flush=True)
    if wrong:
        case, reply = wrong[0]
        print("  others:", dict(Counter(case.task.slug for case, _ in wrong)))
        print("  for example:", json.dumps(case.messages[-1]["content"][:300]))
        print("  got:", json.dumps(reply)[:300])


def _ask(url: str, case: Case, temperature: float) -> dict[str, Any]:
    body = _body(case) | {"temperature": temperature, "max_tokens": 400, "seed": 1}
    try:
        answer = _post(f"{url}/v1/chat/completions", body)
    except urllib.error.HTTPError as error:
        return {"error": error.read().decode()}
    return _essence(answer["choices"][0]["finish_reason"], answer["choices"][0]["message"])


def _wanted(message: chat.Message) -> dict[str, Any]:
    return _essence("tool_calls" if message.get("tool_calls") else "stop", message)


def _essence(finish: str, message: chat.Message) -> dict[str, Any]:
    calls = [item["function"] for item in message.get("tool_calls") or ()]
    return {
        "finish": finish,
        "content": message["content"] or "",
        "calls": [(call["name"], _decoded(call["arguments"])) for call in calls],
    }


def _decoded(arguments: str) -> Any:
    try:
        return json.loads(arguments)
    except ValueError:
        return arguments


def _body(case: Case) -> dict[str, Any]:
    body: dict[str, Any] = {"messages": case.messages}
    if case.tools:
        body["tools"] = [_offered(name) for name in case.tools]
    return body


def _offered(name: str) -> dict[str, Any]:
    """Return a tool as a request brings it; others than those that the model calls take nothing."""
    arguments = {"write": ["path", "content"], "finish": ["summary"]}.get(name, [])
    schema = {
        "type": "object",
        "properties": {argument: {"type": "string"} for argument in arguments},
        "required": arguments,
        "additionalProperties": False,
    }
    return {"type": "function", "function": {"name": name, "description": name, "parameters": schema}}


def _post(url: str, body: dict[str, Any]) -> dict[str, Any]:
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)  # noqa: S310 - our own server
    with urllib.request.urlopen(request, timeout=120) as response:  # noqa: S310 - likewise
        decoded: dict[str, Any] = json.load(response)
    return decoded


if __name__ == "__main__":
    main()
