"""Small files that the product keeps for itself: written whole and durably, or not at all."""

import os
import secrets
from pathlib import Path


def write_whole(path: Path, content: str) -> None:
    """Let ``path`` hold ``content``; a power cut leaves the old or the new, and both durably."""
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with aside.open("w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
