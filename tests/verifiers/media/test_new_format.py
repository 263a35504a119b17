"""The trial of the house: a new format is one row in the table, and nothing else."""

from dataclasses import replace
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, features

from pipeline.receiving.file_inputs import accepted_endings
from scheme.reading import MediaKind
from tests.verifiers.media import made_files as made
from verifiers.media import formats, open_media
from verifiers.media.formats import FORMATS, Format, Opener, Walk
from verifiers.media.layout import NoSuchWalk, layout_of
from verifiers.media.picture_walks import WALKS

AVIF = Format(
    name="avif",
    kind=MediaKind.PHOTO,
    mime="image/avif",
    suffixes=(".avif",),
    opener=Opener.PHOTO,
    decoder="AVIF",
    walk=Walk.BOXES,
    max_bytes=formats.PHOTO_BYTES,
    max_pixels=formats.FULL_DECODE_PIXELS,
    brands=frozenset({b"avif", b"avis"}),
)
ICO = replace(
    AVIF,
    name="ico",
    mime="image/vnd.microsoft.icon",
    suffixes=(".ico",),
    decoder="ICO",
    brands=frozenset(),
    magic=((0, b"\0\0\x01\0"),),
)


def an_avif() -> bytes:
    """White at the left as it was seen; stored turned, with the tag that turns it back."""
    upright = Image.new("RGB", (64, 128), "black")
    upright.paste((255, 255, 255), (0, 0, 32, 128))
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "HUAWEI"
    exif.get_ifd(0x8769)[0x9003] = "2026:11:27 08:41:07"
    sink = BytesIO()
    upright.transpose(Image.Transpose.ROTATE_90).save(sink, "AVIF", exif=exif, quality=90)
    return sink.getvalue()


@pytest.fixture
def with_avif(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "FORMATS", (*FORMATS, AVIF))


@pytest.mark.skipif(not features.check("avif"), reason="Pillow was built without AVIF")
def test_one_row_opens_a_new_format_with_its_date_and_its_turn(
    tmp_path: Path, with_avif: None
) -> None:
    path = tmp_path / "evidence"
    path.write_bytes(an_avif())
    media = open_media(path, "IMG_1.avif")
    (frame,) = media.frames(None, 4096)
    facts = media.facts
    assert (facts.format, facts.mime, facts.kind) == ("avif", "image/avif", MediaKind.PHOTO)
    assert (facts.width, facts.height, facts.rotation) == (64, 128, 90)
    assert frame.pixels.shape == (128, 64, 3)
    assert frame.pixels[64, 8].min() > 200
    assert frame.pixels[64, 56].max() < 60
    assert [clock.at for clock in facts.clocks] == [datetime(2026, 11, 27, 8, 41, 7)]  # noqa: DTZ001 - as cameras write it
    assert (facts.make, facts.flags) == ("HUAWEI", ())
    media.close()


@pytest.mark.skipif(not features.check("avif"), reason="Pillow was built without AVIF")
def test_one_row_admits_it_by_content_and_offers_it_in_file_inputs(with_avif: None) -> None:
    head = an_avif()[: formats.HEAD_BYTES]
    assert formats.admit(head, "whatever.jpg") is AVIF
    assert formats.by_suffix("IMG_1.AVIF") is AVIF
    assert ".avif" in accepted_endings([MediaKind.PHOTO]).split(",")
    assert ".avif" not in accepted_endings([MediaKind.VIDEO]).split(",")


def test_without_the_row_it_is_refused_by_name() -> None:
    with pytest.raises(formats.TypeNotAllowed, match="avif"):
        formats.admit(an_avif()[: formats.HEAD_BYTES], "IMG_1.avif")
    assert ".avif" not in accepted_endings(MediaKind)


def test_a_row_with_a_magic_is_sniffed_by_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "FORMATS", (*FORMATS, ICO))
    assert formats.sniff(b"\0\0\x01\0\x01\0" + bytes(20)) is ICO


def test_every_row_has_its_walk_and_an_unknown_one_is_an_error() -> None:
    assert {known.walk for known in FORMATS} <= set(WALKS)
    assert set(WALKS) == set(Walk)
    with pytest.raises(NoSuchWalk, match="avif"):
        layout_of(an_avif(), replace(AVIF, walk="tiff"))  # type: ignore[arg-type]  # the mistake


def test_every_format_offers_its_endings_once() -> None:
    endings = accepted_endings(MediaKind).split(",")
    assert len(endings) == len(set(endings))
    assert {ending for known in FORMATS for ending in known.suffixes} == set(endings)
    assert {".jpg", ".heic", ".mp4", ".mov"} <= set(endings)


def test_jpegs_stay_jpegs_beside_a_new_row(with_avif: None) -> None:
    assert formats.admit(made.jpeg(16, 16), "x") is formats.JPEG
    assert formats.admit(made.picture("HEIF", 64, 64), "x") is formats.HEIC
