"""Plates as readings: views of several frames joined, what can't be read named with its reason."""

from dataclasses import replace

import cv2
import numpy as np

from samples.plates import PlateKind
from scheme.reading import Hindrance, Sighted
from tests.verifiers.reading.plates.test_find import scene
from verifiers.reading.plates.find import find_plates
from verifiers.reading.plates.grammar import SIGNS, Emission, ranked
from verifiers.reading.plates.seen import SURE_MARGIN, plates_seen, plates_unread
from verifiers.reading.plates.view import PlateView


def test_a_plate_that_no_one_can_read_is_named_with_the_reason() -> None:
    smeared = np.asarray(
        cv2.blur(scene("沪C2K816", PlateKind.BLUE, wide=200), (31, 3)), dtype=np.uint8
    )
    views = find_plates(smeared, 40)
    assert not any(seen.certain for seen in plates_seen(views))
    (unread,) = plates_unread(views)
    assert (unread.what, unread.frame_ms, unread.legibility.hindrance) == (
        Sighted.PLATE,
        40,
        Hindrance.BLURRED,
    )
    assert 45 < unread.legibility.height_px < 75
    crisp = scene("沪C2K816", PlateKind.BLUE)
    assert plates_unread(find_plates(crisp)) == ()
    assert plates_unread([*views, *find_plates(crisp, 80)]) == ()
    assert len(plates_unread([*views, *find_plates(crisp, 4000)])) == 1


def test_how_well_a_plate_can_be_read_stands_with_it() -> None:
    (seen,) = plates_seen(find_plates(scene("沪C2K816", PlateKind.BLUE)))
    assert seen.legibility is not None
    assert seen.legibility.hindrance is Hindrance.NONE
    assert seen.legibility.height_px == seen.height_px


def test_frames_of_a_recording_vote() -> None:
    clear = scene("沪C2K816", PlateKind.BLUE)
    blurred = np.asarray(cv2.GaussianBlur(clear, (0, 0), 3.2), dtype=np.uint8)
    views = [*find_plates(blurred, 0), *find_plates(clear, 40), *find_plates(blurred, 80)]
    (seen,) = plates_seen(views)
    assert (seen.number, seen.frame_ms) == ("沪C2K816", 40)


def test_blurred_frames_that_are_unclear_are_read_together() -> None:
    clear = scene("沪C2K816", PlateKind.BLUE, wide=120)
    smeared = []
    for angle in (-30, -15, 0, 15, 30):
        kernel = np.zeros((13, 13), np.float32)
        kernel[6, 1:12] = 1 / 11
        kernel = cv2.warpAffine(
            kernel, cv2.getRotationMatrix2D((6, 6), angle, 1.0), (13, 13)
        ).astype(np.float32)
        smeared.append(np.asarray(cv2.filter2D(clear, -1, kernel), dtype=np.uint8))
    views = [
        view for frame, pixels in enumerate(smeared) for view in find_plates(pixels, frame * 40)
    ]
    assert [seen.number for seen in plates_seen(views)] == ["沪C2K816"]


def test_two_plates_of_one_frame_stay_two() -> None:
    first = find_plates(scene("沪C2K816", PlateKind.BLUE, at=(200, 420)), 0)
    second = find_plates(scene("沪C2K818", PlateKind.BLUE, at=(500, 420)), 0)
    assert {seen.number for seen in plates_seen([*first, *second])} == {"沪C2K816", "沪C2K818"}


def fooled() -> PlateView:
    """A smeared plate that leads by less than is sure, and by more than half of that.

    At which smear hangs on the last digits of the arithmetic, which differ between processors.
    """
    sharp = scene("沪C2K816", PlateKind.BLUE, wide=75)
    for spread in np.arange(1.5, 2.5, 0.1):
        smeared = cv2.GaussianBlur(sharp, (0, 0), float(spread))
        for view in find_plates(np.asarray(smeared, dtype=np.uint8), 0):
            if SURE_MARGIN / 2 < view.ranking.margin < SURE_MARGIN:
                return view
    raise AssertionError("no smear leaves the eyes in doubt")


def test_frames_that_are_fooled_alike_make_nothing_sure() -> None:
    view = fooled()
    # As if nothing but the gap to the next plate spoke against it
    clear = replace(view.legibility, sharpness=0.9, hindrance=Hindrance.NONE)
    view = replace(view, backed=True, legibility=clear)
    frames = [replace(view, frame_ms=40 * frame) for frame in range(5)]
    for seen in (plates_seen([view]), plates_seen(frames)):
        assert [plate.certain for plate in seen] == [False]


def test_a_plate_at_the_limit_of_pixels_is_never_sure() -> None:
    (view,) = find_plates(scene("沪C2K816", PlateKind.BLUE))
    assert [seen.certain for seen in plates_seen([view])] == [True]
    corners = view.quad.corners * (18.5 / view.quad.height)
    low = replace(view, quad=replace(view.quad, corners=corners.astype(np.float32)))
    assert [seen.certain for seen in plates_seen([low])] == [False]


def test_a_province_sign_of_few_pixels_has_to_stand_out() -> None:
    (view,) = find_plates(scene("沪C2K816", PlateKind.BLUE))
    for px, sure in ((28.0, False), (32.0, True)):
        corners = view.quad.corners * (px / view.quad.height)
        quad = replace(view.quad, corners=corners.astype(np.float32))
        # As likely by a factor of e⁴ as the next province: enough for any other sign
        looks = tuple(_with_rival(look, "沪", "苏", np.exp(-4.0)) for look in view.looks)
        small = replace(view, quad=quad, looks=looks, ranking=ranked(looks) or view.ranking)
        (seen,) = plates_seen([small])
        assert (seen.number, seen.certain) == ("沪C2K816", sure)


def _with_rival(look: Emission, sign: str, rival: str, share: float) -> Emission:
    """The look, with ``share`` of one province's probability lent to another one."""
    province = look.province.copy()
    province[:, SIGNS.index(rival) + 1] = share * province[:, SIGNS.index(sign) + 1]
    return replace(look, province=province)


def test_a_number_that_its_ground_cannot_have_is_not_sure() -> None:
    for number, kind, ground in (
        ("沪C2K816", PlateKind.BLUE, "green"),
        ("沪A05127D", PlateKind.NEW_ENERGY_LARGE, "yellow"),
    ):
        (view,) = find_plates(scene(number, kind))
        assert [seen.certain for seen in plates_seen([view])] == [True]
        (seen,) = plates_seen([replace(view, colour=ground)])
        assert (seen.number, seen.certain) == (number, False)
