"""Near-duplicate photos: recall under attack, false pairs and cost, against peers.

``python -m benchmarks.duplicates --data DIR [--limit N] [--stored N]``: pictures anywhere below
DIR. Each of ``--limit`` originals is attacked in every way and looked up among all ``--stored``:
found when one of its eight views lies within 31 bits of the stored one (that asks the officer a
question, R14). Recordings come later (null here).
"""

import argparse
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks._attacks import ATTACKS, attacked
from benchmarks.measure import cost_of, progress, result, share, wilson, with_interval
from verifiers.reading.fingerprint import distance, fingerprints

Pixels = NDArray[np.uint8]
Marks = tuple[str, ...]

_NEAR = 31
_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp"})
_SIDE = 1600


def main() -> None:
    """Measure and print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument(
        "--data", type=Path, required=True, help="a folder of pictures, any depth"
    )
    arguments.add_argument("--limit", type=int, default=30, help="originals that are attacked")
    arguments.add_argument(
        "--stored", type=int, default=200, help="pictures looked up in, the originals among them"
    )
    asked = arguments.parse_args()
    stored = _pictures(asked.data, max(asked.limit, asked.stored))
    if len(stored) < 2:
        raise SystemExit("fewer than two pictures there")
    originals = stored[: asked.limit]
    ways = {"product": _eight_views, "pdq_one_view": _one_view, "dhash": _dhash}
    figures = _compared(originals, stored, ways)
    result(figures | {"video_mean_recall": None, "video_recall": None, "video_false_pairs": None,
                      "frame_of_video_recall": None})  # fmt: skip


def _pictures(folder: Path, count: int) -> list[Pixels]:
    """``count`` different pictures spread over the folder, at most 1600 px long."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in _SUFFIXES)
    step, found, seen = max(1, len(paths) // max(1, count)), [], set()
    for path in paths[::step]:
        raw = np.fromfile(path, np.uint8)
        pixels = cv2.imdecode(raw, cv2.IMREAD_COLOR) if raw.size else None
        if pixels is None or raw.tobytes() in seen or min(pixels.shape[:2]) < 120:
            continue
        seen.add(raw.tobytes())
        factor = min(1.0, _SIDE / max(pixels.shape[:2]))
        found.append(
            cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA).astype(
                np.uint8
            )
        )
        if len(found) == count:
            break
    return found


def _eight_views(pixels: Pixels) -> Marks:
    return tuple(print_.bits for print_ in fingerprints(pixels))


def _one_view(pixels: Pixels) -> Marks:
    return (fingerprints(pixels, views=1)[0].bits,)


def _dhash(pixels: Pixels) -> Marks:
    """The difference hash of 256 bits, the usual simple rival."""
    small = cv2.resize(
        cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), (17, 16), interpolation=cv2.INTER_AREA
    )
    return (np.packbits(small[:, 1:] > small[:, :-1]).tobytes().hex(),)


def _near(asked: Marks, kept: Marks) -> bool:
    """One of the asked views near the stored upright one."""
    return any(distance(mark, kept[0]) <= _NEAR for mark in asked)


def _compared(
    originals: list[Pixels], stored: list[Pixels], ways: Mapping[str, Callable[[Pixels], Marks]]
) -> dict[str, object]:
    kept = {name: [way(pixels) for pixels in stored] for name, way in ways.items()}
    hits: dict[str, dict[str, int]] = {name: defaultdict(int) for name in ways}
    for number, original in enumerate(originals):
        for attack in ATTACKS:
            changed = attacked(attack, original, number)
            for name, way in ways.items():
                hits[name][attack] += _near(way(changed), kept[name][number])
        if number % 10 == 9:
            progress(f"{number + 1} of {len(originals)} originals")
    peers = {name: _figures(hits[name], kept[name], len(originals)) for name in ways}
    own = peers.pop("product")
    cost = cost_of(lambda: [fingerprints(pixels) for pixels in stored])
    return {
        "originals": len(originals),
        "stored": len(stored),
        **own,
        "photo_cpu_ms": round(1000 * cost.cpu_s / len(stored), 2),
        "peers": peers,
    }


def _figures(hits: Mapping[str, int], kept: list[Marks], originals: int) -> dict[str, object]:
    pairs = [(a, b) for a in range(len(kept)) for b in range(a)]
    false = sum(_near(kept[a], kept[b]) for a, b in pairs)
    by_group: dict[str, list[int]] = defaultdict(list)
    for attack, found in hits.items():
        by_group[attack.partition("_")[0]].append(found)
    return {
        **with_interval("photo_mean_recall", sum(hits.values()), originals * len(hits)),
        "photo_recall": {attack: share(found, originals) for attack, found in hits.items()},
        "photo_recall_by_group": {
            g: share(sum(found), originals * len(found)) for g, found in by_group.items()
        },
        "photo_false_pair_rate": round(false / max(1, len(pairs)), 8),
        "photo_false_pair_rate_ci": wilson(false, len(pairs)),
    }


if __name__ == "__main__":
    main()
