"""Tools ``think`` and ``plan_solution``: a place for thoughts, which changes nothing."""

from dataclasses import dataclass
from typing import Annotated

from llmbench.api import Scope, Tool, ToolError, ToolResult, option
from llmbench_plugins.tools.shared.text import cut

_STEPS = 50
_STEP_CHARS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ThinkArguments:
    """What to think."""

    thought: Annotated[str, option(help="what you think")]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanArguments:
    """What to plan."""

    steps: Annotated[tuple[str, ...], option(help="the steps, in order; none: show the plan")] = ()
    done: Annotated[int, option(ge=0, help="how many of the steps are done")] = 0


class Think(Tool):
    """Takes a thought and answers nothing: for models that think better where they may write it down."""

    name = "think"
    aliases = ("reasoning",)
    description = "Write down a thought before you act. Nothing is changed and nobody answers."
    kind = "think"
    Arguments = ThinkArguments
    argument_aliases = {  # noqa: RUF012
        "thoughts": "thought",
        "reasoning": "thought",
        "text": "thought",
        "content": "thought",
    }

    async def call(self, arguments: ThinkArguments, scope: Scope) -> ToolResult:
        """Answer as little as possible."""
        return ToolResult(text="noted")


class PlanSolution(Tool):
    """Keeps a plan for the length of a try, and shows it."""

    name = "plan_solution"
    aliases = ("get_plan",)
    description = "Write down the steps of your plan and how many are done; without steps, show the plan."
    kind = "think"
    Arguments = PlanArguments
    argument_aliases = {"plan": "steps"}  # noqa: RUF012

    async def call(self, arguments: PlanArguments, scope: Scope) -> ToolResult:
        """Keep the steps, and show them with what is done."""
        steps = [cut(step, _STEP_CHARS) for step in arguments.steps[:_STEPS]]
        if len(arguments.steps) > _STEPS:
            raise ToolError(f"the plan has {len(arguments.steps)} steps; expected at most {_STEPS}")
        if not steps and not arguments.done:
            kept = scope.state.get(self.name)
        else:
            old = scope.state.get(self.name, {"steps": [], "done": 0})
            kept = scope.state[self.name] = {"steps": steps or old["steps"], "done": arguments.done}
        if not kept or not kept["steps"]:
            return ToolResult(text="there is no plan yet; give its steps")
        marks = ("x" if number < kept["done"] else " " for number in range(len(kept["steps"])))
        return ToolResult(
            text="\n".join(f"[{mark}] {step}" for mark, step in zip(marks, kept["steps"], strict=True))
        )
