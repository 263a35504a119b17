"""What is typed as a proposal about a reporter, in canonical form."""

from pipeline.store import phones
from pipeline.store.person_questions import Proposal
from rewards.documents import document
from scheme.reporter import canonical_name


def proposal(  # noqa: PLR0913 - what a form can hold
    *,
    id_number: str = "",
    id_kind: str = "",
    name: str = "",
    phone: str = "",
    other_report: str = "",
    other_position: int = 0,
) -> Proposal:
    """What was typed as a proposal, in canonical form.

    Raises DocumentInvalid, NameTooLong, PhoneInvalid.
    """
    return Proposal(
        document=document(id_number, id_kind) if id_number.strip() else None,
        name=canonical_name(name) if name.strip() else "",
        phone=phones.required(phone) if phone.strip() else "",
        other_report=other_report.strip(),
        other_position=other_position,
    )
