"""Options of agent `cli`, and what in them contradicts itself."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from llmbench.api import option
from llmbench.errors import UsageError
from llmbench_plugins.agents.cli.place import Isolation

URLS = ("{base_url}", "{server_url}")
_CONFINED = {"isolation": ("bubblewrap",)}
_JUNK = (".git", ".aider*", "node_modules", "__pycache__", "*.pyc", ".pytest_cache", ".DS_Store", ".claude")


@dataclass(frozen=True, slots=True, kw_only=True)
class CliOptions:
    """How to run an outside agent."""

    argv: Annotated[
        tuple[str, ...],
        option(
            help="the command; {prompt}, {prompt_file}, {files}, {folder}, {base_url}, {server_url}, "
            "{api_key} and {model} are filled in; with neither {prompt} nor {prompt_file} it comes on stdin",
        ),
    ]
    resume_argv: Annotated[
        tuple[str, ...], option(help="the command of further tries, where it continues the conversation")
    ] = ()
    version_argv: Annotated[
        tuple[str, ...], option(help="prints its version; run once, before anything begins", identity=False)
    ] = ()
    install: Annotated[str, option(help="how to get it, for the error", identity=False)] = ""
    asks: Annotated[
        Literal["our_model", "its_own"],
        option(help="its_own: it brings a model and an account, and no server is started"),
    ] = "our_model"
    isolation: Annotated[
        Isolation,
        option(help="none: it runs on this machine like any program of yours, and sees all"),
    ] = "bubblewrap"
    network: Annotated[
        bool, option(help="it, and everything that it runs, can reach the network; shown in the trust report")
    ] = False
    show: Annotated[
        tuple[str, ...],
        option(
            help="more folders that it may read, such as a runtime's", identity=False, read_when=_CONFINED
        ),
    ] = ()
    copy: Annotated[
        tuple[str, ...],
        option(help="files of your home folder to copy into its own, such as settings", identity=False),
    ] = ()
    env: Annotated[
        dict[str, str | int],
        option(help="its environment; 'env:NAME' takes a variable of the shell or .env"),
    ] = field(default_factory=dict)
    prompt: Annotated[str, option(min_length=1, help="with {instructions} and {editable}")]
    feedback: Annotated[str, option(min_length=1, help="after a failed try; with {output}")]
    feedback_chars: Annotated[int, option(ge=100, help="how much of the tests' output is told")] = 4000
    git: Annotated[bool, option(help="make the folder a repository with one commit")] = False
    ignore: Annotated[
        tuple[str, ...], option(help="files and folders, by name or path, that are never taken back")
    ] = _JUNK
    wall_s: Annotated[
        float, option(gt=0, help="seconds of one try; waiting for our model does not count")
    ] = 1800.0
    memory_mb: Annotated[int, option(ge=16)] = 4096
    processes: Annotated[int, option(ge=1, help="and threads, in a box", read_when=_CONFINED)] = 1024
    disk_mb: Annotated[int, option(ge=1, help="its files, home folder and temporary files")] = 1024
    output_bytes: Annotated[int, option(ge=1, help="kept of what it prints", identity=False)] = 2_000_000


def refuse_contradictions(options: CliOptions) -> None:
    """Refuse what can't be meant.

    Raises:
        UsageError: naming the key and what to do.
    """
    if not options.argv:
        raise UsageError("agent.argv: expected a command, got an empty list")
    if options.isolation == "none" and not options.network:
        raise UsageError(
            "agent.isolation=none: the agent and all it runs then have this machine's files and its network; "
            "say so: agent.network=true (agent.isolation=bubblewrap keeps them in a box)"
        )
    told = any(url in word for url in URLS for word in (*options.argv, *map(str, options.env.values())))
    if options.asks == "its_own" and not options.network:
        raise UsageError(
            "agent.network=false: this agent asks a model of its own over the network; allow it with "
            "agent.network=true. All that it runs has the network then, and the trust report says so"
        )
    if options.asks == "our_model" and not told:
        raise UsageError(
            "agent.asks=our_model: nothing tells the agent where the model is; put {base_url} into "
            "agent.argv or agent.env, such as agent.env.OPENAI_BASE_URL={base_url}, or say agent.asks=its_own"
        )
