"""How a phone stores a picture or a clip.

EXIF, GPS, XMP, QuickTime dates; and how a messenger or an editor loses them.

Written with Pillow, pillow-heif and PyAV only. What is *stated* in a file may differ from when it
was taken: that is how wrong clocks (1970, 2099) are made.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from io import BytesIO
from pathlib import Path
from typing import Literal

import av
import pillow_heif
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base
from PIL.TiffImagePlugin import IFDRational

from samples.sheet import Picture


class Storing(StrEnum):
    """What became of the file on its way."""

    ORIGINAL = "original"
    MESSENGER = "messenger"
    """A copy without any metadata."""
    EDITED = "edited"
    """Saved by an editing program, which names itself."""
    MOTION_PHOTO = "motion_photo"
    """A JPEG with an MP4 behind its end, announced by XMP."""


class UnexpectedBox(Exception):
    """The recording has not the boxes that this room knows how to rewrite."""


class UnknownSuffix(Exception):
    """No format is stored under that file suffix."""


@dataclass(frozen=True, slots=True)
class Phone:
    """What the device calls itself. ``apple`` decides how its clips state date and place."""

    make: str
    model: str
    software: str
    apple: bool


APPLE = Phone("Apple", "iPhone 14", "17.5.1", apple=True)
ANDROID = Phone("Xiaomi", "2210132C", "V14.0.23.0.UMBCNXM", apple=False)
_MOOV_REACH = 1 << 20
"""The head of a recording, its index included."""
EDITOR = "Adobe Photoshop 25.9 (Windows)"


@dataclass(frozen=True, slots=True)
class Stated:
    """What the file says: ``at`` is aware and its zone is written too.

    ``place`` is (latitude, longitude) or None.
    """

    at: datetime
    place: tuple[float, float] | None
    phone: Phone


def write_photo(
    path: Path, picture: Picture, stated: Stated, storing: Storing, tail: bytes = b""
) -> None:
    """Store ``picture`` (RGB) under ``path``; its suffix is the format.

    ``tail`` is a Motion Photo's clip.

    Raises UnknownSuffix.
    """
    image = Image.fromarray(picture)
    exif = b"" if storing is Storing.MESSENGER else photo_exif(stated, storing)
    quality = 72 if storing is Storing.MESSENGER else 88
    match path.suffix.lower():
        case ".jpg" | ".jpeg":
            path.write_bytes(
                _jpeg(image, exif, quality, _motion_xmp(len(tail)) if tail else b"") + tail
            )
        case ".png":
            image.save(path, exif=exif)
        case ".webp":
            image.save(path, exif=exif, quality=quality)
        case ".heic":
            pillow_heif.from_pillow(image).save(path, quality=55, exif=exif)
        case suffix:
            raise UnknownSuffix(suffix)


def _jpeg(image: Image.Image, exif: bytes, quality: int, xmp: bytes) -> bytes:
    buffer = BytesIO()
    image.save(buffer, "JPEG", quality=quality, exif=exif, xmp=xmp)
    return buffer.getvalue()


def photo_exif(stated: Stated, storing: Storing = Storing.ORIGINAL) -> bytes:
    """The EXIF block that states ``stated``: time with zone, GPS, device."""
    exif = Image.Exif()
    clock, zone = stated.at.strftime("%Y:%m:%d %H:%M:%S"), stated.at.strftime("%z")
    zone = f"{zone[:3]}:{zone[3:]}"
    exif[Base.Make], exif[Base.Model] = stated.phone.make, stated.phone.model
    exif[Base.Software] = EDITOR if storing is Storing.EDITED else stated.phone.software
    exif[Base.Orientation], exif[Base.DateTime] = 1, clock
    exif.get_ifd(IFD.Exif).update(
        {
            Base.DateTimeOriginal: clock,
            Base.DateTimeDigitized: clock,
            Base.OffsetTime: zone,
            Base.OffsetTimeOriginal: zone,
            Base.OffsetTimeDigitized: zone,
            Base.SubsecTimeOriginal: "217",
            Base.ExposureTime: IFDRational(1, 240),
            Base.FNumber: IFDRational(9, 5),
            Base.ISOSpeedRatings: 64,
            Base.FocalLength: IFDRational(57, 10),
        }
    )
    if stated.place is not None:
        exif.get_ifd(IFD.GPSInfo).update(_gps(stated))
    return exif.tobytes()


def _gps(stated: Stated) -> dict[int, object]:
    latitude, longitude = stated.place or (0.0, 0.0)
    # The satellites' clock runs in UTC, whatever the phone shows.
    utc = stated.at.astimezone(UTC)
    return {
        GPS.GPSLatitudeRef: "N" if latitude >= 0 else "S",
        GPS.GPSLatitude: _degrees(latitude),
        GPS.GPSLongitudeRef: "E" if longitude >= 0 else "W",
        GPS.GPSLongitude: _degrees(longitude),
        GPS.GPSTimeStamp: tuple(IFDRational(part) for part in (utc.hour, utc.minute, utc.second)),
        GPS.GPSDateStamp: utc.strftime("%Y:%m:%d"),
    }


def _degrees(value: float) -> tuple[IFDRational, IFDRational, IFDRational]:
    hundredths = round(abs(value) * 360_000)
    minutes, seconds = divmod(hundredths, 6_000)
    degrees, minutes = divmod(minutes, 60)
    return IFDRational(degrees), IFDRational(minutes), IFDRational(seconds, 100)


def _motion_xmp(length: int) -> bytes:
    """Google's Motion Photo 1.0.

    The second item of the container is the clip, ``length`` bytes at the end.
    """
    return f"""<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:GCamera="http://ns.google.com/photos/1.0/camera/"
 xmlns:Container="http://ns.google.com/photos/1.0/container/"
 xmlns:Item="http://ns.google.com/photos/1.0/container/item/"
 GCamera:MotionPhoto="1" GCamera:MotionPhotoVersion="1"
 GCamera:MotionPhotoPresentationTimestampUs="500000"
 GCamera:MicroVideo="1" GCamera:MicroVideoVersion="1" GCamera:MicroVideoOffset="{length}">
<Container:Directory><rdf:Seq>
<rdf:li rdf:parseType="Resource">
<Container:Item Item:Mime="image/jpeg" Item:Semantic="Primary" Item:Length="0"/></rdf:li>
<rdf:li rdf:parseType="Resource">
<Container:Item Item:Mime="video/mp4" Item:Semantic="MotionPhoto" Item:Length="{length}"/></rdf:li>
</rdf:Seq></Container:Directory></rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>""".encode()


def write_clip(  # noqa: PLR0913 -- what a recording consists of; the rare ones are keywords
    path: Path,
    frames: Iterable[Picture],
    rate: int,
    stated: Stated | None,
    *,
    quality: int = 25,
    layout: Literal["rgb24", "yuv420p"] = "rgb24",
) -> None:
    """Store ``frames`` as H.264 in the container of ``path``'s suffix (``.mp4``, ``.mov``).

    ``stated`` None: no dates, no place, no device. Every second begins with a keyframe. ``quality``
    is x264's crf. Frames are RGB, or planar (height * 3 / 2, width) with ``layout`` yuv420p.
    """
    # bitexact: no "Lavf" in the file, which no phone writes.
    flags = "use_metadata_tags+faststart" if stated and stated.phone.apple else "faststart"
    options = {"movflags": flags, "fflags": "+bitexact"}
    with av.open(
        path, "w", format="mov" if path.suffix.lower() == ".mov" else "mp4", options=options
    ) as container:
        if stated is not None:
            container.metadata.update(_clip_metadata(stated))
        stream = container.add_stream("libx264", rate=rate)
        stream.pix_fmt = "yuv420p"
        stream.codec_context.gop_size = rate
        # One thread: the same frames give the same bytes, and the neighbours keep their core.
        stream.codec_context.thread_count = 1
        stream.options = {"preset": "veryfast", "crf": str(quality)}
        for index, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(pixels, format=layout)
            if index == 0:
                stream.height, stream.width = frame.height, frame.width
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    if stated is not None and stated.place is not None and not stated.phone.apple:
        _place_as_android_writes_it(path, stated.place)


def _place_as_android_writes_it(path: Path, place: tuple[float, float]) -> None:
    """Turn libav's ``loci`` box into the ``©xyz`` box of Android's recorder, of the same size.

    Raises UnexpectedBox where libav wrote something else.
    """
    text = f"{place[0]:+011.7f}{place[1]:+011.6f}/".encode()
    box = struct.pack(">I4sHH", 12 + len(text), b"\xa9xyz", len(text), 0x15C7) + text
    with path.open("r+b") as file:
        at = file.read(_MOOV_REACH).find(struct.pack(">I4s", len(box), b"loci"))
        if at < 0:
            raise UnexpectedBox(path.name)
        file.seek(at)
        file.write(box)


def _clip_metadata(stated: Stated) -> dict[str, str]:
    """Apple states the local time with its zone, others only ``mvhd`` in UTC.

    Both state the place as ISO 6709.
    """
    told = {"creation_time": stated.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000000Z")}
    place = "" if stated.place is None else f"{stated.place[0]:+08.4f}{stated.place[1]:+09.4f}"
    if stated.phone.apple:
        told |= {
            "com.apple.quicktime.creationdate": stated.at.strftime("%Y-%m-%dT%H:%M:%S%z"),
            "com.apple.quicktime.make": stated.phone.make,
            "com.apple.quicktime.model": stated.phone.model,
            "com.apple.quicktime.software": stated.phone.software,
        }
        if place:
            told["com.apple.quicktime.location.ISO6709"] = f"{place}+004.500/"
    elif place:
        told |= {"location": f"{place}/", "location-eng": f"{place}/"}
    return told
