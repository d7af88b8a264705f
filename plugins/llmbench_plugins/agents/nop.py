"""Agent `nop`: changes nothing. A dataset whose tasks it passes has tests that test nothing."""

from llmbench.api import Agent, Attempt, Box, Model, Task, Workspace


class Nop(Agent):
    """Leaves the workspace as it is."""

    trusted = True
    asks_model = False

    async def solve(self, task: Task, workspace: Workspace, model: Model, box: Box | None) -> Attempt:
        """Do nothing."""
        return Attempt()
