"""What is kept out of a bundle: found where the configuration and its secrets are known."""

from llmbench.config.build import named_variables
from llmbench.config.secrets import find_secrets
from llmbench.records.anonymous import (
    Anonymous,
    OfManifest,
    named_folders,
    names_of_this_machine,
    not_of_system,
    own_folders,
)
from llmbench.records.packing import Masks
from llmbench.report.read import Run


def masks_for(run: Run) -> Masks:
    """Return what replaces secrets, folders and names in the files of a run."""
    named = frozenset(named_variables(run.manifest.config))
    secrets = find_secrets(named)
    own, told = own_folders(run.folder), named_folders(run.manifest)
    folders, names = own | told, names_of_this_machine()
    return Masks(
        manifest=OfManifest(secrets, named, folders=own, names=names),
        texts=Anonymous(secrets, named, folders=folders, names=names),
        # A host may be called like a variable, and an answer is code: it is not changed but for paths.
        answers=Anonymous(secrets, named, folders=own | not_of_system(told)),
    )
