"""``read``: one opened file becomes ``Readings``."""

from scheme.reading import MediaKind, Readings
from verifiers.media.protocol import Media
from verifiers.reading.fingerprint import fingerprints
from verifiers.reading.frames import looked_at
from verifiers.reading.gathered import Gathered, read_labels
from verifiers.reading.models import give_memory_back
from verifiers.reading.pictures import Pixels
from verifiers.reading.plate import find_plates
from verifiers.reading.recording import read_recording
from verifiers.reading.text import read_texts

PHOTO_SIDE = 4096
"""Pixels: a twelve-megapixel photo stays whole, so that a far plate keeps its strokes."""


def read(media: Media) -> Readings:
    """Everything the eyes see in one opened file (R5). Deterministic; slow: about a text pass a photo.

    Never raises for bad media: a ``MediaError`` on the way ends up in ``failures``, what was read before stays.
    """
    seen = Gathered()
    if media.facts.kind is MediaKind.PHOTO:
        with seen.kept():
            for frame in media.frames(None, PHOTO_SIDE):
                read_photo(frame.pixels, seen)
    else:
        read_recording(media, seen)
    give_memory_back()
    return seen.as_readings(media.facts)


def read_photo(pixels: Pixels, seen: Gathered) -> None:
    """Add everything that one upright picture shows to ``seen``."""
    seen.frames.append(looked_at(None, pixels))
    seen.fingerprints.extend(fingerprints(pixels))
    lines, illegible = read_texts(pixels)
    seen.plates.extend(find_plates(pixels, None, lines))
    read_labels(pixels, lines, None, seen, second_look=True, illegible=illegible)
