"""How Hydra reads YAML: as any text that people hand in, with errors that name the file."""

from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any, ClassVar

import yaml
from hydra._internal.core_plugins import file_config_source as hydras
from hydra._internal.sources_registry import SourcesRegistry
from hydra.plugins.config_source import ConfigResult, ConfigSource
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from llmbench.api.text import read_text
from llmbench.config.on_the_fly import GROUP, made
from llmbench.config.sources import Sources
from llmbench.errors import UsageError


class FileConfigSource(hydras.FileConfigSource):
    """Hydra's own source of files, but for the reading itself; Hydra keeps the first class of this name."""

    # Hydra makes sources itself.
    sources: ClassVar[Sources] = Sources(())

    def is_config(self, config_path: str) -> bool:
        """Say whether there is such a file, or a profile can be made on the fly."""
        return super().is_config(config_path) or self._made(config_path) is not None

    def load_config(self, config_path: str) -> ConfigResult:
        """Read one file.

        Raises:
            UsageError: it is no UTF-8 or no YAML; the message says where.
        """
        path = Path(self.path, self._normalize_file_name(config_path)).resolve()
        if (profile := self._made(config_path)) is not None:
            return ConfigResult(
                config=OmegaConf.create(dict(profile)),
                path=f"{self.scheme()}://{self.path}",
                provider=self.provider,
                header=ConfigSource._get_header_dict(""),
            )
        if not path.exists():
            return super().load_config(config_path)
        shown = self._shown(path)
        text = read_text(path, shown)
        try:
            config = OmegaConf.load(StringIO(text))
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            tab = "; indent with blanks, not tabs" if "'\\t'" in (error.problem or "") else ""
            raise UsageError(f"{shown}, line {line}: not YAML: {error.problem}{tab}") from None
        except (yaml.YAMLError, OmegaConfBaseException, OSError, ValueError) as error:
            raise UsageError(f"{shown}: can't be read: {' '.join(str(error).split())}") from None
        return ConfigResult(
            config=config,
            path=f"{self.scheme()}://{self.path}",
            provider=self.provider,
            header=ConfigSource._get_header_dict(text),
        )

    def _made(self, config_path: str) -> Mapping[str, Any] | None:
        """Return a model's profile that no file holds; only the first source makes any."""
        group, _, name = config_path.partition("/")
        folders = self.sources.folders
        if group != GROUP or not name or not folders or Path(self.path) != folders[0].folder.resolve():
            return None
        return made(name, self.sources)

    def _shown(self, path: Path) -> str:
        """Return how messages name a file: as they name its folder elsewhere."""
        for source in self.sources.folders:
            if path.is_relative_to(source.folder.resolve()):
                return f"{source.label}/{path.relative_to(source.folder.resolve()).as_posix()}"
        return str(path)


def use(sources: Sources) -> None:
    """Make Hydra read files so from now on."""
    FileConfigSource.sources = sources
    SourcesRegistry.instance().types[FileConfigSource.scheme()] = FileConfigSource
