"""``llmbench serve``: the dashboard, on this machine alone unless told otherwise."""

import sys
from importlib.util import find_spec
from pathlib import Path

from llmbench.api.extras import installing
from llmbench.commands.arguments import Parser
from llmbench.errors import PrerequisiteError, UsageError


def main(argv: list[str]) -> int:
    """Serve until Ctrl-C."""
    parser = Parser(
        "serve", "The dashboard: launch runs, watch them, compare them in a browser. Ctrl-C ends it."
    )
    parser.add_argument("--root", type=Path, default=Path("outputs"), help="where the runs are (outputs)")
    parser.add_argument(
        "--host", default="127.0.0.1", help="the address to listen on (127.0.0.1: this machine)"
    )
    parser.add_argument("--port", type=int, default=7860, help="0 takes a free one (7860)")
    options = parser.parse_args(argv)
    if missing := [name for name in ("fastapi", "uvicorn") if find_spec(name) is None]:
        raise PrerequisiteError(f"serve needs {missing[0]}: {installing('serve')}")
    if not 0 <= options.port <= 65535:
        raise UsageError(f"serve: --port: expected a number from 0 to 65535, got {options.port}")
    return _serve(options.root, options.host, options.port)


def _serve(root: Path, host: str, port: int) -> int:
    import uvicorn

    from llmbench.serve.app import create_app
    from llmbench.serve.settings import Settings

    app = create_app(Settings(root=root, host=host, port=port), _warn)
    print(f"llmbench: http://{host}:{port}/ (Ctrl-C ends it; runs go on)")
    uvicorn.run(app, host=host, port=port, log_level="warning")
    return 0


def _warn(message: str) -> None:
    print(f"llmbench: warning: {message}", file=sys.stderr)
