"""Who is who: what somebody gives as theirs, and is another human's here (R7, R17).

Whose it is never stands in a text; only who may answer such questions is told the id.
"""


class DocumentOfAnother(Exception):
    """The document belongs to another person here: ``person_id``."""

    def __init__(self, person_id: str) -> None:
        super().__init__(person_id)
        self.person_id = person_id


class NumberOfAnother(Exception):
    """The phone number is another human's here.

    They may be one, or one of them typed it wrong; somebody must look.
    """

    def __init__(self, person_id: str) -> None:
        super().__init__(person_id)
        self.person_id = person_id
