"""What a refused action looks like from outside.

One table, exception class -> (HTTP status, message code).

Texts stand in the catalogue under ``error.<CODE>`` and say what to do. Nothing that a stranger sent
is ever echoed: only attributes named in ``shown`` (limits, times until when) reach a text.
"""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType

from api.refusal import Refusal
from api.turned_away import (
    BadField,
    BadForm,
    BadJson,
    BodyTooLarge,
    ChangedSinceRead,
    DraftElsewhere,
    MalformedBody,
    NotHere,
    NotOurForm,
    ReporterSignedOut,
    SignedOut,
    TooMany,
    TooManyUploads,
    TooSlow,
    WrongRole,
)
from pipeline.answering import arriving, calls, proving
from pipeline.calendar import OverlayInvalid
from pipeline.doors import counter
from pipeline.paying import (
    batches,
    forfeiture,
    funds,
    payees,
    presenting,
    returned_lists,
    statements,
)
from pipeline.paying.counter_hours import CounterClosed
from pipeline.people import identity_access
from pipeline.receiving import letters
from pipeline.receiving.incoming import MediumNotAdmitted, SendAgain, TooManyFiles
from pipeline.staff import accounts
from pipeline.store.batches import BatchNotFound
from pipeline.store.identity_questions import QuestionNotFound
from pipeline.store.ledger import ShareNotFound
from pipeline.store.originals import EmptyFile, FileTooLarge, NoSuchFile
from pipeline.store.storage import StorageFull, StoreBusy, takes_nothing
from pipeline.store.vault import Erased
from rewards.accounts import AccountInvalid
from rewards.collecting import (
    AlreadyCollected,
    CardStockEmpty,
    DecidedByYou,
    NameDiffers,
    NotCollectable,
    NotConfirmed,
    NotPresented,
    SecondApprovalNeeded,
    TooLate,
    WrongId,
)
from rewards.cover import FundShort
from rewards.documents import DocumentInvalid
from rewards.known_channels import UnknownChannel
from rewards.payout import ManifestMismatch
from scheme import person_questions
from scheme.case import CaseNotFound, ForbiddenMove, NoSuchReport, StaleVersion
from scheme.claim import (
    BeforeScheme,
    FutureTime,
    PlaceInvalid,
    TextTooLong,
    TimeUnclear,
    UnknownCategory,
    UnknownKind,
)
from scheme.claw_back import NotDue
from scheme.decision import UnknownReason
from scheme.desk import HeldByOther
from scheme.draft import AlreadySubmitted, DraftChanged, DraftExpired, DraftNotFound
from scheme.erasing import CaseOpen, MoneyOwed
from scheme.naming import InvalidBadge, InvalidPlate, InvalidRoute
from scheme.one_incident import AlreadyAnswered, CategoriesDiffer, InOneCase, NothingToSplit
from scheme.patience import Wait
from scheme.plain_text import ReasonRequired
from scheme.postmark import PostmarkImpossible
from scheme.questions import ExplanationRequired, QuestionRequired
from scheme.reporter import EmailInvalid, NameRequired, NameTooLong, PhoneInvalid, PhoneRequired
from scheme.ruling import (
    AlreadyProposed,
    DayOutOfRange,
    NothingToSettle,
    RulingIncomplete,
    RulingNotFound,
    SecondOfficerNeeded,
)
from scheme.second_look import AlreadyLookedAt, AnswerRequired, NoSuchLook, YouTookPart
from scheme.submission import (
    ClaimIncomplete,
    ConsentRequired,
    JointInvalid,
    MissingIdentifier,
    NoEvidence,
    ReporterRequired,
    VideoRequired,
)
from scheme.substantiation import (
    EarlierReportUnread,
    NotReopened,
    OpenCandidates,
    OutsideScheme,
    ViolationTimeMissing,
)
from scheme.undoing import AlreadyPaid, NotDecidedByYou, UndoTooLate
from scheme.who_is_who import DocumentOfAnother, NumberOfAnother
from verifiers.media.formats import TypeMismatch, TypeNotAllowed

REFUSALS: Mapping[type[Exception], Refusal] = MappingProxyType(
    {
        # the counter itself
        NotHere: Refusal(HTTPStatus.NOT_FOUND, "NOT_FOUND"),
        DraftElsewhere: Refusal(HTTPStatus.NOT_FOUND, "DRAFT_ELSEWHERE"),
        SignedOut: Refusal(HTTPStatus.UNAUTHORIZED, "SIGNED_OUT"),
        ReporterSignedOut: Refusal(HTTPStatus.UNAUTHORIZED, "REPORTER_SIGNED_OUT"),
        WrongRole: Refusal(HTTPStatus.FORBIDDEN, "WRONG_ROLE"),
        NotOurForm: Refusal(HTTPStatus.FORBIDDEN, "NOT_OUR_FORM"),
        BodyTooLarge: Refusal(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "BODY_TOO_LARGE", shown=("limit_bytes",)
        ),
        MalformedBody: Refusal(HTTPStatus.BAD_REQUEST, "MALFORMED_BODY"),
        BadJson: Refusal(HTTPStatus.BAD_REQUEST, "BAD_JSON"),
        # log-ins
        accounts.LogInRefused: Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "LOGIN_WRONG", "login"),
        accounts.DemoClosed: Refusal(HTTPStatus.FORBIDDEN, "DEMO_CLOSED", "login"),
        Wait: Refusal(HTTPStatus.TOO_MANY_REQUESTS, "WAIT", shown=("until",)),
        TooMany: Refusal(
            HTTPStatus.TOO_MANY_REQUESTS, "TOO_MANY", shown=("retry_after_s",), variant="kind"
        ),
        TooSlow: Refusal(HTTPStatus.REQUEST_TIMEOUT, "TOO_SLOW"),
        TooManyUploads: Refusal(
            HTTPStatus.SERVICE_UNAVAILABLE, "TOO_MANY_UPLOADS", "file", ("retry_after_s",)
        ),
        # the store
        StoreBusy: Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "STORE_BUSY", shown=("retry_after_s",)),
        StorageFull: Refusal(HTTPStatus.INSUFFICIENT_STORAGE, "STORAGE_FULL"),
        proving.NotFound: Refusal(HTTPStatus.NOT_FOUND, "CODE_WRONG", "report_number"),
        # drafts and files
        DraftNotFound: Refusal(HTTPStatus.NOT_FOUND, "DRAFT_NOT_FOUND"),
        DraftExpired: Refusal(HTTPStatus.GONE, "DRAFT_EXPIRED", shown=("expired_at",)),
        DraftChanged: Refusal(HTTPStatus.CONFLICT, "DRAFT_CHANGED"),
        ChangedSinceRead: Refusal(
            HTTPStatus.PRECONDITION_FAILED, "DRAFT_CHANGED", variant="reader"
        ),
        AlreadySubmitted: Refusal(
            HTTPStatus.CONFLICT, "ALREADY_SUBMITTED", shown=("report_number",)
        ),
        NoSuchFile: Refusal(HTTPStatus.NOT_FOUND, "NOT_FOUND"),
        EmptyFile: Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "EMPTY_FILE", "file"),
        TypeNotAllowed: Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "TYPE_NOT_ALLOWED", "file"),
        TypeMismatch: Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "TYPE_MISMATCH", "file"),
        FileTooLarge: Refusal(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "FILE_TOO_LARGE", "file", ("limit_bytes",)
        ),
        SendAgain: Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "SEND_AGAIN", "file"),
        TooManyFiles: Refusal(HTTPStatus.CONFLICT, "TOO_MANY_FILES", "file", ("limit",)),
        MediumNotAdmitted: Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "MEDIUM_NOT_ADMITTED", "file"),
        # the claim and who reports
        UnknownCategory: Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "CATEGORY_UNKNOWN", "category"),
        UnknownKind: Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "KIND_UNKNOWN", "kind"),
        BeforeScheme: Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "BEFORE_SCHEME", "violated_at"),
        FutureTime: Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "FUTURE_TIME", "violated_at"),
        TimeUnclear: Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "TIME_INVALID", "violated_at"),
        PlaceInvalid: Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "PLACE_INVALID", "place"),
        TextTooLong: Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "TEXT_TOO_LONG"),
        NameRequired: Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY, "NAME_REQUIRED", "reporters.{position}.name"
        ),
        NameTooLong: Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY, "TEXT_TOO_LONG", "reporters.{position}.name"
        ),
        ReporterRequired: Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY, "NAME_REQUIRED", "reporters.0.name"
        ),
        PhoneRequired: Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY, "PHONE_REQUIRED", "reporters.{position}.phone"
        ),
        PhoneInvalid: Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY, "PHONE_INVALID", "reporters.{position}.phone"
        ),
        EmailInvalid: Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY, "EMAIL_INVALID", "reporters.{position}.email"
        ),
        JointInvalid: Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY, "JOINT_INVALID", "reporters.0.name", variant="reason"
        ),
        # the receipt
        ConsentRequired: Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "CONSENT_REQUIRED", "consent"),
        NoEvidence: Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "NO_EVIDENCE", "file"),
        VideoRequired: Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "VIDEO_REQUIRED", "file"),
        MissingIdentifier: Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "MISSING_IDENTIFIER", "plate"),
        ClaimIncomplete: Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "CLAIM_INCOMPLETE"),
        # names and states of the scheme
        InvalidPlate: Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "PLATE_INVALID", "plate"),
        InvalidRoute: Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "ROUTE_INVALID", "route"),
        InvalidBadge: Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "BADGE_INVALID", "badge"),
        ForbiddenMove: Refusal(HTTPStatus.CONFLICT, "FORBIDDEN_MOVE"),
        UnknownReason: Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "UNKNOWN_REASON", "reasons"),
        # operations
        StaleVersion: Refusal(HTTPStatus.CONFLICT, "STALE_VERSION"),
        HeldByOther: Refusal(HTTPStatus.CONFLICT, "HELD_BY_OTHER", shown=("display_name", "until")),
        OpenCandidates: Refusal(HTTPStatus.CONFLICT, "OPEN_CANDIDATES", "candidates"),
        EarlierReportUnread: Refusal(
            HTTPStatus.CONFLICT, "EARLIER_UNREAD", shown=("numbers", "until")
        ),
        ViolationTimeMissing: Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY, "VIOLATION_TIME_MISSING", "day"
        ),
        OutsideScheme: Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY, "OUTSIDE_SCHEME", shown=("violated_at",)
        ),
        NotReopened: Refusal(HTTPStatus.CONFLICT, "NOT_REOPENED"),
        UndoTooLate: Refusal(HTTPStatus.CONFLICT, "UNDO_TOO_LATE"),
        NotDecidedByYou: Refusal(HTTPStatus.CONFLICT, "NOT_DECIDED_BY_YOU"),
        AlreadyPaid: Refusal(HTTPStatus.CONFLICT, "ALREADY_PAID"),
        ReasonRequired: Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "REASON_REQUIRED", "reason"),
        QuestionRequired: Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "QUESTION_REQUIRED", "text"),
        ExplanationRequired: Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY, "EXPLANATION_REQUIRED", "text"
        ),
        AlreadyAnswered: Refusal(HTTPStatus.CONFLICT, "ALREADY_ANSWERED"),
        InOneCase: Refusal(HTTPStatus.CONFLICT, "IN_ONE_CASE"),
        CategoriesDiffer: Refusal(HTTPStatus.CONFLICT, "CATEGORIES_DIFFER"),
        NothingToSplit: Refusal(HTTPStatus.CONFLICT, "NOTHING_TO_SPLIT"),
        NotDue: Refusal(HTTPStatus.CONFLICT, "CLAW_BACK_NOT_DUE"),
        CaseNotFound: Refusal(HTTPStatus.NOT_FOUND, "NOT_FOUND"),
        NoSuchReport: Refusal(HTTPStatus.NOT_FOUND, "NOT_FOUND"),
        Erased: Refusal(HTTPStatus.GONE, "IDENTITY_ERASED"),
        identity_access.IdentityReasonRequired: Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY, "IDENTITY_REASON_REQUIRED", "reason"
        ),
        arriving.CallNoteRequired: Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY, "CALL_NOTE_REQUIRED", "note"
        ),
        arriving.NothingToNotify: Refusal(HTTPStatus.CONFLICT, "NOTHING_TO_NOTIFY"),
        # the counter
        NotPresented: Refusal(HTTPStatus.CONFLICT, "NOT_PRESENTED", "id_number", variant="reason"),
        NotConfirmed: Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "NOT_CONFIRMED", "agreed"),
        presenting.DifferenceRequired: Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY, "DIFFERENCE_REQUIRED", "difference"
        ),
        presenting.DifferenceNoteRequired: Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY, "DIFFERENCE_NOTE_REQUIRED", "note"
        ),
        WrongId: Refusal(HTTPStatus.CONFLICT, "WRONG_ID", "id_number", variant="reason"),
        NameDiffers: Refusal(
            HTTPStatus.CONFLICT, "NAME_DIFFERS", "name_on_document", variant="reason"
        ),
        DocumentInvalid: Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY, "DOCUMENT_INVALID", "id_number", variant="reason"
        ),
        AccountInvalid: Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY, "ACCOUNT_INVALID", variant="reason"
        ),
        TooLate: Refusal(HTTPStatus.CONFLICT, "TOO_LATE", shown=("collect_by",)),
        AlreadyCollected: Refusal(HTTPStatus.CONFLICT, "ALREADY_COLLECTED"),
        NotCollectable: Refusal(HTTPStatus.CONFLICT, "NOT_COLLECTABLE"),
        DecidedByYou: Refusal(HTTPStatus.CONFLICT, "DECIDED_BY_YOU"),
        SecondApprovalNeeded: Refusal(HTTPStatus.CONFLICT, "SECOND_APPROVAL_NEEDED"),
        CardStockEmpty: Refusal(HTTPStatus.CONFLICT, "CARD_STOCK_EMPTY"),
        forfeiture.NotForfeited: Refusal(HTTPStatus.CONFLICT, "NOT_FORFEITED"),
        forfeiture.SecondPersonNeeded: Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY, "SECOND_PERSON_NEEDED", "second_login"
        ),
        ShareNotFound: Refusal(HTTPStatus.NOT_FOUND, "NOT_FOUND"),
        CounterClosed: Refusal(
            HTTPStatus.CONFLICT, "COUNTER_CLOSED", shown=("opens_at",), variant="known"
        ),
        # who is who
        person_questions.QuestionReasonRequired: Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY, "QUESTION_REASON_REQUIRED", "reason"
        ),
        person_questions.NoSuchReporter: Refusal(
            HTTPStatus.CONFLICT, "NO_SUCH_REPORTER", "other_report"
        ),
        person_questions.DocumentRequired: Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY, "DOCUMENT_INVALID.empty", "id_number"
        ),
        person_questions.NobodysDocument: Refusal(
            HTTPStatus.CONFLICT, "NOBODYS_DOCUMENT", "id_number"
        ),
        person_questions.NothingToAsk: Refusal(
            HTTPStatus.CONFLICT, "NOTHING_TO_ASK", "kind", variant="reason"
        ),
        person_questions.AlreadyAsked: Refusal(HTTPStatus.CONFLICT, "ALREADY_ASKED"),
        person_questions.DocumentsDiffer: Refusal(HTTPStatus.CONFLICT, "DOCUMENTS_DIFFER", "kind"),
        DocumentOfAnother: Refusal(HTTPStatus.CONFLICT, "DOCUMENT_OF_ANOTHER", "id_number"),
        NumberOfAnother: Refusal(HTTPStatus.CONFLICT, "NUMBER_OF_ANOTHER", "reporters.0.phone"),
        person_questions.TooLateToMove: Refusal(HTTPStatus.CONFLICT, "TOO_LATE_TO_MOVE", "kind"),
        person_questions.BothReport: Refusal(
            HTTPStatus.CONFLICT, "BOTH_REPORT", "reporters.0.phone"
        ),
        CaseOpen: Refusal(
            HTTPStatus.CONFLICT, "ERASE_CASE_OPEN", "kind", shown=("report_numbers",)
        ),
        MoneyOwed: Refusal(
            HTTPStatus.CONFLICT, "ERASE_MONEY_OWED", "kind", shown=("report_numbers",)
        ),
        QuestionNotFound: Refusal(HTTPStatus.NOT_FOUND, "NOT_FOUND"),
        person_questions.QuestionAnswered: Refusal(HTTPStatus.CONFLICT, "QUESTION_ANSWERED"),
        person_questions.NotYourQuestion: Refusal(HTTPStatus.CONFLICT, "NOT_YOUR_QUESTION"),
        counter.NotTheReporter: Refusal(HTTPStatus.CONFLICT, "NOT_THE_REPORTER", "report_number"),
        counter.NotAtTheCounter: Refusal(HTTPStatus.CONFLICT, "NOT_AT_THE_COUNTER"),
        counter.EarlierUndecided: Refusal(HTTPStatus.CONFLICT, "EARLIER_UNDECIDED"),
        counter.NotYet: Refusal(HTTPStatus.CONFLICT, "NOT_YET", shown=("until",)),
        counter.NotFirst: Refusal(HTTPStatus.CONFLICT, "NOT_FIRST"),
        counter.OverSpotLimit: Refusal(HTTPStatus.CONFLICT, "OVER_SPOT_LIMIT"),
        counter.OverDailyLimit: Refusal(HTTPStatus.CONFLICT, "OVER_DAILY_LIMIT", shown=("limit",)),
        # letters
        PostmarkImpossible: Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY, "POSTMARK_IMPOSSIBLE", "postmark", variant="reason"
        ),
        letters.AddressTooLong: Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY, "TEXT_TOO_LONG", "address"
        ),
        calls.CallGone: Refusal(HTTPStatus.CONFLICT, "CALL_GONE"),
        letters.LetterGone: Refusal(HTTPStatus.CONFLICT, "LETTER_GONE"),
        # the calendar, and what no calendar says
        OverlayInvalid: Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY, "CALENDAR_INVALID", "file", ("line",), variant="reason"
        ),
        NothingToSettle: Refusal(HTTPStatus.CONFLICT, "NOTHING_TO_SETTLE"),
        AlreadyProposed: Refusal(HTTPStatus.CONFLICT, "ALREADY_PROPOSED"),
        SecondOfficerNeeded: Refusal(HTTPStatus.CONFLICT, "SECOND_OFFICER_NEEDED"),
        RulingIncomplete: Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "RULING_INCOMPLETE", "value"),
        DayOutOfRange: Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY, "DAY_OUT_OF_RANGE", "value", ("earliest", "latest")
        ),
        RulingNotFound: Refusal(HTTPStatus.NOT_FOUND, "RULING_GONE"),
        # second looks
        NoSuchLook: Refusal(HTTPStatus.NOT_FOUND, "NOT_FOUND"),
        AlreadyLookedAt: Refusal(HTTPStatus.CONFLICT, "ALREADY_LOOKED_AT"),
        YouTookPart: Refusal(HTTPStatus.CONFLICT, "YOU_TOOK_PART"),
        AnswerRequired: Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "VERDICT_REQUIRED", "verdict"),
        # finance
        batches.TwoPeopleNeeded: Refusal(HTTPStatus.CONFLICT, "TWO_PEOPLE_NEEDED", variant="step"),
        batches.YourOwnCase: Refusal(HTTPStatus.CONFLICT, "YOUR_OWN_CASE", shown=("line",)),
        batches.NothingWaits: Refusal(HTTPStatus.CONFLICT, "NOTHING_WAITS"),
        UnknownChannel: Refusal(HTTPStatus.CONFLICT, "CHANNEL_GONE", shown=("key",)),
        batches.EmptyBatchOpen: Refusal(HTTPStatus.CONFLICT, "EMPTY_BATCH_OPEN", shown=("number",)),
        payees.BatchBroken: Refusal(HTTPStatus.CONFLICT, "BATCH_BROKEN"),
        batches.UnknownFileKind: Refusal(HTTPStatus.NOT_FOUND, "NOT_FOUND"),
        BatchNotFound: Refusal(HTTPStatus.NOT_FOUND, "NOT_FOUND"),
        returned_lists.ListUnreadable: Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY, "LIST_UNREADABLE", "file", variant="reason"
        ),
        returned_lists.ListGone: Refusal(HTTPStatus.GONE, "LIST_GONE"),
        returned_lists.NothingToApply: Refusal(
            HTTPStatus.CONFLICT, "NOTHING_TO_APPLY", variant="reason"
        ),
        returned_lists.MappingIncomplete: Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY, "MAPPING_INCOMPLETE", variant="lacking"
        ),
        returned_lists.NotAsShown: Refusal(HTTPStatus.CONFLICT, "NOT_AS_SHOWN"),
        ManifestMismatch: Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY, "MANIFEST_MISMATCH", "file", shown=("line", "column")
        ),
        FundShort: Refusal(HTTPStatus.CONFLICT, "FUND_SHORT", "knowing", shown=("short_fen",)),
        funds.AlreadyDeposited: Refusal(HTTPStatus.CONFLICT, "ALREADY_DEPOSITED", "reference"),
        funds.AmountInvalid: Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "AMOUNT_INVALID", "amount"),
        statements.SpanInvalid: Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY, "SPAN_INVALID", "to", ("limit",), variant="reason"
        ),
        funds.ReferenceRequired: Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY, "REFERENCE_REQUIRED", "reference"
        ),
    }
)
"""Every refusal that a page or the JSON API can answer. A class without a row is a bug and becomes
a 500.
"""

REFUSED: tuple[type[Exception], ...] = (*REFUSALS, BadField, BadForm)
"""For ``except REFUSED as refusal`` around one call into the pipeline: a form is then shown again
with the problem.
"""


def is_refusal(error: Exception) -> bool:
    """Whether it is one of REFUSED, or what the system says where the disk takes nothing more."""
    return isinstance(error, REFUSED) or (isinstance(error, OSError) and takes_nothing(error))
