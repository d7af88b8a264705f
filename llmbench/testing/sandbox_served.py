"""The part of the conformance suite of sandboxes about ``Sandbox.serve``: a box with one Python program."""

import asyncio
import uuid
from pathlib import Path

import pytest

from llmbench.api import PythonProgram, Ran, Sandbox, ServiceEnded, Toolchain
from llmbench.testing.sandbox_tools import LIMITS, appears, daemon, gone, served, with_sandbox


class ServedPrograms:
    """What every sandbox must do with a program that is all there is in its box."""

    toolchain: Toolchain

    def make_sandbox(self, tmp_path: Path) -> Sandbox:
        """Return a new sandbox whose folders are below ``tmp_path``."""
        raise NotImplementedError

    def _served(self, tmp_path: Path, *codes: str, timeout_s: float = 60.0) -> list[tuple[str, Ran]]:
        async def body(sandbox: Sandbox) -> list[tuple[str, Ran]]:
            runs = (served(sandbox, self.toolchain, code, timeout_s=timeout_s) for code in codes)
            return [await run for run in runs]

        return with_sandbox(self, tmp_path, body)

    def test_a_served_program_is_fresh_in_every_box(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LLMBENCH_TEST_SECRET", "parent-secret")
        code = (
            "import os, sys, tempfile\n"
            "runner = sys.modules['runner']\n"
            "places = [os.path.join(folder, 'kept') for folder in ('.', tempfile.gettempdir())]\n"
            "print(len(runner.calls), any('program' in folder for folder in sys.path),\n"
            "      any(map(os.path.exists, places)), 'parent-secret' in str(os.environ))\n"
            "for place in places: open(place, 'w').write('x')\n"
            "runner.calls += 'xyz'\n"
        )
        for said, _ in self._served(tmp_path, code, code):
            assert said == "1 False False False\n"

    def test_a_served_program_says_how_it_ended(self, tmp_path: Path) -> None:
        exits = "import sys; print('why', file=sys.stderr); sys.exit(3)"
        left, killed, raised = self._served(
            tmp_path, exits, "import os; os.kill(os.getpid(), 9)", "raise ValueError('odd')"
        )
        assert (left[0], left[1].exit_code, left[1].stderr) == ("", 3, b"why\n")
        assert (killed[0], killed[1].exit_code) == ("", -9)
        assert (raised[0], raised[1].exit_code) == ("", 1)
        assert b"ValueError: odd" in raised[1].stderr

    def test_a_served_program_ends_with_all_it_has_started(self, tmp_path: Path) -> None:
        token = uuid.uuid4().hex
        ((said, _),) = self._served(tmp_path, f"{daemon(token)}import time; time.sleep(600)", timeout_s=2.0)
        assert said == ""
        assert gone(token)

    def test_a_served_program_has_limits(self, tmp_path: Path) -> None:
        memory = (
            "import time\nkept = []\nwhile True: kept.append(bytearray(b'x') * (1 << 23)); time.sleep(.01)"
        )
        disk = (
            "import time\nfile = open('x', 'wb', buffering=0)\n"
            "while True:\n"
            "    try: file.write(bytes(1 << 20))\n"
            "    except OSError: time.sleep(.01)"
        )
        full, filled = self._served(tmp_path, memory, disk)
        assert full[0] == filled[0] == ""
        assert full[1].stopped == "memory" or full[1].exit_code != 0
        assert filled[1].stopped == "disk"

    def test_many_programs_are_served_at_once(self, tmp_path: Path) -> None:
        async def body(sandbox: Sandbox) -> list[str]:
            runs = (served(sandbox, self.toolchain, f"print({number})") for number in range(8))
            return [said for said, _ in await asyncio.gather(*runs)]

        assert with_sandbox(self, tmp_path, body) == [f"{number}\n" for number in range(8)]

    def test_a_program_that_can_not_be_imported_is_data(self, tmp_path: Path) -> None:
        broken = PythonProgram(module="broken", files={"broken.py": b"raise ImportError('broken indeed')"})

        async def body(sandbox: Sandbox) -> Ran:
            service = await sandbox.serve(self.toolchain, LIMITS, broken)
            with pytest.raises(ServiceEnded):
                await service.ask(b"question", timeout_s=30)
            return await service.close()

        assert b"broken indeed" in with_sandbox(self, tmp_path, body).stderr

    def test_a_sandbox_closes_what_it_serves(self, tmp_path: Path) -> None:
        token, forever = uuid.uuid4().hex, "import time; time.sleep(600)"

        async def body(sandbox: Sandbox) -> None:
            asking = asyncio.ensure_future(served(sandbox, self.toolchain, f"{daemon(token)}{forever}"))
            await appears(token)
            await sandbox.close()
            assert gone(token)
            await asyncio.wait({asking}, timeout=20)

        with_sandbox(self, tmp_path, body)
