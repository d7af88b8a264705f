"""The part of the conformance suite in which code inside a box tries to get out, or to cheat."""

import asyncio
import json
import os
import re
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from llmbench.api import Box, Ran, Sandbox, Toolchain, closing
from llmbench.errors import SandboxError
from llmbench.testing.sandbox_tools import LIMITS, python, served, with_box, with_sandbox

_WRITABLE = """
import os, json
found = []
for folder, inner, _ in os.walk('/'):
    inner[:] = [n for n in inner if os.path.join(folder, n) not in ('/proc', '/sys/kernel/slab')]
    try:
        with open(os.path.join(folder, 'llmbench-probe'), 'w'): pass
        found.append(folder)
    except OSError:
        pass
for path in ('/proc/sys/kernel/hostname', '/proc/sys/vm/swappiness', '/proc/sysrq-trigger', '/etc/passwd',
             '/usr/bin/python3', '/sys/fs/cgroup/memory.max'):
    try:
        with open(path, 'r+'): found.append(path)
    except OSError:
        pass
print(json.dumps(found))
"""
_NETWORK = """
import socket, json, sys
port, abstract = json.loads(sys.stdin.read())
reached = []
def attempt(name, family, kind, address):
    try:
        s = socket.socket(family, kind); s.settimeout(2); s.connect(address)
        s.send(b'x'); reached.append(name)
    except OSError:
        pass
attempt('host loopback', socket.AF_INET, socket.SOCK_STREAM, ('127.0.0.1', port))
attempt('host loopback 6', socket.AF_INET6, socket.SOCK_STREAM, ('::1', port))
attempt('internet', socket.AF_INET, socket.SOCK_STREAM, ('1.1.1.1', 53))
attempt('datagram', socket.AF_INET, socket.SOCK_DGRAM, ('1.1.1.1', 53))
attempt('abstract socket', socket.AF_UNIX, socket.SOCK_STREAM, '\\0' + abstract)
attempt('docker', socket.AF_UNIX, socket.SOCK_STREAM, '/var/run/docker.sock')
attempt('metadata', socket.AF_INET, socket.SOCK_STREAM, ('169.254.169.254', 80))
try:
    socket.getaddrinfo('example.com', 80); reached.append('names')
except OSError:
    pass
try:
    routes = open('/proc/net/route').read().splitlines()[1:] + open('/proc/net/if_inet6').read().splitlines()
    reached += [line for line in routes if ' lo' not in line]
except OSError:
    pass
print(json.dumps(reached))
"""
_POWERS = """
import ctypes, json, os
status = dict(line.split(':', 1) for line in open('/proc/self/status').read().splitlines())
libc = ctypes.CDLL(None, use_errno=True)
attempts = {
    'setuid': lambda: libc.setuid(0), 'setgid': lambda: libc.setgid(0),
    'setgroups': lambda: libc.setgroups(1, (ctypes.c_uint * 1)(0)),
    'chroot': lambda: libc.chroot(b'/tmp'),
    'mount': lambda: libc.mount(b'none', b'/tmp', b'tmpfs', 0, None),
    'new namespace': lambda: libc.unshare(0x10000000 | 0x00020000),
    'other network': lambda: libc.unshare(0x40000000),
    'umount': lambda: libc.umount2(b'/box', 2), 'sethostname': lambda: libc.sethostname(b'x', 1),
    'mknod': lambda: libc.mknod(b'/tmp/disk', 0o60666, os.makedev(8, 0)),
}
print(json.dumps({
    'uid': os.getuid(), 'gid': os.getgid(), 'groups': os.getgroups(),
    'caps': int(status['CapEff'], 16) | int(status['CapPrm'], 16) | int(status['CapAmb'], 16),
    'nnp': status['NoNewPrivs'].strip(),
    'did': [name for name, attempt in attempts.items() if attempt() == 0],
}))
"""
_LOOK_AROUND = """
import os, json, sys
names = sys.stdin.read().split('\\n')
seen = {'files': [n for n in names if n and os.path.exists(n)], 'cmdline': [], 'environ': []}
for pid in os.listdir('/proc'):
    if pid.isdigit():
        for what in ('cmdline', 'environ'):
            try:
                text = open(f'/proc/{pid}/{what}', 'rb').read().decode(errors='replace')
            except OSError:
                continue
            seen[what].append(text)
for pid in ('1', 'self'):
    for inner in ('root', 'cwd'):
        for name in names:
            try:
                if name and os.path.exists(f'/proc/{pid}/{inner}{name}'): seen['files'].append(name)
            except OSError:
                pass
print(json.dumps(seen))
"""
_ON_THE_FIRST_PROCESS = """
import os, signal, ctypes
done = []
for number in (9, 15, 2, 19, 1):
    try: os.kill(1, number)
    except OSError: pass
libc = ctypes.CDLL(None, use_errno=True)
for path in ('/proc/1/mem', '/proc/1/fd/0', '/proc/1/fd/1', '/proc/1/fd/3'):
    try:
        with open(path, 'r+b', buffering=0) as f: f.write(b'{"id": 1, "exit_code": 0}\\n'); done.append(path)
    except (OSError, ValueError): pass
parent = os.getppid()
for path in (f'/proc/{parent}/fd/{n}' for n in range(12)):
    try:
        with open(path, 'wb', buffering=0) as f: f.write(b'{"code": 0, "alone": true}')
    except (OSError, ValueError): pass
signal.signal(15, signal.SIG_IGN)
if os.fork() == 0:
    try: os.kill(-1, 15)
    except OSError: pass
    os._exit(0)
os.wait()
print('survived')
"""
_TAMPER = """
import os, shutil, subprocess
def attempt(f, *a):
    try: f(*a)
    except Exception: pass
for path in ('tests/sub/check.py', 'top.py'):
    attempt(lambda: open(path, 'w').write('forged'))
    attempt(lambda: open(path, 'a').write('forged'))
    attempt(os.truncate, path, 0); attempt(os.chmod, path, 0o777)
    attempt(lambda: open(path, 'w').write('forged'))
    attempt(os.unlink, path)
    open('mine', 'w').write('forged'); attempt(os.replace, 'mine', path); attempt(os.rename, path, 'moved')
    open('mine', 'w').write('forged'); attempt(os.link, 'mine', path)
    attempt(os.link, path, 'hard'); attempt(lambda: open('hard', 'w').write('forged'))
attempt(os.rename, 'tests/sub', 'tests/elsewhere'); attempt(os.rename, 'tests', 'elsewhere')
attempt(shutil.rmtree, 'tests'); attempt(os.mkdir, 'tests'); attempt(os.makedirs, 'tests/sub')
attempt(lambda: open('tests/sub/check.py', 'w').write('forged'))
attempt(os.chmod, '.', 0o777); attempt(os.rename, '/box', '/boxed'); attempt(os.rename, '../box', '../boxed')
subprocess.run('rm -rf tests top.py; mkdir -p tests/sub; echo forged > tests/sub/check.py;'
               'echo forged > top.py; mv -T tests old; ln -s /tmp tests; chmod -R 777 .;'
               'umount tests/sub/check.py',
               shell=True, stderr=subprocess.DEVNULL)
"""
_READ = "print(open('tests/sub/check.py').read(), open('top.py').read())"
_READ_ONLY = {"tests/sub/check.py": b"genuine", "top.py": b"genuine"}
_LITTER = """
import ctypes, os, mmap
for folder in ('/box', '/tmp', '/dev/shm', '/dev/mqueue'):
    if not os.path.isdir(folder) or not os.access(folder, os.W_OK): continue
    def put(name):
        try:
            with open(os.path.join(os.fsencode(folder), name), 'w') as f: f.write('litter')
        except OSError: pass
    for name in (b'plain', b'.hidden', b'new\\nline', b'\\xff\\xfe', b'-rf', b'*', b' '): put(name)
    try:
        os.makedirs(folder + '/closed/inner'); put(b'closed/inner/file')
        os.chmod(folder + '/closed/inner', 0); os.chmod(folder + '/closed', 0)
    except OSError: pass
    os.chdir(folder)
    try:
        for n in range(200): os.mkdir('d'); os.chdir('d')
    except OSError: pass
libc = ctypes.CDLL(None)
libc.shmget(77, 4096, 0o1666); libc.semget(77, 1, 0o1666); libc.msgget(77, 0o1666)
try: libc.mq_open(b'/litter', 0o102, 0o666, None)
except AttributeError: pass
for n in range(5):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0: os.execvp('sleep', ['sleep', '300'])
        os._exit(0)
print('littered')
"""
_FIND = """
import os, json
found = []
for top in ('/box', '/tmp', '/dev/shm', '/dev/mqueue'):
    for folder, folders, files in os.walk(top):
        found += [os.path.join(folder, name) for name in folders + files]
for kind in ('shm', 'sem', 'msg'):
    found += open(f'/proc/sysvipc/{kind}').read().splitlines()[1:]
for pid in os.listdir('/proc'):
    if pid.isdigit() and open(f'/proc/{pid}/cmdline').read().startswith('sleep'): found.append('sleep')
print(json.dumps(found))
"""
_HIDDEN_MEMORY = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
chunk, total, kept = bytes(4 << 20), 0, []
while total < 1 << 30:
    try:
        fd = os.memfd_create('hidden'); kept.append(fd)
        for _ in range(4): total += os.write(fd, chunk)
    except OSError: break
got = total
total = 0
while total < 1 << 30:
    name = libc.shmget(0, 16 << 20, 0o1600)
    if name < 0: break
    libc.shmat.restype = ctypes.c_void_p
    where = libc.shmat(name, None, 0)
    if where in (None, 2**64 - 1): break
    ctypes.memset(where, 1, 16 << 20); libc.shmdt(ctypes.c_void_p(where)); total += 16 << 20
print('got', max(got, total) >> 20, flush=True)
"""
_HIDDEN_DISK = """
import os
total = 0
for n in range(64):
    f = open(f'/tmp/{n}', 'wb', buffering=0); os.unlink(f'/tmp/{n}'); globals()[f'f{n}'] = f
    for _ in range(8):
        try: total += f.write(bytes(1 << 20))
        except OSError: break
for folder in ('/dev/shm', '/dev', '/run', '/var/tmp', '/dev/mqueue'):
    try:
        f = open(folder + '/x', 'wb', buffering=0)
        for _ in range(200): total += f.write(bytes(1 << 20))
    except OSError: pass
print('got', total >> 20, flush=True)
"""
_FORKS = """
import os, time
count = 0
try:
    while count < 5000:
        if os.fork() == 0: time.sleep(30); os._exit(0)
        count += 1
except OSError: pass
print(count)
"""
_BOMB = "import os\nos.fork() or os.setsid()\nwhile True:\n try: os.fork()\n except OSError: pass"
_RELAY = (
    "import os, time\n"
    "if os.fork() == 0:\n"
    " os.setsid()\n"
    " while True:\n"
    "  try:\n"
    "   if os.fork(): os._exit(0)\n"
    "  except OSError: pass\n"
    "time.sleep(.1); print('done')"
)


_TOUCH_WHAT_BOXES_SHARE = """
import os, pty, socket, time
found = [f for f in os.listdir('/proc/self/fd') if int(f) > 2 and os.path.exists(f'/proc/self/fd/{f}')]
above, pid = [], os.getpid()
while pid:
    above.append(str(pid)); pid = int(open(f'/proc/{pid}/stat').read().rpartition(')')[2].split()[1])
found += [p for p in os.listdir('/proc') if p.isdigit() and p not in above]
found += os.listdir('/dev/shm') + os.listdir('/tmp') + [f for f in os.listdir('.') if f != '.llmbench']
found += [f for f in os.listdir('/dev/pts') if f != 'ptmx']
for name in ('/dev/shm/x', '/tmp/x', 'x'): open(name, 'w').write('x')
kept = pty.openpty(), socket.socket(socket.AF_UNIX)
kept[1].bind('\\0shared')
for number in (1, 2, 10, 12, 15, 18, 28):
    for who in (0, 1):
        try: os.kill(who, number) if who else None
        except OSError: pass
print(found)
"""
_GROUP = "import os, signal, time\nsignal.signal(15, signal.SIG_IGN)\nos.killpg(0, 15)\nos.kill(0, 9)"


def _got(ran: Ran) -> int:
    """Return how much a program says it got; one that was stopped may have said nothing, or half."""
    said = re.search(rb"got (\d+)", ran.stdout)
    return int(said[1]) if said else 0


class SandboxAttacks:
    """Attacks that an isolating sandbox must withstand."""

    toolchain: Toolchain

    def make_sandbox(self, tmp_path: Path) -> Sandbox:
        """Return a new sandbox whose folders are below ``tmp_path``."""
        raise NotImplementedError

    @pytest.fixture(params=["run", "served"])
    def way(self, request: pytest.FixtureRequest) -> str:
        """How code comes into a box: as a program that is run, or as the only program that the box serves."""
        return str(request.param)

    def _ran(self, tmp_path: Path, code: str, way: str = "run", *, stdin: str = "") -> Ran:
        async def body(sandbox: Sandbox) -> Ran:
            if way == "served":
                said, ran = await served(sandbox, self.toolchain, code, stdin=stdin)
                return replace(ran, stdout=said.encode())
            async with closing(await sandbox.open(self.toolchain, LIMITS)) as box:
                return await python(box, code, stdin=stdin.encode())

        return with_sandbox(self, tmp_path, body)

    def test_only_its_own_folders_are_writable(self, tmp_path: Path, way: str) -> None:
        ran = self._ran(tmp_path, _WRITABLE, way)
        places = {"/".join(path.split("/")[:3]) for path in json.loads(ran.stdout)}
        assert {"/box", "/tmp"} <= places
        places -= {place for place in places if place.startswith("/box/")}
        assert places <= {"/box", "/tmp", "/dev/shm", "/dev/mqueue"}

    def test_there_is_no_network(self, tmp_path: Path, way: str) -> None:
        with _listening() as (port, abstract):
            ran = self._ran(tmp_path, _NETWORK, way, stdin=json.dumps([port, abstract]))
        assert json.loads(ran.stdout) == [], ran

    def test_its_own_loopback_and_user_are_there(self, tmp_path: Path, way: str) -> None:
        code = (
            "import os, pwd, socket\n"
            "server = socket.create_server(('localhost', 0)); port = server.getsockname()[1]\n"
            "client = socket.create_connection(('localhost', port), timeout=5); client.send(b'hi')\n"
            "print(server.accept()[0].recv(2), pwd.getpwuid(os.getuid()).pw_name)\n"
        )
        ran = self._ran(tmp_path, code, way)
        assert ran.stdout == b"b'hi' nobody\n", ran

    def test_it_has_no_powers(self, tmp_path: Path, way: str) -> None:
        found = json.loads(self._ran(tmp_path, _POWERS, way).stdout)
        assert found["uid"] != 0
        assert found["gid"] != 0
        assert 0 not in found["groups"]
        assert (found["caps"], found["nnp"]) == (0, "1")
        assert found["did"] == []

    def test_the_host_is_out_of_sight(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LLMBENCH_TEST_SECRET", "parent-secret")
        secret = tmp_path / "secret"
        secret.write_text("secret", encoding="utf-8")
        places = [str(secret), str(Path.home()), str(Path(__file__)), "/var/run/docker.sock"]

        async def body(sandbox: Sandbox) -> dict[str, Any]:
            async with (
                closing(await sandbox.open(self.toolchain, LIMITS)) as first,
                closing(await sandbox.open(self.toolchain, LIMITS)) as second,
            ):
                await first.serve(["python3", "-c", "import time; time.sleep(60) # other-box"])
                ran = await python(second, _LOOK_AROUND, stdin="\n".join(places).encode())
                seen: dict[str, Any] = json.loads(ran.stdout)
                return seen

        seen = with_sandbox(self, tmp_path, body)
        assert [name for name in seen["files"] if name not in ("/", "/root", "/home")] == []
        assert not any("parent-secret" in environ for environ in seen["environ"])
        assert not any("other-box" in argv or "pytest" in argv for argv in seen["cmdline"])

    def test_homes_are_empty_or_closed(self, tmp_path: Path, way: str) -> None:
        folders = ("/root", "/home/*", "/mnt", "/media", "/srv")
        places = [f"{folder}/{hidden}*" for folder in folders for hidden in ("", ".")]
        code = f"import glob; print([found for place in {places} for found in glob.glob(place)])"
        assert self._ran(tmp_path, code, way).stdout == b"[]\n"

    def test_the_first_process_withstands(self, tmp_path: Path) -> None:
        async def body(box: Box) -> tuple[Ran, Ran, Ran, Ran]:
            return (
                await python(box, _ON_THE_FIRST_PROCESS, timeout_s=10),
                await python(box, "import os; os.kill(-1, 9); print('unreached?')", timeout_s=10),
                await python(box, "import os; os.kill(os.getpid(), 19)", timeout_s=1),
                await python(box, "print('still here'); raise SystemExit(7)"),
            )

        attack, _, frozen, after = with_box(self, tmp_path, body)
        assert attack.stopped is None
        assert frozen.stopped == "timeout"
        assert (after.exit_code, after.stdout) == (7, b"still here\n")

    def test_read_only_files_withstand(self, tmp_path: Path) -> None:
        async def body(box: Box) -> None:
            # The way is prepared: links, folders and files where the read-only ones will be.
            await python(
                box, "import os; os.symlink('/tmp', 'tests'); os.makedirs('/tmp/sub'); os.mkdir('top.py')"
            )
            await box.put(_READ_ONLY, read_only=True)
            for _ in range(2):
                said = (await python(box, _TAMPER + _READ)).stdout
                assert said == b"genuine genuine\n", said
            files = await box.get()
            assert {path: files[path] for path in _READ_ONLY} == _READ_ONLY
            service = await box.serve(["python3", "-c", f"input()\n{_TAMPER}{_READ}"])
            assert await service.ask(b"", timeout_s=30) == b"genuine genuine"
            said = (
                await python(box, "print(open('tests/sub/check.py').read(), open('top.py').read())")
            ).stdout
            assert said == b"genuine genuine\n"
            # Such files may be replaced by us, and others put beside them.
            await service.close()
            await box.put({"tests/sub/check.py": b"newer"}, read_only=True)
            await box.put({"tests/beside.py": b"mine"})
            code = "open('tests/beside.py', 'a').write('!')\n" + _READ.replace("top.py", "tests/beside.py")
            assert (await python(box, code)).stdout == b"newer mine!\n"

        with_box(self, tmp_path, body)

    def test_read_only_files_withstand_what_runs_already(self, tmp_path: Path) -> None:
        async def body(box: Box) -> None:
            await box.put({"tests/other.py": b""})
            service = await box.serve(["python3", "-c", f"input()\n{_TAMPER}{_READ}"])
            try:
                await box.put(_READ_ONLY, read_only=True)
            except SandboxError:
                return  # refused: that is safe, too
            await service.ask(b"", timeout_s=30)
            said = (
                await python(box, "print(open('tests/sub/check.py').read(), open('top.py').read())")
            ).stdout
            assert said == b"genuine genuine\n"

        with_box(self, tmp_path, body)

    def test_the_next_box_finds_nothing(self, tmp_path: Path) -> None:
        async def body(sandbox: Sandbox) -> list[str]:
            found: list[str] = []
            for _ in range(3):
                async with closing(await sandbox.open(self.toolchain, LIMITS)) as box:
                    ran = await python(box, _FIND)
                    found += json.loads(ran.stdout)
                    await box.serve(["sleep", "299"])
                    ran = await python(box, _LITTER)
                    assert ran.stdout == b"littered\n", ran
                    await box.put({"kept/read-only": b"x"}, read_only=False)
            return found

        assert with_sandbox(self, tmp_path, body) == []

    def test_memory_can_not_be_hidden(self, tmp_path: Path, way: str) -> None:
        ran = self._ran(tmp_path, _HIDDEN_MEMORY, way)
        got = _got(ran)
        assert ran.stopped == "memory" or ran.exit_code != 0 or got <= LIMITS.memory_mb + LIMITS.disk_mb + 128

    def test_memory_can_not_be_taken_at_once(self, tmp_path: Path) -> None:
        async def body(box: Box) -> tuple[Ran, Ran]:
            greedy = "kept = bytearray(b'x') * (2 << 30); print('got it')"
            return await python(box, greedy), await python(box, "print('still here')")

        greedy, after = with_box(self, tmp_path, body)
        assert b"got it" not in greedy.stdout
        assert greedy.exit_code != 0
        assert after.stdout == b"still here\n"

    def test_disk_can_not_be_hidden(self, tmp_path: Path, way: str) -> None:
        ran = self._ran(tmp_path, _HIDDEN_DISK, way)
        got = _got(ran)
        assert ran.stopped == "disk" or got <= LIMITS.disk_mb * 2

    def test_processes_are_limited(self, tmp_path: Path) -> None:
        async def body(box: Box) -> list[Ran]:
            rans = [await python(box, _FORKS)]
            rans.append(await python(box, _BOMB, timeout_s=1.5))
            return [*rans, await python(box, "print('still here')")]

        forks, bomb, after = with_box(self, tmp_path, body)
        assert 5 < int(forks.stdout) <= LIMITS.processes + 20
        assert bomb.stopped in ("timeout", "memory")
        assert after.stdout == b"still here\n"

    def test_a_relay_of_processes_is_caught(self, tmp_path: Path) -> None:
        async def body(box: Box) -> list[Ran]:
            return [await python(box, _RELAY, timeout_s=10), await python(box, "print('still here')")]

        relay, after = with_box(self, tmp_path, body)
        assert relay.exit_code in (0, -9)
        assert relay.duration_s < 10
        assert after.stdout == b"still here\n"

    def test_a_box_can_not_disturb_another(self, tmp_path: Path) -> None:
        async def body(sandbox: Sandbox) -> None:
            calm = await sandbox.open(self.toolchain, LIMITS)
            wild = await sandbox.open(self.toolchain, LIMITS)
            service = await calm.serve(["python3", "-c", "while True: print(input(), flush=True)"])
            storm = [_BOMB, "import os; os.kill(-1, 9)", "open('x', 'wb').write(bytes(1 << 30))"]
            for code in storm:
                running = asyncio.ensure_future(python(wild, code, timeout_s=1.5))
                assert await service.ask(b"calm", timeout_s=20) == b"calm"
                assert (await python(calm, "print('calm')")).stdout == b"calm\n"
                await running
                assert await service.ask(b"calm", timeout_s=20) == b"calm"

        with_sandbox(self, tmp_path, body)

    def test_served_boxes_share_nothing(self, tmp_path: Path) -> None:
        async def body(sandbox: Sandbox) -> list[tuple[str, Ran]]:
            at_once = [served(sandbox, self.toolchain, _TOUCH_WHAT_BOXES_SHARE) for _ in range(3)]
            found = list(await asyncio.gather(*at_once))
            return [*found, await served(sandbox, self.toolchain, _TOUCH_WHAT_BOXES_SHARE)]

        for said, ran in with_sandbox(self, tmp_path, body):
            assert said == "[]\n", (said, ran)

    def test_a_served_box_can_not_disturb_another(self, tmp_path: Path) -> None:
        async def body(sandbox: Sandbox) -> None:
            storm = (
                _GROUP,
                _BOMB,
                "import os; os.kill(-1, 9)",
                "open('x', 'wb').write(bytes(1 << 30))",
                "kept = [bytearray(b'x') * (1 << 28) for n in range(9)]",
                "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",
            )
            calm = "import time; time.sleep(0.3); print('calm')"
            for code in storm:
                wild = asyncio.ensure_future(served(sandbox, self.toolchain, code, timeout_s=1.5))
                assert (await served(sandbox, self.toolchain, calm))[0] == "calm\n"
                said, ran = await wild
                assert said == ""
                assert ran.exit_code != 0
            assert (await served(sandbox, self.toolchain, _TOUCH_WHAT_BOXES_SHARE))[0] == "[]\n"

        with_sandbox(self, tmp_path, body)

    def test_there_is_no_terminal(self, tmp_path: Path, way: str) -> None:
        code = (
            "import os\ntry: os.open('/dev/tty', os.O_RDWR); print('terminal')\nexcept OSError: print('none')"
        )
        assert self._ran(tmp_path, code, way).stdout == b"none\n"


@contextmanager
def _listening() -> Iterator[tuple[int, str]]:
    """Listen on the host's loopback and on an abstract socket, where the system has such."""
    name = f"llmbench-{uuid.uuid4().hex}"
    tcp = socket.create_server(("127.0.0.1", 0))
    unix = socket.socket(socket.AF_UNIX)
    with tcp, unix:
        if os.uname().sysname == "Linux":
            unix.bind(f"\0{name}")
            unix.listen()
        yield tcp.getsockname()[1], name
