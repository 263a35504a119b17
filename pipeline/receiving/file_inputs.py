"""What file inputs offer: the table of formats decides, not a page."""

from collections.abc import Iterable

from scheme.reading import MediaKind
from verifiers.media import formats


def accepted_endings(kinds: Iterable[MediaKind]) -> str:
    """The ``accept`` of a file input that takes ``kinds``."""
    return formats.picker_names(kinds)
