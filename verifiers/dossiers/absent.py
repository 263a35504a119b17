"""What is surely not in a report's files (R5): there is no room for it, or no bus to bear it.

Not to be found proves nothing. Of the 208 lines of ``data/signs`` the reader takes 34 for nothing
at all, in pictures as sharp as any, and 14 of those leave no trace: no text with the number, no box
that can't be read. So a sight is absent only where what *was* read surely leaves it no place;
everything else is a question.
A floor beside ``choosing``, no check of its own.
"""

import unicodedata
from collections.abc import Iterator
from typing import Final

from scheme.dossier import Dossier
from scheme.finding import Sight
from scheme.naming import InvalidRoute, canonical_route
from scheme.policy import Policy
from scheme.reading import Box, LabelSeen, MediaKind, Readings
from scheme.report import Claim
from verifiers.dossiers.choosing import is_sure
from verifiers.dossiers.seen import all_read_well, files_read

CLOSE_PLATE: Final = 0.25
"""Share of the picture's width from which a plate is shown close up: a bus is six plates wide, so
less than two thirds of its width are in view. Chosen, not measured.
"""

ROOM_ABOVE: Final = 1.5
"""Widths of a plate (0.44 m) that a close-up shows above it at most: boards and rear windows begin
higher on a bus. Chosen by its measures, not by pictures.
"""

CLOSE_SIGN: Final = 0.2
"""Share of the picture's height from which a line's characters (0.1 to 0.3 m) are shown close up.
Chosen, not measured.
"""

ROOM_BELOW: Final = 2.0
"""Heights of a line's characters that a close-up shows below them at most: plates hang lower than
that under any sign. Chosen by a bus's measures, not by pictures.
"""

CAR_PLATE: Final = 0.1
"""Share of the picture's width from which a plate's vehicle fills nearly half of it: a car is four
plates wide. Chosen, not measured.
"""

_SAYS_LINE: Final = "路線线"
"""A plate's signs are never one of them, so what has one is no plate read in part."""

_AFTER_PLACE: Final = 2
"""Signs of a plate that say where it is registered; the others stand alone on some copies."""


def line_is_absent(dossier: Dossier, policy: Policy) -> bool:
    """Whether the claimed line surely stands in no file.

    Each shows a plate close up and nothing of the bus above it, or the claimed vehicle, which is no
    bus.
    """
    return _read_without(dossier, dossier.report.claim.route or "") and all(
        _is_plate_close_up(readings, policy) or _is_claimed_car(dossier, readings, policy)
        for _, readings in files_read(dossier)
    )


def plate_is_absent(dossier: Dossier, policy: Policy) -> bool:
    """Whether the claimed plate surely stands in no file: each is a close-up of the line's sign."""
    claim = dossier.report.claim
    return _read_without(dossier, (claim.plate or "")[_AFTER_PLACE:]) and all(
        _is_sign_close_up(readings, claim, policy) for _, readings in files_read(dossier)
    )


def badge_is_absent(dossier: Dossier, policy: Policy) -> bool:
    """Whether the claimed badge surely stands in no file: each is a close-up of something else."""
    claim = dossier.report.claim
    return _read_without(dossier, claim.badge or "") and all(
        _is_plate_close_up(readings, policy) or _is_sign_close_up(readings, claim, policy)
        for _, readings in files_read(dossier)
    )


def _read_without(dossier: Dossier, claimed: str) -> bool:
    """Whether every file was read well, and no text holds the claimed name, whatever stands by."""
    return all_read_well(dossier) and not any(
        _folded(claimed) in _folded(text)
        for _, readings in files_read(dossier)
        for text in _texts_off_plates(readings)
    )


def _texts_off_plates(readings: Readings) -> Iterator[str]:
    """What is written anywhere but on a plate, whose signs may hold a line's number by chance."""
    for text in readings.texts:
        plates = (plate.box for plate in readings.plates if plate.frame_ms == text.frame_ms)
        if not any(_has_middle(plate, text.box) for plate in plates):
            yield text.text


def _has_middle(around: Box, box: Box) -> bool:
    across, down = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    return around.left <= across <= around.right and around.top <= down <= around.bottom


def _folded(text: str) -> str:
    """Letters, digits and ideographs only, in one form."""
    plain = unicodedata.normalize("NFKC", text).upper()
    return "".join(sign for sign in plain if sign.isalnum())


# -- no room ---------------------------------------------------------------------------------------


def _is_plate_close_up(readings: Readings, policy: Policy) -> bool:
    """Whether a photo shows a sure plate from so near that nothing of the bus above it is in it.

    A recording shows more than the frames that are read.
    """
    photo = readings.facts
    if photo is None or photo.kind is not MediaKind.PHOTO:
        return False
    return any(
        is_sure(plate, policy)
        and _width(plate.box) >= CLOSE_PLATE
        and plate.box.top * photo.height <= ROOM_ABOVE * _width(plate.box) * photo.width
        for plate in readings.plates
    )


def _is_sign_close_up(readings: Readings, claim: Claim, policy: Policy) -> bool:
    """Whether a photo shows the claimed line's sign from so near that no plate is below it."""
    photo = readings.facts
    if photo is None or photo.kind is not MediaKind.PHOTO:
        return False
    floor = policy.substance.confidence.get(Sight.ROUTE, 1.0)
    return any(
        sign.probability >= floor
        and _says_line(sign, claim.route)
        and _height(sign.box) >= CLOSE_SIGN
        and 1 - sign.box.bottom <= ROOM_BELOW * _height(sign.box)
        for sign in readings.routes
    )


def _width(box: Box) -> float:
    return box.right - box.left


def _height(box: Box) -> float:
    return box.bottom - box.top


def _says_line(sign: LabelSeen, line: str | None) -> bool:
    """Whether it names the line, and says that it is one."""
    try:
        named = canonical_route(sign.text)
    except InvalidRoute:
        return False
    return named == line and any(word in sign.raw for word in _SAYS_LINE)


# -- no bus ----------------------------------------------------------------------------------------


def _is_claimed_car(dossier: Dossier, readings: Readings, policy: Policy) -> bool:
    """Whether the claimed vehicle is in view, alone and near, and is a car.

    Its plate is blue, which no vehicle of ten seats or six metres has, and stands in no roster of
    ours: a van of six seats that runs as a bus would.
    """
    claimed = dossier.report.claim.plate
    if claimed is None or dossier.roster is None or claimed in dossier.roster.vehicles:
        return False
    return (
        not readings.unread
        and all(plate.number == claimed for plate in readings.plates)
        and any(
            is_sure(plate, policy) and plate.colour == "blue" and _width(plate.box) >= CAR_PLATE
            for plate in readings.plates
        )
    )
