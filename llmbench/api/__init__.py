"""What a plugin imports: one small abstract class an axis, and the frozen data that passes between them."""

from llmbench.api.agent import Agent, AgentContext, Attempt, Model, Step
from llmbench.api.backend import (
    SERVERS_OWN,
    Backend,
    ModelProfile,
    Priced,
    Prices,
    Rendered,
    Renders,
    Wish,
)
from llmbench.api.completion import (
    PROBE,
    Completion,
    Finish,
    Message,
    Reasoning,
    Request,
    Sampling,
    Timing,
    ToolCall,
    ToolSpec,
    Usage,
)
from llmbench.api.context import Context
from llmbench.api.dataset import Dataset
from llmbench.api.monitor import Monitor, Watched
from llmbench.api.options import NoOptions, option
from llmbench.api.sandbox import (
    Box,
    Boxes,
    Leftover,
    Limits,
    PythonProgram,
    Ran,
    Sandbox,
    Service,
    ServiceEnded,
    Stop,
    closing,
)
from llmbench.api.scope import BoxRun, Scope, ToolError, ToolRefused, as_text
from llmbench.api.task import Files, Task, Wrong
from llmbench.api.tool import Checked, Tool, ToolKind, ToolResult
from llmbench.api.toolchain import Packages, Program, Toolchain
from llmbench.api.validator import Outcome, SelfTest, Validator, Verdict
from llmbench.api.workspace import PathError, Workspace, clean_path

API_VERSION = 1
"""Raised when a plugin written for an earlier one would break."""

__all__ = [
    "API_VERSION",
    "PROBE",
    "SERVERS_OWN",
    "Agent",
    "AgentContext",
    "Attempt",
    "Backend",
    "Box",
    "BoxRun",
    "Boxes",
    "Checked",
    "Completion",
    "Context",
    "Dataset",
    "Files",
    "Finish",
    "Leftover",
    "Limits",
    "Message",
    "Model",
    "ModelProfile",
    "Monitor",
    "NoOptions",
    "Outcome",
    "Packages",
    "PathError",
    "Priced",
    "Prices",
    "Program",
    "PythonProgram",
    "Ran",
    "Reasoning",
    "Rendered",
    "Renders",
    "Request",
    "Sampling",
    "Sandbox",
    "Scope",
    "SelfTest",
    "Service",
    "ServiceEnded",
    "Step",
    "Stop",
    "Task",
    "Timing",
    "Tool",
    "ToolCall",
    "ToolError",
    "ToolKind",
    "ToolRefused",
    "ToolResult",
    "ToolSpec",
    "Toolchain",
    "Usage",
    "Validator",
    "Verdict",
    "Watched",
    "Wish",
    "Workspace",
    "Wrong",
    "as_text",
    "clean_path",
    "closing",
    "option",
]
