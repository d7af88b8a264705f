"""Where conf/, tasks/ and models/ are: inside the package in a wheel, beside it in a checkout."""

from pathlib import Path

from llmbench.errors import PrerequisiteError

_PACKAGE = Path(__file__).resolve().parent


def resource_dir(name: str) -> Path:
    """Return the directory of a bundled resource tree: ``conf``, ``tasks`` or ``models``.

    Raises:
        PrerequisiteError: the tree was not installed with llmbench.
    """
    if (bundled := _PACKAGE / name).is_dir():
        return bundled
    checkout = _PACKAGE.parent
    if (checkout / "pyproject.toml").is_file() and (checkout / name).is_dir():
        return checkout / name
    raise PrerequisiteError(
        f"{name}/ was not installed with llmbench (looked in {_PACKAGE} and {checkout}); "
        "reinstall it: pip install --force-reinstall . in its folder"
    )
