"""Conformance suites of sandboxes: subclass one in a test module, and pytest runs it.

``SandboxConformance`` is for sandboxes that isolate, ``SandboxBehaviour`` is the part that all must pass.
"""

import asyncio
import base64
import hashlib
import pickle
import signal
import subprocess
import sys
import uuid
from dataclasses import replace
from pathlib import Path

import pytest

from llmbench.api import (
    Box,
    Context,
    PathError,
    Ran,
    Sandbox,
    ServiceEnded,
    Toolchain,
    closing,
)
from llmbench.errors import SandboxError
from llmbench.testing.sandbox_attacks import SandboxAttacks
from llmbench.testing.sandbox_served import ServedPrograms
from llmbench.testing.sandbox_tools import (
    LIMITS,
    appears,
    bearing,
    daemon,
    gone,
    python,
    with_box,
    with_sandbox,
)

_ECHO = "import sys\nfor n, line in enumerate(sys.stdin): print(n, line.strip(), flush=True)"
_HOLD_A_BOX = """
import asyncio, base64, pickle, sys
kind, options, context, toolchain, argv = pickle.loads(base64.b64decode(sys.stdin.readline()))
from llmbench.api import Limits
async def main():
    sandbox = kind(options, context)
    await sandbox.prepare(toolchain)
    box = await sandbox.open(toolchain, Limits(memory_mb=256, disk_mb=32))
    await box.serve(argv)
    running = asyncio.ensure_future(box.run(argv, timeout_s=600))
    await asyncio.sleep(1)
    print("holding", flush=True)
    await running
asyncio.run(main())
"""


class SandboxBehaviour(ServedPrograms):
    """What every sandbox must do. A subclass says how to make one, and names a toolchain with python3."""

    toolchain: Toolchain

    def make_sandbox(self, tmp_path: Path) -> Sandbox:
        """Return a new sandbox whose folders are below ``tmp_path``."""
        raise NotImplementedError

    # --- running programs ---

    def test_a_program_runs_to_its_end(self, tmp_path: Path) -> None:
        async def body(box: Box) -> Ran:
            return await python(box, "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)")

        ran = with_box(self, tmp_path, body)
        assert (ran.exit_code, ran.stdout, ran.stderr) == (3, b"out\n", b"err\n")
        assert (ran.stopped, ran.truncated) == (None, False)
        assert 0 < ran.duration_s < 30

    def test_it_reads_its_input(self, tmp_path: Path) -> None:
        async def body(box: Box) -> tuple[Ran, Ran]:
            content = bytes(range(256)) * 20_000
            code = "import sys, hashlib; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())"
            return await python(box, code, stdin=content), await python(box, "pass", stdin=content)

        read, ignored = with_box(self, tmp_path, body)
        assert read.stdout.decode().strip() == hashlib.sha256(bytes(range(256)) * 20_000).hexdigest()
        assert ignored.exit_code == 0

    def test_it_finds_its_environment_and_no_other(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LLMBENCH_TEST_SECRET", "parent-secret")

        async def body(box: Box) -> Ran:
            return await python(box, "import os; print(dict(os.environ))", env={"GIVEN": "value"})

        said = with_box(self, tmp_path, body).stdout
        assert b"'GIVEN': 'value'" in said
        assert b"C.UTF-8" in said
        assert b"parent-secret" not in said

    def test_signals_are_negative_exit_codes(self, tmp_path: Path) -> None:
        async def body(box: Box) -> list[int]:
            code = "import os; os.kill(os.getpid(), {})"
            return [(await python(box, code.format(number))).exit_code for number in (9, 15, 11)]

        assert with_box(self, tmp_path, body) == [-9, -15, -11]

    def test_a_missing_program_is_data(self, tmp_path: Path) -> None:
        async def body(box: Box) -> Ran:
            return await box.run(["no-such-program-here"])

        ran = with_box(self, tmp_path, body)
        assert ran.exit_code == 127
        assert b"no-such-program-here" in ran.stderr

    # --- files ---

    def test_files_go_in_and_out(self, tmp_path: Path) -> None:
        async def body(box: Box) -> dict[str, bytes]:
            await box.put({"a.txt": b"1", "deep/er/b.bin": bytes(range(256)), "empty": b""})
            ran = await python(box, "open('deep/new', 'w').write(open('a.txt').read() * 3)")
            assert ran.exit_code == 0, ran
            await box.put({"a.txt": b"2"})
            return dict(await box.get())

        found = with_box(self, tmp_path, body)
        assert found == {"a.txt": b"2", "deep/er/b.bin": bytes(range(256)), "empty": b"", "deep/new": b"111"}

    def test_files_stay_from_run_to_run(self, tmp_path: Path) -> None:
        async def body(box: Box) -> Ran:
            where = "from pathlib import Path; import tempfile; both = Path(), Path(tempfile.gettempdir())\n"
            await python(box, where + "for folder in both: (folder / 'kept').write_text('x')")
            return await python(box, where + "print([(folder / 'kept').exists() for folder in both])")

        assert with_box(self, tmp_path, body).stdout == b"[True, True]\n"

    @pytest.mark.parametrize("path", ["../out", "/etc/x", "a/../../b", "", "nul\0", "back\\slash"])
    def test_no_path_leads_out(self, tmp_path: Path, path: str) -> None:
        async def body(box: Box) -> None:
            with pytest.raises(PathError):
                await box.put({path: b""})

        with_box(self, tmp_path, body)

    def test_get_leaves_out_what_is_no_file(self, tmp_path: Path) -> None:
        outside = tmp_path / "outside"
        outside.mkdir()
        (outside / "secret").write_text("secret", encoding="utf-8")
        code = (
            "import os, socket\n"
            "os.symlink('/etc/passwd', 'link'); os.symlink('/etc', 'folder'); os.symlink('plain', 'own')\n"
            f"os.symlink({str(outside)!r}, 'outside'); os.symlink('/proc/self/environ', 'environ')\n"
            "os.mkfifo('fifo'); os.makedirs('a/b'); os.symlink('/etc', 'a/b/c')\n"
            "socket.socket(socket.AF_UNIX).bind('socket'); open('plain', 'w').write('kept')\n"
            "open(b'bad\\xff', 'w').write('x'); open('line\\nbreak', 'w').write('y')\n"
        )

        async def body(box: Box) -> dict[str, bytes]:
            ran = await python(box, code)
            assert ran.exit_code == 0, ran
            return dict(await box.get())

        assert with_box(self, tmp_path, body) == {"plain": b"kept", "line\nbreak": b"y"}

    def test_get_can_skip_folders(self, tmp_path: Path) -> None:
        async def body(box: Box) -> list[list[str]]:
            names = ("a", "target/b", "deep/target/c", "deep/targets/d", ".cache/x/e", "target.txt")
            await box.put(dict.fromkeys(names, b""))
            await python(box, "open('target/huge', 'wb').truncate(1 << 40)")
            return [sorted(await box.get(skip=skip)) for skip in (["target"], ["target*", ".*"])]

        assert with_box(self, tmp_path, body) == [
            [".cache/x/e", "a", "deep/targets/d", "target.txt"],
            ["a", "target.txt"],
        ]

    def test_put_replaces_links_instead_of_following_them(self, tmp_path: Path) -> None:
        target = tmp_path / "target"
        target.mkdir()
        code = (
            "import os, tempfile\n"
            f"os.symlink({str(target)!r}, 'folder'); os.symlink({str(target)!r} + '/file', 'file')\n"
            "os.makedirs('was/a/folder'); os.chmod('was', 0)\n"
        )

        async def body(box: Box) -> dict[str, bytes]:
            await python(box, code)
            await box.put({"folder/inner": b"1", "file": b"2", "was/a": b"3"})
            return dict(await box.get())

        assert with_box(self, tmp_path, body) == {"folder/inner": b"1", "file": b"2", "was/a": b"3"}
        assert list(target.iterdir()) == []

    def test_get_refuses_more_than_the_disk_limit(self, tmp_path: Path) -> None:
        async def body(box: Box) -> None:
            await python(box, "open('sparse', 'wb').truncate(1 << 40)")
            with pytest.raises(SandboxError, match="disk limit"):
                await box.get()

        with_box(self, tmp_path, body)

    def test_deep_folders_break_nothing(self, tmp_path: Path) -> None:
        code = "import os\nopen('top', 'w').write('x')\nfor n in range(300): os.mkdir('d'); os.chdir('d')"

        async def body(box: Box) -> dict[str, bytes]:
            await python(box, code)
            return dict(await box.get())

        assert with_box(self, tmp_path, body) == {"top": b"x"}

    # --- limits ---

    def test_time_runs_out_for_grandchildren_too(self, tmp_path: Path) -> None:
        token = uuid.uuid4().hex

        async def body(box: Box) -> Ran:
            ignoring = "import signal, time; signal.signal(15, signal.SIG_IGN); "
            return await python(box, daemon(token) + ignoring + "time.sleep(60)", timeout_s=1.0)

        ran = with_box(self, tmp_path, body, check=lambda: gone(token))
        assert (ran.stopped, ran.exit_code < 0) == ("timeout", True)
        assert 0.9 < ran.duration_s < 10

    def test_nothing_outlives_its_run(self, tmp_path: Path) -> None:
        token = uuid.uuid4().hex

        async def body(box: Box) -> Ran:
            ran = await python(box, daemon(token) * 3 + "print('done')")
            assert gone(token), "a daemon outlived its run"
            return ran

        ran = with_box(self, tmp_path, body)
        assert (ran.exit_code, ran.stdout) == (0, b"done\n")
        assert ran.duration_s < 20

    def test_output_is_capped_and_read_to_its_end(self, tmp_path: Path) -> None:
        code = "import sys\nfor s in (sys.stdout, sys.stderr): s.write('x' * 5_000_000)\nsys.exit(4)"

        async def body(box: Box) -> Ran:
            return await python(box, code)

        ran = with_box(self, tmp_path, body)
        assert (len(ran.stdout), len(ran.stderr)) == (LIMITS.output_bytes, LIMITS.output_bytes)
        assert (ran.truncated, ran.exit_code) == (True, 4)

    def test_memory_is_limited(self, tmp_path: Path) -> None:
        code = (
            "import time\nkept = []\n"
            "while len(kept) < 400: kept.append(bytearray(b'x') * 10_000_000); time.sleep(.001)"
        )

        async def body(box: Box) -> tuple[Ran, Ran]:
            return await python(box, code), await python(box, "print('still here')")

        greedy, after = with_box(self, tmp_path, body)
        assert greedy.stopped == "memory"
        assert greedy.exit_code < 0
        assert after.stdout == b"still here\n"

    def test_disk_is_limited(self, tmp_path: Path) -> None:
        one = (
            "import time\nf = open('big', 'wb', buffering=0)\n"
            "for _ in range(4000): f.write(bytes(1 << 20)); time.sleep(.001)"
        )
        many = (
            "import os, time\nfor a in range(400):\n os.mkdir(f'm{a}')\n for b in range(500):\n"
            "  open(f'm{a}/{b}', 'w').write('x')\n time.sleep(.001)"
        )

        async def body(box: Box) -> list[Ran]:
            rans = []
            for code in (one, many):
                rans.append(await python(box, code))
                await box.run(["sh", "-c", "rm -rf ./*"])
            return [*rans, await python(box, "open('small', 'w').write('fits')")]

        big, many_ran, after = with_box(self, tmp_path, body)
        assert [big.stopped, many_ran.stopped] == ["disk", "disk"]
        assert after.exit_code == 0

    # --- services ---

    def test_a_service_answers_line_by_line(self, tmp_path: Path) -> None:
        async def body(box: Box) -> Ran:
            service = await box.serve(
                ["python3", "-c", _ECHO + "\nimport sys; print('bye', file=sys.stderr)"]
            )
            assert await service.ask(b"one", timeout_s=20) == b"0 one"
            assert (await python(box, "print('beside')")).stdout == b"beside\n"
            assert await service.ask(b"two" * 50_000, timeout_s=20) == b"1 " + b"two" * 50_000
            ran = await service.close()
            assert await service.close() == ran
            return ran

        ran = with_box(self, tmp_path, body)
        assert (ran.stdout, ran.stopped) == (b"", None)

    def test_a_service_that_ends_says_so(self, tmp_path: Path) -> None:
        code = "import sys; print(input(), flush=True); input(); sys.stderr.write('why'); sys.exit(5)"

        async def body(box: Box) -> Ran:
            service = await box.serve(["python3", "-c", code])
            assert await service.ask(b"first", timeout_s=20) == b"first"
            with pytest.raises(ServiceEnded):
                await service.ask(b"second", timeout_s=20)
            with pytest.raises(ServiceEnded):
                await service.ask(b"third", timeout_s=20)
            return await service.close()

        ran = with_box(self, tmp_path, body)
        assert (ran.exit_code, ran.stderr) == (5, b"why")

    def test_a_service_that_is_silent_is_stopped(self, tmp_path: Path) -> None:
        token = uuid.uuid4().hex

        async def body(box: Box) -> None:
            service = await box.serve(["python3", "-c", daemon(token) + "import time; time.sleep(60)"])
            with pytest.raises(TimeoutError):
                await service.ask(b"?", timeout_s=1.0)
            assert gone(token)

        with_box(self, tmp_path, body)

    def test_a_service_that_floods_is_stopped(self, tmp_path: Path) -> None:
        async def body(box: Box) -> None:
            service = await box.serve(["python3", "-c", "input()\nwhile True: print('x' * 65536, end='')"])
            with pytest.raises(ServiceEnded, match="output limit"):
                await service.ask(b"?", timeout_s=30)
            assert (await python(box, "print(1)")).stdout == b"1\n"

        with_box(self, tmp_path, body)

    def test_an_answer_is_never_that_of_an_earlier_question(self, tmp_path: Path) -> None:
        code = (
            "import sys\nfor line in sys.stdin: print(line.strip(), flush=True); print('forged', flush=True)"
        )

        async def body(box: Box) -> list[bytes]:
            service = await box.serve(["python3", "-c", code])
            answers = []
            for question in (b"a", b"b", b"c"):
                answers.append(await service.ask(question, timeout_s=20))
                await asyncio.sleep(0.2)
            return answers

        assert with_box(self, tmp_path, body) == [b"a", b"b", b"c"]

    # --- the end ---

    def test_a_closed_box_is_closed(self, tmp_path: Path) -> None:
        token = uuid.uuid4().hex

        async def body(box: Box) -> None:
            service = await box.serve(["python3", "-c", daemon(token) + _ECHO])
            await service.ask(b"up", timeout_s=20)
            await box.close()
            await box.close()
            assert gone(token)
            with pytest.raises(SandboxError):
                await box.run(["true"])
            with pytest.raises(SandboxError):
                await box.put({"a": b""})
            with pytest.raises(SandboxError):
                await box.get()

        with_box(self, tmp_path, body)

    def test_a_cancelled_run_leaves_nothing(self, tmp_path: Path) -> None:
        token = uuid.uuid4().hex

        async def body(box: Box) -> Ran:
            code = daemon(token) + "import time; time.sleep(60)"
            running = asyncio.ensure_future(python(box, code))
            await appears(token)
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
            assert gone(token)
            return await python(box, "print('still here')")

        assert with_box(self, tmp_path, body).stdout == b"still here\n"

    def test_boxes_side_by_side_are_apart(self, tmp_path: Path) -> None:
        async def body(sandbox: Sandbox) -> list[bytes]:
            async def one(number: int) -> bytes:
                async with closing(await sandbox.open(self.toolchain, LIMITS)) as box:
                    await box.put({"mine": str(number).encode()})
                    code = "import time, os; time.sleep(.3); print(open('mine').read(), sorted(os.listdir()))"
                    return (await python(box, code)).stdout

            return await asyncio.gather(*(one(number) for number in range(5)))

        assert with_sandbox(self, tmp_path, body) == [f"{n} ['mine']\n".encode() for n in range(5)]

    def test_closing_the_sandbox_leaves_nothing(self, tmp_path: Path) -> None:
        token = uuid.uuid4().hex

        async def body(sandbox: Sandbox) -> None:
            for _ in range(2):
                box = await sandbox.open(self.toolchain, LIMITS)
                await box.serve(["python3", "-c", daemon(token) + _ECHO])
            await sandbox.close()
            await sandbox.close()
            assert gone(token)
            assert list(await sandbox.clean(sandbox.context.label)) == []

        with_sandbox(self, tmp_path, body)

    def test_any_label_will_do(self, tmp_path: Path) -> None:
        sandbox = self.make_sandbox(tmp_path)
        context = replace(sandbox.context, label=f"humaneval+/a model:7b {uuid.uuid4().hex} =ü")
        odd = type(sandbox)(sandbox.options, context)

        async def body() -> bytes:
            try:
                await odd.prepare(self.toolchain)
                box = await odd.open(self.toolchain, LIMITS)
                said = (await python(box, "print(1)")).stdout
                await box.serve(["python3", "-c", _ECHO])
                assert list(await odd.clean(context.label))
                return said
            finally:
                await odd.close()

        assert asyncio.run(body()) == b"1\n"

    def test_clean_leaves_the_living_alone_unless_named(self, tmp_path: Path) -> None:
        async def body(sandbox: Sandbox) -> None:
            box = await sandbox.open(self.toolchain, LIMITS)
            await sandbox.clean(None)
            await sandbox.clean("some-other-label")
            assert (await python(box, "print(1)")).stdout == b"1\n"
            assert len(list(await sandbox.clean(sandbox.context.label))) == 1

        with_sandbox(self, tmp_path, body)

    def test_nothing_is_left_after_a_kill(self, tmp_path: Path) -> None:
        token = uuid.uuid4().hex
        sandbox = self.make_sandbox(tmp_path)
        argv = ["python3", "-c", daemon(token) + "import time; time.sleep(600)"]
        order = (type(sandbox), sandbox.options, _plain(sandbox), self.toolchain, argv)
        holder = subprocess.Popen(
            [sys.executable, "-c", _HOLD_A_BOX], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        try:
            assert holder.stdin
            assert holder.stdout
            holder.stdin.write(base64.b64encode(pickle.dumps(order)) + b"\n")
            holder.stdin.flush()
            assert holder.stdout.readline() == b"holding\n"
            assert list(bearing(token))
        finally:
            holder.send_signal(signal.SIGKILL)
            holder.communicate()

        async def clean() -> list[str]:
            sandbox = self.make_sandbox(tmp_path)
            await sandbox.clean(None)
            return list(await sandbox.clean(sandbox.context.label))

        if sandbox.isolates:
            # Not even `clean` is needed.
            assert gone(token, within_s=20)
            assert asyncio.run(_settled(self.make_sandbox(tmp_path)))
        else:
            # What another cleaner has removed meanwhile is as good.
            assert asyncio.run(clean()) == []
            assert gone(token)


class SandboxConformance(SandboxBehaviour, SandboxAttacks):
    """What a sandbox must do and withstand to be trusted with a model's code."""


def _plain(sandbox: Sandbox) -> Context:
    context = sandbox.context
    return Context(work_dir=context.work_dir, cache_dir=context.cache_dir, label=context.label)


async def _settled(sandbox: Sandbox) -> bool:
    """Wait until nothing bears the label; what ends by itself needs a moment."""
    await asyncio.sleep(3)
    return list(await sandbox.clean(sandbox.context.label)) == []
