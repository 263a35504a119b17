"""Before set-up: whether the ports of `make run` are free, so that nobody waits for a refusal.

Standard library only, because nothing is installed yet. The product asks again when it starts.
"""

from __future__ import annotations

import errno
import os
import socket
import sys

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", "8000"


def main() -> None:
    """Say which port is taken, or nothing."""
    host = os.environ.get("BUSREPORT_HOST") or DEFAULT_HOST
    port = os.environ.get("BUSREPORT_PORT") or DEFAULT_PORT
    if port.isdigit() and taken(host, int(port)):
        sys.exit(f"Port {port} is in use. Stop what uses it, or set BUSREPORT_PORT to another one.")
    health_port = os.environ.get("BUSREPORT_HEALTH_PORT", "")
    if not health_port and port.isdigit():
        health_port = str(int(port) + 1)
    if health_port.isdigit() and int(health_port) and taken(DEFAULT_HOST, int(health_port)):
        sys.exit(
            f"Port {health_port} is in use: "
            "set BUSREPORT_HEALTH_PORT to another one, or to 0 for none."
        )


def taken(host: str, port: int) -> bool:
    """Tell whether something listens there already; a wrong host is for the product to refuse."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as problem:
            return problem.errno == errno.EADDRINUSE
        except OverflowError:  # no port at all
            return False
    return False


if __name__ == "__main__":
    main()
