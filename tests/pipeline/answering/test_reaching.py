"""How somebody is told: by what there is to send with, and by what they gave (R9)."""

from dataclasses import replace

from pipeline.answering import reaching
from pipeline.answering.reaching import Way
from pipeline.runtime import Runtime


def test_how_somebody_is_told_is_known_at_once(runtime: Runtime) -> None:
    demo, real = replace(runtime.settings, demo=True), replace(runtime.settings, demo=False)
    mail = replace(real, smtp="smtp://localhost:25")
    mobile, abroad, landline = "13800138000", "+85291234567", "02163115711"
    assert reaching.ways(demo, mobile, "") == (Way.SMS,)
    assert reaching.ways(demo, mobile, "a@b.example") == (Way.SMS, Way.EMAIL)
    for number in (abroad, landline):
        assert reaching.ways(demo, number, "") == (Way.CALL,)
        assert reaching.ways(mail, number, "a@b.example") == (Way.EMAIL,)
    assert reaching.ways(mail, mobile, "a@b.example") == (
        Way.EMAIL,
    )  # nothing sends a text message there
    assert reaching.ways(real, mobile, "a@b.example") == (Way.CALL,)
