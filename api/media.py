"""Pictures of strangers' files, for whoever may see the file.

The caller has checked that, object by object.

Shown are derivatives only, drawn in a contained child and kept in memory for a while; an original
leaves the house as an attachment in a sandbox and is never shown inline (T23).
"""

import json
import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, Protocol

from fastapi import Response
from fastapi.responses import FileResponse

from api import downloads
from api.limits import MIB
from api.pages import STATIC
from pipeline.containment.opening import ContainedMedia, open_contained
from pipeline.runtime import Runtime
from scheme.reading import Box
from verifiers.media.protocol import MediaError

MP4: Final = "video/mp4"
LARGEST_SIDE: Final = 1600
KEPT_BYTES: Final = 48 * MIB
SIMULTANEOUS_DRAWINGS: Final = 2
WHOLE = Box(0.0, 0.0, 1.0, 1.0)


class StoredFile(Protocol):
    """What is needed of a file: an ``Evidence``, or a view's row of one."""

    @property
    def sha256(self) -> str:
        """Its hash, under which it lies."""
        ...

    @property
    def file_name(self) -> str:
        """What its sender called it."""
        ...


_drawing = threading.BoundedSemaphore(SIMULTANEOUS_DRAWINGS)


class _Kept:
    """The pictures drawn last, at most KEPT_BYTES of them.

    Originals never change, so neither do these.
    """

    def __init__(self) -> None:
        self._pictures: OrderedDict[tuple[object, ...], bytes] = OrderedDict()
        self._lock = threading.Lock()
        self._bytes = 0

    def get(self, key: tuple[object, ...]) -> bytes | None:
        """The picture, now the last to be forgotten."""
        with self._lock:
            if key in self._pictures:
                self._pictures.move_to_end(key)
            return self._pictures.get(key)

    def put(self, key: tuple[object, ...], picture: bytes) -> None:
        """Keep the picture and forget the oldest where they get too many."""
        with self._lock:
            self._bytes += len(picture) - len(self._pictures.get(key, b""))
            self._pictures[key] = picture
            while self._bytes > KEPT_BYTES:
                _, dropped = self._pictures.popitem(last=False)
                self._bytes -= len(dropped)


_kept = _Kept()


def poster(
    runtime: Runtime, file: StoredFile, *, side: int = 1280, drawn_for: str = ""
) -> Response:
    """The whole picture (of a recording: its first good frame), at most ``side`` pixels long.

    ``drawn_for``: the one report whose sender asks. They get no picture that was drawn for somebody
    else, which would come sooner and so tell that the file is known here (R17).
    """
    side = min(side, LARGEST_SIDE)
    return _picture(runtime, file, ("poster", side, drawn_for), lambda media: media.poster(side))


def frame(
    runtime: Runtime,
    file: StoredFile,
    frame_ms: int | None,
    *,
    box: Box | None = None,
    side: int = 1280,
) -> Response:
    """One frame, or the part of it that ``box`` names: what proves a finding."""
    side = min(side, LARGEST_SIDE)
    part = box or WHOLE
    return _picture(
        runtime,
        file,
        ("frame", frame_ms, part, side),
        lambda media: media.crop(frame_ms, part, side),
    )


def strip(runtime: Runtime, file: StoredFile, *, pictures: int = 8) -> Response:
    """A row of frames through a recording."""
    return _picture(runtime, file, ("strip", pictures), lambda media: media.strip(pictures))


def frame_times(runtime: Runtime, file: StoredFile) -> Response:
    """When each frame of a recording is shown, in ms, as the file itself says: a JSON list.

    Empty for a photo, and for what can't be opened. Cameras of phones change their rate, so frames
    can't be counted by the clock.
    """
    key = (file.sha256, "frame_times")
    times = _kept.get(key)
    if times is None:
        try:
            with _drawing, open_contained(runtime.files.path(file.sha256), file.file_name) as media:
                times = json.dumps(media.timeline().frames_ms).encode()
        except MediaError:
            return Response("[]", media_type="application/json")
        _kept.put(key, times)
    return Response(
        times, media_type="application/json", headers={"Cache-Control": downloads.AN_HOUR}
    )


def original(runtime: Runtime, file: StoredFile) -> Response:
    """The stored bytes, to be saved and never shown: without a type."""
    path = runtime.files.path(file.sha256)
    return downloads.stored(path, f"{file.sha256[:12]}.bin", "application/octet-stream")


def recording(runtime: Runtime, file: StoredFile) -> Response:
    """The stored bytes for a player on our page; who opens the address itself gets a download.

    For recordings only whose codec browsers play: the caller decides that.
    """
    path = runtime.files.path(file.sha256)
    return downloads.stored(path, f"{file.sha256[:12]}.mp4", MP4, keep=downloads.AN_HOUR)


def preview(path: Path) -> Response:
    """A recording that was encoded here, for a player on our page."""
    return downloads.stored(path, path.name, MP4)


def _picture(
    runtime: Runtime,
    file: StoredFile,
    what: tuple[object, ...],
    draw: Callable[[ContainedMedia], bytes],
) -> Response:
    key = (file.sha256, *what)
    picture = _kept.get(key)
    if picture is None:
        try:
            with _drawing, open_contained(runtime.files.path(file.sha256), file.file_name) as media:
                picture = draw(media)
        except MediaError:
            return _no_picture()
        _kept.put(key, picture)
    return Response(picture, media_type="image/jpeg", headers={"Cache-Control": downloads.AN_HOUR})


_no_picture = partial(
    FileResponse,
    STATIC / "no-picture.svg",
    media_type="image/svg+xml",
    headers={"Cache-Control": downloads.NEVER},
)
