"""The coach on the page and in the JSON.

The one thing to do, with its number; whose plate is offered, whose is not.
"""

import re
from dataclasses import replace
from html import unescape
from typing import Any

import pytest

from api.app import create_app
from api.passengers.advice import advice
from api.texts import Texts
from pipeline.languages import LANGUAGES
from pipeline.runtime import Runtime
from pipeline.store import evidence_files
from scheme.coaching import CoachLine, Seen
from scheme.finding import Sight
from scheme.reading import (
    Box,
    Flag,
    FrameLooked,
    Hindrance,
    LabelSeen,
    Legibility,
    MediaFacts,
    MediaKind,
    PlateNumber,
    PlateSeen,
    Readings,
    Sighted,
    Unread,
)
from tests.api.visitor import Visitor, photo
from tests.fixtures import as_read
from verifiers.version import READER_VERSION

LEFT, RIGHT = Box(0.1, 0.8, 0.2, 0.85), Box(0.7, 0.8, 0.8, 0.85)
UNPROVEN = (
    *("PLATE_NOT_SEEN", "PLATE_UNSURE", "PLATE_ILLEGIBLE"),
    *("ROUTE_NOT_SEEN", "ROUTE_UNSURE", "ROUTE_ILLEGIBLE"),
    *("BADGE_NOT_SEEN", "BADGE_UNSURE"),
)
"""Codes of what is never held against a report by itself."""

FACTS = MediaFacts(MediaKind.PHOTO, "jpeg", "image/jpeg", 4000, 3000, 2000)


def plate(number: str, box: Box = LEFT, colour: str = "blue", *, sure: bool = True) -> PlateSeen:
    return PlateSeen(PlateNumber(number), 0.97 if sure else 0.5, sure, colour, box, 40.0)


def unread(what: Sighted, hindrance: Hindrance) -> Unread:
    return Unread(what, 0.8, LEFT, Legibility(14.2, 0.5, 0.5, 0.0, hindrance))


@pytest.fixture
def visitor(runtime: Runtime) -> Visitor:
    return Visitor(create_app(runtime)).begin("wrong_way")


# Any field of the readings
def coach(visitor: Visitor, runtime: Runtime, lang: str = "en", **seen: Any) -> str:  # noqa: ANN401
    """What the page says once the file has been read as ``seen``."""
    visitor.upload()
    with runtime.write() as work:
        (file,) = evidence_files.of_report(work.connection, visitor.report_id)
        facts = seen.pop("facts", FACTS)
        readings = Readings(
            READER_VERSION, facts, frames=(FrameLooked(None, 200.0, 120.0),), **seen
        )
        as_read(work, visitor.report_id, file.sha256, readings)
    addresses = (visitor.at("coach"), visitor.at("suggestions"))
    pages = "".join(visitor.get(f"{address}?lang={lang}").text for address in addresses)
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", pages)))


@pytest.mark.parametrize(
    ("lang", "says"),
    [
        ("zh", ("车牌只有 14 像素高，请走近些再拍。", "线路牌只亮了一半，请多拍两秒视频。")),
        (
            "en",
            (
                "Come closer: the plate is 14 px high.",
                "Film two seconds more: the line sign is half lit.",
            ),
        ),
    ],
)
def test_the_page_says_what_to_do_with_its_number(
    visitor: Visitor, runtime: Runtime, lang: str, says: tuple[str, str]
) -> None:
    both = (unread(Sighted.PLATE, Hindrance.SMALL), unread(Sighted.ROUTE, Hindrance.HALF_LIT))
    told = coach(visitor, runtime, lang, unread=both)
    assert all(text in told for text in says)


@pytest.mark.parametrize(
    ("lang", "says"),
    [
        ("zh", "没有也可以照样提交，由工作人员核对"),
        ("en", "submit as it is and somebody checks it"),
    ],
)
def test_nobody_is_sent_back_for_what_was_only_not_found(
    visitor: Visitor, runtime: Runtime, lang: str, says: str
) -> None:
    assert coach(visitor, runtime, lang).count(says) == 2  # the line and the plate


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("code", UNPROVEN)
def test_what_is_unsure_can_be_submitted_as_it_is(lang: str, code: str) -> None:
    says = {"zh": "照样提交", "en": "submit as it is"}[lang]
    assert says in Texts(lang).t(f"fix.{code}")


def test_the_plate_of_the_bus_is_offered_and_the_cars_is_not_named(
    visitor: Visitor, runtime: Runtime
) -> None:
    told = coach(
        visitor, runtime, plates=(plate("沪B99999", RIGHT), plate("沪A12345", colour="yellow"))
    )
    assert "Plate: 沪A12345" in told
    assert "沪B99999" not in told


def test_of_several_vehicles_the_reporter_is_asked_which(
    visitor: Visitor, runtime: Runtime
) -> None:
    told = coach(visitor, runtime, plates=(plate("沪B99999", RIGHT), plate("沪B88888")))
    assert "Please say which by entering its plate in the next step." in told
    assert "沪B" not in told


def test_an_unsure_plate_is_offered_to_nobody(visitor: Visitor, runtime: Runtime) -> None:
    told = coach(visitor, runtime, plates=(plate("沪A12345", sure=False),))
    assert "沪A12345" not in told


def line_sign(text: str, probability: float) -> LabelSeen:
    return LabelSeen(text, text, probability, LEFT)


@pytest.mark.parametrize(
    ("lang", "asks"),
    [
        ("zh", "读到的是K16，对吗？ 对，填上K16"),
        ("en", "We read K16: is that it? Yes, fill in K16"),
    ],
)
def test_a_line_read_unsurely_is_asked_and_one_press_fills_it_in(
    visitor: Visitor, runtime: Runtime, lang: str, asks: str
) -> None:
    assert asks in coach(visitor, runtime, lang, routes=(line_sign("K16", 0.5),))
    assert visitor.post(visitor.at("use"), use="route=K16").status_code == 303
    assert 'value="K16"' in visitor.get(visitor.at("claim")).text
    again = visitor.get(f"{visitor.at('coach')}?lang=en").text
    assert "What was read agrees with what you say" in again
    assert "is that it?" not in again


@pytest.mark.parametrize(
    ("lang", "says"),
    [
        ("zh", "bus.jpg 视频超过5分钟，只读取了前5分钟。请另外上传拍到违法过程的那一段"),
        ("en", "bus.jpg The recording is longer than five minutes; only its first five minutes"),
    ],
)
def test_over_the_limit_the_page_says_so_and_what_to_send(
    visitor: Visitor, runtime: Runtime, lang: str, says: str
) -> None:
    # What the file is called and holds is the visitor's; what was read of it is the test's.
    long = replace(FACTS, kind=MediaKind.VIDEO, flags=(Flag("RECORDING_LONG", "370 s"),))
    told = coach(visitor, runtime, lang, facts=long)
    assert says in told
    assert "370 s" not in told


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("hindrance", [one for one in Hindrance if one is not Hindrance.NONE])
@pytest.mark.parametrize("sight", [Sight.PLATE, Sight.ROUTE, Sight.BADGE])
def test_every_hindrance_of_every_sight_has_its_advice(
    lang: str, hindrance: Hindrance, sight: Sight
) -> None:
    details = {"hindrance": hindrance.value, "height_px": "14"}
    said = advice(Texts(lang), CoachLine(sight, Seen.CANT_TELL, "PLATE_ILLEGIBLE", None, details))
    assert said is not None
    assert Texts(lang).t(f"mend.what.{sight}") in said.lower()
    assert ("14" in said) is (hindrance is Hindrance.SMALL)


def test_the_json_says_the_same(visitor: Visitor, runtime: Runtime) -> None:
    opened = visitor.client.post("/api/v1/drafts", json={}).json()
    key, draft = (
        {"authorization": f"Bearer {opened['draft_key']}"},
        f"/api/v1/drafts/{opened['report_id']}",
    )
    visitor.client.put(f"{draft}/claim", json={"category": "wrong_way"}, headers=key)
    visitor.client.post(f"{draft}/files", files={"file": ("bus.jpg", photo())}, headers=key)
    with runtime.write() as work:
        (file,) = evidence_files.of_report(work.connection, opened["report_id"])
        facts = replace(FACTS, flags=(Flag("TRUNCATED"),))
        seen = Readings(READER_VERSION, facts, unread=(unread(Sighted.PLATE, Hindrance.GLARE),))
        as_read(work, opened["report_id"], file.sha256, seen)
    body = visitor.client.get(f"{draft}/coach?lang=en", headers=key).json()
    line = next(line for line in body["lines"] if line["sight"] == "plate")
    assert (line["code"], line["details"]["hindrance"]) == ("PLATE_ILLEGIBLE", "glare")
    assert line["fix"].startswith(
        "Step aside: light shines on the plate. If the bus is gone, submit"
    )
    (note,) = body["files"]
    assert (note["sha256"], note["code"]) == (file.sha256, "TRUNCATED")
    assert note["fix"] == "Please upload the original again when the connection is stable."
