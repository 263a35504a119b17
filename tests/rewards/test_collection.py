"""R13: the document that a reward is collected against."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.collection import DocumentInvalid, DocumentKind, document
from tests.pipeline.desk import id_number_of


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("11010519491231002X", "11010519491231002X"),  # the example of GB 11643
        ("11010519491231002x", "11010519491231002X"),
        ("110105 19491231 002X", "11010519491231002X"),
        ("１１０１０５１９４９１２３１００２Ｘ", "11010519491231002X"),
        ("e12345678", "E12345678"),
        ("H-1234 5678", "H12345678"),
        ("12345678", "12345678"),  # a permit of Taiwan
    ],
)
def test_documents_have_one_form(typed: str, number: str) -> None:
    assert document(typed).number == number


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "empty"),
        (" - ", "empty"),
        ("110105194912310021", "bad_check"),
        ("110105194913310028", "bad_date"),
        ("110105194902300021", "bad_date"),
        ("01010519491231002X", "bad_sign"),
        ("1101051949123100AX", "bad_sign"),
        ("110105491231002", "old_form"),
        ("1234", "bad_length"),
        ("ABCDEFGH", "bad_length"),  # a document has digits
        ("1" * 19, "bad_length"),
        ("1" * 41, "bad_length"),
        ("E1234567é", "bad_sign"),
    ],
)
def test_what_is_no_document_is_refused_with_its_reason(typed: str, reason: str) -> None:
    with pytest.raises(DocumentInvalid) as refusal:
        document(typed)
    assert refusal.value.reason == reason
    assert typed == "" or typed not in str(refusal.value)


@pytest.mark.parametrize(
    ("number", "kind", "told"),
    [
        ("11010519491231002X", "", DocumentKind.RESIDENT_ID),
        ("11010519491231002X", "resident_id", DocumentKind.RESIDENT_ID),
        ("E12345678", "", DocumentKind.PASSPORT),
        ("E12345678", "passport", DocumentKind.PASSPORT),
        ("H12345678", "travel_permit", DocumentKind.TRAVEL_PERMIT),
        ("12345", "other", DocumentKind.OTHER),
    ],
)
def test_a_document_has_a_kind(number: str, kind: str, told: DocumentKind) -> None:
    assert document(number, kind).kind is told


@pytest.mark.parametrize(
    ("number", "kind", "reason"),
    [
        ("E12345678", "resident_id", "bad_length"),
        ("11010519491231002X", "passport", "bad_length"),
        ("E12345678", "library_card", "bad_kind"),
    ],
)
def test_a_number_that_its_kind_never_has_is_refused(number: str, kind: str, reason: str) -> None:
    with pytest.raises(DocumentInvalid) as refusal:
        document(number, kind)
    assert refusal.value.reason == reason


@given(st.integers(0, 999), st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(serial: int, place: int, by: int) -> None:
    number = id_number_of(serial)
    assert document(number).number == number
    wrong = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
    with pytest.raises(DocumentInvalid):
        document(wrong)
