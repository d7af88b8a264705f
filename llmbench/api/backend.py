"""Backend: a model server that answers requests, started and stopped by us or already there."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, ClassVar, Literal, Protocol, Self, runtime_checkable

from llmbench.api.completion import Completion, Reasoning, Request, Sampling
from llmbench.api.context import Context
from llmbench.api.options import NoOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelProfile:
    """A model as ``conf/model/<name>.yaml`` describes it, once for all backends."""

    name: str
    description: str = ""
    trusted: bool = False
    """Its answers are known beforehand (the demo model), so they may run without a real sandbox."""
    notice: str = ""
    """Shown beside every score of this model."""
    sampling: Sampling = Sampling()
    sampling_source: str = ""
    """Where the sampler settings come from (model card, paper)."""
    reasoning: Reasoning = Reasoning()
    sources: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Per backend: where the weights are and how to load them. ``default`` serves backends not named."""
    reference: Mapping[str, Any] = field(default_factory=dict)
    """Published scores by dataset, each with source and date; null where none is published."""

    @property
    def is_unnamed(self) -> bool:
        """Whether nobody said which model it is (``model=any``): the server's own name for it stands then."""
        return self.name == "any"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What an agent's questions will hold beside messages: not every server honours all of it."""

    tools: bool = False
    """Tools are sent, for the server to parse calls of."""
    needs_tools: bool = False
    """It has no other way to call them."""
    tool_choice: Literal["auto", "required", "none"] = "auto"
    reasoning: Reasoning = Reasoning()
    prompt_cache: bool = True
    system: bool = False
    """A message of the role ``system`` stands first."""


class Backend(ABC):
    """A model server.

    Entering it starts or attaches to the server and returns once the server has produced a token; leaving it
    stops only what entering started, also after an error or a cancellation.

    ``Options`` is checked against ``conf/backend/<name>.yaml``. If it has a field ``source``, that field is
    filled from the model profile's ``sources.<backend>`` (or ``sources.default``), and a profile with neither
    is an impossible combination.
    """

    Options: ClassVar[type] = NoOptions
    serves_many_runs: ClassVar[bool] = False
    """One entering may serve several runs of a sweep: true where loading is dear and no count is kept."""

    def __init__(self, options: Any, model: ModelProfile, context: Context) -> None:
        self.options = options
        self.model = model
        self.context = context

    @abstractmethod
    async def __aenter__(self) -> Self:
        """Start or attach the server.

        Raises:
            PrerequisiteError: a program, package or file is missing.
            BackendError: the server did not become ready; the message holds the end of its log.
        """

    @abstractmethod
    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop what ``__aenter__`` started."""

    @abstractmethod
    async def complete(self, request: Request) -> Completion:
        """Answer one request; safe to call ``capacity`` times at once, and to cancel.

        Raises:
            ContextOverflowError: prompt and answer do not fit.
            ProtocolError: the answer can't be read.
            BackendError: anything else that is not the model's doing, after bounded retries.
        """

    @abstractmethod
    async def describe(self) -> Mapping[str, Any]:
        """Return the provenance as JSON-ready data; called between entering and leaving.

        Keys where known: ``server``, ``build``, ``argv``, ``url``, ``weights`` (path or name),
        ``weights_sha256``, ``quantization``, ``chat_template_sha256``, ``context`` (tokens a
        slot), ``slots``, ``sampler``.
        """

    def ignores(self, wish: Wish) -> Sequence[str]:
        """Return what of a wish the server would ignore, a line each, naming the option and the cure.

        Asked before entering, and once more after it, when more may be known. A run is refused then, so that
        no option is silently without effect.
        """
        return ()

    @property
    @abstractmethod
    def capacity(self) -> int:
        """How many requests the server answers at once; valid after entering."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What a hosted model costs, in US dollars a token."""

    prompt_usd: float
    completion_usd: float
    request_usd: float = 0.0
    """For each request, whatever its length."""


@runtime_checkable
class Priced(Protocol):
    """A backend whose answers cost money may also say how much, so that a run can be estimated beforehand."""

    async def prices(self) -> Prices | None:
        """Return what the model costs, entered or not, without asking it; None where that is not known."""
        ...
