"""Every error that llmbench raises on purpose.

LlmbenchError                  shown as one line, without a traceback; ``exit_code`` says how the command ends
├── UsageError                 the request was wrong: which key, what value, what was expected, what to do
│   ├── UnknownPluginError     no plugin of that name is installed for the axis
│   ├── BrokenPluginError      a plugin is installed and can't be loaded, or two claim one name
│   └── ImpossibleError        the configuration is well-formed but can't exist (no source for that backend)
├── PrerequisiteError          this machine lacks something; the message holds the command that cures it
├── RunError                   the run can't be finished
│   ├── RunLockedError         another process holds the run folder
│   ├── SelfTestError          the grader judged its own reference wrongly on this machine
│   └── SuspiciousError        the answers look as if the set-up were broken; the run was ended early
├── DatasetError               a dataset is missing, damaged or not what its checksum says
├── BackendError               the server was out of reach, died or misbehaved: never the model's fault
│   ├── ContextOverflowError   prompt and answer do not fit the context that the server has loaded
│   └── ProtocolError          the server's answer can't be read (a broken stream, a mangled tool call)
├── RecordError                a plugin handed in what can't be written down and read back: infra
├── AgentError                 an outside agent's program failed before it changed anything: infra
├── SandboxError               a box could not be opened or died: infra
└── BudgetError                a run budget is spent: what is left is skipped
"""


class LlmbenchError(Exception):
    """Base of all errors that are shown as one line: what failed, what was expected, what to do."""

    exit_code = 1


class UsageError(LlmbenchError):
    """The request was wrong and nothing was done."""

    exit_code = 2


class UnknownPluginError(UsageError):
    """No installed distribution provides the named plugin."""


class BrokenPluginError(UsageError):
    """An installed plugin can't be imported, has the wrong type, or shares its name with another."""


class ImpossibleError(UsageError):
    """The parts of the configuration can't be combined, such as a model without a source for the backend."""


class PrerequisiteError(LlmbenchError):
    """The machine lacks a program, package, engine or file; the message says how to get it."""

    exit_code = 2


class RunError(LlmbenchError):
    """The run can't be finished."""


class RunLockedError(RunError):
    """Another process is writing this run folder."""


class SelfTestError(RunError):
    """The validator did not pass its reference, or passed a broken answer, on this machine."""


class SuspiciousError(RunError):
    """The answers look as if the set-up were broken, and the run was ended early (``stop_when_suspicious``).

    ``what`` says in a few words what was seen; the message says what to do as well.
    """

    def __init__(self, what: str, message: str) -> None:
        super().__init__(message)
        self.what = what


class DatasetError(LlmbenchError):
    """A dataset is missing, damaged, or differs from its pinned checksum; nothing was begun."""

    exit_code = 2


class BackendError(LlmbenchError):
    """The model server failed in a way that says nothing about the model.

    ``raw`` keeps what the server sent, for the transcript.
    """

    def __init__(self, message: str, *, raw: str = "") -> None:
        super().__init__(message)
        self.raw = raw


class ContextOverflowError(BackendError):
    """Prompt and answer do not fit the context that the server has really loaded."""


class ProtocolError(BackendError):
    """The server's answer can't be read: a stream that broke off, a tool call that it could not parse."""


class RecordError(LlmbenchError):
    """A plugin handed in what can't be kept: of the wrong type, or no text; the message names the field."""


class AgentError(LlmbenchError):
    """An outside agent ended with an error and changed nothing: that says nothing about the model."""


class SandboxError(LlmbenchError):
    """A box could not be opened, or broke for a reason that is not the code inside it."""


class BudgetError(LlmbenchError):
    """A budget of the run (tokens, cost, hours) is spent; nothing more is asked."""
