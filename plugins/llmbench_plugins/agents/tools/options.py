"""The options of agent ``tools``."""

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from llmbench.api import option


@dataclass(frozen=True, slots=True, kw_only=True)
class HelperOptions:
    """What a second agent may use that the model asks with ``ask_agent``."""

    max_depth: Annotated[int, option(ge=0, help="agents asked by agents; 0: none can be asked")] = 1
    max_iterations: Annotated[int, option(ge=1, help="answers of the model, for each question")] = 10
    max_tokens: Annotated[int, option(ge=1, help="completion tokens, for each question")] = 20000


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolsOptions:
    """Options of ``agent=tools``; the texts stand in conf/agent/tools.yaml and are part of the run's hash."""

    tools: Annotated[
        tuple[str, ...],
        option(min_length=1, help="what the model may call, in this order", from_browser="text"),
    ]
    tool_options: Annotated[
        dict[str, Any], option(help="options of single tools: tool_options.shell.timeout_s")
    ] = field(default_factory=dict)
    protocol: Annotated[
        Literal["auto", "native", "text"],
        option(help="calls parsed by the server, as plain text, or the first until it fails"),
    ] = "auto"
    tool_choice: Annotated[
        Literal["auto", "required", "none"], option(help="the model may, must, or must not call")
    ] = "auto"
    max_iterations: Annotated[int, option(ge=1, help="answers of the model in one try")] = 30
    max_batch_tool_calls: Annotated[int, option(ge=1, help="calls of one answer that are done")] = 8
    max_format_retries: Annotated[
        int, option(ge=0, help="answers in a row without a call that can be done")
    ] = 3
    max_repeats: Annotated[
        int, option(ge=2, help="so often the same call on the same files brings a hint; once more ends")
    ] = 3
    min_tool_calls: Annotated[int, option(ge=0, help="calls before the model may end")] = 0
    require_code_change: Annotated[bool, option(help="the model may end only with a changed file")] = False
    auto_tool_call_on_failure: Annotated[
        bool, option(help="where no call can be read, write the code blocks of the answer for the model")
    ] = False
    native_thinking: (
        Annotated[bool, option(help="keep reasoning in the history; null: as the model's profile says")]
        | None
    ) = None
    think: Annotated[bool, option(help="in place of model.reasoning.enabled")] | None = None
    think_level: (
        Annotated[Literal["low", "medium", "high"], option(help="in place of model.reasoning.level")] | None
    ) = None
    cache: Annotated[bool, option(help="in place of prompt_cache")] | None = None
    context: (
        Annotated[int, option(ge=512, help="tokens of prompt and answer; null: what the server says")] | None
    ) = None
    helper: HelperOptions = HelperOptions()
    system: Annotated[str, option(help="system message; empty for none", from_browser="text")]
    instructions: Annotated[str, option(min_length=1, help="with {instructions}, {files} and {editable}")]
    feedback: Annotated[str, option(min_length=1, help="after a failed try; with {output}")]
    feedback_chars: Annotated[int, option(ge=100, help="how much of the tests' output is shown")] = 4000
    text_protocol: Annotated[
        str,
        option(
            min_length=1,
            help="how to call in plain text; with {tools}",
            read_when={"protocol": ("auto", "text")},
        ),
    ]
    whole_files: Annotated[
        str,
        option(
            min_length=1,
            help="for tool_choice=none; with {editable}",
            read_when={"tool_choice": ("none",)},
        ),
    ]
    helper_task: Annotated[
        str, option(min_length=1, help="for a second agent; with {question}, {files} and {editable}")
    ]
