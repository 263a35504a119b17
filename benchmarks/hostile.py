"""Hostile files through containment.

Crashes of the service, hangs, memory of the largest decoder child, verdicts.

``python -m benchmarks.hostile --data DIR [--limit N] [--media-only]``: every file below DIR is
admitted as the intake does it, opened in a child, read (text, plates, everything; left out with
``--media-only``), and asked for a poster. Each must end in a named verdict.
"""

import argparse
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image

import verifiers
from benchmarks.measure import Cost, median_cpu, peak_rss_mib, progress, result, take_turns
from pipeline.containment.nursery import ContainmentBroken, Usage
from pipeline.containment.opening import ContainedMedia, missing_layers, open_contained, shut_down
from scheme.reading import MediaKind
from verifiers.media import formats, open_media
from verifiers.media.protocol import MediaError

_SIDE = 2048
_MOST_FRAMES = 300
_MIB = 1024 * 1024


def main() -> None:
    """Measure and print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path, required=True, help="a folder of files, any depth")
    arguments.add_argument("--limit", type=int, default=None, help="only the first N files")
    arguments.add_argument(
        "--media-only", action="store_true", help="decode every file, but read nothing in it"
    )
    asked = arguments.parse_args()
    paths = sorted(path for path in asked.data.rglob("*") if path.is_file())[: asked.limit]
    missing = missing_layers()
    figures = _all(paths, _look if asked.media_only else _read)
    figures["missing_layers"] = sorted(missing)
    figures["containment_ratio"] = _containment_ratio()
    shut_down()
    result(figures)


def _all(paths: list[Path], look: Callable[[ContainedMedia], str]) -> dict[str, object]:
    verdicts: Counter[str] = Counter()
    crashes, hangs, slowest_s, slowest, peak = 0, 0, 0.0, "", 0
    for number, path in enumerate(paths, 1):
        began = time.perf_counter()
        try:
            verdict, seconds_allowed, usage = _verdict(path, look)
        except Exception as error:  # noqa: BLE001 - any escape is what this benchmark counts
            verdict, seconds_allowed, usage = (
                f"CRASH:{type(error).__name__}",
                formats.VIDEO_SECONDS,
                None,
            )
            crashes += 1
            progress(f"crash: {path.name}: {error!r}")
        took = time.perf_counter() - began
        hangs += took > seconds_allowed
        if took > slowest_s:
            slowest_s, slowest = took, path.name
        peak = max(peak, usage.peak_rss_bytes if usage else 0)
        verdicts[verdict] += 1
        if number % 50 == 0 or took > 5:
            progress(f"{number} of {len(paths)}: {path.name} {verdict} {took:.2f} s")
    return {
        "files": len(paths),
        "service_crashes": crashes,
        "hangs": hangs,
        "peak_rss_mib": round(peak / _MIB, 1),
        "service_rss_mib": peak_rss_mib(),
        "slowest_s": round(slowest_s, 2),
        "slowest": slowest,
        "verdicts": dict(verdicts.most_common()),
    }


def _verdict(path: Path, look: Callable[[ContainedMedia], str]) -> tuple[str, float, Usage | None]:
    """The code a person would see, the seconds its kind may take, what the child used."""
    with path.open("rb") as file:
        head = file.read(formats.HEAD_BYTES)
    try:
        known = formats.admit(head, path.name, path.stat().st_size)
    except formats.FileRefused as refusal:
        return refusal.code, formats.PHOTO_SECONDS, None
    allowed = formats.PHOTO_SECONDS if known.kind is MediaKind.PHOTO else formats.VIDEO_SECONDS
    media: ContainedMedia | None = None
    try:
        with open_contained(path, path.name) as media:
            return look(media), allowed, _closed(media)
    except MediaError as error:
        return error.code, allowed, media.usage if media else None
    except ContainmentBroken as error:
        raise RuntimeError("the service lost its decoders") from error


def _read(media: ContainedMedia) -> str:
    readings = verifiers.read(media)
    if readings.failures:
        return readings.failures[0].code
    media.poster()
    return _verdict_of(media)


def _look(media: ContainedMedia) -> str:
    for number, frame in enumerate(media.frames(None, _SIDE)):
        assert frame.pixels.ndim == 3
        if number >= _MOST_FRAMES:
            break
    media.timeline()
    media.poster()
    return _verdict_of(media)


def _verdict_of(media: ContainedMedia) -> str:
    return media.facts.flags[0].code if media.facts.flags else "READ_OK"


def _closed(media: ContainedMedia) -> Usage | None:
    media.close()
    return media.usage


def _containment_ratio(rounds: int = 7) -> float:
    """Wall time of a contained 12-megapixel photo (facts, one frame) against the same in here."""
    noise = np.random.default_rng(7).integers(0, 255, (300, 400, 3), dtype=np.uint8)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "photo.jpg"
        Image.fromarray(noise).resize((4000, 3000), Image.Resampling.BICUBIC).save(path, quality=92)

        def bare() -> None:
            media = open_media(path, path.name)
            list(media.frames(None, _SIDE))
            media.close()

        def contained() -> None:
            with open_contained(path, path.name) as media:
                list(media.frames(None, _SIDE))

        costs = take_turns({"bare": bare, "contained": contained}, rounds)
    progress(f"bare: {median_cpu(costs['bare']):.3f} s of processor time")
    return round(_median_wall(costs["contained"]) / _median_wall(costs["bare"]), 3)


def _median_wall(costs: list[Cost]) -> float:
    return sorted(cost.wall_s for cost in costs)[len(costs) // 2]


if __name__ == "__main__":
    main()
