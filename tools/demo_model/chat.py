"""The chat format: the template that llama.cpp's server fills in, and the same in Python for the training.

Calls are JSON between ``<tool_call>`` and ``</tool_call>``; llama.cpp finds that out from the template and
parses them. Of the tools that a request brings, the model sees the names only, so that prompts stay short.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

Message = dict[str, Any]
"""A message as OpenAI's protocol has it; arguments of calls are JSON text."""

END_OF_TEXT, START, END = "<|endoftext|>", "<|im_start|>", "<|im_end|>"
SPECIALS = [END_OF_TEXT, START, END]

TEMPLATE = (
    "{% if tools %}{{ '<|im_start|>tools\n' }}"
    "{% for tool in tools %}{{ tool.function.name }}{% if not loop.last %}{{ ' ' }}{% endif %}{% endfor %}"
    "{{ '<|im_end|>' + '\n' }}{% endif %}"
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message.role + '\n' }}"
    "{% if message.content %}{{ message.content }}{% endif %}"
    "{% for call in message.tool_calls or [] %}"
    """{{ '<tool_call>{"name": "' + call.function.name + '", "arguments": ' }}"""
    "{{ call.function.arguments | tojson }}{{ '}</tool_call>' }}"
    "{% endfor %}"
    "{{ '<|im_end|>' + '\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)

WITHOUT_TOOLS = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
"""For models that are to know nothing of tools."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """Messages, and which of them are to be learned."""

    messages: tuple[Message, ...]
    learned: frozenset[int]
    """Numbers of the model's messages that are as they should be."""
    tools: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a conversation's text."""

    text: str
    is_learned: bool


def call(name: str, **arguments: str) -> Message:
    """Return the message of a model that calls one tool."""
    function = {"name": name, "arguments": json.dumps(arguments, ensure_ascii=False)}
    return {
        "role": "assistant",
        "content": "",
        "tool_calls": [{"id": "1", "type": "function", "function": function}],
    }


def rendered(messages: Sequence[Message], tools: Sequence[str] = ()) -> str:
    """Return a conversation as the template writes it, up to the beginning of the answer."""
    turns = [f"{START}{message['role']}\n{body(message)}{END}\n" for message in messages]
    return _offer(tools) + "".join(turns) + f"{START}assistant\n"


def pieces(conversation: Conversation) -> Iterator[Piece]:
    """Yield a whole conversation's text; what the model has to write, up to its end, stands apart."""
    read = _offer(conversation.tools)
    for number, message in enumerate(conversation.messages):
        read += f"{START}{message['role']}\n"
        if number in conversation.learned:
            yield Piece(read, is_learned=False)
            yield Piece(body(message) + END, is_learned=True)
            read = "\n"
        else:
            read += f"{body(message)}{END}\n"


def _offer(tools: Sequence[str]) -> str:
    return f"{START}tools\n{' '.join(tools)}{END}\n" if tools else ""


def body(message: Message) -> str:
    """Return what stands in a message, calls included."""
    calls = [item["function"] for item in message.get("tool_calls", ())]
    written = [
        f'<tool_call>{{"name": "{made["name"]}", "arguments": {made["arguments"]}}}</tool_call>'
        for made in calls
    ]
    return str(message["content"]) + "".join(written)
