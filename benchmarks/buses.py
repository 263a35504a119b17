"""Line signs, plates and numbers on real pictures of buses, against the bare text pass.

``python -m benchmarks.buses --data DIR [--limit N] [--drawn N]``: DIR holds ``labels.csv``; read
without a roster.
"""

import argparse
from collections import defaultdict
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks._badges import badge_picture
from benchmarks._bare import bare_lines
from benchmarks._claims import counted, fails, labels, others, passes, picture, read_picture
from benchmarks.measure import cost_of, peak_rss_mib, progress, result, share, with_interval
from samples import drawing
from scheme.dossier import Roster
from scheme.naming import InvalidName, canonical_badge, canonical_route
from scheme.reading import Readings
from scheme.report import Claim
from verifiers.reading.models import give_memory_back
from verifiers.reading.texts.text import TextLine

_KEYS = (
    "route_exact",
    "route_exact_roster",
    "route_wrong_pass",
    "route_falsely_absent",
    "route_bare",
    "plate_exact",
    "fleet_number_exact",
    "badge_exact",
)


def main() -> None:
    """Measure and print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path, required=True, help="a folder with labels.csv")
    arguments.add_argument("--limit", type=int, default=None, help="only about N pictures")
    arguments.add_argument("--drawn", type=int, default=32, help="drawn badges")
    asked = arguments.parse_args()
    rows = labels(asked.data)
    chosen = rows if asked.limit is None else rows[:: -(-len(rows) // max(1, asked.limit))]
    figures = _pictures(asked.data, chosen, [row["route"] for row in rows])
    figures["badge_drawn_exact"] = _drawn_badges(asked.drawn)
    figures["peak_rss_mib"] = peak_rss_mib()
    result(figures)


def _pictures(folder: Path, rows: list[dict[str, str]], routes: list[str]) -> dict[str, object]:
    tally: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    scenes: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    roster = _roster(routes)
    costs: list[tuple[float, float]] = []
    _read(folder / rows[0]["file"])  # loads the networks, so that no picture pays for it
    for number, row in enumerate(rows):
        readings, bare, cost = _read(folder / row["file"])
        costs.append(cost)
        if row["route"]:
            right = _route_passes(readings, row["route"])
            _count(tally, "route_exact", right)
            _count(scenes, row["scene"], right)
            _count(tally, "route_exact_roster", _route_passes(readings, row["route"], roster))
            _count(tally, "route_bare", any(line.text == row["route"] for line in bare))
            wrong = [
                _route_passes(readings, other) for other in others(routes, {row["route"]}, number)
            ]
            _count(tally, "route_wrong_pass", any(wrong))
            _count(tally, "route_falsely_absent", _route_fails(readings, row["route"]))
        if "\u4e00" <= row["plate"][:1] <= "\u9fff":
            _count(
                tally,
                "plate_exact",
                row["plate"] in {str(plate.number) for plate in readings.plates},
            )
        if row["fleet_number"]:
            _count(
                tally,
                "fleet_number_exact",
                row["fleet_number"] in {each.text for each in readings.fleet_numbers},
            )
        if row["badge"]:
            claim = Claim("smoking_or_phone", badge=canonical_badge(row["badge"]))
            _count(tally, "badge_exact", passes("badge", readings, claim))
        if number % 20 == 19:
            progress(f"{number + 1} of {len(rows)} pictures, routes {tally['route_exact']}")
    figures: dict[str, object] = {"pictures": len(rows)}
    for key in _KEYS:
        right_count, n = tally[key]
        figures |= {**with_interval(key, right_count, n), f"{key}_n": n}
    figures["by_scene"] = counted(scenes, "route_exact")
    figures["cpu_ratio"] = round(
        float(np.sum([whole for whole, _ in costs]) / np.sum([bare for _, bare in costs])), 4
    )
    return figures


# A tally's one fact
def _count(tally: dict[str, tuple[int, int]], key: str, right: bool) -> None:  # noqa: FBT001
    tally[key] = (tally[key][0] + right, tally[key][1] + 1)


def _route_passes(readings: Readings, label: str, roster: Roster | None = None) -> bool:
    """Whether the labelled line passes as a claim."""
    claim = _claim_of(label)
    return claim is not None and passes("route", readings, claim, roster)


def _route_fails(readings: Readings, label: str) -> bool:
    """Whether the labelled line, which is in view, is told as surely absent."""
    claim = _claim_of(label)
    return claim is not None and fails("route", readings, claim)


def _claim_of(label: str) -> Claim | None:
    """``510(1-19)`` is the line 510, also numbered 1-19; None where it names no line of ours."""
    try:
        return Claim("wrong_way", route=canonical_route(label.partition("(")[0]))
    except InvalidName:
        return None


def _roster(routes: list[str]) -> Roster:
    """One that runs all labelled lines.

    A reading that is none of them may then be one of them misread.
    """
    names = frozenset(canonical_route(route.partition("(")[0]) for route in routes if route)
    return Roster({}, {"1": names})


def _read(path: Path) -> tuple[Readings, tuple[TextLine, ...], tuple[float, float]]:
    """Readings as ``read`` makes them, the bare lines, and processor seconds of either."""
    pixels = picture(path)
    rival: list[tuple[TextLine, ...]] = []
    made: list[Readings] = []
    bare = cost_of(lambda: rival.append(bare_lines(pixels)))
    own = cost_of(lambda: made.append(read_picture(pixels)))
    give_memory_back()  # as after each file that the product reads
    return made[0], rival[0], (own.cpu_s, bare.cpu_s)


def _drawn_badges(count: int) -> float | None:
    """Badges with invented numbers.

    Every fourth is worn as ``samples`` draws it, the others are of many layouts.
    """
    rng, right = np.random.default_rng(11), 0
    with TemporaryDirectory() as folder:
        for number in range(count):
            badge = "".join(str(digit) for digit in rng.integers(0, 10, 6))
            if number % 4 == 0:
                at = drawing.sample("badge").taken_at(date(2026, 6, 10))
                pixels = picture(
                    drawing.draw("badge", Path(folder), at, badge=badge, seed=number).path
                )
            else:
                pixels = badge_picture(badge, number)
            claim = Claim("smoking_or_phone", badge=canonical_badge(badge))
            right += passes("badge", read_picture(pixels), claim)
    return share(right, count)


if __name__ == "__main__":
    main()
