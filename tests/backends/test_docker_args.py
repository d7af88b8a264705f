"""Arguments of ``docker run``, as the engine's API wants them."""

import pytest

from llmbench.errors import UsageError
from llmbench_plugins.backends.llamacpp.docker_args import read_docker_args, read_gpus


def test_what_model_servers_are_run_with_is_understood() -> None:
    words = (
        *("--device=/dev/kfd", "--device", "/dev/dri:/dev/dri:rw", "--group-add", "video", "--ipc=host"),
        *("--security-opt", "seccomp=unconfined", "--shm-size", "8g", "-m", "1.5GB", "--memory-swap=-1"),
        *(
            "--ulimit",
            "memlock=-1",
            "--cpus",
            "2.5",
            "-e",
            "A=1",
            "-e",
            "B",
            "-v",
            "/x:/y:ro",
            "--privileged",
        ),
        *(
            "--entrypoint",
            "/server",
        ),
    )
    assert read_docker_args(words) == {
        "Env": ["A=1", "B"],
        "Entrypoint": ["/server"],
        "HostConfig": {
            "Devices": [
                {"PathOnHost": "/dev/kfd", "PathInContainer": "/dev/kfd", "CgroupPermissions": "rwm"},
                {"PathOnHost": "/dev/dri", "PathInContainer": "/dev/dri", "CgroupPermissions": "rw"},
            ],
            "GroupAdd": ["video"],
            "IpcMode": "host",
            "SecurityOpt": ["seccomp=unconfined"],
            "ShmSize": 8 << 30,
            "Memory": 3 << 29,
            "MemorySwap": -1,
            "Ulimits": [{"Name": "memlock", "Soft": -1, "Hard": -1}],
            "NanoCpus": 2_500_000_000,
            "Binds": ["/x:/y:ro"],
            "Privileged": True,
        },
    }
    assert read_docker_args(()) == {"HostConfig": {}}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--memory-nonsense",), "--memory-nonsense; known here: --env, "),
        (("--shm-size", "much"), "argument --shm-size: invalid size value: 'much'"),
        (("--device", "kfd"), "argument --device: invalid device value: 'kfd'"),
        (("--ulimit", "memlock"), "argument --ulimit: invalid limit value: 'memlock'"),
        (("--env",), "argument -e/--env: expected one argument"),
        (("a-word",), "unrecognized arguments: a-word"),
    ],
)
def test_what_is_not_understood_is_named(words: tuple[str, ...], said: str) -> None:
    with pytest.raises(UsageError) as raised:
        read_docker_args(words)
    assert str(raised.value).startswith("backend.docker_args: ")
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        ("all", {"Count": -1}),
        ("2", {"Count": 2}),
        ("count=all", {"Count": -1}),
        ("device=0", {"DeviceIDs": ["0"]}),
        ('"device=0,GPU-3a"', {"DeviceIDs": ["0", "GPU-3a"]}),
        ("driver=nvidia", {"Count": 1, "Driver": "nvidia"}),
        ("all,capabilities=utility", {"Count": -1, "Capabilities": [["gpu", "utility"]]}),
    ],
)
def test_gpus_are_asked_for_as_by_the_command(text: str, request_: dict[str, object]) -> None:
    assert read_gpus(text) == {"Capabilities": [["gpu"]], **request_}


@pytest.mark.parametrize("text", ["some", "devices=0", "count=x"])
def test_gpus_that_can_not_be_read_are_named(text: str) -> None:
    with pytest.raises(UsageError, match=rf"backend\.gpus: '{text}' can't be read; expected all"):
        read_gpus(text)
