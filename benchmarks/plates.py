"""Plates on real pictures: exact and sure readings, cost against a bare text pass.

``python -m benchmarks.plates --data DIR [DIR ...] [--leave-one-out] [--limit N] [--degraded N]
[--drawn N]``: each DIR holds ``labels.csv``. The degraded sets are made from every k-th scene so
that about ``--degraded`` of each remain (0: none; 163: all).

``certain_wrong`` counts every picture with a sure reading that is neither its label nor another
plate in view; each of them is told on the way, for a person to look at.
"""

import argparse
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks._bare import bare_lines
from benchmarks._claims import (
    Pixels,
    as_plate,
    counted,
    fails,
    labels,
    passes,
    picture,
    readings_of,
)
from benchmarks._in_view import is_in_view
from benchmarks.measure import cost_of, peak_rss_mib, progress, result, share, with_interval
from samples.plates import PlateKind, plate
from scheme.naming import canonical_plate
from scheme.reading import PlateSeen
from scheme.report import Claim
from verifiers.reading.models import give_memory_back
from verifiers.reading.pictures import as_pixels
from verifiers.reading.plates.find import find_plates
from verifiers.reading.plates.seen import plates_seen
from verifiers.reading.plates.view import PlateView
from verifiers.reading.texts.text import TextLine, read_lines

Row = dict[str, str]


def main() -> None:
    """Measure and print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument(
        "--data", type=Path, nargs="+", required=True, help="folders with labels.csv"
    )
    arguments.add_argument(
        "--leave-one-out", action="store_true", help="figures of each source by itself, and of all"
    )
    arguments.add_argument(
        "--limit", type=int, default=None, help="only about N scenes and N crops"
    )
    arguments.add_argument("--degraded", type=int, default=24, help="scenes of each degraded set")
    arguments.add_argument("--drawn", type=int, default=40, help="drawn plates of each kind")
    asked = arguments.parse_args()
    rows = [
        {**row, "path": str(folder / row["file"])}
        for folder in asked.data
        for row in labels(folder)
    ]
    scenes = _every([row for row in rows if row["kind"] == "scene"], asked.limit)
    crops = _every([row for row in rows if row["kind"] == "crop"], asked.limit)
    figures = _scenes(scenes) | _crops(crops)
    if asked.leave_one_out:
        figures |= _left_out(figures)
    figures["degraded"] = _degraded(_every(scenes, asked.degraded)) if asked.degraded else None
    figures["drawn"] = _drawn(asked.drawn) if asked.drawn else None
    figures["peak_rss_mib"] = peak_rss_mib()
    result(figures)


def _left_out(figures: dict[str, Any]) -> dict[str, object]:
    """Each source measured with what is fitted on the others.

    Nothing of the plates is fitted: the networks come as they are, and the limits of what is sure,
    which were measured on these plates, change no reading. So the figures are the plain ones.
    """
    return {
        "loo_scene_exact": figures["scene_exact"],
        "loo_crop_exact": figures["crop_exact"],
        "loo_by_source": {"scenes": figures["by_source"], "crops": figures["crops_by_source"]},
    }


def _every(rows: list[Row], count: int | None) -> list[Row]:
    return rows if count is None or count >= len(rows) else rows[:: -(-len(rows) // max(1, count))]


def _good(row: Row) -> set[str]:
    return {row["plate"], *row.get("also", "").split()} - {""}


def sure_and_wrong(seen: Sequence[PlateSeen], row: Row) -> set[str]:
    """Sure readings that are neither the label nor another plate in view.

    Told on the way, so that a person can look.
    """
    sure = {str(each.number) for each in seen if each.certain} - _good(row)
    wrong = {number for number in sure if not is_in_view(row["file"], number)}
    if wrong:
        progress(f"sure, and no plate known in {row['file']}: {' '.join(sorted(wrong))}")
    return wrong


def _scenes(rows: list[Row]) -> dict[str, object]:
    exact = seen = bare = found = covered = absent = wrong = 0
    costs: list[tuple[float, float]] = []
    by_source: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    by_colour: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    first = picture(Path(rows[0]["path"]))
    find_plates(first)  # loads the networks, so that no picture pays for it
    bare_lines(first)
    for number, row in enumerate(rows):
        pixels, good = picture(Path(row["path"])), _good(row)
        rival, lines, views, cost = _read(pixels)
        readings = readings_of(pixels, lines, views)
        numbers = [each.number for each in readings.plates]
        right = bool(numbers) and numbers[0] in good
        exact, seen, found = exact + right, seen + (row["plate"] in numbers), found + bool(numbers)
        bare += any(as_plate(line.text) in good for line in rival)
        claimed = Claim("wrong_way", plate=canonical_plate(row["plate"]))
        covered += passes("plate", readings, claimed)
        absent += fails("plate", readings, claimed)
        wrong += bool(sure_and_wrong(readings.plates, row))
        costs.append(cost)
        for groups, key in ((by_source, row["source"]), (by_colour, row["colour"])):
            groups[key] = (groups[key][0] + right, groups[key][1] + 1)
        if number % 20 == 19:
            progress(f"{number + 1} of {len(rows)} scenes, {exact} exact")
    n, mean_bare = len(rows), float(np.mean([bare_s for _, bare_s in costs]))
    return {
        "scenes": n,
        **with_interval("scene_exact", exact, n),
        **with_interval("scene_any", seen, n),
        **with_interval("scene_exact_bare", bare, n),
        **with_interval("scene_found", found, n),
        **with_interval("certain_coverage", covered, n),
        **with_interval("certain_wrong", wrong, n),
        **with_interval("falsely_absent", absent, n),
        "cpu_ratio": round(float(np.mean([path_s for path_s, _ in costs])) / mean_bare, 4),
        "cpu_ratio_max": round(max(path_s for path_s, _ in costs) / mean_bare, 4),
        "by_source": counted(by_source, "scene_exact"),
        "by_colour": counted(by_colour, "scene_exact"),
    }


def _read(
    pixels: Pixels,
) -> tuple[tuple[TextLine, ...], tuple[TextLine, ...], tuple[PlateView, ...], tuple[float, float]]:
    """Bare texts, own texts, plates, and processor seconds of (plate path, bare text pass)."""
    rival: list[tuple[TextLine, ...]] = []
    views: list[tuple[PlateView, ...]] = []
    bare = cost_of(lambda: rival.append(bare_lines(pixels)))
    lines = read_lines(pixels)
    path = cost_of(lambda: views.append(find_plates(pixels, None, lines)))
    give_memory_back()  # as after each file that the product reads
    return rival[0], lines, views[0], (path.cpu_s, bare.cpu_s)


def _top(*views: PlateView) -> str:
    seen = plates_seen(views)
    return seen[0].number if seen else ""


def _crops(rows: list[Row]) -> dict[str, object]:
    right = wrong = 0
    by_source: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for row in rows:
        seen = plates_seen(find_plates(picture(Path(row["path"]))))
        exact = bool(seen) and seen[0].number in _good(row)
        right, wrong = right + exact, wrong + bool(sure_and_wrong(seen, row))
        count = by_source[row["source"]]
        by_source[row["source"]] = (count[0] + exact, count[1] + 1)
    progress(f"{len(rows)} crops, {right} exact")
    return {
        "crops": len(rows),
        **with_interval("crop_exact", right, len(rows)),
        **with_interval("crop_certain_wrong", wrong, len(rows)),
        "crops_by_source": counted(by_source, "crop_exact"),
    }


# -- degraded --------------------------------------------------------------------------------------


def _motion(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    kernel = np.zeros((9, 9), np.float32)
    kernel[4] = 1 / 9
    turn = cv2.getRotationMatrix2D((4, 4), float(rng.uniform(-20, 20)), 1.0)
    kernel = cv2.warpAffine(kernel, turn, (9, 9)).astype(np.float32)
    return as_pixels(cv2.filter2D(pixels, -1, kernel / kernel.sum()))


def _dark_noise(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    return _grainy(pixels * 0.35, rng, 12)


def _grainy(pixels: NDArray[Any], rng: np.random.Generator, sigma: float) -> Pixels:
    return as_pixels(np.clip(pixels + rng.normal(0, sigma, pixels.shape), 0, 255))


def _coded(pixels: Pixels, quality: int) -> Pixels:
    coded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    # it was just coded
    return cv2.imdecode(coded, cv2.IMREAD_COLOR).astype(np.uint8)  # type: ignore[union-attr]


def _turned(pixels: Pixels, _rng: np.random.Generator) -> Pixels:
    height, width = pixels.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 12, 1.0)
    return cv2.warpAffine(pixels, turn, (width, height), borderMode=cv2.BORDER_REPLICATE).astype(
        np.uint8
    )


def _steep(pixels: Pixels, _rng: np.random.Generator) -> Pixels:
    height, width = pixels.shape[:2]
    shear = np.array([[0.75, 0, 0], [0.3, 1, 0]], np.float32)
    size = (int(width * 0.75), int(height + width * 0.3))
    return cv2.warpAffine(pixels, shear, size, borderMode=cv2.BORDER_REPLICATE).astype(np.uint8)


def _rain(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    height, width = pixels.shape[:2]
    drops = np.zeros((height, width), np.float32)
    for _ in range(height * width // 900):
        x, y, length = int(rng.integers(width)), int(rng.integers(height)), int(rng.integers(8, 24))
        cv2.line(drops, (x, y), (x + length // 4, y + length), float(rng.uniform(0.3, 0.8)), 1)
    veil = cv2.GaussianBlur(drops, (0, 0), 0.8)[..., None]
    return as_pixels(np.clip(pixels * (0.8 - 0.5 * veil) + 200 * veil * 0.7, 0, 255))


def _glare(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    height, width = pixels.shape[:2]
    y, x = np.mgrid[0:height, 0:width]
    spot = np.exp(
        -((x - rng.uniform(0.2, 0.8) * width) ** 2 + (y - rng.uniform(0.3, 0.8) * height) ** 2)
        / (2 * (0.3 * max(height, width)) ** 2)
    )[..., None]
    return as_pixels(np.clip(pixels.astype(np.float32) + 150 * spot, 0, 255))


_DEGRADED: dict[str, Callable[[Pixels, np.random.Generator], Pixels]] = {
    "motion9": _motion,
    "motion9_noisy": lambda pixels, rng: _coded(_grainy(_motion(pixels, rng), rng, 3), 80),
    "half": lambda pixels, _rng: cv2.resize(
        pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA
    ).astype(np.uint8),
    "blur2": lambda pixels, _rng: cv2.GaussianBlur(pixels, (0, 0), 2).astype(np.uint8),
    "dark_noise": _dark_noise,
    "jpeg20": lambda pixels, _rng: _coded(pixels, 20),
    "rot12": _turned,
    "steep": _steep,
    "rain": _rain,
    "glare": _glare,
}


def _degraded(rows: list[Row]) -> dict[str, object]:
    figures: dict[str, object] = {"n": len(rows)}
    for name, spoil in _DEGRADED.items():
        exact = bare = wrong = 0
        for number, row in enumerate(rows):
            pixels = spoil(picture(Path(row["path"])), np.random.default_rng(number))
            rival, _, views, _ = _read(pixels)
            exact += _top(*views) in _good(row)
            wrong += bool(sure_and_wrong(plates_seen(views), row))
            bare += any(as_plate(line.text) in _good(row) for line in rival)
        figures[name] = {
            "exact": share(exact, len(rows)),
            "bare": share(bare, len(rows)),
            "certain_wrong": share(wrong, len(rows)),
        }
        progress(f"{name}: {figures[name]}")
    figures["motion9_fused"] = _fused(rows)
    return figures


def _fused(rows: list[Row]) -> dict[str, object]:
    """Nine frames read together, and for comparison the one of them that reads most clearly."""
    exact = best = wrong = 0
    for number, row in enumerate(rows):
        views = _nine_frames(picture(Path(row["path"])), number)
        exact += _top(*views) in _good(row)
        best += max(views, key=lambda view: view.likelihood).number in _good(row) if views else 0
        wrong += bool(sure_and_wrong(plates_seen(views), row))
    return {
        "exact": share(exact, len(rows)),
        "best_frame": share(best, len(rows)),
        "certain_wrong": share(wrong, len(rows)),
    }


def _nine_frames(pixels: Pixels, seed: int) -> list[PlateView]:
    """Nine jittered, blurred frames, read as a recording's frames are."""
    rng = np.random.default_rng(seed)
    height, width = pixels.shape[:2]
    views: list[PlateView] = []
    for frame in range(9):
        shift = np.array([[1, 0, rng.uniform(-3, 3)], [0, 1, rng.uniform(-3, 3)]], np.float32)
        moved = cv2.warpAffine(
            pixels, shift, (width, height), borderMode=cv2.BORDER_REPLICATE
        ).astype(np.uint8)
        views.extend(find_plates(_motion(moved, rng), frame * 40))
    return views


# -- drawn -----------------------------------------------------------------------------------------


_KINDS = {
    "double_row": (PlateKind.YELLOW_DOUBLE, "沪L#####", "yellow"),
    "new_energy_bus": (PlateKind.NEW_ENERGY_LARGE, "沪A#####D", "yellow_green"),
    "yellow": (PlateKind.YELLOW, "沪L#####", "yellow"),
    "blue": (PlateKind.BLUE, "沪LS####", "blue"),
    "new_energy_small": (PlateKind.NEW_ENERGY_SMALL, "沪ADS####", "green"),
    "police": (PlateKind.POLICE, "沪L####警", "white"),
    "learner": (PlateKind.LEARNER, "沪L####学", "yellow"),
    "trailer": (PlateKind.TRAILER, "沪L####挂", "yellow"),
    "consulate": (PlateKind.CONSULATE, "沪A####领", "black"),
    "border": (PlateKind.BORDER, "粤Z####港", "black"),
}
"""Key -> kind, number (``#`` a digit, ``L`` and ``S`` letters), colour."""


def _drawn(count: int) -> dict[str, object]:
    return {name: _drawn_kind(name, count) for name in _KINDS}


def _drawn_kind(name: str, count: int) -> dict[str, object]:
    kind, pattern, colour = _KINDS[name]
    right = coloured = sure = wrong = 0
    for seed in range(count):
        rng = np.random.default_rng(seed)
        number = "".join(_sign(place, rng) for place in pattern)
        seen = plates_seen(_read(_on_a_wall(number, kind, rng))[2])
        right += bool(seen) and seen[0].number == number
        coloured += bool(seen) and seen[0].colour == colour
        sure += any(each.certain and each.number == number for each in seen)
        wrong += any(each.certain and each.number != number for each in seen)
    progress(f"{name}: {right} of {count}")
    return {
        "n": count,
        "exact": share(right, count),
        "colour": share(coloured, count),
        "certain": share(sure, count),
        "certain_wrong": share(wrong, count),
    }


def _sign(place: str, rng: np.random.Generator) -> str:
    if place == "#":
        return str(int(rng.integers(10)))
    return "ABDEFGHJKL"[int(rng.integers(10))] if place in "LS" else place


def _on_a_wall(number: str, kind: PlateKind, rng: np.random.Generator) -> Pixels:
    """A drawn plate 90 to 220 px wide, askew, soft and grainy, on a grey 960 × 720 wall."""
    flat = cv2.cvtColor(np.asarray(plate(number, kind, 1.0)), cv2.COLOR_RGB2BGR)
    wall = np.full((720, 960, 3), rng.uniform(60, 150), np.float32)
    wall += cv2.resize(rng.normal(0, 18, (45, 60, 3)), (960, 720), interpolation=cv2.INTER_CUBIC)
    wide = float(rng.uniform(90, 220))
    high = wide * flat.shape[0] / flat.shape[1]
    corner = np.array([rng.uniform(60, 900 - wide), rng.uniform(250, 650 - high)])
    corners = (
        corner
        + np.array([[0, 0], [wide, 0], [wide, high], [0, high]])
        + rng.uniform(-0.05, 0.05, (4, 2)) * wide
    )
    source = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32) * (flat.shape[1], flat.shape[0])
    matrix = cv2.getPerspectiveTransform(source.astype(np.float32), corners.astype(np.float32))
    shrunk = cv2.GaussianBlur(flat, (0, 0), max(0.1, 0.35 * flat.shape[1] / wide))
    laid = cv2.warpPerspective(shrunk, matrix, (960, 720), flags=cv2.INTER_LINEAR)
    mask = cv2.warpPerspective(np.ones(flat.shape[:2], np.float32), matrix, (960, 720))[..., None]
    scene = wall * (1 - mask) + laid * mask * float(rng.uniform(0.7, 1.05))
    return as_pixels(
        np.clip(cv2.GaussianBlur(scene, (0, 0), 0.7) + rng.normal(0, 4, scene.shape), 0, 255)
    )


if __name__ == "__main__":
    main()
