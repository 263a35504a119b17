"""Every sample is a file that a phone could have sent, and shows what its manifest says."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import av
import cv2
import numpy as np
import pillow_heif
import pytest
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base
from rapidocr import RapidOCR

from samples import drawing, manifest
from samples.manifest import SHANGHAI, Edit, Sample
from samples.phone import EDITOR, Storing
from samples.roster import roster_csv
from scheme.finding import CODES
from scheme.naming import canonical_plate, canonical_route

DAY = date(2026, 6, 10)
PHOTOS = [one for one in manifest.SAMPLES if not one.scene.moving]
READ_PLAINLY = ("bus_front", "bus_front_yellow", "bus_rear", "badge", "place", "not_a_bus")
CLIPS = [one for one in manifest.SAMPLES if one.scene.moving]


def name_of(sample: Sample) -> str:
    return sample.name


@cache
def reader() -> RapidOCR:
    return RapidOCR(
        params={"Global.log_level": "error", "EngineConfig.onnxruntime.intra_op_num_threads": 1}
    )


def texts(picture: np.ndarray) -> str:
    """All texts that the plain text reader finds, separators dropped."""
    found = reader()(picture).txts or ()
    return " ".join(found).replace("·", "").replace(".", "").replace(":", "")


def pixels(path: Path) -> np.ndarray:
    picture = cv2.imread(str(path))
    assert picture is not None
    return picture


def opened(path: Path) -> Image.Image:
    if path.suffix == ".heic":
        return pillow_heif.open_heif(path).to_pillow()
    return Image.open(path)


def test_names_are_unique_and_every_code_is_known() -> None:
    assert len({one.name for one in manifest.SAMPLES}) == len(manifest.SAMPLES)
    for one in manifest.SAMPLES:
        assert one.expects | one.forbids <= CODES.keys(), one.name
        assert not one.expects & one.forbids, one.name
        if one.of:
            assert drawing.sample(one.of).scene is one.scene


def test_claims_are_canonical() -> None:
    for one in manifest.SAMPLES:
        claim = one.claim(one.taken_at(DAY))
        if claim.plate is not None:
            assert canonical_plate(claim.plate) == claim.plate
        if claim.route is not None:
            assert canonical_route(claim.route) == claim.route
        assert claim.plate or claim.badge


@pytest.mark.parametrize("sample", PHOTOS, ids=name_of)
def test_photo_opens_and_states_what_it_should(
    drawn: Callable[[str], drawing.DrawnSample], sample: Sample
) -> None:
    one = drawn(sample.name)
    assert 20_000 < one.path.stat().st_size < 6_000_000
    with opened(one.path) as image:
        image.load()
        exif = image.getexif()
        assert min(image.size) > 700
        original, place = exif.get_ifd(IFD.Exif), exif.get_ifd(IFD.GPSInfo)
    if sample.storing is Storing.MESSENGER:
        assert not exif
        return
    stated = (sample.stated_at or one.taken_at).astimezone(SHANGHAI)
    assert original[Base.DateTimeOriginal] == stated.strftime("%Y:%m:%d %H:%M:%S")
    assert original[Base.OffsetTimeOriginal] == "+08:00"
    assert exif[Base.Make] == sample.phone.make
    assert (exif[Base.Software] == EDITOR) is (sample.storing is Storing.EDITED)
    degrees, minutes, seconds = (float(part) for part in place[GPS.GPSLatitude])
    assert degrees + minutes / 60 + seconds / 3600 == pytest.approx(sample.site.latitude, abs=1e-5)
    assert place[GPS.GPSDateStamp] == stated.astimezone(UTC).strftime("%Y:%m:%d")


@pytest.mark.parametrize("sample", CLIPS, ids=name_of)
def test_clip_decodes_and_states_what_it_should(
    drawn: Callable[[str], drawing.DrawnSample], sample: Sample
) -> None:
    one = drawn(sample.name)
    assert one.path.stat().st_size < 3_000_000
    with av.open(one.path) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.width, stream.height) == ("h264", 1280, 720)
        times = [frame.time for frame in container.decode(video=0)]
        told = dict(container.metadata)
    assert len(times) == round(sample.seconds * 25)
    assert times[-1] == pytest.approx(sample.seconds - 0.04, abs=0.01)
    if sample.storing is Storing.MESSENGER:
        assert not told.keys() & {"creation_time", "location", "com.apple.quicktime.creationdate"}
        return
    assert datetime.fromisoformat(told["creation_time"]) == one.taken_at
    place = told["com.apple.quicktime.location.ISO6709" if sample.phone.apple else "location"]
    degrees = [float(text) for text in re.findall(r"[+-][\d.]+", place)[:2]]
    assert degrees == pytest.approx([sample.site.latitude, sample.site.longitude], abs=1e-4)
    if sample.phone.apple:
        assert datetime.fromisoformat(told["com.apple.quicktime.creationdate"]) == one.taken_at
        assert told["com.apple.quicktime.model"] == sample.phone.model


@pytest.mark.parametrize("sample", [drawing.sample(name) for name in READ_PLAINLY], ids=name_of)
def test_plain_text_reader_reads_what_is_expected(
    drawn: Callable[[str], drawing.DrawnSample], sample: Sample
) -> None:
    seen = texts(pixels(drawn(sample.name).path))
    expected = sample.expected()
    for value in (expected.route, expected.badge):
        assert value is None or value in seen
    if expected.plate is not None:
        # Of a double row the text reader makes two texts: place above, serial below.
        assert expected.plate[2:] in seen
        assert expected.plate in seen or {"沪", expected.plate[1]} <= set(seen)
    if expected.fleet_number is not None:
        # Between O and 0 only the roster can tell.
        assert expected.fleet_number.replace("0", "O") in seen.replace("0", "O")


@pytest.mark.parametrize(("name", "at_s"), [("red_light", 0.4), ("wrong_way", 7.7)])
def test_clip_shows_plate_and_line_at_some_time(
    drawn: Callable[[str], drawing.DrawnSample], name: str, at_s: float
) -> None:
    with av.open(drawn(name).path) as container:
        frame = next(one for one in container.decode(video=0) if one.time >= at_s)
    seen, expected = texts(frame.to_ndarray(format="bgr24")), drawing.sample(name).expected()
    assert (expected.route or "") in seen
    assert (expected.plate or "")[2:] in seen
    if expected.clock:
        shown = drawn(name).taken_at.astimezone(SHANGHAI)
        assert shown.strftime("%Y-%m-%d") in seen


def test_motion_photo_ends_with_the_clip_its_xmp_announces(
    drawn: Callable[[str], drawing.DrawnSample],
) -> None:
    whole = drawn("bus_front_motion_photo").path.read_bytes()
    still = drawn("bus_front").path.read_bytes()
    with Image.open(drawn("bus_front_motion_photo").path) as image:
        xmp = image.info["xmp"].decode()
    (length,) = (
        int(text) for text in re.findall(r'Item:Semantic="MotionPhoto" Item:Length="(\d+)"', xmp)
    )
    tail = whole[-length:]
    assert tail[4:8] == b"ftyp"
    assert whole[-length - 2 : -length] == b"\xff\xd9"
    assert still[-200:-2] in whole


def test_near_duplicates_look_alike_but_differ_in_bytes(
    drawn: Callable[[str], drawing.DrawnSample],
) -> None:
    def small(name: str) -> np.ndarray:
        grey = Image.open(drawn(name).path).convert("L").resize((16, 12), Image.Resampling.BOX)
        return np.asarray(grey, dtype=float).ravel()

    copies = [one.name for one in PHOTOS if one.edit is not Edit.NONE]
    assert len(copies) >= 4
    for name in copies:
        assert drawn(name).sha256 != drawn("bus_front").sha256
        assert np.corrcoef(small(name), small("bus_front"))[0, 1] > 0.92
    assert np.corrcoef(small("bus_rear"), small("bus_front"))[0, 1] < 0.9


@pytest.mark.parametrize("name", ["badge", "bus_front_heic", "wrong_way_short"])
def test_same_arguments_give_the_same_bytes(
    drawn: Callable[[str], drawing.DrawnSample], name: str, tmp_path: Path
) -> None:
    again = drawing.draw(name, tmp_path, drawn(name).taken_at)
    assert again.path.read_bytes() == drawn(name).path.read_bytes()


def test_a_variant_shows_what_was_changed(tmp_path: Path) -> None:
    at = datetime(2026, 5, 6, 3, 2, 1, tzinfo=UTC)
    changes = {
        "plate": "沪D60183",
        "route": "926",
        "fleet_number": "S3C-104",
        "place": "西藏南路",
        "latitude": 31.2,
    }
    one = drawing.draw("bus_rear", tmp_path, at, name_as="other", **changes)
    assert one.path.name == "other.jpg"
    assert (one.claim.plate, one.claim.route, one.claim.place) == ("沪D60183", "926", "西藏南路")
    assert (one.claim.latitude, one.claim.violated_at) == (31.2, at)
    seen = texts(pixels(one.path))
    assert "926" in seen
    assert "60183" in seen


def test_unknown_names_and_changes_are_refused(tmp_path: Path) -> None:
    at = datetime(2026, 5, 6, tzinfo=UTC)
    with pytest.raises(drawing.UnknownSample, match="tram"):
        drawing.draw("tram", tmp_path, at)
    with pytest.raises(drawing.UnknownSample, match="wings"):
        drawing.draw("badge", tmp_path, at, wings=2)
    assert not list(tmp_path.iterdir())


def test_roster_holds_the_drawn_vehicles_and_badges() -> None:
    lines = [line.split(",") for line in roster_csv().splitlines()]
    header, rows = lines[0], lines[1:]
    assert header == ["plate", "fleet_number", "badge", "route", "unit"]
    vehicles = {row[0]: (row[1], row[3]) for row in rows if row[0]}
    badges = {row[2]: row[3] for row in rows if row[2]}
    assert len(vehicles) >= 20
    assert all(canonical_plate(plate) == plate for plate in vehicles)
    for one in manifest.SAMPLES:
        if "UNKNOWN_VEHICLE" in one.expects:
            assert one.bus.plate not in vehicles
        else:
            assert vehicles[one.bus.plate] == (one.bus.fleet_number, one.bus.route)
            assert badges[one.badge] == one.bus.route


def test_command_writes_files_manifest_and_roster(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "samples",
        str(tmp_path),
        "--day",
        "2026-06-11",
        "--only",
        "badge",
    ]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert "1/1 badge.jpg" in done.stderr
    (entry,) = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    assert entry["taken_at"] == "2026-06-11T00:52:11+00:00"
    assert entry["expected"]["badge"] == entry["claim"]["badge"] == "108426"
    assert set(entry["claim"]) == {
        part.name for part in fields(drawing.sample("badge").claim(datetime.now(UTC)))
    }
    assert (tmp_path / entry["file"]).is_file()
    assert (tmp_path / "roster.csv").read_text(encoding="utf-8") == roster_csv()
