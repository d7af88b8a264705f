"""What goes wrong between us and an engine, as one line in the words of whoever refused."""

from collections.abc import Iterator
from contextlib import contextmanager

import requests
import urllib3
from docker.errors import APIError, DockerException

from llmbench_plugins.shared.engine.endpoint import EngineError


@contextmanager
def faults_told() -> Iterator[None]:
    """Turn what the SDK and its libraries raise into an EngineError."""
    try:
        yield
    except APIError as error:
        raise EngineError(error.explanation or str(error), status=error.status_code) from error
    except (requests.Timeout, urllib3.exceptions.TimeoutError) as error:
        raise EngineError("it did not answer in time") from error
    except (requests.RequestException, urllib3.exceptions.HTTPError, DockerException, OSError) as error:
        raise EngineError(_root(error)) from error


def _root(error: BaseException) -> str:
    """Return the words of what began it: the system's own, where it was the system."""
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    return str((isinstance(error, OSError) and error.strerror) or error)
