"""Draws samples into a folder: pixels from ``scenes``, stored by ``phone``.

The same arguments give the same bytes.
"""

import json
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from functools import lru_cache
from hashlib import sha256
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any

import cv2
import numpy as np
from PIL import Image

from samples import scenes
from samples.bus import Bus
from samples.manifest import SAMPLES, SHANGHAI, Edit, Sample, Site
from samples.phone import Stated, Storing, write_clip, write_photo
from samples.sheet import Picture
from scheme.reading import Sha256
from scheme.report import Claim


class UnknownSample(Exception):
    """No sample has that name, or a sample has nothing that could be changed so."""


@dataclass(frozen=True, slots=True)
class DrawnSample:
    """One drawn file: ``taken_at`` is the true instant (UTC), whatever the file states."""

    path: Path
    sample: Sample
    taken_at: datetime

    @property
    def claim(self) -> Claim:
        """What its reporter says, true in every word."""
        return self.sample.claim(self.taken_at)

    @property
    def sha256(self) -> Sha256:
        """What the product will know the file by."""
        return Sha256(sha256(self.path.read_bytes()).hexdigest())


def sample(name: str) -> Sample:
    """The sample called ``name``. Raises UnknownSample."""
    for known in SAMPLES:
        if known.name == name:
            return known
    raise UnknownSample(name)


def draw(name: str, folder: Path, taken_at: datetime, **changes: Any) -> DrawnSample:  # noqa: ANN401  # see below
    """Draw ``name`` into ``folder`` as taken at ``taken_at`` (aware), its fields changed.

    A change names a field of ``Sample`` (``seed=8``, ``suffix=".png"``, ``storing=…``, ``site=…``),
    of its ``Bus`` (``plate="沪A00001D"``, ``route="926"``, ``fleet_number=…``, ``driver=…``) or of
    its ``Site`` (``latitude=…``, ``longitude=…``; ``place="淮海中路"``). ``name_as="…"`` stores it
    under another name. Raises UnknownSample.
    """
    return draw_sample(variant(name, **changes), folder, taken_at)


def variant(name: str, **changes: Any) -> Sample:  # noqa: ANN401  # as for ``draw``
    """The sample that ``draw`` draws. Raises UnknownSample."""
    return _changed(sample(name), changes)


def draw_all(
    folder: Path, day: date, names: Iterable[str] | None = None
) -> tuple[DrawnSample, ...]:
    """Draw these samples (default: all), each at its own time of ``day`` in Shanghai."""
    return tuple(drawn_one_by_one(folder, day, names))


def drawn_one_by_one(
    folder: Path, day: date, names: Iterable[str] | None = None
) -> Iterator[DrawnSample]:
    """``draw_all`` for callers who show progress."""
    for each in SAMPLES if names is None else [sample(name) for name in names]:
        yield draw_sample(each, folder, each.taken_at(day))


def write_manifest(folder: Path, drawn: Iterable[DrawnSample]) -> Path:
    """Write ``manifest.json``: each file's claim, what is to be read, the findings expected."""
    path = folder / "manifest.json"
    text = json.dumps([_entry(one) for one in drawn], ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8")
    return path


def _entry(one: DrawnSample) -> dict[str, object]:
    claim, expected = one.claim, one.sample.expected()
    return {
        "file": one.path.name,
        "name": one.sample.name,
        "sha256": one.sha256,
        "taken_at": one.taken_at.isoformat(),
        "of": one.sample.of,
        "claim": {part.name: _plain(getattr(claim, part.name)) for part in fields(claim)},
        "expected": {part.name: getattr(expected, part.name) for part in fields(expected)},
        "expects": sorted(one.sample.expects),
        "forbids": sorted(one.sample.forbids),
    }


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _changed(original: Sample, changes: dict[str, Any]) -> Sample:
    told = {("name" if key == "name_as" else key): value for key, value in changes.items()}
    site = {
        "name" if key == "place" else key: told.pop(key)
        for key in ("place", "latitude", "longitude")
        if key in told
    }
    bus = {part.name: told.pop(part.name) for part in fields(Bus) if part.name in told}
    if unknown := told.keys() - {part.name for part in fields(Sample)}:
        raise UnknownSample(f"{original.name} has no {', '.join(sorted(unknown))}")
    told.setdefault("site", original.site)
    told.setdefault("bus", original.bus)
    told["site"] = replace(told["site"], **site) if site else told["site"]
    told["bus"] = replace(told["bus"], **bus) if bus else told["bus"]
    return replace(original, **told)


def draw_sample(wanted: Sample, folder: Path, taken_at: datetime) -> DrawnSample:
    """Draw a sample of the manifest, or a ``variant``, as taken at ``taken_at`` (aware)."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / wanted.file_name
    stated = _stated(wanted, taken_at)
    if wanted.scene.moving:
        plain = wanted.storing is Storing.MESSENGER
        frames = _frames(wanted, taken_at)
        write_clip(
            path,
            frames,
            scenes.FRAMES_PER_SECOND,
            None if plain else stated,
            quality=30 if plain else 25,
        )
    else:
        picture = _edited(_still(wanted.scene, wanted.cast(taken_at)), wanted.edit)
        tail = _motion_tail(picture, stated) if wanted.storing is Storing.MOTION_PHOTO else b""
        write_photo(path, picture, stated, wanted.storing, tail)
    return DrawnSample(path, wanted, taken_at)


def _stated(wanted: Sample, taken_at: datetime) -> Stated:
    site: Site = wanted.site
    at = wanted.stated_at or taken_at
    return Stated(at.astimezone(SHANGHAI), (site.latitude, site.longitude), wanted.phone)


_OTHER_STREET = MappingProxyType(
    {
        scenes.Scene.RED_LIGHT: scenes.Scene.WRONG_WAY,
        scenes.Scene.WRONG_WAY: scenes.Scene.RED_LIGHT,
    }
)


@lru_cache(maxsize=4)
def _still(scene: scenes.Scene, cast: scenes.Cast) -> Picture:
    """The picture behind a sample; its near-duplicates ask for the same one."""
    return scenes.still(scene, cast)


def _frames(wanted: Sample, taken_at: datetime) -> Iterator[Picture]:
    cast = wanted.cast(taken_at)
    if wanted.edit is not Edit.SPLICED:
        yield from scenes.frames(wanted.scene, cast)
        return
    half = round(cast.seconds * scenes.FRAMES_PER_SECOND / 2)
    yield from islice(scenes.frames(wanted.scene, cast), half)
    yield from islice(
        scenes.frames(_OTHER_STREET[wanted.scene], replace(cast, seed=cast.seed + 5)), half, None
    )


def _edited(picture: Picture, edit: Edit) -> Picture:
    height, width = picture.shape[:2]
    match edit:
        case Edit.RESIZED:
            return _as_picture(
                cv2.resize(picture, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
            )
        case Edit.RECOMPRESSED:
            coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 32])[1]
            return _as_picture(cv2.imdecode(coded, cv2.IMREAD_COLOR))
        case Edit.CROPPED:
            return np.ascontiguousarray(
                picture[height // 72 : -height // 72, width // 72 : -width // 72]
            )
        case Edit.BRIGHTER:
            return _as_picture(cv2.convertScaleAbs(picture, alpha=1.08, beta=22))
        case _:
            return picture


def _as_picture(pixels: object) -> Picture:
    return np.asarray(pixels, dtype=np.uint8)


def _motion_tail(picture: Picture, stated: Stated) -> bytes:
    """A second and a half around the shot, as the bytes of an MP4."""
    small = np.asarray(Image.fromarray(picture).resize((672, 504), Image.Resampling.BOX))
    moving = (
        np.ascontiguousarray(small[12:492, step // 2 : step // 2 + 640]) for step in range(36)
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tail.mp4"
        write_clip(path, moving, scenes.FRAMES_PER_SECOND, stated, quality=30)
        return path.read_bytes()
