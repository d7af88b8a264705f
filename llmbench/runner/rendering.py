"""The prompt that a server makes of messages, read back once a session: the first cause of a dumb model."""

import asyncio
import hashlib
from dataclasses import replace

import msgspec

from llmbench.api import PROBE, Agent, Backend, Message, Rendered, Renders, Request, ToolCall, ToolSpec, Wish
from llmbench.errors import BackendError
from llmbench.records.rendered import RenderedPrompt, kept
from llmbench.runner.spec import RunSpec

_LIMIT_S = 60.0
# What templates are known to treat in different ways: spaces and line ends at either side, letters beyond
# ASCII, what HTML and JSON escape, earlier thinking, calls of tools and their results.
_SYSTEM = Message("system", "You write Python.\n")
_TASK = Message("user", ' Return "é" where 1 < x & y.\n```python\ndef f(x, y):\n    ...\n```\n')
_ANSWER = Message("assistant", "Done.\n", reasoning="An easy one.\n")
_AGAIN = Message("user", "Once more, please.\n")
_TOOL = ToolSpec(
    name="note",
    description='Keep a "note": 1 < 2 & é.',
    parameters={
        "type": "object",
        "properties": {"text": {"type": "string", "description": "what to keep"}},
        "required": ["text"],
    },
)
# Mistral's templates take ids of nine letters and digits only.
_CALL = ToolCall(id="call00001", name="note", arguments={"text": "é < 2\n"}, raw='{"text": "é < 2\\n"}')


def conversation(spec: RunSpec, agent: Agent) -> Request:
    """Return a small conversation like this agent's: with system message, tools and thinking, or without."""
    wish = agent.wish(spec.model) or Wish(reasoning=spec.model.reasoning)
    system = (_SYSTEM,) if wish.system else ()
    called = replace(_ANSWER, content="", tool_calls=(_CALL,))
    result = Message("tool", "kept\n", tool_call_id=_CALL.id)
    answered = (called, result) if wish.tools else (_ANSWER, _AGAIN)
    return Request(
        messages=(*system, _TASK, *answered),
        max_tokens=PROBE.max_tokens,
        reasoning=wish.reasoning,
        tools=(_TOOL,) if wish.tools else (),
    )


async def read_back(backend: Backend, request: Request) -> RenderedPrompt:
    """Return what the server makes of a conversation, or that it can't tell: no run fails by that."""
    asked = _digest(request)
    if not isinstance(backend, Renders):
        return RenderedPrompt(asked=asked)
    try:
        async with asyncio.timeout(_LIMIT_S):
            rendered = await backend.rendered(request)
    except BackendError as error:
        return RenderedPrompt(asked=asked, problem=" ".join(str(error).split())[:400])
    except TimeoutError:
        return RenderedPrompt(asked=asked, problem=f"the server gave no answer in {_LIMIT_S:.0f} s")
    return kept(rendered, asked) if isinstance(rendered, Rendered) else RenderedPrompt(asked=asked)


def _digest(request: Request) -> str:
    """Return a checksum of all that a template is given; how far an answer may go is none of it."""
    reasoning = request.reasoning
    thinking = [reasoning.style, reasoning.enabled, reasoning.level, reasoning.keep]
    told = [request.messages, request.tools, thinking]
    return hashlib.sha256(msgspec.json.encode(told, order="sorted")).hexdigest()
