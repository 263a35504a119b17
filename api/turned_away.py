"""What the counter itself refuses, before any stage is asked."""

from collections.abc import Sequence


class NotHere(Exception):
    """The thing does not exist, or is not this visitor's to see: one answer for both."""


class DraftElsewhere(NotHere):
    """The draft was begun in another browser, or this one has forgotten its key."""


class ChangedSinceRead(Exception):
    """A program saves over, or submits, what is not any more what its ``If-Match`` names."""

    reader = "program"


class SignedOut(Exception):
    """The page needs a staff session and there is none (or it ended)."""


class WrongRole(Exception):
    """Signed in, but not with a role that may do this."""


class ReporterSignedOut(Exception):
    """The page needs a reporter's session for one report and there is none (or it ended)."""


class NotOurForm(Exception):
    """A POST without the token of this visitor's own page, or sent from another site."""


class BodyTooLarge(Exception):
    """The request is longer than ``limit_bytes``; what came was thrown away."""

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(str(limit_bytes))
        self.limit_bytes = limit_bytes


class MalformedBody(Exception):
    """The request's body breaks its own format: missing boundary, cut off, too many parts."""


class BadJson(Exception):
    """JSON that is not safe to take.

    ``problem`` is syntax, depth, duplicate_key, number or character.
    """

    def __init__(self, problem: str, name: str = "") -> None:
        super().__init__(problem)
        self.problem, self.field = problem, name


class TooMany(Exception):
    """More of one ``kind`` (draft, file, code, log_in) than may be sent at a time.

    By one client, or by all together.
    """

    def __init__(self, kind: str, retry_after_s: int) -> None:
        super().__init__(f"{kind}: again in {retry_after_s} s")
        self.kind, self.retry_after_s = kind, retry_after_s


class TooSlow(Exception):
    """The request's body did not come in time, or its place went to somebody who sends.

    What came was thrown away.
    """


class TooManyUploads(Exception):
    """Every place for uploads is held by somebody who sends."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"again in {retry_after_s} s")
        self.retry_after_s = retry_after_s


class BadField(Exception):
    """One field of a form or JSON body can't be taken.

    ``code`` is a message code, ``field`` its name in the form.
    """

    def __init__(self, code: str, field: str) -> None:
        super().__init__(f"{field}: {code}")
        self.code, self.field = code, field


class BadForm(Exception):
    """Several fields of one form can't be taken: ``refusals``, one a field, in their order."""

    def __init__(self, refusals: Sequence[Exception]) -> None:
        super().__init__(", ".join(str(refusal) for refusal in refusals))
        self.refusals = refusals
