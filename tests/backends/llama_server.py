"""A stand-in for the program ``llama-server``: the same command line, and llama.cpp's real server behind it.

Copied as an executable into a temporary folder by ``conftest.py``.
"""

import argparse
import os
import sys
import threading
from pathlib import Path

parser = argparse.ArgumentParser(prog="llama-server")
parser.add_argument("-m", "--model", required=True)
parser.add_argument("--host", default="127.0.0.1")
parser.add_argument("--port", type=int, default=8080)
parser.add_argument("-c", "--ctx-size", type=int, default=0)
parser.add_argument("-np", "--parallel", type=int, default=1)
parser.add_argument("--metrics", action="store_true")
parser.add_argument("--slots", action="store_true")
options = parser.parse_args()

# Tests ask for a port that is lost to somebody else so many times.
losses = Path(os.environ.get("LOSSES_FILE", os.devnull))
left = int(losses.read_text() or 0) if losses.is_file() else 0
if left:
    losses.write_text(str(left - 1))
    sys.exit("srv start: couldn't bind HTTP server socket, hostname: 127.0.0.1")

# A build for a GPU says how many layers it has put there.
sys.stderr.write(os.environ.get("SAID_WHILE_LOADING", ""))
sys.stderr.flush()

import xllamacpp  # noqa: E402 - --help must answer at once

params = xllamacpp.CommonParams()
params.model.path = options.model
params.hostnames = [options.host]
params.port = options.port
params.n_ctx = options.ctx_size
params.n_parallel = options.parallel
params.endpoint_metrics = options.metrics
params.endpoint_slots = options.slots
server = xllamacpp.Server(params)
threading.Event().wait()
