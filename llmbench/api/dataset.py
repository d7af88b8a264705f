"""Dataset: where tasks come from."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from llmbench.api.context import Context
from llmbench.api.options import NoOptions
from llmbench.api.task import Task


class Dataset(ABC):
    """A pinned, checksummed collection of tasks."""

    Options: ClassVar[type] = NoOptions
    hub_id: ClassVar[str] = ""
    """``owner/name`` on the Hugging Face Hub, where it is there: for ``export --format huggingface``."""

    def __init__(self, options: Any, context: Context) -> None:
        self.options = options
        self.context = context

    async def prepare(self) -> None:
        """Fetch what is missing into ``context.cache_dir``, once, with progress; nothing by default.

        Raises:
            DatasetError: the download is damaged or not what was pinned.
        """
        return

    @abstractmethod
    def tasks(self) -> Iterable[Task]:
        """Yield the tasks lazily, in a stable order.

        Raises:
            DatasetError: the data is missing or damaged; the message names the file and the cure.
        """

    def describe(self) -> Mapping[str, Any]:
        """Return provenance as JSON-ready data: ``version``, ``path``, ``source``, ``sha256`` where known."""
        return {}
