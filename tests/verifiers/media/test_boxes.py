"""Boxes of MP4 and MOV files: long fragmented recordings, and the bound on how many are walked."""

from io import BytesIO
from pathlib import Path

import pytest

from tests.verifiers.media import made_files as made
from verifiers.media import open_media
from verifiers.media.boxes import read_movie, top_boxes
from verifiers.media.protocol import MediaError


def flags_of(folder: Path, data: bytes) -> list[str]:
    path = folder / "evidence"
    path.write_bytes(data)
    media = open_media(path, "clip.mp4")
    media.close()
    return [flag.code for flag in media.facts.flags]


def test_a_long_recording_in_fragments_has_no_trailing_junk(tmp_path: Path) -> None:
    in_fragments = {"movflags": "frag_every_frame+empty_moov+default_base_moof"}
    data = made.movie(40, container_options=in_fragments)
    assert data.count(b"moof") == 40
    # As many boxes as ten minutes in fragments of a frame have, the further ones empty.
    assert flags_of(tmp_path, data + made.box(b"free", b"") * 36_000) == []


def test_junk_behind_the_last_fragment_is_still_flagged(tmp_path: Path) -> None:
    data = made.movie(10) + made.box(b"free", b"") * 21_000
    assert flags_of(tmp_path, data + b"\x00\x00\x00\x02" + bytes(60)) == ["TRAILING_DATA"]


def test_more_boxes_than_are_walked_is_too_complex() -> None:
    five = made.box(b"free", b"") * 5
    assert len(list(top_boxes(BytesIO(five), len(five), most=5))) == 5
    with pytest.raises(MediaError) as refusal:
        list(top_boxes(BytesIO(five), len(five), most=4))
    assert refusal.value.code == "TOO_COMPLEX"


@pytest.mark.parametrize(
    ("marks", "is_recorders"),
    [
        (b"", False),
        (made.box(b"free", bytes(40)), False),
        (made.box(b"free", b"GPS " + bytes(40)), True),
        (made.box(b"skip", b"freeGPS " + bytes(40)), True),
        (made.box(b"gps0", bytes(40)), True),
    ],
    ids=["none", "plain free box", "Novatek", "Novatek twice named", "Navitel"],
)
def test_a_recorders_boxes_are_known(marks: bytes, is_recorders: bool) -> None:  # noqa: FBT001 - a column of the table
    data = made.movie(2) + marks
    assert read_movie(BytesIO(data), len(data)).recorder is is_recorders


def test_so_is_a_table_of_satellite_blocks_inside_the_header() -> None:
    data = made.movie(2)
    at = data.index(b"moov") - 4
    size = int.from_bytes(data[at : at + 4], "big")
    table = made.box(b"gps ", bytes(16))
    grown = (size + len(table)).to_bytes(4, "big")
    inside = data[:at] + grown + data[at + 4 : at + size] + table + data[at + size :]
    assert read_movie(BytesIO(inside), len(inside)).recorder
