"""Agent: turns a task into changed files by asking a model."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Literal, Protocol, Self

from llmbench.api.backend import ModelProfile, Wish
from llmbench.api.completion import Completion, Message, Reasoning, ToolSpec
from llmbench.api.context import Context
from llmbench.api.options import NoOptions
from llmbench.api.sandbox import Box
from llmbench.api.task import Task
from llmbench.api.tool import Tool
from llmbench.api.validator import Outcome
from llmbench.api.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A tool call that was done or refused, as the transcript keeps it."""

    name: str
    """The tool's own name, or what the model called where there is no such tool."""
    arguments: Mapping[str, Any]
    text: str
    """What the model is told."""
    problem: str = ""
    """The kind of mistake, where the call was not done or did not succeed."""
    ends: bool = False
    before: str
    """Digest of the workspace's files before the call, and after it."""
    after: str
    duration_s: float = 0.0
    depth: int = 0
    """0 for the agent itself, 1 for an agent that it asked, and so on."""
    details: Mapping[str, Any] = field(default_factory=dict)
    """JSON-ready facts about the call: arguments that were repaired, files that were put back."""
    apart: bool = False
    """On resuming, the files were others here than an earlier process had left: the rest is made anew."""


class Model(Protocol):
    """A model as an agent sees it: a thing to ask.

    Budgets, capacity, the transcript and the resuming of interrupted samples happen behind it: an agent
    that asks the same question again after a crash gets the stored answer.
    """

    @property
    def profile(self) -> ModelProfile:
        """The model's profile."""
        ...

    @property
    def context_tokens(self) -> int | None:
        """Tokens that prompt and answer may have together, as the server says; None where it does not."""
        ...

    async def ask(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[ToolSpec] = (),
        tool_choice: Literal["auto", "required", "none"] = "auto",
        max_tokens: int | None = None,
        reasoning: Reasoning | None = None,
        prompt_cache: bool | None = None,
    ) -> Completion:
        """Return the model's answer; errors of the backend pass through and need no handling.

        Args:
            messages: the whole conversation.
            tools: what the model may call.
            tool_choice: whether it may, must or must not call.
            max_tokens: of the answer; by default what the profile allows.
            reasoning: in place of the profile's.
            prompt_cache: in place of the run's.
        """
        ...

    def keep(self, step: Step) -> Step:
        """Write a tool call into the transcript, or return what was written of the very same one before.

        What a program prints may differ from run to run (timings, addresses), and a question that differs
        can't be answered from the transcript. So after a crash an agent does its calls again and goes on with
        what this returns: the stored text, if the same call found and left the same files.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What an agent did in one try. The changed files are in the workspace."""

    messages: tuple[Message, ...] = ()
    """The conversation so far, for ``revise``."""
    notes: dict[str, Any] = field(default_factory=dict)
    """JSON-ready facts for the record: how code was extracted, tool calls by kind."""
    cut_short: Outcome | None = None
    """The limit of the agent's own that ended the try: what would be ``failed`` becomes this outcome."""
    logs: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Texts for the try's folder by file name, such as what a program wrote."""
    state: Any = field(default=None, repr=False)
    """What ``revise`` needs besides. It stays in memory: nothing of it is written, or there after a crash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentContext(Context):
    """The surroundings of an agent: those of every plugin, and its tools."""

    tools: Mapping[str, Tool] = field(default_factory=dict, repr=False)
    """Those that the agent's options name, in that order."""

    @classmethod
    def of(cls, context: Context, tools: Mapping[str, Tool]) -> Self:
        """Return a context with tools added."""
        return cls(**{part.name: getattr(context, part.name) for part in fields(Context)}, tools=tools)


class Agent(ABC):
    """A way of using a model. Agents keep no state between calls: a try's state is its ``Attempt``."""

    Options: ClassVar[type] = NoOptions
    trusted: ClassVar[bool] = False
    """It puts no model-written code into the workspace (oracle, nop)."""
    adds_code: ClassVar[bool] = False
    """It writes code beside the model's: that a model's answers are known does not make this one's known."""
    asks_model: bool = True
    """False for agents that never ask: no server is started for them. Options may decide, in ``__init__``."""
    uses_box: bool = False
    """True for agents that run things: the runner opens a box of the task's toolchain for each sample.

    An agent whose tools decide it sets it on itself, in ``__init__``.
    """

    def __init__(self, options: Any, context: Context) -> None:
        self.options = options
        self.context = context
        self.tools: Mapping[str, Tool] = context.tools if isinstance(context, AgentContext) else {}
        """Those that the options name, in that order."""

    def wish(self, profile: ModelProfile) -> Wish | None:
        """Return what its questions hold beside messages, so that a backend can say what it would ignore.

        Raises:
            UsageError: its options can't be had of this model.
        """
        return None

    async def prepare(self, profile: ModelProfile) -> None:  # noqa: B027 - most agents need nothing
        """Look whether what it needs is there, before anything begins.

        Raises:
            PrerequisiteError: a program is missing.
            UsageError: it can't work with this model.
        """

    def describe(self) -> Mapping[str, Any]:
        """Return the provenance of what it runs besides the model as JSON-ready data; after ``prepare``.

        Keys where known: ``program``, ``version``, ``isolation``, ``network``, ``model`` (one of its own).
        """
        return {}

    @abstractmethod
    async def solve(self, task: Task, workspace: Workspace, model: Model, box: Box | None) -> Attempt:
        """Make the first try: change files in the workspace."""

    async def revise(
        self,
        task: Task,
        workspace: Workspace,
        model: Model,
        box: Box | None,
        previous: Attempt,
        feedback: str,
    ) -> Attempt:
        """Make a further try, told what the validator said of the last one; by default, start afresh."""
        return await self.solve(task, workspace, model, box)
