"""A port that is taken is found before set-up spends half a minute."""

import os
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def asked(**settings: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-S", "-E", str(ROOT / "deploy" / "ports.py")]
    plain = {name: value for name, value in os.environ.items() if "BUSREPORT" not in name}
    environment = {**plain, **settings}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_a_taken_port_is_named_with_what_to_do() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = str(holder.getsockname()[1])
        for name in ("BUSREPORT_PORT", "BUSREPORT_HEALTH_PORT"):
            other = {"BUSREPORT_PORT": "0", "BUSREPORT_HEALTH_PORT": "0"}
            refused = asked(**{**other, name: port})
            assert refused.returncode == 1
            assert f"Port {port} is in use" in refused.stderr
            assert name in refused.stderr


def test_free_ports_are_passed_in_silence() -> None:
    free = asked(BUSREPORT_PORT="0", BUSREPORT_HEALTH_PORT="0")
    assert (free.returncode, free.stdout, free.stderr) == (0, "", "")


def test_make_run_asks_before_it_sets_up() -> None:
    recipe = (ROOT / "Makefile").read_text("utf-8").split("\nrun:")[1]
    assert recipe.index("deploy/ports.py") < recipe.index("deploy/setup.py")
