"""``read``: one opened file becomes ``Readings``."""

from scheme.reading import MediaKind, Readings
from verifiers.media.protocol import Media
from verifiers.reading.fingerprint import fingerprints
from verifiers.reading.frames.sweep import looked_at
from verifiers.reading.gathered import Gathered, read_labels
from verifiers.reading.models import give_memory_back
from verifiers.reading.pictures import Pixels
from verifiers.reading.plates.find import find_plates
from verifiers.reading.recordings.recording import read_recording
from verifiers.reading.texts.text import TextPass, read_texts
from verifiers.reading.turns import turn_that_reads, with_turned

PHOTO_SIDE = 4096
"""Pixels: a twelve-megapixel photo stays whole, so that a far plate keeps its strokes."""


def read(media: Media) -> Readings:
    """Everything the eyes see in one opened file (R5).

    Deterministic; slow: about a text pass a photo.

    Never raises for bad media, nor for a fault in one of its parts: each ends up in ``failures``,
    and what the others read stays.
    """
    if media.facts.kind is MediaKind.PHOTO:
        readings = _read_photo_file(media)
    else:
        seen = Gathered()
        read_recording(media, seen)
        readings = seen.as_readings(media.facts)
    give_memory_back()
    return readings


def _read_photo_file(media: Media) -> Readings:
    seen = Gathered()
    pixels: Pixels | None = None
    with seen.kept("picture"):
        for frame in media.frames(None, PHOTO_SIDE):
            pixels = frame.pixels
            read_photo(pixels, seen)
    turn = None
    if pixels is not None and not any(view.ranking.plates for view in seen.plates):
        with seen.kept("turns"):
            turn = turn_that_reads(pixels)
    readings = seen.as_readings(media.facts)
    if pixels is None or turn is None:
        return readings
    turned = Gathered()
    read_photo(turn.of(pixels), turned)
    return with_turned(readings, turned.as_readings(media.facts), turn, media.facts)


def read_photo(pixels: Pixels, seen: Gathered) -> None:
    """Add everything that one upright picture shows to ``seen``."""
    with seen.kept("sharpness"):
        seen.frames.append(looked_at(None, pixels))
    with seen.kept("fingerprints"):
        seen.fingerprints.extend(fingerprints(pixels))
    texts = TextPass()
    with seen.kept("texts"):
        texts = read_texts(pixels)
    with seen.kept("plates"):
        seen.plates.extend(find_plates(pixels, None, texts.lines))
    read_labels(pixels, texts, None, seen, second_look=True)
