"""What is read out of a policy file, and what is refused, by which path."""

import re
from datetime import UTC, datetime
from importlib.resources import files

import pytest

from scheme.finding import Sight
from scheme.policy import SecondLook, SightsNeeded
from scheme.policy_reading import parse_policy
from scheme.policy_text import PolicyError
from scheme.reading import MediaKind

TEXT = files("scheme").joinpath("policies/shanghai-bus-2012.toml").read_text(encoding="utf-8")
POLICY = parse_policy(TEXT)
BEGIN = datetime.fromisoformat("2012-10-18T00:00:00+08:00")


def test_the_shipped_policy_says_what_the_scheme_says() -> None:
    substance, procedure = POLICY.substance, POLICY.procedure
    assert POLICY.effective_from == BEGIN
    assert (substance.window_working_days, substance.amount_fen, procedure.answer_working_days) == (
        3,
        5000,
        3,
    )
    assert (procedure.claim_days, procedure.longstop_days, procedure.undo_seconds) == (15, 3, 30)
    assert set(substance.categories) == {"red_light", "wrong_way", "smoking_or_phone"}
    assert not substance.categories["red_light"].admits(MediaKind.PHOTO)  # R4
    assert substance.categories["wrong_way"].admits(MediaKind.PHOTO)
    smoking = substance.categories["smoking_or_phone"].sights[MediaKind.PHOTO]
    assert SightsNeeded("any", (Sight.BADGE, Sight.PLATE)) in smoking.parts
    assert list(smoking.sights()) == [
        Sight.VIOLATION,
        Sight.ROUTE,
        Sight.BADGE,
        Sight.PLATE,
        Sight.TIME,
    ]


def without(line: str) -> str:
    found = re.search(rf"^{re.escape(line)}.*\n", TEXT, re.MULTILINE)
    assert found, line
    return TEXT.replace(found.group(), "")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (without("id ="), "policy.id"),
        (without("effective_from"), "policy.effective_from"),
        (without("amount_fen"), "policy.substance.reward.amount_fen"),
        (without("documents"), "policy.procedure.claim.documents"),
        (without("[substance.window]"), "policy.substance.window"),
        (TEXT.replace("length = 3", 'length = "3"'), "policy.substance.window.length"),
        (TEXT.replace("length = 3", "length = true"), "policy.substance.window.length"),
        (TEXT.replace("length = 3", "length = -3"), "policy.substance.window.length"),
        (
            TEXT.replace("amount_fen = 5000", "amount_fen = 50.0"),
            "policy.substance.reward.amount_fen",
        ),
        (TEXT.replace('order_by = "receipt"', 'order_by = "luck"'), "policy.substance.order_by"),
        (TEXT.replace('split = "equal"', 'split = "by age"'), "policy.substance.joint.split"),
        (
            TEXT.replace("minutes = 10\n", "minutes = 10\nmiles = 1\n"),
            "policy.substance.same_incident.miles",
        ),
        (TEXT.replace("[procedure]\n", "[procedure]\nnew = 1\n"), "policy.procedure.new"),
        (TEXT + "\n[more]\n", "policy.more"),
        (TEXT.replace('"Asia/Shanghai"', '"Mars/Olympus"'), "policy.zone"),
        (TEXT.replace("T00:00:00+08:00", "T00:00:00"), "policy.effective_from"),
        (TEXT.replace('zh = "本人有效身份证件", ', ""), "policy.procedure.claim.documents.zh"),
        (TEXT.replace("plate = 0.80", "wheel = 0.80"), "policy.substance.confidence"),
        (TEXT.replace("plate = 0.80", "plate = 1"), "policy.substance.confidence.plate"),
        (TEXT.replace("plate = 0.80", "plate = 1.5"), "policy.substance.confidence.plate"),
        (
            TEXT.replace('"plate", "time"] }', '"wheel", "time"] }'),
            "policy.substance.categories.red_light",
        ),
        (TEXT.replace("{ any = [", "{ one = ["), "policy.substance.categories.smoking_or_phone"),
        (TEXT.replace("sights.photo", "sights.smell"), "policy.substance.categories.wrong_way"),
        (
            TEXT.replace('["metadata", "picture"]', '["metadata", 5]'),
            "policy.substance.time_sources",
        ),
        (TEXT.replace("[1, 2, 3, 4, 5]", '[1, "Tue"]'), "policy.procedure.counter.weekdays"),
        (TEXT.replace("[1, 2, 3, 4, 5]", "[1, 8]"), "policy.procedure.counter.weekdays"),
        (TEXT.replace("[1, 2, 3, 4, 5]", "[]"), "policy.procedure.counter.weekdays"),
        (TEXT.replace("length = 3", "length = 0"), "policy.substance.window.length"),
        (
            TEXT.replace("answer_working_days = 3", "answer_working_days = 0"),
            "policy.procedure.answer_working_days",
        ),
        (TEXT.replace("max_people = 20", "max_people = 0"), "policy.substance.joint.max_people"),
        (TEXT.replace("amount_fen = 5000", "amount_fen = 0"), "policy.substance.reward.amount_fen"),
        (
            TEXT.replace("reports_per_person", "beers_per_person"),
            "policy.procedure.second_look.beers_per_person_per_day",
        ),
        (
            TEXT.replace("reports_per_person_per_day = 10", "reports_per_person_per_day = 0"),
            "policy.procedure.second_look.reports_per_person_per_day",
        ),
        (without("paid_median_days"), "policy.procedure.second_look.paid_median_days"),
        (
            TEXT.replace("sample_percent = 20", "sample_percent = 101"),
            "policy.procedure.second_look.on_the_spot_sample_percent",
        ),
        (
            TEXT.replace('["smoking", "phone"]', '["smoking", 7]'),
            "policy.substance.categories.smoking_or_phone.kinds",
        ),
        (
            TEXT
            + "\n[substance.categories.x]\nnames = {zh='x', en='x'}\n"
            + "describes = {zh='x', en='x'}\nsights = {}\n",
            "policy.substance.categories.x.sights",
        ),
        (
            TEXT.replace(
                "effective_from", "effective_to = 2012-10-18T00:00:00+08:00\neffective_from", 1
            ),
            "policy.effective_to",
        ),
        ("id = ", "policy"),
        ("", "policy.id"),
    ],
)
def test_a_wrong_entry_is_refused_by_its_path(text: str, path: str) -> None:
    with pytest.raises(PolicyError) as refusal:
        parse_policy(text)
    assert refusal.value.path.startswith(path)


def test_a_ref_names_the_rules_and_nothing_else() -> None:
    for changed in (
        TEXT.replace("amount_fen = 5000", "amount_fen = 6000"),
        TEXT.replace("hold_minutes = 15", "hold_minutes = 16"),
        TEXT.replace("Room 1601", "Room 1602"),  # a notice prints it
        TEXT.replace("2012-10-18T00:00:00+08:00", "2012-10-19T00:00:00+08:00"),  # R1 refuses by it
        TEXT.replace("on_the_spot_sample_percent = 20", "on_the_spot_sample_percent = 21"),
    ):
        assert changed != TEXT
        assert parse_policy(changed).ref != POLICY.ref
    for same in (
        TEXT.replace(
            "effective_from",
            f"effective_to = {datetime(2015, 7, 15, tzinfo=UTC).isoformat()}\neffective_from",
            1,
        ),
        TEXT.replace("Paid reports of bus driving violations", "Paid reports"),
        re.sub(r" *#.*", "", TEXT).replace("length = 3", "length   =   3"),
        TEXT.replace("2012-10-18T00:00:00+08:00", "2012-10-17T16:00:00Z"),
    ):
        assert same != TEXT
        assert parse_policy(same).ref == POLICY.ref


def test_a_look_that_is_left_out_is_off() -> None:
    none = re.sub(r"(?ms)^\[procedure.second_look\].*\Z", "[procedure.second_look]\n", TEXT)
    assert {
        getattr(parse_policy(none).procedure.second_look, name) for name in SecondLook.__slots__
    } == {None}
