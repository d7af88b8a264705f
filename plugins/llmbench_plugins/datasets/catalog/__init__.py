"""Folders of tasks: the catalog, the quickstart tasks, or a folder of yours."""

from llmbench_plugins.datasets.catalog.dataset import Catalog, Options, Quickstart
from llmbench_plugins.datasets.catalog.task import Metadata

__all__ = ["Catalog", "Metadata", "Options", "Quickstart"]
