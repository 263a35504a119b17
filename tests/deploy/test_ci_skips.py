"""CI fails where a service is missing, and only then."""

import os
import subprocess
import sys
from pathlib import Path

CONFTEST = Path(__file__).resolve().parent.parent / "conftest.py"
SAMPLE = """
import pytest

def test_browser():
    pytest.skip("needs service: Chromium")

def test_data():
    pytest.skip("real data is not beside this checkout")
"""


def outcome(folder: Path, ci: str) -> str:
    (folder / "conftest.py").write_text(CONFTEST.read_text())
    (folder / "test_sample.py").write_text(SAMPLE)
    environment = {**os.environ, "CI": ci, "PYTHONPATH": str(CONFTEST.parents[1])}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(folder),
        str(folder),
    ]
    return subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, text=True, check=False
    ).stdout


def test_a_missing_service_fails_in_ci(tmp_path: Path) -> None:
    assert "1 failed, 1 skipped" in outcome(tmp_path, "true")


def test_elsewhere_it_is_a_skip(tmp_path: Path) -> None:
    assert "2 skipped" in outcome(tmp_path, "")
