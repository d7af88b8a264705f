#!/bin/sh
# Fetches the packages of $2/requirements.txt, with what they need, into the new folder $1: as wheels, so that none of
# their own code is run.
set -eu
# They have to fit the Python of boxes, which needs no pip of its own.
python=$(PATH="${LLMBENCH_BOX_PATH:-$PATH}" command -v python3)
pip() {
    for candidate in "$python -m pip" pip3 "python3 -m pip"; do
        if $candidate --version > /dev/null 2>&1; then
            $candidate "$@"
            return
        fi
    done
    echo "error: pip is missing: sudo apt-get install python3-pip" >&2
    return 1
}
pip --python "$python" --disable-pip-version-check install --no-input --quiet --only-binary :all: --retries 2 \
    --root-user-action ignore --requirement "$2/requirements.txt" --target "$1"
chmod -R a+rX "$1"
