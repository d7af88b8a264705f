"""A connection to an engine: questions are asked in threads, so that the loop never waits for it."""

import asyncio
import os
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar
from urllib.parse import urlsplit

from llmbench_plugins.shared.engine.endpoint import UNIX, Endpoint, EngineError, why_closed

if TYPE_CHECKING:
    from docker import APIClient

    from llmbench_plugins.shared.engine.ssh import Dialer

T = TypeVar("T")
Events = Iterable[Mapping[str, Any]]
_CONNECTIONS = 64
_OLDEST_API = "1.24"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """The socket that is attached to a container's streams; once it is shut, ``release`` frees it."""

    sock: socket.socket
    release: Callable[[], None]


class Engine:
    """An engine that answers. Its methods that are no coroutines block."""

    def __init__(self, client: "APIClient", endpoint: Endpoint, dialer: "Dialer | None" = None) -> None:
        self.client = client
        self.endpoint = endpoint
        self._dialer = dialer

    @classmethod
    def connect(
        cls, endpoint: Endpoint, *, timeout_s: int = 60, environment: Mapping[str, str] = os.environ
    ) -> Self:
        """Connect to an engine; each question may take ``timeout_s``.

        Raises:
            EngineError: it does not answer.
        """
        # Most that is wrong with an engine is wrong here already, and told without the SDK.
        place = Path("/", endpoint.url.removeprefix(UNIX))
        if endpoint.url.startswith(UNIX) and (reason := why_closed(place)):
            raise EngineError(reason)
        return cls._of(endpoint, timeout_s, environment)

    @classmethod
    def _of(cls, endpoint: Endpoint, timeout_s: int, environment: Mapping[str, str]) -> Self:
        from docker import APIClient

        from llmbench_plugins.shared.engine.faults import faults_told
        from llmbench_plugins.shared.engine.ssh import Dialer, SshAdapter

        with faults_told():
            where = _where(endpoint, environment)
            dialer = Dialer(where["base_url"]) if where["base_url"].startswith("ssh://") else None
            if dialer is not None:
                where["base_url"] = "unix:///ssh"  # never connected to: the adapter below dials

        def client(version: str) -> "APIClient":
            made = APIClient(**where, version=version, timeout=timeout_s, max_pool_size=_CONNECTIONS)
            if dialer is not None:
                made.mount("http+docker://", SshAdapter(dialer, connections=_CONNECTIONS))
            _trust_only_the_engine(made)
            return made

        try:
            with faults_told():
                first = client(_OLDEST_API)
                try:
                    newest = first.version(api_version=False)["ApiVersion"]
                finally:
                    first.close()
                return cls(client(newest), endpoint, dialer)
        except EngineError as error:
            if dialer is None:
                raise
            said = dialer.said()
            dialer.close()
            raise EngineError(said or str(error)) from error

    def close(self) -> None:
        """Close all connections."""
        self.client.close()
        if self._dialer is not None:
            self._dialer.close()

    def tell(self, question: Callable[["APIClient"], T]) -> T:
        """Ask, and block until the answer is there.

        Raises:
            EngineError: it refused, or did not answer.
        """
        from llmbench_plugins.shared.engine.faults import faults_told

        with faults_told():
            return question(self.client)

    async def ask(self, question: Callable[["APIClient"], T]) -> T:
        """Ask in a thread.

        Raises:
            EngineError: it refused, or did not answer.
        """
        return await asyncio.to_thread(self.tell, question)

    async def has(self, question: Callable[["APIClient"], object]) -> bool:
        """Say whether there is what is asked for.

        Raises:
            EngineError: the engine does not say.
        """
        try:
            await self.ask(question)
        except EngineError as error:
            if error.status != 404:
                raise
            return False
        return True

    async def has_image(self, name: str) -> bool:
        """Say whether it holds an image.

        Raises:
            EngineError: it does not say.
        """
        return await self.has(lambda client: client.inspect_image(name))

    async def follow(
        self, question: Callable[["APIClient"], Events], on_event: Callable[[Mapping[str, Any]], None]
    ) -> None:
        """Hand on what the engine tells until it has told all; when cancelled, nobody waits for it any more.

        Raises:
            EngineError: it refused, or broke off.
        """
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[None] = loop.create_future()
        given_up = threading.Event()

        def listen() -> None:
            failed: BaseException | None = None
            try:
                self.tell(lambda client: _hand_on(question(client), heard, given_up))
            except BaseException as error:
                failed = error
            with suppress(RuntimeError):  # the loop is closed: nobody waits
                loop.call_soon_threadsafe(_settle, ended, failed)

        def heard(event: Mapping[str, Any]) -> None:
            loop.call_soon_threadsafe(on_event, event)

        # Not one of the loop's own threads, for whose end a process waits: an engine may be silent for long.
        threading.Thread(target=listen, daemon=True).start()
        try:
            await ended
        finally:
            given_up.set()

    def remove(self, container: str) -> None:
        """Remove a container, running or not, unless it is gone or going.

        Raises:
            EngineError: it refused, or did not answer.
        """
        try:
            self.tell(lambda client: client.remove_container(container, v=True, force=True))
        except EngineError as error:
            if error.status not in (404, 409):
                raise

    def attach(self, container: str) -> Wire:
        """Attach to the three streams of a container that has not been started.

        Raises:
            EngineError: it refused.
        """
        streams = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
        raw = self.tell(lambda client: client.attach_socket(container, params=streams))
        # The SDK hands out what reads from a socket, but with TLS the socket itself; and beside it the
        # response, which has to be closed as well.
        sock: socket.socket = getattr(raw, "_sock", raw)
        sock.setblocking(False)
        return Wire(sock=sock, release=raw._response.close)


def _where(endpoint: Endpoint, environment: Mapping[str, str]) -> dict[str, Any]:
    """Return address and keys as the SDK's client takes them."""
    from docker.context import ContextAPI
    from docker.utils import kwargs_from_env

    if not endpoint.context:
        found = kwargs_from_env(dict(environment)) if endpoint.named_by.startswith("DOCKER_HOST") else {}
        return {**found, "base_url": endpoint.url}
    context = ContextAPI.get_context(endpoint.context)
    if context is None or not context.Host:
        raise EngineError("no such context beside docker's config.json; list them: docker context ls")
    return {"base_url": context.Host, "tls": context.TLSConfig or False}


def _trust_only_the_engine(client: "APIClient") -> None:
    """Have the environment say which proxy is to be taken, and not whose certificates to trust."""
    from requests.utils import get_environ_proxies

    here = urlsplit(client.base_url).hostname in ("localhost", "127.0.0.1", "::1")
    client.proxies = {} if here else get_environ_proxies(client.base_url)
    client.trust_env = False


def _hand_on(events: Events, heard: Callable[[Mapping[str, Any]], None], given_up: threading.Event) -> None:
    for event in events:
        if given_up.is_set():
            return
        heard(event)


def _settle(ended: asyncio.Future[None], failed: BaseException | None) -> None:
    if ended.done():
        return
    if failed is None:
        ended.set_result(None)
    else:
        ended.set_exception(failed)
