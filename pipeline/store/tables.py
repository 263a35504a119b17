"""Every table, pinned. SQL lives in this room only; the same schema on SQLite and PostgreSQL.

Instants are stored as fixed-width UTC text (``Instant``), so they sort and compare alike in both
databases. Columns ending in ``_enc`` hold ciphertext under the person's own key, ``_index`` a keyed
HMAC (blind index).
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Dialect,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

from rewards.collecting import Difference, Purpose
from rewards.documents import DocumentKind
from scheme.case import BatchState, ReportState, ShareState
from scheme.deadlines import DateKind
from scheme.second_look import Look

INSTANT_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


class Instant(TypeDecorator[datetime]):
    """An aware instant, stored as ``2026-11-24T08:00:00.000000Z``. Refuses a naive datetime."""

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002  # the interface of TypeDecorator
        """Write an aware datetime."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored instant must be aware")
        # strftime("%Y") does not pad years below 1000 on every platform; isoformat does.
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002, ANN401  # the interface of TypeDecorator
        """Read it back as UTC."""
        return None if value is None else datetime.fromisoformat(value)


NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMING)


def _one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


# -- order -----------------------------------------------------------------------------------------

counters = Table(
    "counters",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", Integer, nullable=False),
)
"""Numbers given out under the write lock: ``receipt_seq``, ``event_seq``, ``batch_number``."""

policies = Table(
    "policies",
    metadata,
    Column("ref", String(120), primary_key=True),
    Column("text", Text, nullable=False),
    Column("kept_at", Instant, nullable=False),
)
"""Every version of the scheme that was ever loaded: what a row names is found, whatever became of
its file.
"""

# -- reports and evidence --------------------------------------------------------------------------

reports = Table(
    "reports",
    metadata,
    Column("id", String(32), primary_key=True),  # random, never derived from order
    Column("state", String(20), nullable=False),
    Column(
        "row_version", Integer, nullable=False, default=0
    ),  # two officers never overwrite each other
    Column("channel", String(10), nullable=False),
    Column("draft_key_hash", String(64), unique=True),  # who holds the draft; a hash only
    Column("created_at", Instant, nullable=False),
    Column("receipt_seq", Integer, unique=True),  # order of receipt: secret
    Column("report_number", String(20), unique=True),  # public
    Column("code_hash", String(128)),  # of the secret code
    Column("code_failures", Integer, nullable=False, default=0),
    Column("code_locked_until", Instant),
    Column("received_at", Instant),
    Column("submitted_to_us_at", Instant),  # serves R6 only
    Column("consent_version", String(40)),
    Column("consent_at", Instant),
    Column("case_id", ForeignKey("cases.id"), index=True),
    Column("excluded", Boolean, nullable=False, default=False),  # by an officer, on record
    Column(
        "tied_by_officer", Boolean, nullable=False, default=False
    ),  # the files show one bus, an officer's word
    # accepted violation time and the interval that the files allow, side by side with the claim
    Column("violated_at", Instant),
    Column("captured_from", Instant),
    Column("captured_to", Instant),
    Column("substance_policy", String(120)),
    Column("receipt_policy", String(120)),
    Column("answer_due_at", Instant, index=True),  # empty where the calendar ends: visible alarm
    # the row is the queue
    Column("lease_owner", String(64)),
    Column("lease_until", Instant),
    Column("attempts", Integer, nullable=False, default=0),
    Column("verified_at", Instant),
    Column("decided_at", Instant),
    Column("answered_at", Instant),
    # an officer holds it
    Column("held_by", ForeignKey("accounts.id")),
    Column("held_until", Instant),
    Column("asked_for", Text),  # what the officer asked the reporter for
    Column("reopened_at", Instant),  # while an answered report waits for a superseding decision
    Column("withdrawn_at", Instant),
    Column("language", String(3)),  # that the reporter chose; messages are in it
    Column("registered_by", String(64)),  # walk-ins and letters: account id, "cli"
    Column("paid_on_the_spot_by", String(64)),  # the clerk who verified and paid it (R8)
    Column("paid_on_the_spot_at", Instant, index=True),
    _one_of("state", ReportState),
    CheckConstraint(
        "(receipt_seq IS NULL) = (received_at IS NULL)"
        " AND (receipt_seq IS NULL) = (report_number IS NULL)",
        name="receipt_whole",
    ),
    CheckConstraint(
        "(state IN ('draft', 'expired')) = (receipt_seq IS NULL)", name="received_or_draft"
    ),
    Index("ix_reports_queue", "state", "lease_until"),
    Index("ix_reports_violated_at", "violated_at"),
)

claims = Table(
    "claims",
    metadata,
    Column("report_id", ForeignKey("reports.id"), primary_key=True),
    Column(
        "version", Integer, primary_key=True
    ),  # 1 = as the reporter said; the highest is in force
    Column("made_at", Instant, nullable=False),
    Column("made_by", String(64), nullable=False),  # "reporter" or an account id
    Column("reason", Text, nullable=False, default=""),
    Column("category", String(40), nullable=False),
    Column("violated_at", Instant),
    Column("route", String(40)),
    Column("plate", String(12)),
    Column("badge", String(20)),
    Column("fleet_number", String(20)),
    Column("place", Text),
    Column("latitude", Float),
    Column("longitude", Float),
    Column("note", Text, nullable=False, default=""),
    Column("kind", String(20)),  # one of the category's kinds (R3)
)

evidence = Table(
    "evidence",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("format", String(20), nullable=False),
    Column("mime", String(60), nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("stored_at", Instant, nullable=False),
)

report_evidence = Table(
    "report_evidence",
    metadata,
    Column("report_id", ForeignKey("reports.id"), primary_key=True),
    Column("sha256", ForeignKey("evidence.sha256"), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("file_name", Text, nullable=False),  # what the sender called it: text, never a path
    Column("added_at", Instant, nullable=False),
    # the file as a queue of its own: read for this report alone, in a draft before submission, for
    # the coach
    Column("read_by", String(40)),  # the reader version that has been through it for this report
    Column("own_reading", Text),  # in a draft: what was read for it, as in readings.body
    Column("lease_owner", String(64)),
    Column("lease_until", Instant),
    Column("attempts", Integer, nullable=False, server_default="0"),
    UniqueConstraint("report_id", "position"),
    Index("ix_report_evidence_sha256", "sha256"),
)

unreferenced_files = Table(
    "unreferenced_files",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("let_go_at", Instant, nullable=False),
)
"""Files that somebody let go of, until it is settled whether anybody still has them; their rows may
be gone.
"""

readings = Table(
    "readings",
    metadata,
    Column("sha256", ForeignKey("evidence.sha256"), primary_key=True),
    Column("reader_version", String(40), primary_key=True),
    Column("schema", Integer, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("body", Text, nullable=False),  # scheme.reading.Readings as JSON
)

names_read = Table(
    "names_read",
    metadata,
    Column("report_id", ForeignKey("reports.id"), primary_key=True),
    Column("kind", String(20), primary_key=True),  # scheme.reading.Sighted
    Column("name", String(40), primary_key=True),
    Column("sure", Boolean, nullable=False),
    CheckConstraint("kind IN ('plate', 'route', 'fleet_number', 'badge')", name="kind_known"),
)
"""What the files of a report show, whosever it is: the search for the same incident compares it
(R14).
"""

captures = Table(
    "captures",
    metadata,
    Column("report_id", ForeignKey("reports.id"), primary_key=True),
    Column("sha256", ForeignKey("evidence.sha256"), primary_key=True),
    Column("earliest", Instant, index=True),  # empty where the file tells no time of day
    Column("latest", Instant),
    Column("latitude", Float),
    Column("longitude", Float),
    CheckConstraint("(earliest IS NULL) = (latest IS NULL)", name="span_whole"),
    CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="place_whole"),
)
"""When and where each file of a report was taken, as far as it tells (R14)."""

fingerprints = Table(
    "fingerprints",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sha256", ForeignKey("evidence.sha256"), nullable=False, index=True),
    Column("algorithm", String(20), nullable=False),
    Column("version", Integer, nullable=False),
    Column("view", Integer, nullable=False),
    Column("frame_ms", Integer),
    Column("quality", Integer, nullable=False),
    Column("bits", String(64), nullable=False),
)

fingerprint_chunks = Table(
    "fingerprint_chunks",
    metadata,
    Column("chunk", Integer, primary_key=True),  # chunk * 65536 + its 16 bits
    Column("fingerprint_id", ForeignKey("fingerprints.id"), primary_key=True),
)

judgements = Table(
    "judgements",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("report_id", ForeignKey("reports.id"), nullable=False, index=True),
    Column("made_at", Instant, nullable=False),
    Column("policy", String(120), nullable=False),
    Column("reader_version", String(40), nullable=False),
    Column("claim_version", Integer, nullable=False),
    Column("recommendation", String(20), nullable=False),
    Column("findings", Text, nullable=False),  # JSON list
)

# -- cases and decisions ---------------------------------------------------------------------------

cases = Table(
    "cases",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("number", String(20), nullable=False, unique=True),
    Column("category", String(40), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("merged_into", ForeignKey("cases.id")),
)

candidates = Table(
    "candidates",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("report_id", ForeignKey("reports.id"), nullable=False),  # the smaller of the two ids
    Column("other_report_id", ForeignKey("reports.id"), nullable=False, index=True),
    Column("reasons", Text, nullable=False),  # JSON list of finding codes
    Column("found_at", Instant, nullable=False),
    Column("answer", String(10)),  # same, different; empty = open
    Column("answered_by", ForeignKey("accounts.id")),
    Column("answered_at", Instant),
    Column("answer_reason", Text),
    UniqueConstraint("report_id", "other_report_id"),
    CheckConstraint("report_id < other_report_id", name="ordered"),
    CheckConstraint("answer IN ('same', 'different')", name="answer_known"),
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("report_id", ForeignKey("reports.id"), nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("verdict", String(20), nullable=False),
    Column("reasons", Text, nullable=False),  # JSON list
    Column("note", Text, nullable=False, default=""),
    Column("proof", Text),  # JSON: the frame that decided it
    Column("officer", ForeignKey("accounts.id"), nullable=False),
    Column("decided_at", Instant, nullable=False),
    Column("procedure_policy", String(120), nullable=False),
    Column("undone_at", Instant),
    UniqueConstraint("report_id", "version"),
    CheckConstraint(
        "verdict IN ('substantiated', 'unsubstantiated', 'assisted')", name="verdict_known"
    ),
)

explanations = Table(
    "explanations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("report_id", ForeignKey("reports.id"), nullable=False, index=True),
    Column("made_at", Instant, nullable=False),
    Column("made_by", ForeignKey("accounts.id"), nullable=False),
    Column("in_time", Boolean, nullable=False),
    Column("due_was", Instant),
    Column("due_now", Instant),
)
"""Why there was no result yet (R9). One in time begins the answer's clock anew."""

rulings = Table(
    "rulings",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("report_id", ForeignKey("reports.id"), nullable=False, index=True),
    Column("kind", String(20), nullable=False),
    Column("counted_from", Instant, nullable=False),  # the violation, receipt … that it is about
    Column("in_time", Boolean),  # a window's value
    Column("due_at", Instant),  # any other's
    Column("reason", Text, nullable=False),
    Column("proposed_by", ForeignKey("accounts.id"), nullable=False),
    Column("proposed_at", Instant, nullable=False),
    Column("confirmed_by", ForeignKey("accounts.id")),
    Column("confirmed_at", Instant),
    Column("ended_by", ForeignKey("accounts.id")),  # refused, or replaced by a later ruling
    Column("ended_at", Instant),
    Column(
        "proposed_for", String(60), unique=True
    ),  # kind/report while it waits for the second person
    Column("in_force_for", String(60), unique=True),  # kind/report while it counts
    _one_of("kind", DateKind),
    CheckConstraint(
        "(kind = 'window') = (in_time IS NOT NULL) AND (kind = 'window') = (due_at IS NULL)",
        name="one_value",
    ),
    CheckConstraint("confirmed_by <> proposed_by", name="two_people"),
    CheckConstraint("(confirmed_by IS NULL) = (confirmed_at IS NULL)", name="confirmed_whole"),
    CheckConstraint("in_force_for IS NULL OR confirmed_by IS NOT NULL", name="in_force_confirmed"),
)
"""What two people settle where no calendar says: a window, an answer date, a last day. Never
edited, only ended.
"""

# -- money -----------------------------------------------------------------------------------------

rewards = Table(
    "rewards",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("case_id", ForeignKey("cases.id"), nullable=False),
    # The case after merges; NULL once cancelled or clawed back. UNIQUE: at most one live reward a
    # case, ever.
    Column("live_case_id", ForeignKey("cases.id"), unique=True),
    Column("report_id", ForeignKey("reports.id"), nullable=False),
    Column("decision_id", ForeignKey("decisions.id"), nullable=False),
    Column("amount_fen", Integer, nullable=False),
    Column("substance_policy", String(120), nullable=False),
    Column("awarded_at", Instant, nullable=False),
    Column("doubted_at", Instant),  # since when a claw-back may be due of what is paid
    CheckConstraint("amount_fen > 0", name="amount_positive"),
)

shares = Table(
    "shares",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("reward_id", ForeignKey("rewards.id"), nullable=False, index=True),
    Column("person_id", ForeignKey("persons.id"), nullable=False, index=True),
    Column("position", Integer, nullable=False),  # as named in the report
    Column("amount_fen", Integer, nullable=False),
    Column("state", String(20), nullable=False, index=True),
    Column("channel", String(20), nullable=False),
    # What it was collected with: the kind, and the account under the first named's own key
    Column("account_kind", String(20)),
    Column("account_enc", LargeBinary),
    Column("notified_at", Instant),
    Column("notice_received_at", Instant),
    Column("collect_by", Instant),
    Column("collected_at", Instant),
    Column("collected_by", ForeignKey("accounts.id")),
    Column("collection_policy", String(120)),
    Column("batch_id", ForeignKey("batches.id"), index=True),
    Column("paid_at", Instant, index=True),
    Column("called_at", Instant),  # the first call: with the longstop it begins the days (R13)
    UniqueConstraint("reward_id", "position"),
    UniqueConstraint("reward_id", "person_id"),
    CheckConstraint("amount_fen >= 0", name="amount_whole"),
    CheckConstraint("(account_kind IS NULL) = (account_enc IS NULL)", name="account_whole"),
    CheckConstraint(
        "state NOT IN ('in_batch', 'paid') OR batch_id IS NOT NULL", name="batch_holds_it"
    ),
    CheckConstraint(
        "state IN ('in_batch', 'paid', 'clawed_back') OR batch_id IS NULL", name="batch_let_go"
    ),
    _one_of("state", ShareState),
)

transfers = Table(
    "transfers",
    metadata,
    Column("id", String(100), primary_key=True),  # the idempotency key
    Column("seq", Integer, nullable=False, unique=True),
    Column("made_at", Instant, nullable=False),
    Column("debit", String(80), nullable=False, index=True),
    Column("credit", String(80), nullable=False, index=True),
    Column("amount_fen", Integer, nullable=False),
    Column("reason", String(40), nullable=False),
    Column("share_id", ForeignKey("shares.id"), index=True),
    Column("batch_id", ForeignKey("batches.id")),
    Column("reverses", ForeignKey("transfers.id"), unique=True),
    Column("made_by", String(64), nullable=False),
    CheckConstraint("amount_fen > 0", name="amount_positive"),
    CheckConstraint("debit <> credit", name="two_accounts"),
)
"""Append-only: triggers in the migration refuse UPDATE and DELETE."""

batches = Table(
    "batches",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("number", String(20), nullable=False, unique=True),
    Column("state", String(20), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("procedure_policy", String(120), nullable=False),
    Column("built_by", ForeignKey("accounts.id"), nullable=False),
    Column("built_at", Instant, nullable=False),
    Column("frozen_by", ForeignKey("accounts.id")),
    Column("frozen_at", Instant),
    Column("approved_by", ForeignKey("accounts.id")),
    Column("approved_at", Instant),
    Column("exported_by", ForeignKey("accounts.id")),
    Column("exported_at", Instant),
    Column("settled_by", ForeignKey("accounts.id")),
    Column("settled_at", Instant),
    Column("line_count", Integer),
    Column("total_fen", Integer),
    Column("manifest_sha256", String(64)),
    CheckConstraint(
        "approved_by IS NULL OR approved_by <> frozen_by", name="two_people_freeze_approve"
    ),
    CheckConstraint(
        "exported_by IS NULL OR exported_by <> approved_by", name="two_people_approve_export"
    ),
    _one_of("state", BatchState),
)

batch_lines = Table(
    "batch_lines",
    metadata,
    Column("batch_id", ForeignKey("batches.id"), primary_key=True),
    Column("line_number", Integer, primary_key=True),
    Column("amount_fen", Integer, nullable=False),  # the sum of its shares
    Column("payee_id", ForeignKey("persons.id")),  # whose key: what was frozen stays that person's
    Column("payee_enc", LargeBinary),  # name and account as frozen, under the payee's own key
    Column("result", String(10)),  # paid, failed
    Column("failure", Text),
    CheckConstraint("result IN ('paid', 'failed')", name="result_known"),
)

line_shares = Table(
    "line_shares",
    metadata,
    Column("batch_id", String(32), primary_key=True),
    Column("share_id", ForeignKey("shares.id"), primary_key=True, index=True),
    Column("line_number", Integer, nullable=False),
    Column("position", Integer, nullable=False),  # under the line, from 0
    Column("amount_fen", Integer, nullable=False),
    ForeignKeyConstraint(
        ["batch_id", "line_number"], ["batch_lines.batch_id", "batch_lines.line_number"]
    ),
    CheckConstraint("amount_fen >= 0", name="amount_whole"),
)
"""The shares of a line: all that goes to one account."""

returned_lists = Table(
    "returned_lists",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("batch_id", ForeignKey("batches.id"), nullable=False),
    Column("loaded_by", ForeignKey("accounts.id"), nullable=False),
    Column("loaded_at", Instant, nullable=False),
    Column("file_sha256", String(64), nullable=False),
    Column("list_sealed", LargeBinary, nullable=False),  # with the session of who loaded it
    UniqueConstraint("batch_id", "loaded_by"),
)
"""Bank's lists between being looked at and applied; they are dropped soon."""

list_mappings = Table(
    "list_mappings",
    metadata,
    Column("channel", String(20), primary_key=True),
    Column("mapping", Text, nullable=False),  # JSON of rewards.returned_list.RememberedMapping
    Column("confirmed_by", ForeignKey("accounts.id"), nullable=False),
    Column("confirmed_at", Instant, nullable=False),
)
"""How the lists of a channel read, as somebody has confirmed last."""

# -- second looks ----------------------------------------------------------------------------------

second_looks = Table(
    "second_looks",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column(
        "subject", String(100), nullable=False
    ),  # "person/<id>", "decision/<id>", "share/<id>", …: shown to nobody
    Column("day", Date, nullable=False),  # that it is about; for a month its first
    Column("report_id", ForeignKey("reports.id")),
    Column("decision_id", ForeignKey("decisions.id"), index=True),
    Column("share_id", ForeignKey("shares.id"), index=True),
    Column("figures", Text, nullable=False),  # JSON, plain numbers
    Column("policy", String(120), nullable=False),
    Column("raised_at", Instant, nullable=False),
    Column("answered_by", ForeignKey("accounts.id")),
    Column("answered_at", Instant, index=True),
    Column("answer", String(20)),  # seen, approved, or a verdict
    Column("agrees", Boolean),  # with the decision that was looked at again; empty for the others
    Column("reason", Text),
    UniqueConstraint("kind", "subject", "day"),
    CheckConstraint(
        "(answer IS NULL) = (answered_at IS NULL) AND (answer IS NULL) = (answered_by IS NULL)"
        " AND (answer IS NULL) = (reason IS NULL)",
        name="answer_whole",
    ),
    _one_of("kind", Look),
)

second_look_days = Table(
    "second_look_days",
    metadata,
    Column("day", Date, primary_key=True),
    Column("drawn_at", Instant, nullable=False),
    Column("policy", String(120), nullable=False),
    Column("raised", Integer, nullable=False),
)
"""Days that were looked through, each once."""

# -- people: written and read through store.identities only ----------------------------------------

persons = Table(
    "persons",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column(
        "wrapped_key", LargeBinary
    ),  # the person's own key under the master key; destroyed = erased
    Column(
        "phone_index", String(64), nullable=False, unique=True
    ),  # "released/<id>": the number is theirs no more
    Column("name_enc", LargeBinary, nullable=False),
    Column("phone_enc", LargeBinary, nullable=False),
    Column(
        "joined_as", String(32), index=True
    ),  # equal for all rows of one human; empty where the row is all of one
    Column("erased_at", Instant),
    Column(
        "cleared_at", Instant
    ),  # the last trace in files of our own is gone: see pipeline.people.erasure
)

person_documents = Table(
    "person_documents",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("person_id", ForeignKey("persons.id"), nullable=False, index=True),
    Column("kind", String(20), nullable=False),
    Column(
        "number_index", String(64), nullable=False, unique=True
    ),  # of kind and number: one document, one person
    Column("number_enc", LargeBinary, nullable=False),
    Column(
        "name_enc", LargeBinary
    ),  # as on the document; empty where it was taken in before names were kept
    Column("shown_at", Instant, nullable=False),
    _one_of("kind", DocumentKind),
)

showings = Table(
    "showings",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("report_id", ForeignKey("reports.id"), nullable=False, index=True),
    Column("person_id", ForeignKey("persons.id"), nullable=False),
    Column("purpose", String(20), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("clerk", ForeignKey("accounts.id"), nullable=False),
    Column("shown_at", Instant, nullable=False),
    Column("mark", String(64), nullable=False),  # blind index of all that was to be compared
    Column("shown_enc", LargeBinary),  # number and name; gone with the answer
    Column("agreed", Boolean),  # None while nothing was said
    Column("difference", String(20)),
    Column("note_enc", LargeBinary),  # of a document that did not agree
    Column("answered_at", Instant),
    _one_of("purpose", Purpose),
    _one_of("kind", DocumentKind),
    _one_of("difference", Difference),
    CheckConstraint("(agreed IS NULL) = (answered_at IS NULL)", name="answered_once"),
)

identity_questions = Table(
    "identity_questions",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("report_id", ForeignKey("reports.id"), nullable=False, index=True),
    Column("position", Integer, nullable=False),  # which of its reporters
    Column("person_id", ForeignKey("persons.id"), nullable=False, index=True),
    Column("other_person_id", ForeignKey("persons.id"), index=True),
    Column("reason", Text, nullable=False),
    Column(
        "proposal_enc", LargeBinary
    ),  # document, name, number proposed, under the person's key; gone once answered
    Column("asked_by", ForeignKey("accounts.id"), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column(
        "hold_until", Instant
    ),  # until when it keeps an uncollected share; empty where no calendar says
    Column("answer", String(10)),  # accepted, refused; empty = open
    Column("answered_by", ForeignKey("accounts.id")),
    Column("answered_at", Instant),
    Column("answer_reason", Text),
    CheckConstraint(
        "kind IN ('join', 'part', 'document', 'name', 'phone', 'reporter', 'erase')",
        name="kind_known",
    ),
    CheckConstraint("answer IN ('accepted', 'refused')", name="answer_known"),
    CheckConstraint("(answer IS NULL) = (answered_by IS NULL)", name="answer_whole"),
    CheckConstraint("answered_by IS NULL OR answered_by <> asked_by", name="two_people"),
)

report_reporters = Table(
    "report_reporters",
    metadata,
    Column("report_id", ForeignKey("reports.id"), primary_key=True),
    Column("position", Integer, primary_key=True),  # 0 = first named
    Column("person_id", ForeignKey("persons.id"), nullable=False, index=True),
    Column(
        "email_enc", LargeBinary
    ),  # given with this report, for this report only; under the person's own key
    Column("name_enc", LargeBinary),  # as typed with this report; empty where it is older than that
    UniqueConstraint("report_id", "person_id"),
)

draft_reporters = Table(
    "draft_reporters",
    metadata,
    Column("report_id", ForeignKey("reports.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column(
        "body_enc", LargeBinary, nullable=False
    ),  # name, phone, e-mail as typed, under the master key
)

letters = Table(
    "letters",
    metadata,
    Column("report_id", ForeignKey("reports.id"), primary_key=True),
    Column("person_id", ForeignKey("persons.id"), nullable=False),  # the sender: the first named
    Column(
        "postmarked_on", Date, nullable=False
    ),  # as stamped; the instant that serves R6 stands on the report
    Column("address_enc", LargeBinary),  # under the sender's own key
)

# -- accounts and sessions -------------------------------------------------------------------------

accounts = Table(
    "accounts",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("login", String(60), nullable=False, unique=True),
    Column("display_name", String(80), nullable=False),
    Column("role", String(20), nullable=False),
    Column("password_hash", String(200), nullable=False),
    Column("active", Boolean, nullable=False, default=True),
    Column("demo", Boolean, nullable=False, default=False),
    Column("failures", Integer, nullable=False, default=0),
    Column("locked_until", Instant),
    Column("created_at", Instant, nullable=False),
    CheckConstraint(
        "role IN ('operations', 'counter', 'finance', 'auditor', 'admin')", name="role_known"
    ),
)

known_clients = Table(
    "known_clients",
    metadata,
    Column("account_id", ForeignKey("accounts.id"), primary_key=True),
    Column("client", String(64), primary_key=True),  # blind index of the address
    Column("last_at", Instant, nullable=False),
    Column("failures", Integer, nullable=False, default=0),
    Column("locked_until", Instant),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), index=True),
    Column("report_id", ForeignKey("reports.id")),  # a reporter's session: one report
    # The secret code, sealed with the session's token, until the reporter says that it is saved
    Column("code_sealed", LargeBinary),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
)

# -- audit and notices -----------------------------------------------------------------------------

events = Table(
    "events",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("actor", String(64), nullable=False),  # account id, "reporter", "system"
    Column("action", String(60), nullable=False),
    Column(
        "subject", String(100), nullable=False, index=True
    ),  # "report/<id>", "case/<id>", "batch/<id>", …
    Column("detail", Text, nullable=False),  # JSON; never a name, phone, ID, card, code
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
)
"""Append-only and hash-chained: hash = SHA-256 over the row's canonical JSON with
``previous_hash``.
"""

outbox = Table(
    "outbox",
    metadata,
    Column("id", String(32), primary_key=True),
    Column(
        "kind", String(30), nullable=False
    ),  # receipt, answer, reward, ask, explanation, forfeited
    Column("report_id", ForeignKey("reports.id"), nullable=False, index=True),
    Column("share_id", ForeignKey("shares.id")),
    Column("person_id", ForeignKey("persons.id"), nullable=False),
    Column("channel", String(10), nullable=False),  # sms, email, paper
    Column("facts", Text, nullable=False),  # JSON values for the template; no identity in it
    Column("created_at", Instant, nullable=False),
    Column("send_after", Instant, nullable=False, index=True),
    Column("attempts", Integer, nullable=False, default=0),
    Column("sent_at", Instant),
    Column("delivered_at", Instant),
    Column("cancelled_at", Instant),
)

# -- roster and calendar ---------------------------------------------------------------------------

roster_imports = Table(
    "roster_imports",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("effective_from", Date, nullable=False, index=True),
    Column("imported_at", Instant, nullable=False),
    Column("imported_by", String(64), nullable=False),
    Column("sha256", String(64), nullable=False),
)

roster_vehicles = Table(
    "roster_vehicles",
    metadata,
    Column("import_id", ForeignKey("roster_imports.id"), primary_key=True),
    Column("plate", String(12), primary_key=True),
    Column("fleet_number", String(20)),
    Column("routes", Text, nullable=False),  # JSON list of line names
    Column("unit", String(80), nullable=False),
)

roster_badges = Table(
    "roster_badges",
    metadata,
    Column("import_id", ForeignKey("roster_imports.id"), primary_key=True),
    Column("badge", String(20), primary_key=True),
    Column("routes", Text, nullable=False),
    Column("unit", String(80), nullable=False),
)

calendar_overlays = Table(
    "calendar_overlays",
    metadata,
    Column("day", Date, primary_key=True),
    Column("working", Boolean, nullable=False),
    Column("note", String(80), nullable=False, default=""),
    Column("loaded_at", Instant, nullable=False),
)
"""Days that an administrator loaded over the published calendar; a whole year loaded makes that
year covered.
"""
