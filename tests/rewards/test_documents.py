"""R13: the documents that a reward is collected against, one table of kinds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.documents import PLANS, Document, DocumentInvalid, DocumentKind, Look, document
from tests.pipeline.desk import id_number_of

RESIDENT = "11010519491231002X"  # the example of GB 11643
PERMIT = "810000199408230021"
FOREIGNER = "911124198108030024"
OLD_FOREIGNER = "USA110055071703"
OFFICER = "军字第2001988号"


def wide(text: str) -> str:
    """The same in the full-width signs of a Chinese keyboard."""
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        (RESIDENT, RESIDENT),
        (RESIDENT.lower(), RESIDENT),
        ("110105 19491231 002X", RESIDENT),
        ("１１０１０５１９４９１２３１００２Ｘ", RESIDENT),
        ("e12345678", "E12345678"),
        ("H-1234 5678", "H12345678"),
        ("12345678", "12345678"),  # a permit of Taiwan
        (PERMIT, PERMIT),
        (FOREIGNER, FOREIGNER),
        ("usa 1100 5507 1703", OLD_FOREIGNER),
        (OFFICER, OFFICER),
        ("军字第 ２００１９８８ 号", OFFICER),
        ("军2001988", OFFICER),
        ("武警字第0012345号", "武警字第0012345号"),
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
        ("军字第号", "bad_form"),
        ("字第2001988号", "bad_form"),
        ("军字第200号", "bad_form"),
        ("军字第2001988号1", "bad_form"),
        ("解放军字第2001988号", "bad_form"),
    ],
)
def test_what_is_no_document_is_refused_with_its_reason(typed: str, reason: str) -> None:
    with pytest.raises(DocumentInvalid) as refusal:
        document(typed)
    assert refusal.value.reason == reason
    assert typed == "" or typed not in str(refusal.value)


@pytest.mark.parametrize(
    ("number", "kind", "meant"),
    [
        (RESIDENT, "", DocumentKind.RESIDENT_ID),
        (RESIDENT, "resident_id", DocumentKind.RESIDENT_ID),
        (RESIDENT, "household_register", DocumentKind.HOUSEHOLD_REGISTER),
        (PERMIT, "", DocumentKind.RESIDENCE_PERMIT),
        (PERMIT, "residence_permit", DocumentKind.RESIDENCE_PERMIT),
        (PERMIT, "resident_id", DocumentKind.RESIDENT_ID),  # so were they taken in before
        (FOREIGNER, "", DocumentKind.PERMANENT_RESIDENCE),
        (OLD_FOREIGNER, "permanent_residence", DocumentKind.PERMANENT_RESIDENCE),
        (OFFICER, "", DocumentKind.MILITARY),
        ("E12345678", "", DocumentKind.PASSPORT),
        ("E12345678", "passport", DocumentKind.PASSPORT),
        ("H12345678", "travel_permit", DocumentKind.TRAVEL_PERMIT),
        ("12345", "other", DocumentKind.OTHER),
    ],
)
def test_a_document_has_a_kind(number: str, kind: str, meant: DocumentKind) -> None:
    assert document(number, kind).kind is meant


@pytest.mark.parametrize(
    ("number", "kind", "reason"),
    [
        ("E12345678", "resident_id", "bad_length"),
        (RESIDENT, "passport", "bad_length"),
        ("E12345678", "library_card", "bad_kind"),
        (RESIDENT, "residence_permit", "bad_region"),
        (FOREIGNER, "resident_id", "bad_region"),
        (RESIDENT, "permanent_residence", "bad_region"),
        (OFFICER, "passport", "bad_sign"),
        (OFFICER, "resident_id", "bad_sign"),
        ("2001988", "military", "bad_form"),
        ("E12345678", "household_register", "bad_length"),
        ("110105194912310021", "household_register", "bad_check"),
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


VALID = st.one_of(
    st.integers(0, 999).map(
        lambda serial: Document(DocumentKind.RESIDENT_ID, id_number_of(serial))
    ),
    st.integers(0, 999).map(
        lambda serial: Document(DocumentKind.HOUSEHOLD_REGISTER, id_number_of(serial))
    ),
    st.sampled_from(
        [
            Document(DocumentKind.RESIDENCE_PERMIT, PERMIT),
            Document(DocumentKind.PERMANENT_RESIDENCE, FOREIGNER),
            Document(DocumentKind.PERMANENT_RESIDENCE, OLD_FOREIGNER),
        ]
    ),
    st.builds(
        lambda word, digits: Document(DocumentKind.MILITARY, f"{word}字第{digits}号"),
        st.sampled_from(["军", "南", "士", "武警"]),
        st.text("0123456789", min_size=4, max_size=8),
    ),
    st.builds(
        Document,
        st.sampled_from([DocumentKind.PASSPORT, DocumentKind.TRAVEL_PERMIT, DocumentKind.OTHER]),
        st.from_regex(r"[A-Z][0-9]{5,9}", fullmatch=True),
    ),
)


@given(VALID, st.integers(0, 2**20), st.booleans())
def test_however_a_number_is_typed_it_has_one_form(
    shown: Document,
    blanks: int,
    broad: bool,  # noqa: FBT001 - drawn by hypothesis
) -> None:
    typed = "".join(
        sign + (" " if blanks >> place & 1 else "") for place, sign in enumerate(shown.number)
    )[:40]
    typed = wide(typed) if broad else typed.lower()
    assert document(typed, shown.kind) == shown
    assert document(shown.number, shown.kind) == shown


@given(VALID)
def test_a_mask_shows_enough_to_compare_and_never_more_than_half(shown: Document) -> None:
    masked = shown.masked
    assert len(masked) == len(shown.number)
    assert all(hidden in ("*", sign) for hidden, sign in zip(masked, shown.number, strict=True))
    told = sum(sign.isascii() and sign != "*" for sign in masked)
    assert told == min(PLANS[shown.kind].shown, sum(map(str.isascii, shown.number)) // 2)
    assert masked.rstrip("号").endswith(shown.number.rstrip("号")[-told:])
    assert shown.number not in repr(shown)


@pytest.mark.parametrize("kind", DocumentKind)
def test_every_kind_says_what_the_clerk_looks_at(kind: DocumentKind) -> None:
    assert {Look.NAME, Look.NUMBER} <= set(PLANS[kind].looks)
    bears_a_photo = kind is not DocumentKind.HOUSEHOLD_REGISTER
    assert (Look.PHOTO in PLANS[kind].looks) is bears_a_photo
    assert (Look.GUARDIAN in PLANS[kind].looks) is not bears_a_photo


@pytest.mark.parametrize(
    ("shown", "personal"),
    [
        (Document(DocumentKind.HOUSEHOLD_REGISTER, RESIDENT), True),
        (Document(DocumentKind.RESIDENT_ID, RESIDENT), True),
        (Document(DocumentKind.PERMANENT_RESIDENCE, FOREIGNER), True),
        (Document(DocumentKind.PERMANENT_RESIDENCE, OLD_FOREIGNER), False),
        (Document(DocumentKind.MILITARY, OFFICER), False),
        (Document(DocumentKind.PASSPORT, "E12345678"), False),
    ],
)
def test_the_eighteen_digits_are_the_persons_on_whichever_document(
    shown: Document,
    personal: bool,  # noqa: FBT001 - a row of the table
) -> None:
    assert shown.personal is personal
