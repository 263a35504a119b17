"""Documents on record: each is one person's, whatever kind of document bears the number."""

import pytest

from pipeline.store import documents, whose
from rewards.documents import Document, DocumentKind
from scheme.who_is_who import DocumentOfAnother
from tests.pipeline.desk import ID_NUMBER, Desk

REGISTER = Document(DocumentKind.HOUSEHOLD_REGISTER, ID_NUMBER)
CARD = Document(DocumentKind.RESIDENT_ID, ID_NUMBER)


@pytest.mark.parametrize("kind", DocumentKind)
def test_every_kind_is_kept_and_read_back(kind: DocumentKind, desk: Desk) -> None:
    shown = Document(kind, "军字第2001988号" if kind is DocumentKind.MILITARY else "12345678")
    report_id = desk.report()
    with desk.runtime.write() as work:
        (person,) = whose.person_ids(work.connection, report_id)
        documents.add(work.connection, work.vault, person, shown, "陈安", work.now)
    with desk.runtime.read() as work:
        (known,) = documents.of_persons(work.connection, work.vault, [person])
    assert (known.shown, known.name) == (shown, "陈安")


def test_a_childs_register_and_its_card_later_are_one_persons(desk: Desk) -> None:
    first, other = desk.report(plate="沪A11111"), desk.report(plate="沪A22222")
    with desk.runtime.write() as work:
        (child,) = whose.person_ids(work.connection, first)
        documents.add(work.connection, work.vault, child, REGISTER, "陈安", work.now)
    with desk.runtime.write() as work:
        assert documents.owner(work.connection, work.vault, CARD) == child
        (somebody,) = whose.person_ids(work.connection, other)
        with pytest.raises(DocumentOfAnother):
            documents.add(work.connection, work.vault, somebody, CARD, "陈安", work.now)


def test_one_number_on_two_kinds_of_other_documents_is_two_documents(desk: Desk) -> None:
    report_id = desk.report()
    with desk.runtime.write() as work:
        (person,) = whose.person_ids(work.connection, report_id)
        for kind in (DocumentKind.PASSPORT, DocumentKind.TRAVEL_PERMIT):
            documents.add(
                work.connection, work.vault, person, Document(kind, "H12345678"), "陈安", work.now
            )
        assert len(documents.of_persons(work.connection, work.vault, [person])) == 2
