"""The one thing to do about a sight that is not clear.

A question where something was read, not surely; else against what hinders reading it; else the
code's own.
"""

from api.texts import Texts
from scheme.coaching import CoachLine


def advice(texts: Texts, line: CoachLine) -> str | None:
    """What the passenger can do; None where nobody can do anything."""
    if line.asks:
        return texts.t("coach.is_it", value=line.asks)
    if line.agrees:
        return texts.t("coach.agrees")
    hindrance = line.details.get("hindrance")
    if hindrance:
        what, height_px = texts.t(f"mend.what.{line.sight}"), line.details["height_px"]
        text = texts.t(f"mend.{hindrance}", what=what, height_px=height_px)
        mending = text[0].upper() + text[1:]
        return texts.t("page.two_sentences", first=mending, second=texts.t("mend.gone"))
    return texts.t(f"fix.{line.code}") if texts.has(f"fix.{line.code}") else None
