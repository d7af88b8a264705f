"""Agent: turns a task into changed files by asking a model."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Protocol

from llmbench.api.backend import ModelProfile
from llmbench.api.completion import Completion, Message, ToolSpec
from llmbench.api.context import Context
from llmbench.api.options import NoOptions
from llmbench.api.sandbox import Box
from llmbench.api.task import Task
from llmbench.api.validator import Outcome
from llmbench.api.workspace import Workspace


class Model(Protocol):
    """A model as an agent sees it: a thing to ask.

    Budgets, capacity, the transcript and the resuming of interrupted samples happen behind it: an agent
    that asks the same question again after a crash gets the stored answer.
    """

    @property
    def profile(self) -> ModelProfile:
        """The model's profile."""
        ...

    async def ask(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[ToolSpec] = (),
        tool_choice: Literal["auto", "required", "none"] = "auto",
        max_tokens: int | None = None,
    ) -> Completion:
        """Return the model's answer; errors of the backend pass through and need no handling."""
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
