"""The launcher: begins what waits, one run at a time on this machine unless told otherwise.

One thread looks about once a second while there is something to wait for. Processes go on without us; after a
restart they are known by their numbers and beginnings.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from secrets import token_hex

from llmbench.history.place import VARIABLE
from llmbench.records.manifest import now
from llmbench.serve.faults import Conflict, NotFound
from llmbench.serve.launching.ledger import Entry, Ledger, Order
from llmbench.serve.launching.processes import bound_log, exit_code, forget_ended, interrupt, start
from llmbench.serve.launching.running import live_statuses
from llmbench.serve.settings import Settings

_LOOK_S = 0.5
_MOST_QUEUED = 100


class Launcher:
    """Launches, in the order of their queue."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is looked at before ``wake``."""
        self._settings = settings
        self.ledger = Ledger(settings.root)
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None
        self._news = threading.Event()
        self._ended = False

    def add(self, order: Order) -> Entry:
        """Queue a launch that was checked; it begins at once where nothing is in its way.

        Raises:
            Conflict: too many wait.
        """
        told = {each.name: getattr(order, each.name) for each in fields(order)}
        entry = Entry(id=token_hex(8), added=now(), **told)
        if self.waiting() >= _MOST_QUEUED:
            raise Conflict(f"{_MOST_QUEUED} launches wait already: expected fewer")
        self.ledger.change(lambda entries: [*entries, entry])
        self.wake()
        return entry

    def waiting(self) -> int:
        """Return how many launches wait for their turn."""
        return sum(entry.state == "queued" for entry in self.ledger.read())

    def move(self, ids: Sequence[str]) -> None:
        """Put what waits into another order; whatever is not named stays behind those that are."""

        def moved(entries: Sequence[Entry]) -> Sequence[Entry]:
            places = {id_: place for place, id_ in enumerate(dict.fromkeys(ids))}
            queued = [entry for entry in entries if entry.state == "queued"]
            queued.sort(key=lambda entry: places.get(entry.id, len(places)))
            return [*(entry for entry in entries if entry.state != "queued"), *queued]

        self.ledger.change(moved)

    def shift(self, id_: str, by: int) -> None:
        """Move a launch that waits by so many places.

        Raises:
            NotFound: it does not wait.
        """
        ids = [entry.id for entry in self.ledger.read() if entry.state == "queued"]
        if id_ not in ids:
            raise NotFound("it does not wait any more")
        place = max(0, ids.index(id_) + by)
        ids.remove(id_)
        self.move([*ids[:place], id_, *ids[place:]])

    def remove(self, id_: str) -> None:
        """Take a launch out of the queue.

        Raises:
            NotFound: it does not wait.
        """
        before = self.ledger.read()
        if not any(entry.id == id_ and entry.state == "queued" for entry in before):
            raise NotFound("it does not wait any more")
        self._drop(lambda entry: entry.id == id_)

    def clear(self) -> None:
        """Empty the queue; what runs goes on."""
        self._drop(lambda entry: True)

    def go(self, id_: str) -> None:
        """Let a launch that waits begin while others run."""
        self.ledger.change(
            lambda entries: [replace(each, beside=True) if each.id == id_ else each for each in entries]
        )
        self.wake()

    def stop(self, id_: str) -> None:
        """Ask a launch that runs to end.

        Raises:
            NotFound: there is no such launch.
            Conflict: it does not run.
        """
        entry = next((each for each in self.ledger.read() if each.id == id_), None)
        if entry is None:
            raise NotFound("there is no such launch")
        if entry.state != "started" or entry.process is None:
            raise Conflict("it does not run")
        interrupt(entry.process)

    def wake(self) -> None:
        """Look now, and again while something waits or runs."""
        with self._guard:
            self._news.set()
            if not self._ended and (self._thread is None or not self._thread.is_alive()):
                self._thread = threading.Thread(target=self._watch, name="launcher", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Look no more; what runs goes on."""
        with self._guard:
            self._ended = True
            self._news.set()
            thread = self._thread
        if thread is not None:
            thread.join(timeout=5)
        forget_ended()

    def _drop(self, which: Callable[[Entry], bool]) -> None:
        self.ledger.change(
            lambda entries: [each for each in entries if each.state != "queued" or not which(each)]
        )

    def _watch(self) -> None:
        while True:
            self._news.clear()
            entries = self.ledger.change(self._step)
            for entry in entries:
                if entry.state == "started":
                    bound_log(self.ledger.log(entry))
            with self._guard:
                is_idle = all(entry.state == "ended" for entry in entries) and not self._news.is_set()
                if self._ended or is_idle:
                    self._thread = None
                    return
            self._news.wait(_LOOK_S)

    def _step(self, entries: Sequence[Entry]) -> Sequence[Entry]:
        """Note what has ended, and begin what may begin."""
        looked = [self._looked_at(entry) for entry in entries]
        busy = self._ended or any(entry.state == "started" for entry in looked) or self._others_run()
        after = []
        for entry in looked:
            begins = entry.state == "queued" and not self._ended and (entry.beside or not busy)
            after.append(self._begun(entry) if begins else entry)
            busy = busy or begins
        return after

    def _others_run(self) -> bool:
        return any(status.process.is_here for status in live_statuses(self._settings.root).values())

    def _looked_at(self, entry: Entry) -> Entry:
        if entry.state != "started":
            return entry
        if entry.process and (code := exit_code(entry.process)) is not None:
            return replace(entry, state="ended", ended=now(), code=code)
        if entry.process is None or (entry.process.is_here and not entry.process.runs):
            return replace(entry, state="ended", ended=now())
        return entry

    def _begun(self, entry: Entry) -> Entry:
        log = self.ledger.log(entry)
        url = self._settings.history_url
        try:
            process = start(entry.argv, log, environment={VARIABLE: url} if url else {})
        except OSError as error:
            log.parent.mkdir(parents=True, exist_ok=True)
            log.write_text(f"llmbench: can't be started: {error}\n", encoding="utf-8")
            return replace(entry, state="ended", began=now(), ended=now(), code=1)
        return replace(entry, state="started", began=now(), process=process)
