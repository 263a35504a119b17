"""What a person writes down for the record: a reason, or a text to a reporter.

Empty and too long ones are refused, and nothing that can't be stored or sent stays in them.
"""

from scheme import plain_text

LONGEST_TEXT = 2_000


class ReasonRequired(Exception):
    """This is only done with a reason, on record. Also raised for one that is too long."""


def required(text: str, refusal: type[Exception] = ReasonRequired) -> str:
    """The text as it is kept. Raises ``refusal`` where nothing is left of it, or it is too long."""
    text = plain_text.kept(text)
    if not text or len(text) > LONGEST_TEXT:
        raise refusal
    return text
