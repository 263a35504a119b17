"""Addresses of pictures on the pages of operations: made here, so that all ask alike."""

from typing import Final
from urllib.parse import urlencode

from scheme.finding import Proof
from scheme.reading import Box

AROUND: Final = 0.35
"""A crop shows so much of its own size around the box, so that one sees what it belongs to."""


class CaseAddresses:
    """Addresses of one report's pictures and of its case page.

    ``media`` is where its pictures are served.
    """

    def __init__(self, page: str, media: str, report_id: str) -> None:
        self._page, self._media, self._report_id = page, media, report_id

    def picture(
        self, sha256: str, ms: int | None = None, box: Box | None = None, *, side: int = 1280
    ) -> str:
        """A frame, or a part of it."""
        fields: dict[str, object] = {"side": side}
        if ms is not None:
            fields["ms"] = ms
        if box is not None:
            fields["box"] = box_text(box)
        return f"{self._media}/{sha256}/frame?{urlencode(fields)}"

    def poster(self, sha256: str, side: int) -> str:
        """The whole picture, or the first good frame."""
        return f"{self._media}/{sha256}/poster?side={side}"

    def strip(self, sha256: str) -> str:
        """Frames through a recording in a row."""
        return f"{self._media}/{sha256}/strip"

    def recording(self, sha256: str) -> str:
        """The recording, for the player."""
        return f"{self._media}/{sha256}/recording"

    def preview(self, sha256: str) -> str:
        """What is watched instead of a recording that browsers do not play."""
        return f"{self._media}/{sha256}/preview"

    def preview_state(self, sha256: str) -> str:
        """How far that is."""
        return f"{self._media}/{sha256}/preview-state"

    def frame_times(self, sha256: str) -> str:
        """When each frame of the recording is shown."""
        return f"{self._media}/{sha256}/frame-times"

    def original(self, sha256: str) -> str:
        """The stored bytes, as a download."""
        return f"{self._media}/{sha256}/original"

    def look(self, sha256: str, ms: int | None = None, box: Box | None = None) -> str:
        """This page with that frame in the viewer."""
        fields: dict[str, object] = {"report": self._report_id, "file": sha256}
        if ms is not None:
            fields["ms"] = ms
        if box is not None:
            fields["box"] = box_text(box)
        return f"{self._page}?{urlencode(fields)}#viewer"

    def prove(self, proof: Proof | None) -> tuple[str, str]:
        """(crop, look) of a proof."""
        if proof is None:
            return "", ""
        crop = (
            self.picture(proof.sha256, proof.frame_ms, widened(proof.box), side=480)
            if proof.box
            else ""
        )
        return crop, self.look(proof.sha256, proof.frame_ms, proof.box)


def box_text(box: Box) -> str:
    """A box as it stands in an address."""
    return ",".join(f"{edge:.4f}" for edge in (box.left, box.top, box.right, box.bottom))


def read_box(text: str) -> Box | None:
    """The inverse of ``box_text``.

    None for anything that is no box with an area inside the picture.
    """
    try:
        left, top, right, bottom = (float(part) for part in text.split(","))
    except ValueError:
        return None
    return (
        Box(left, top, right, bottom) if 0 <= left < right <= 1 and 0 <= top < bottom <= 1 else None
    )


def read_ms(text: str) -> int | None:
    """Milliseconds in an address; None for none."""
    # Under a day
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None  # noqa: PLR2004


def widened(box: Box) -> Box:
    """The box with some of its surroundings."""
    across, down = (box.right - box.left) * AROUND, (box.bottom - box.top) * AROUND
    return Box(
        max(0.0, box.left - across),
        max(0.0, box.top - down),
        min(1.0, box.right + across),
        min(1.0, box.bottom + down),
    )
