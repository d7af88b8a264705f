"""One run of an outside agent's command: its words filled in, its time watched."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from llmbench.api import Ran
from llmbench_plugins.agents.cli.endpoint import Endpoint
from llmbench_plugins.agents.cli.place import PORT, Place
from llmbench_plugins.agents.shared.wording import filled

_LOOK_S = 0.1


@dataclass(kw_only=True)
class CliTry:
    """One run of the command, watched: a limit, or a fault that no agent can mend, ends it."""

    argv: Sequence[str]
    prompt: str
    model: str
    place: Place
    endpoint: Endpoint | None
    environment: Callable[[Mapping[str, str]], Mapping[str, str]]
    """Returns the variables, the given values filled in."""
    wall_s: float
    """How long the agent may work; the time that the model takes to answer is not counted."""
    _late: bool = field(default=False, init=False)

    async def run(self) -> Ran:
        """Run it to its end; a time that was up is ``stopped``."""
        values = self._values()
        argv = [filled(word, **values) for word in self.argv]
        by_argument = any("{prompt}" in word or "{prompt_file}" in word for word in self.argv)
        watch = asyncio.create_task(self._watch())
        try:
            ran = await self.place.run(
                self.place.through_relay(argv) if self.endpoint else argv,
                env=self.environment(values),
                stdin=b"" if by_argument else self.prompt.encode(errors="replace"),
                timeout_s=10**9,
            )
        finally:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch
        return replace(ran, stopped="timeout") if self._late else ran

    def _values(self) -> dict[str, str]:
        values = {
            "prompt": self.prompt,
            "prompt_file": self.place.write_own("prompt.md", self.prompt),
            "folder": self.place.folder,
            "model": self.model,
        }
        if self.endpoint is not None:
            port = PORT if self.place.relayed else self.endpoint.port
            url = f"http://127.0.0.1:{port}"
            values |= {"server_url": url, "base_url": f"{url}/v1", "api_key": self.endpoint.api_key}
        return values

    async def _watch(self) -> None:
        used_s, endpoint = 0.0, self.endpoint
        last = time.monotonic()
        while True:
            await asyncio.sleep(_LOOK_S)
            now = time.monotonic()
            # A slow model is no fault of the agent.
            if endpoint is None or not endpoint.in_flight:
                used_s += now - last
            last = now
            self._late = used_s >= self.wall_s
            if self._late or (endpoint is not None and endpoint.fatal is not None):
                self.place.stop()


def spread(argv: Sequence[str], files: Sequence[str]) -> list[str]:
    """Return ``argv`` with the files that may be changed where the word ``{files}`` stands."""
    return [part for word in argv for part in (files if word == "{files}" else [word])]
