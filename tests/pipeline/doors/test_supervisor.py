"""The process tree: whoever dies is replaced, whoever kills the supervisor leaves nobody behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.doors import supervisor

TREE = """
import sys
from pathlib import Path
from pipeline.doors.supervisor import Part, supervise
folder = Path(sys.argv[1])
child = '''
import os, signal, sys, time
from pathlib import Path
folder, name = Path(sys.argv[1]), sys.argv[2]
def stop(*_):
    with (folder / "stopped").open("a") as log:
        log.write(name + " ")
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
(folder / f"{name}.{os.getpid()}").touch()
time.sleep(600)
'''
command = (sys.executable, "-c", child, str(folder))
parts = [Part(name, (*command, name), 10) for name in ("web", "worker")]
count = lambda: len(list(folder.glob("*.[0-9]*")))
supervise(parts, say=lambda line: print(line, flush=True), ready=lambda: count() >= 2,
          announce=lambda: print("announced", flush=True))
"""


def until(true: Callable[[], bool], what: str) -> None:
    """Wait for ``true``, at most a time that only a hang needs."""
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def pids(folder: Path, name: str) -> list[int]:
    return [int(file.suffix[1:]) for file in folder.glob(f"{name}.[0-9]*")]


@pytest.fixture
def tree(tmp_path: Path) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", TREE, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    until(lambda: bool(pids(tmp_path, "web") and pids(tmp_path, "worker")), "the children start")
    return process


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
def test_no_child_outlives_a_killed_supervisor(
    tree: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    children = pids(tmp_path, "web") + pids(tmp_path, "worker")
    tree.kill()
    tree.communicate()
    until(lambda: not any(alive(pid) for pid in children), "all children die")


def test_a_killed_worker_is_replaced_and_the_others_left_alone(
    tree: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    (web,), (worker,) = pids(tmp_path, "web"), pids(tmp_path, "worker")
    os.kill(worker, signal.SIGKILL)
    until(lambda: len(pids(tmp_path, "worker")) == 2, "another worker starts")
    assert pids(tmp_path, "web") == [web]
    tree.send_signal(signal.SIGINT)
    said, _ = tree.communicate(timeout=30)
    assert "worker ended with -9, starting it again in 0.5 s" in said


def test_ctrl_c_stops_the_parts_in_order(tree: "subprocess.Popen[str]", tmp_path: Path) -> None:
    until(lambda: len(list(tmp_path.glob("*.[0-9]*"))) >= 2, "both run")
    tree.send_signal(signal.SIGINT)
    said, _ = tree.communicate(timeout=30)
    assert tree.returncode == 0
    assert (tmp_path / "stopped").read_text() == "web worker "
    assert said.splitlines()[-1] == "stopping"
    assert not any(alive(pid) for pid in pids(tmp_path, "web") + pids(tmp_path, "worker"))


def test_a_port_in_use_is_noticed() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        other.listen()
        assert not supervisor.free("127.0.0.1", port)
        assert supervisor.listens("127.0.0.1", port)
    assert supervisor.free("127.0.0.1", port)
    assert not supervisor.listens("127.0.0.1", port)
