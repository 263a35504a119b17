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

PHOTO_SIDE = 4096
"""Pixels: a twelve-megapixel photo stays whole, so that a far plate keeps its strokes."""


def read(media: Media) -> Readings:
    """Everything the eyes see in one opened file (R5).

    Deterministic; slow: about a text pass a photo.

    Never raises for bad media, nor for a fault in one of its parts: each ends up in ``failures``,
    and what the others read stays.
    """
    seen = Gathered()
    if media.facts.kind is MediaKind.PHOTO:
        with seen.kept("picture"):
            for frame in media.frames(None, PHOTO_SIDE):
                read_photo(frame.pixels, seen)
    else:
        read_recording(media, seen)
    give_memory_back()
    return seen.as_readings(media.facts)


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
