"""The plugin that tells Hydra of the folders of YAML beside the bundled one."""

from typing import ClassVar

from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.plugins import Plugins
from hydra.plugins.search_path_plugin import SearchPathPlugin

from llmbench.config.sources import Sources


class Folders(SearchPathPlugin):
    """Appends the folders of plugins, the current folder's conf/ and ``--config-dir``, in this order."""

    # Hydra makes search path plugins itself, without arguments.
    sources: ClassVar[Sources] = Sources(())

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        """Append all folders but the bundled one, which Hydra has as its own."""
        for source in self.sources.folders[1:]:
            search_path.append(provider=source.provider, path=f"file://{source.folder}")


def use(sources: Sources) -> None:
    """Make Hydra look in ``sources`` from now on."""
    Folders.sources = sources
    Plugins.instance().register(Folders)
