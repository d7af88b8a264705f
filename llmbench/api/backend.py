"""Backend: a model server that answers requests, started and stopped by us or already there."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any, ClassVar, Literal, Protocol, Self, runtime_checkable

from llmbench.api.completion import Completion, Reasoning, Request, Sampling
from llmbench.api.context import Context
from llmbench.api.options import NoOptions, option


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A published score; of how it was measured, null is what is not known."""

    pass_at_1: Annotated[float, option(ge=0, le=1)] | None = None
    """From 0 to 1, like the next two."""
    base_pass_at_1: Annotated[float, option(ge=0, le=1)] | None = None
    """With the base tests alone, where a dataset has more."""
    pass_within_2: Annotated[float, option(ge=0, le=1)] | None = None
    """Within two tries."""
    source: str = ""
    date: str | int = ""
    url: str = ""
    tasks: Annotated[int, option(ge=1)] | None = None
    temperature: Annotated[float, option(ge=0)] | None = None
    agent: str | None = None
    """Which of our agents asks in the same way."""
    edit_format: str | None = None
    reasoning: str | None = None
    """``off``, ``on``, an effort (``high``) or a budget (``8192 tokens``)."""
    precision: str | None = None
    """Of the weights: ``BF16``."""


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
    published: tuple[str, ...] = ()
    """Ids under which boards and model cards know exactly these weights, in whatever precision."""
    reference: Mapping[str, Reference | None] = field(default_factory=dict)
    """Published scores by dataset, in place of those that llmbench knows; null where none is published."""

    @property
    def is_unnamed(self) -> bool:
        """Whether nobody said which model it is (``model=any``): the server's own name for it stands then."""
        return self.name == "any"


SERVERS_OWN = "the server's own settings, for nobody set any"
"""The ``sampling_source`` of a profile that is made on the fly."""


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
    answers_are_stored: ClassVar[bool] = False
    """It gives back what was answered before: no run over that is ended early, whatever it looks like."""
    named_by: ClassVar[str] = ""
    """The field of ``Options.source`` that a model's name goes to in ``model=BACKEND:NAME``; empty: none."""
    prefixes: ClassVar[tuple[str, ...]] = ()
    """Further words for this backend before a name, beside its own: ``hf`` in ``model=hf:NAME``."""
    files: ClassVar[str] = ""
    """What it loads from a path, in words (``a GGUF file``); empty where it loads none."""
    endings: ClassVar[tuple[str, ...]] = ()
    """How names of such files end, in small letters: ``.gguf``. A name that does is a path, there or not."""

    def __init__(self, options: Any, model: ModelProfile, context: Context) -> None:
        self.options = options
        self.model = model
        self.context = context

    @classmethod
    def profile_of(cls, name: str) -> ModelProfile | None:
        """Return a profile for a model that has none, by its name for this backend; None for no such name.

        Called while the command line is read: it asks no server. What the profile's ``sources`` say under
        ``default`` is what this backend is given. Settings that nobody knows yet stay the server's own.

        Raises:
            UsageError: the name is in the form that this backend takes, and wrong.
        """
        if not cls.named_by:
            return None
        return ModelProfile(name=name, sampling_source=SERVERS_OWN, sources={"default": {cls.named_by: name}})

    @classmethod
    def profile_at(cls, path: Path) -> ModelProfile | None:
        """Return a profile for the weights at an existing path; None where this backend does not load them.

        Raises:
            UsageError: it would load them, and they are broken or not whole.
        """
        return None

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A request as the model gets it: the text that the server's chat template makes of it."""

    text: str
    adds_bos: bool | None = None
    """Whether the server puts a beginning-of-sequence token before it; None where that is not known."""
    bos: str = ""
    """That token as text (``<s>``), where known."""


@runtime_checkable
class Renders(Protocol):
    """A backend may also show what its server makes of a request, so that two servers can be compared."""

    async def rendered(self, request: Request) -> Rendered | None:
        """Return a request as text, without having the model answer it; asked between entering and leaving.

        None means that this server has no way to tell. What would only be a guess, such as a template that is
        rendered here and not there, is worth less than that.

        Raises:
            BackendError: the template refuses these messages or tools, or the server can't be reached.
        """
        ...
