"""Policy files for tests: the shipped one, changed, and an installation started again with them."""

import re
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

from pipeline.runtime import Runtime
from tests.pipeline.desk import Desk

SHIPPED = files("scheme").joinpath("policies/shanghai-bus-2012.toml").read_text(encoding="utf-8")


def changed(version: str, begins: str, **entries: object) -> str:
    """The shipped policy as another version, in force from ``begins``; ``entries``.

    Value by entry, None: left out.
    """
    text = SHIPPED.replace('version = "2"', f'version = "{version}"').replace(
        "2012-10-18T00:00:00+08:00", begins
    )
    for entry, value in entries.items():
        line = "" if value is None else f"{entry} = {value}"
        text, times = re.subn(rf"(?m)^{entry} = [^ #\n]+", line, text)
        assert times == 1, entry
    return text


def started(desk: Desk, folder: Path | None) -> Desk:
    """Start the desk's installation again, with ``folder``'s policies beside the shipped one."""
    settings = replace(desk.runtime.settings, policies=folder)
    desk.runtime.close()
    desk.runtime = Runtime.open(settings, now=desk.clock)
    return desk


def under(desk: Desk, folder: Path, **entries: object) -> Desk:
    """Start it again under a policy that was changed in ``entries``, in force since 2026-01-01."""
    folder.mkdir()
    (folder / "changed.toml").write_text(
        changed("changed", "2026-01-01T00:00:00+08:00", **entries), encoding="utf-8"
    )
    return started(desk, folder)
