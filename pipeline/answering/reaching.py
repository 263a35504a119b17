"""How a person can be told: by what there is to send with, and by what they gave.

Nobody is promised more (R9, R13).
"""

from enum import StrEnum

from pipeline.settings import Settings
from pipeline.store.phones import PhoneKind, kind


class Way(StrEnum):
    """A way to tell somebody something."""

    SMS = "sms"
    EMAIL = "email"
    CALL = "call"


def can_send(settings: Settings, way: Way, phone: str) -> bool:
    """Whether a message of ours leaves that way by itself.

    A demo writes all of them into its sink.
    """
    if way is Way.SMS:
        return settings.demo_alone and kind(phone) is PhoneKind.MOBILE
    return way is Way.EMAIL and (settings.demo_alone or bool(settings.smtp))


def ways(settings: Settings, phone: str, email: str) -> tuple[Way, ...]:
    """How somebody with this number and address (or none) is told.

    By a telephone call where nothing can be sent.
    """
    sent = [Way.SMS] if can_send(settings, Way.SMS, phone) else []
    if email and can_send(settings, Way.EMAIL, phone):
        sent.append(Way.EMAIL)
    return tuple(sent) or (Way.CALL,)
