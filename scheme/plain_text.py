"""Texts that people typed, as they are kept: without signs that nobody can see."""

import unicodedata

_BREAKS = "\n\t"
_NOT_KEPT = ("Cc", "Cs", "Cn")
"""Controls, halves of a surrogate pair, and code points that mean nothing yet."""

LONGEST = 2_000


class ReasonRequired(Exception):
    """This is only done with a reason, on record. Also raised for one that is too long."""


def required(
    text: str,
    refusal: type[Exception] = ReasonRequired,
    *,
    shortest: int = 1,
    longest: int = LONGEST,
) -> str:
    """What somebody writes down for the record, as it is kept.

    Raises ``refusal`` where too little of it shows, or it is too long.
    """
    said = kept(text)
    if len(one_line(said)) < shortest or len(said) > longest:
        raise refusal
    return said


def kept(text: str) -> str:
    """A text of several lines: breaks and tabs stay, outer blanks go."""
    signs = (
        sign for sign in text if sign in _BREAKS or unicodedata.category(sign) not in _NOT_KEPT
    )
    return "".join(signs).strip()


def one_line(text: str) -> str:
    """A text of one line, as an envelope has it: what does not show is one blank."""
    signs = (sign if unicodedata.category(sign)[0] != "C" else " " for sign in text)
    return " ".join("".join(signs).split())


def shown_whole(text: str) -> str:
    """A text in which every sign shows: what does not is written out by its number."""
    signs = (
        sign if unicodedata.category(sign)[0] != "C" else f"\\u{ord(sign):04x}" for sign in text
    )
    return "".join(signs)
