"""``python -m samples FOLDER``: draws every sample with its manifest and the demo roster."""

import argparse
import sys
from datetime import date
from pathlib import Path

from samples.drawing import drawn_one_by_one, write_manifest
from samples.manifest import SAMPLES
from samples.roster import roster_csv


def main() -> None:
    """Draw, showing one progress line on stderr."""
    parser = argparse.ArgumentParser(prog="python -m samples", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the files go; made where missing")
    parser.add_argument(
        "--day",
        type=date.fromisoformat,
        default=date(2026, 6, 10),
        help="day of capture, YYYY-MM-DD",
    )
    parser.add_argument(
        "--only",
        nargs="+",
        metavar="NAME",
        choices=[one.name for one in SAMPLES],
        help="only these",
    )
    told = parser.parse_args()
    count, drawn = len(told.only or SAMPLES), []
    for number, one in enumerate(drawn_one_by_one(told.folder, told.day, told.only), start=1):
        drawn.append(one)
        sys.stderr.write(f"\r\033[K{number}/{count} {one.path.name}")
        sys.stderr.flush()
    write_manifest(told.folder, drawn)
    (told.folder / "roster.csv").write_text(roster_csv(), encoding="utf-8")
    sys.stderr.write(f"\r\033[K{count} samples, manifest.json and roster.csv in {told.folder}\n")


if __name__ == "__main__":
    main()
