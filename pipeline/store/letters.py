"""What came by post: the postmark's day as it was read, and the sender's address.

The address is sealed under the sender's own key by whoever may open identities; here it is bytes.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, insert, select, update

from pipeline.store.tables import letters


@dataclass(frozen=True, slots=True)
class LetterRow:
    """One letter. ``person_id`` is its sender: the first named."""

    report_id: str
    person_id: str
    postmarked_on: date
    address_enc: bytes | None


def add(connection: Connection, letter: LetterRow) -> None:
    """Keep what the envelope says."""
    connection.execute(
        insert(letters).values(
            report_id=letter.report_id,
            person_id=letter.person_id,
            postmarked_on=letter.postmarked_on,
            address_enc=letter.address_enc,
        )
    )


def of_report(connection: Connection, report_id: str) -> LetterRow | None:
    """The letter that a report came in; None where it came another way."""
    row = connection.execute(select(letters).where(letters.c.report_id == report_id)).one_or_none()
    if row is None:
        return None
    return LetterRow(row.report_id, row.person_id, row.postmarked_on, row.address_enc)


def hand_over(
    connection: Connection, report_id: str, person_id: str, address_enc: bytes | None
) -> None:
    """Somebody else wrote than it was thought: the address is sealed under their key now."""
    connection.execute(
        update(letters)
        .where(letters.c.report_id == report_id)
        .values(person_id=person_id, address_enc=address_enc)
    )


def has_address(connection: Connection, report_id: str, person_id: str) -> bool:
    """Whether the person can be written to about the report."""
    letter = of_report(connection, report_id)
    return letter is not None and letter.person_id == person_id and letter.address_enc is not None
