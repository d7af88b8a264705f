"""Our own words in YAML: ``${resource:models/demo.gguf}``."""

from pathlib import PurePosixPath

from omegaconf import OmegaConf

from llmbench.resources import resource_dir


def register() -> None:
    """Teach OmegaConf our resolvers; harmless when done twice."""
    OmegaConf.register_new_resolver("resource", resource, replace=True)


def resource(path: str) -> str:
    """Return where a bundled file is, as ``models/demo.gguf`` names it."""
    tree, *parts = PurePosixPath(path).parts
    return str(resource_dir(tree).joinpath(*parts))
