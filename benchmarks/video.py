"""Recordings: plates over frames, clocks in the picture, cuts, cost against decoding it all.

``python -m benchmarks.video [--data DIR] [--limit N] [--rounds N]``: DIR holds ``plates/`` and
``clips/``. Sequences of nine frames are made from the plate scenes: the camera jitters, each frame
is smeared by another motion and exposed differently, hard and (keys with ``mild_``) mildly; without
DIR the scenes are drawn and there are no clips. ``vote_exact``: our reading of all nine;
``best_frame_exact``: of the sharpest alone; ``bare_exact``: the text reader's default pass on that
same frame; ``vote_certain``: a fused reading was sure of a plate that is there,
``vote_certain_wrong``: of one that is not. A clip's
clock is right when the first and the last frame's time of day are, to the second. ``cuts_false``
counts over all clips, those with cuts too. ``cpu_ratio_full_decode``: reading a drawn minute of
1080p30 over decoding all its frames and one bare pass on one of them.
"""

import argparse
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import cv2
import numpy as np

from benchmarks._bare import bare_lines
from benchmarks._claims import Pixels, as_plate, labels, picture
from benchmarks.measure import (
    cost_of,
    median_cpu,
    peak_rss_mib,
    progress,
    result,
    take_turns,
    with_interval,
)
from samples import benchmark
from samples.plates import PlateKind, plate
from scheme.reading import Hinted, Readings
from verifiers.media import open_media
from verifiers.media.protocol import MediaError
from verifiers.reading.frames.sweep import looked_at
from verifiers.reading.models import give_memory_back
from verifiers.reading.pictures import as_pixels
from verifiers.reading.plates.find import find_plates
from verifiers.reading.plates.seen import plates_seen
from verifiers.reading.read import read

FRAMES = 9
FRAME_MS = 40
CUT_WITHIN_MS = 200


@dataclass(frozen=True, slots=True)
class Shake:
    """How a hand moves while filming.

    Smears of ``shortest`` to ``longest`` px, each frame's ±``turn`` degrees off.
    """

    prefix: str
    shortest: int
    longest: int
    turn: float


SHAKES = (Shake("", 8, 16, 45), Shake("mild_", 5, 15, 25))
"""The hard one, and a mild one whose frames are smeared much alike, some of them hardly."""

_TIME = re.compile(r"(\d{1,2}):(\d\d):(\d\d)(?: ?([AP]M))?")


def main() -> None:
    """Measure and print the figures."""
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument(
        "--data", type=Path, default=None, help="the folder that holds plates/ and clips/"
    )
    arguments.add_argument(
        "--limit", type=int, default=60, help="only about N sequences and N clips (default 60)"
    )
    arguments.add_argument(
        "--rounds", type=int, default=3, help="rounds of the ratio; 0: none (default 3)"
    )
    asked = arguments.parse_args()
    figures: dict[str, object] = {}
    for shake in SHAKES if asked.limit else ():
        figures |= _sequences(_scenes(asked.data, asked.limit), shake)
    if asked.data is not None:
        figures |= _clips(asked.data / "clips", asked.limit)
    if asked.rounds:
        figures |= _ratio(asked.rounds)
    figures["peak_rss_mib"] = peak_rss_mib()
    result(figures)


# -- sequences -------------------------------------------------------------------------------------


def _scenes(folder: Path | None, limit: int) -> Iterator[tuple[Pixels, set[str]]]:
    """Pictures with the plates that a person reads in them."""
    if folder is None:
        for seed in range(limit):
            yield _drawn_scene(np.random.default_rng(seed))
        return
    rows = [row for row in labels(folder / "plates") if row["kind"] == "scene"]
    for row in rows[:: -(-len(rows) // limit)]:
        yield (
            picture(folder / "plates" / row["file"]),
            {row["plate"], *row.get("also", "").split()} - {""},
        )


def _drawn_scene(rng: np.random.Generator) -> tuple[Pixels, set[str]]:
    """A drawn bus plate, 110 to 200 px wide, on a grey textured 960 × 720 wall."""
    number = f"沪{'ABDEFGHJKL'[int(rng.integers(10))]}{int(rng.integers(100_000)):05}"
    flat = cv2.cvtColor(np.asarray(plate(number, PlateKind.BLUE, 1.0)), cv2.COLOR_RGB2BGR)
    wall = cv2.resize(rng.normal(110, 18, (45, 60, 3)), (960, 720), interpolation=cv2.INTER_CUBIC)
    wide = int(rng.integers(110, 200))
    high = round(wide * flat.shape[0] / flat.shape[1])
    left, top = int(rng.integers(100, 860 - wide)), int(rng.integers(250, 600 - high))
    wall[top : top + high, left : left + wide] = cv2.resize(
        flat, (wide, high), interpolation=cv2.INTER_AREA
    )
    return as_pixels(np.clip(wall, 0, 255)), {number}


def _sequences(scenes: Iterator[tuple[Pixels, set[str]]], shake: Shake) -> dict[str, object]:
    vote = single = rival = count = sure = wrong = 0
    for number, (pixels, good) in enumerate(scenes):
        frames = list(_filmed(pixels, shake, np.random.default_rng(number)))
        views = [find_plates(frame, place * FRAME_MS) for place, frame in enumerate(frames)]
        fused = plates_seen([view for seen in views for view in seen])
        best = max(range(FRAMES), key=lambda place: looked_at(None, frames[place]).sharpness)
        count += 1
        vote += bool(fused) and fused[0].number in good
        sure_others = [
            plate.number for plate in fused if plate.certain and plate.number not in good
        ]
        sure += any(plate.certain and plate.number in good for plate in fused)
        wrong += bool(sure_others)
        single += any(plate.number in good for plate in plates_seen(views[best])[:1])
        rival += any(as_plate(line.text) in good for line in bare_lines(frames[best]))
        give_memory_back()
        if sure_others:
            progress(f"sure, and not the label: {sure_others} for {sorted(good)}")
        if number % 10 == 9:
            progress(
                f"{shake.prefix}{count} sequences: vote {vote}, best frame {single}, bare {rival}"
            )
    return {
        f"{shake.prefix}sequences": count,
        **with_interval(f"{shake.prefix}vote_exact", vote, count),
        **with_interval(f"{shake.prefix}best_frame_exact", single, count),
        **with_interval(f"{shake.prefix}bare_exact", rival, count),
        **with_interval(f"{shake.prefix}vote_certain", sure, count),
        **with_interval(f"{shake.prefix}vote_certain_wrong", wrong, count),
    }


def _filmed(pixels: Pixels, shake: Shake, rng: np.random.Generator) -> Iterator[Pixels]:
    """``FRAMES`` frames of a hand that shakes: pan and zoom jitter, smears, exposure, noise."""
    height, width = pixels.shape[:2]
    heading = rng.uniform(0, 360)
    for _ in range(FRAMES):
        zoom = rng.uniform(0.97, 1.03)
        move = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(-1, 1), zoom)
        shift = np.array([[0, 0, rng.uniform(-6, 6)], [0, 0, rng.uniform(-6, 6)]])
        moved = cv2.warpAffine(
            pixels, move + shift, (width, height), borderMode=cv2.BORDER_REPLICATE
        )
        length = int(rng.integers(shake.shortest, shake.longest + 1))
        smeared = cv2.filter2D(
            moved, -1, _smear(length, heading + rng.uniform(-shake.turn, shake.turn))
        )
        exposed = smeared * rng.uniform(0.6, 1.15) + rng.normal(0, 5, smeared.shape)
        yield as_pixels(np.clip(exposed, 0, 255))


def _smear(length: int, degrees: float) -> np.ndarray:
    """A line of ``length`` pixels as a filter kernel of sum 1."""
    side = length | 1
    kernel = np.zeros((side, side), np.float32)
    kernel[side // 2] = 1
    turn = cv2.getRotationMatrix2D((side // 2, side // 2), degrees, 1.0)
    turned = cv2.warpAffine(kernel, turn, (side, side)).astype(np.float32)
    return np.asarray(turned / turned.sum())


# -- clips -----------------------------------------------------------------------------------------


def _clips(folder: Path, limit: int) -> dict[str, object]:
    clocks = clocks_right = cuts = cuts_found = cuts_false = clips = 0
    hints = dict.fromkeys(Hinted, 0)
    costs: list[float] = []
    with (folder / "clips.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in islice(rows, limit):
        readings = _readings(folder / row["file"], costs)
        if readings is None:
            continue
        clips += 1
        labelled = [round(float(second) * 1000) for second in (row["cuts"] or "").split()]
        shown = readings.motion.cuts_ms if readings.motion else ()
        found = sum(any(abs(cut - other) <= CUT_WITHIN_MS for other in shown) for cut in labelled)
        false = sum(all(abs(cut - other) > CUT_WITHIN_MS for cut in labelled) for other in shown)
        cuts, cuts_found, cuts_false = cuts + len(labelled), cuts_found + found, cuts_false + false
        for what in {hint.what for hint in readings.hints}:
            hints[what] += 1
        clock = ""
        if row["clock_first"]:
            right = _ends(readings) == (
                _time_of_day(row["clock_first"]),
                _time_of_day(row["clock_last"]),
            )
            clocks, clocks_right = clocks + 1, clocks_right + right
            clock = f", clock {'right' if right else 'wrong'} {_ends(readings)}"
        progress(
            f"{row['file'][-40:]}: {costs[-1]:.2f} s, "
            f"cuts {found} of {len(labelled)}, {false} false{clock}, "
            f"plates {[each.number for each in readings.plates if each.certain]}, "
            f"routes {[each.text for each in readings.routes]}, "
            f"hints {[hint.what.value for hint in readings.hints]}, "
            f"{readings.clock_run}, failures {[failure.code for failure in readings.failures]}"
        )
    return {
        "clips": clips,
        "clocks": clocks,
        "clock_exact": clocks_right,
        "cuts": cuts,
        "cuts_found": cuts_found,
        "cuts_false": cuts_false,
        "clips_with_hint": {what.value: count for what, count in hints.items()},
        "clips_cpu_s": round(sum(costs), 1),
    }


def _readings(path: Path, costs: list[float]) -> Readings | None:
    try:
        media = open_media(path, path.name)
    except MediaError as error:
        progress(f"{path.name}: {error}")
        return None
    readings: list[Readings] = []
    costs.append(cost_of(lambda: readings.append(read(media))).cpu_s)
    media.close()
    return readings[0]


def _ends(readings: Readings) -> tuple[str, str] | None:
    """Time of day on the first and on the last frame, from the clock readings nearest to them."""
    timed = sorted(
        (each.frame_ms, each.at) for each in readings.clocks if each.frame_ms is not None
    )
    if not timed or readings.facts is None or readings.motion is None:
        return None
    rate = (readings.clock_run.rate if readings.clock_run else None) or 1.0
    last_ms = (readings.facts.duration_ms or 0) - 1000 / (readings.facts.frame_rate or 25)
    return _at(*timed[0], 0, rate), _at(*timed[-1], last_ms, rate)


def _at(known_ms: int, at: datetime, wanted_ms: float, rate: float) -> str:
    """What the clock shows at ``wanted_ms``: read there, or told from the nearest reading."""
    near = at + timedelta(milliseconds=(wanted_ms - known_ms) * rate)
    return f"{near + timedelta(milliseconds=500):%H:%M:%S}"


def _time_of_day(text: str) -> str:
    match = _TIME.search(text)
    assert match, text
    hour = int(match[1]) % 12 + 12 * (match[4] == "PM") if match[4] else int(match[1])
    return f"{hour:02}:{match[2]}:{match[3]}"


# -- processor time --------------------------------------------------------------------------------


def _ratio(rounds: int) -> dict[str, object]:
    with TemporaryDirectory() as folder:
        progress("drawing the clip")
        clip = benchmark.clip(Path(folder) / "clip.mp4")
        costs = take_turns(
            {"rival": lambda: _decode_and_read(clip), "read": lambda: _read(clip)}, rounds
        )
    rival, ours = median_cpu(costs["rival"]), median_cpu(costs["read"])
    progress(f"decoding all and one bare pass {rival:.2f} s, reading {ours:.2f} s")
    return {
        "cpu_ratio_full_decode": round(ours / rival, 3),
        "read_cpu_s": round(ours, 2),
        "full_decode_cpu_s": round(rival, 2),
    }


def _read(clip: Path) -> None:
    media = open_media(clip, clip.name)
    read(media)
    media.close()


def _decode_and_read(clip: Path) -> None:
    """Every frame on one thread, and one bare pass on the first."""
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        stream.thread_count = 1
        for place, frame in enumerate(container.decode(stream)):
            if place == 0:
                bare_lines(frame.to_ndarray(format="bgr24").astype(np.uint8, copy=False))


if __name__ == "__main__":
    main()
