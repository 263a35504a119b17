"""What pinned wheels carry under the GPL stands in the docs, wheel by wheel, and nothing else."""

import re
from importlib.metadata import distributions
from pathlib import Path

DOCS = (Path(__file__).parents[2] / "docs" / "third-party.md").read_text("utf-8")
UNDER_THE_GPL = re.compile(
    r"lib(x264|x265|xvidcore|postproc|vidstab|rubberband|xavs2?|davs2|cdio|dvdread)\b"
)


def carried() -> set[tuple[str, str]]:
    """(wheel, library) for every library under the GPL that an installed wheel brings along."""
    found = set()
    for wheel in distributions():
        for file in wheel.files or ():
            library = UNDER_THE_GPL.match(file.name)
            if library and (".so" in file.name or ".dylib" in file.name):
                found.add((wheel.metadata["Name"].lower().replace("_", "-"), library[0]))
    return found


def documented() -> set[tuple[str, str]]:
    """The same, as the table says it."""
    rows = [
        line.split("|")
        for line in DOCS.splitlines()
        if line.startswith("| ") and "GPL-2.0 or later" in line
    ]
    return {
        (wheel, library)
        for _, part, source, *_ in rows
        for wheel in re.findall(r"`([\w-]+)` wheel", source)
        for library in re.findall(r"lib\w+", part)
    }


def test_every_library_under_the_gpl_that_a_wheel_carries_is_named() -> None:
    assert (
        carried()
        == documented()
        == {("av", "libx264"), ("av", "libx265"), ("pillow-heif", "libx265")}
    )
