"""What the decoder's cell costs a file.

The same child with every layer and with none, taking turns.

``python -m benchmarks.containment --data DIR [--rounds N] [--limit N]``: every file below DIR is
opened in a child of its own, asked for facts, frames and a poster, and closed; what both children
answer must be the same.
"""

import argparse
import hashlib
import statistics
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

from benchmarks.measure import progress, result
from pipeline.containment.nursery import DEFAULT_LIMITS, Nursery
from pipeline.containment.opening import open_contained
from verifiers.media.protocol import MediaError

_SIDE = 2048
_MOST_FRAMES = 60


def main() -> None:
    """Measure and print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path, required=True, help="a folder of files, any depth")
    arguments.add_argument(
        "--rounds", type=int, default=5, help="how often each file is opened each way"
    )
    arguments.add_argument("--limit", type=int, default=None, help="only the first N files")
    asked = arguments.parse_args()
    paths = sorted(path for path in asked.data.rglob("*") if path.is_file())[: asked.limit]
    starts = {
        "cell": _started(Nursery),
        "open": _started(partial(Nursery, "benchmarks._open_child")),
    }
    with closing(Nursery()) as cell, closing(Nursery("benchmarks._open_child")) as bare:
        figures = _compare(paths, {"cell": cell, "open": bare}, asked.rounds)
        figures["missing_layers"] = sorted(cell.missing)
    result(figures | {f"start_s_{name}": round(seconds, 2) for name, seconds in starts.items()})


def _compare(paths: list[Path], rivals: dict[str, Nursery], rounds: int) -> dict[str, object]:
    """Sums over the files of each way's median; a file's ratio is that of its medians."""
    cpu, wall = dict.fromkeys(rivals, 0.0), dict.fromkeys(rivals, 0.0)
    ratios: list[float] = []
    unlike: list[str] = []
    for number, path in enumerate(paths, 1):
        costs: dict[str, list[tuple[float, float]]] = {name: [] for name in rivals}
        seen = {
            _look(nursery, path)[2] for nursery in rivals.values()
        }  # not counted: the file comes into memory
        for _ in range(rounds):
            for name, nursery in rivals.items():
                *cost, found = _look(nursery, path)
                costs[name].append((cost[0], cost[1]))
                seen.add(found)
        if len(seen) > 1:
            unlike.append(path.name)
        for name, some in costs.items():
            cpu[name] += statistics.median(one for one, _ in some)
            wall[name] += statistics.median(one for _, one in some)
        ratios.append(_median_wall(costs["cell"]) / _median_wall(costs["open"]))
        if number % 50 == 0:
            progress(f"{number} of {len(paths)}")
    return {
        "files": len(paths),
        "answers_unlike": unlike,
        "cpu_ratio": round(cpu["cell"] / cpu["open"], 4),
        "wall_ratio": round(wall["cell"] / wall["open"], 4),
        "wall_ratio_median_file": round(statistics.median(ratios), 4),
        "wall_ms_a_file": {
            name: round(1000 * seconds / len(paths), 2) for name, seconds in wall.items()
        },
    }


def _median_wall(costs: list[tuple[float, float]]) -> float:
    return statistics.median(wall for _, wall in costs)


def _look(nursery: Nursery, path: Path) -> tuple[float, float, str]:
    """The child's processor seconds, the seconds that passed, and what it answered, as a hash."""
    answers = hashlib.sha256()
    began = time.perf_counter()
    try:
        with open_contained(path, path.name, DEFAULT_LIMITS, nursery) as media:
            answers.update(repr(media.facts).encode())
            for number, frame in enumerate(media.frames(None, _SIDE)):
                answers.update(frame.pixels.tobytes())
                if number >= _MOST_FRAMES:
                    break
            answers.update(media.poster())
            media.close()
    except MediaError as error:
        answers.update(error.code.encode())
        return 0.0, time.perf_counter() - began, answers.hexdigest()
    took = time.perf_counter() - began
    return media.usage.cpu_s if media.usage else 0.0, took, answers.hexdigest()


def _started(start: Callable[[], Nursery]) -> float:
    """Median seconds until a nursery can take a file."""
    took = []
    for _ in range(3):
        began = time.perf_counter()
        start().close()
        took.append(time.perf_counter() - began)
    return statistics.median(took)


if __name__ == "__main__":
    main()
