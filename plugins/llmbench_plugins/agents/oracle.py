"""Agent `oracle`: writes the reference solution. A dataset whose tasks it fails has a broken grader."""

from llmbench.api import Agent, Attempt, Box, Model, Task, Workspace
from llmbench.errors import DatasetError


class Oracle(Agent):
    """Knows the answers."""

    trusted = True
    asks_model = False

    async def solve(self, task: Task, workspace: Workspace, model: Model, box: Box | None) -> Attempt:
        """Write the reference solution into the workspace."""
        if not task.reference:
            raise DatasetError(f"{task.id} has no reference solution, so agent=oracle can't answer it")
        for path, content in task.reference.items():
            workspace.write(path, content)
        return Attempt()
