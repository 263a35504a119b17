"""Every table, and the triggers that let nobody change money or the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = ("transfers", "events")


def upgrade() -> None:
    """Create all tables, then the triggers."""
    _create_tables()
    for table in APPEND_ONLY:
        _refuse_changes(table)


def _refuse_changes(table: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()"
    )


def _create_tables() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("login", sa.String(length=60), nullable=False),
        sa.Column("display_name", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.String(length=27), nullable=True),
        sa.Column("created_at", sa.String(length=27), nullable=False),
        sa.CheckConstraint(
            "role IN ('operations', 'counter', 'finance', 'auditor', 'admin')",
            name=op.f("ck_accounts_role_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("login", name=op.f("uq_accounts_login")),
    )
    op.create_table(
        "calendar_overlays",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("working", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=80), nullable=False),
        sa.Column("loaded_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_overlays")),
    )
    op.create_table(
        "cases",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("opened_at", sa.String(length=27), nullable=False),
        sa.Column("merged_into", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["merged_into"], ["cases.id"], name=op.f("fk_cases_merged_into")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("number", name=op.f("uq_cases_number")),
    )
    op.create_table(
        "counters",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )
    op.create_table(
        "events",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=100), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_events")),
        sa.UniqueConstraint("hash", name=op.f("uq_events_hash")),
    )
    op.create_index(op.f("ix_events_subject"), "events", ["subject"], unique=False)
    op.create_table(
        "evidence",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("format", sa.String(length=20), nullable=False),
        sa.Column("mime", sa.String(length=60), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("stored_at", sa.String(length=27), nullable=False),
        sa.Column("lease_owner", sa.String(length=64), nullable=True),
        sa.Column("lease_until", sa.String(length=27), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_evidence")),
    )
    op.create_table(
        "persons",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.String(length=27), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("phone_index", sa.String(length=64), nullable=False),
        sa.Column("id_index", sa.String(length=64), nullable=True),
        sa.Column("name_enc", sa.LargeBinary(), nullable=False),
        sa.Column("phone_enc", sa.LargeBinary(), nullable=False),
        sa.Column("email_enc", sa.LargeBinary(), nullable=True),
        sa.Column("id_number_enc", sa.LargeBinary(), nullable=True),
        sa.Column("card_enc", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_persons")),
        sa.UniqueConstraint("id_index", name=op.f("uq_persons_id_index")),
        sa.UniqueConstraint("phone_index", name=op.f("uq_persons_phone_index")),
    )
    op.create_table(
        "roster_imports",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("imported_at", sa.String(length=27), nullable=False),
        sa.Column("imported_by", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_imports")),
    )
    op.create_index(
        op.f("ix_roster_imports_effective_from"), "roster_imports", ["effective_from"], unique=False
    )
    op.create_table(
        "batches",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("procedure_policy", sa.String(length=120), nullable=False),
        sa.Column("built_by", sa.String(length=32), nullable=False),
        sa.Column("built_at", sa.String(length=27), nullable=False),
        sa.Column("frozen_by", sa.String(length=32), nullable=True),
        sa.Column("frozen_at", sa.String(length=27), nullable=True),
        sa.Column("approved_by", sa.String(length=32), nullable=True),
        sa.Column("approved_at", sa.String(length=27), nullable=True),
        sa.Column("exported_by", sa.String(length=32), nullable=True),
        sa.Column("exported_at", sa.String(length=27), nullable=True),
        sa.Column("settled_by", sa.String(length=32), nullable=True),
        sa.Column("settled_at", sa.String(length=27), nullable=True),
        sa.Column("line_count", sa.Integer(), nullable=True),
        sa.Column("total_fen", sa.Integer(), nullable=True),
        sa.Column("manifest_sha256", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'frozen', 'approved', 'exported', 'settled', 'partly_settled',"
            " 'closed', 'cancelled')",
            name=op.f("ck_batches_state_known"),
        ),
        sa.CheckConstraint(
            "approved_by IS NULL OR approved_by <> frozen_by",
            name=op.f("ck_batches_two_people_freeze_approve"),
        ),
        sa.CheckConstraint(
            "exported_by IS NULL OR exported_by <> approved_by",
            name=op.f("ck_batches_two_people_approve_export"),
        ),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["accounts.id"], name=op.f("fk_batches_approved_by")
        ),
        sa.ForeignKeyConstraint(["built_by"], ["accounts.id"], name=op.f("fk_batches_built_by")),
        sa.ForeignKeyConstraint(
            ["exported_by"], ["accounts.id"], name=op.f("fk_batches_exported_by")
        ),
        sa.ForeignKeyConstraint(["frozen_by"], ["accounts.id"], name=op.f("fk_batches_frozen_by")),
        sa.ForeignKeyConstraint(
            ["settled_by"], ["accounts.id"], name=op.f("fk_batches_settled_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
        sa.UniqueConstraint("number", name=op.f("uq_batches_number")),
    )
    op.create_table(
        "fingerprints",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("algorithm", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("view", sa.Integer(), nullable=False),
        sa.Column("frame_ms", sa.Integer(), nullable=True),
        sa.Column("quality", sa.Integer(), nullable=False),
        sa.Column("bits", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["sha256"], ["evidence.sha256"], name=op.f("fk_fingerprints_sha256")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fingerprints")),
    )
    op.create_index(op.f("ix_fingerprints_sha256"), "fingerprints", ["sha256"], unique=False)
    op.create_table(
        "readings",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("reader_version", sa.String(length=40), nullable=False),
        sa.Column("schema", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.String(length=27), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["sha256"], ["evidence.sha256"], name=op.f("fk_readings_sha256")),
        sa.PrimaryKeyConstraint("sha256", "reader_version", name=op.f("pk_readings")),
    )
    op.create_table(
        "reports",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("draft_key_hash", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.String(length=27), nullable=False),
        sa.Column("receipt_seq", sa.Integer(), nullable=True),
        sa.Column("report_number", sa.String(length=20), nullable=True),
        sa.Column("code_hash", sa.String(length=128), nullable=True),
        sa.Column("code_failures", sa.Integer(), nullable=False),
        sa.Column("code_locked_until", sa.String(length=27), nullable=True),
        sa.Column("received_at", sa.String(length=27), nullable=True),
        sa.Column("submitted_to_us_at", sa.String(length=27), nullable=True),
        sa.Column("consent_version", sa.String(length=40), nullable=True),
        sa.Column("consent_at", sa.String(length=27), nullable=True),
        sa.Column("case_id", sa.String(length=32), nullable=True),
        sa.Column("excluded", sa.Boolean(), nullable=False),
        sa.Column("tied_by_officer", sa.Boolean(), nullable=False),
        sa.Column("violated_at", sa.String(length=27), nullable=True),
        sa.Column("captured_from", sa.String(length=27), nullable=True),
        sa.Column("captured_to", sa.String(length=27), nullable=True),
        sa.Column("substance_policy", sa.String(length=120), nullable=True),
        sa.Column("receipt_policy", sa.String(length=120), nullable=True),
        sa.Column("answer_due_at", sa.String(length=27), nullable=True),
        sa.Column("lease_owner", sa.String(length=64), nullable=True),
        sa.Column("lease_until", sa.String(length=27), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("verified_at", sa.String(length=27), nullable=True),
        sa.Column("decided_at", sa.String(length=27), nullable=True),
        sa.Column("answered_at", sa.String(length=27), nullable=True),
        sa.Column("held_by", sa.String(length=32), nullable=True),
        sa.Column("held_until", sa.String(length=27), nullable=True),
        sa.Column("asked_for", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(state IN ('draft', 'expired')) = (receipt_seq IS NULL)",
            name=op.f("ck_reports_received_or_draft"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'expired', 'received', 'verified', 'awaiting_reporter',"
            " 'withdrawn', 'decided', 'answered')",
            name=op.f("ck_reports_state_known"),
        ),
        sa.CheckConstraint(
            "(receipt_seq IS NULL) = (received_at IS NULL)"
            " AND (receipt_seq IS NULL) = (report_number IS NULL)",
            name=op.f("ck_reports_receipt_whole"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_reports_case_id")),
        sa.ForeignKeyConstraint(["held_by"], ["accounts.id"], name=op.f("fk_reports_held_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint("draft_key_hash", name=op.f("uq_reports_draft_key_hash")),
        sa.UniqueConstraint("receipt_seq", name=op.f("uq_reports_receipt_seq")),
        sa.UniqueConstraint("report_number", name=op.f("uq_reports_report_number")),
    )
    op.create_index(op.f("ix_reports_answer_due_at"), "reports", ["answer_due_at"], unique=False)
    op.create_index(op.f("ix_reports_case_id"), "reports", ["case_id"], unique=False)
    op.create_index("ix_reports_queue", "reports", ["state", "lease_until"], unique=False)
    op.create_table(
        "roster_badges",
        sa.Column("import_id", sa.String(length=32), nullable=False),
        sa.Column("badge", sa.String(length=20), nullable=False),
        sa.Column("routes", sa.Text(), nullable=False),
        sa.Column("unit", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["roster_imports.id"], name=op.f("fk_roster_badges_import_id")
        ),
        sa.PrimaryKeyConstraint("import_id", "badge", name=op.f("pk_roster_badges")),
    )
    op.create_table(
        "roster_vehicles",
        sa.Column("import_id", sa.String(length=32), nullable=False),
        sa.Column("plate", sa.String(length=12), nullable=False),
        sa.Column("fleet_number", sa.String(length=20), nullable=True),
        sa.Column("routes", sa.Text(), nullable=False),
        sa.Column("unit", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["roster_imports.id"], name=op.f("fk_roster_vehicles_import_id")
        ),
        sa.PrimaryKeyConstraint("import_id", "plate", name=op.f("pk_roster_vehicles")),
    )
    op.create_table(
        "candidates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("other_report_id", sa.String(length=32), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("found_at", sa.String(length=27), nullable=False),
        sa.Column("answer", sa.String(length=10), nullable=True),
        sa.Column("answered_by", sa.String(length=32), nullable=True),
        sa.Column("answered_at", sa.String(length=27), nullable=True),
        sa.Column("answer_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "answer IN ('same', 'different')", name=op.f("ck_candidates_answer_known")
        ),
        sa.CheckConstraint("report_id < other_report_id", name=op.f("ck_candidates_ordered")),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["accounts.id"], name=op.f("fk_candidates_answered_by")
        ),
        sa.ForeignKeyConstraint(
            ["other_report_id"], ["reports.id"], name=op.f("fk_candidates_other_report_id")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["reports.id"], name=op.f("fk_candidates_report_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidates")),
        sa.UniqueConstraint(
            "report_id", "other_report_id", name=op.f("uq_candidates_report_id_other_report_id")
        ),
    )
    op.create_index(
        op.f("ix_candidates_other_report_id"), "candidates", ["other_report_id"], unique=False
    )
    op.create_table(
        "claims",
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.String(length=27), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("violated_at", sa.String(length=27), nullable=True),
        sa.Column("route", sa.String(length=40), nullable=True),
        sa.Column("plate", sa.String(length=12), nullable=True),
        sa.Column("badge", sa.String(length=20), nullable=True),
        sa.Column("fleet_number", sa.String(length=20), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_claims_report_id")),
        sa.PrimaryKeyConstraint("report_id", "version", name=op.f("pk_claims")),
    )
    op.create_table(
        "decisions",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("proof", sa.Text(), nullable=True),
        sa.Column("officer", sa.String(length=32), nullable=False),
        sa.Column("decided_at", sa.String(length=27), nullable=False),
        sa.Column("procedure_policy", sa.String(length=120), nullable=False),
        sa.Column("undone_at", sa.String(length=27), nullable=True),
        sa.CheckConstraint(
            "verdict IN ('substantiated', 'unsubstantiated', 'assisted')",
            name=op.f("ck_decisions_verdict_known"),
        ),
        sa.ForeignKeyConstraint(["officer"], ["accounts.id"], name=op.f("fk_decisions_officer")),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_decisions_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
        sa.UniqueConstraint("report_id", "version", name=op.f("uq_decisions_report_id_version")),
    )
    op.create_index(op.f("ix_decisions_report_id"), "decisions", ["report_id"], unique=False)
    op.create_table(
        "draft_reporters",
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("body_enc", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"], ["reports.id"], name=op.f("fk_draft_reporters_report_id")
        ),
        sa.PrimaryKeyConstraint("report_id", "position", name=op.f("pk_draft_reporters")),
    )
    op.create_table(
        "fingerprint_chunks",
        sa.Column("chunk", sa.Integer(), nullable=False),
        sa.Column("fingerprint_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["fingerprint_id"],
            ["fingerprints.id"],
            name=op.f("fk_fingerprint_chunks_fingerprint_id"),
        ),
        sa.PrimaryKeyConstraint("chunk", "fingerprint_id", name=op.f("pk_fingerprint_chunks")),
    )
    op.create_table(
        "judgements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("made_at", sa.String(length=27), nullable=False),
        sa.Column("policy", sa.String(length=120), nullable=False),
        sa.Column("reader_version", sa.String(length=40), nullable=False),
        sa.Column("claim_version", sa.Integer(), nullable=False),
        sa.Column("recommendation", sa.String(length=20), nullable=False),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"], ["reports.id"], name=op.f("fk_judgements_report_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judgements")),
    )
    op.create_index(op.f("ix_judgements_report_id"), "judgements", ["report_id"], unique=False)
    op.create_table(
        "report_evidence",
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("added_at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"], ["reports.id"], name=op.f("fk_report_evidence_report_id")
        ),
        sa.ForeignKeyConstraint(
            ["sha256"], ["evidence.sha256"], name=op.f("fk_report_evidence_sha256")
        ),
        sa.PrimaryKeyConstraint("report_id", "sha256", name=op.f("pk_report_evidence")),
        sa.UniqueConstraint(
            "report_id", "position", name=op.f("uq_report_evidence_report_id_position")
        ),
    )
    op.create_index("ix_report_evidence_sha256", "report_evidence", ["sha256"], unique=False)
    op.create_table(
        "report_reporters",
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_report_reporters_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["reports.id"], name=op.f("fk_report_reporters_report_id")
        ),
        sa.PrimaryKeyConstraint("report_id", "position", name=op.f("pk_report_reporters")),
        sa.UniqueConstraint(
            "report_id", "person_id", name=op.f("uq_report_reporters_report_id_person_id")
        ),
    )
    op.create_index(
        op.f("ix_report_reporters_person_id"), "report_reporters", ["person_id"], unique=False
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=True),
        sa.Column("report_id", sa.String(length=32), nullable=True),
        sa.Column("created_at", sa.String(length=27), nullable=False),
        sa.Column("expires_at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_sessions_account_id")
        ),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_sessions_report_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_account_id"), "sessions", ["account_id"], unique=False)
    op.create_table(
        "rewards",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("live_case_id", sa.String(length=32), nullable=True),
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("decision_id", sa.String(length=32), nullable=False),
        sa.Column("amount_fen", sa.Integer(), nullable=False),
        sa.Column("substance_policy", sa.String(length=120), nullable=False),
        sa.Column("awarded_at", sa.String(length=27), nullable=False),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_rewards_amount_positive")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_rewards_case_id")),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.id"], name=op.f("fk_rewards_decision_id")
        ),
        sa.ForeignKeyConstraint(
            ["live_case_id"], ["cases.id"], name=op.f("fk_rewards_live_case_id")
        ),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_rewards_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rewards")),
        sa.UniqueConstraint("live_case_id", name=op.f("uq_rewards_live_case_id")),
    )
    op.create_table(
        "shares",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("reward_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("amount_fen", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("notified_at", sa.String(length=27), nullable=True),
        sa.Column("notice_received_at", sa.String(length=27), nullable=True),
        sa.Column("collect_by", sa.String(length=27), nullable=True),
        sa.Column("collected_at", sa.String(length=27), nullable=True),
        sa.Column("collected_by", sa.String(length=32), nullable=True),
        sa.Column("collection_policy", sa.String(length=120), nullable=True),
        sa.Column("batch_id", sa.String(length=32), nullable=True),
        sa.Column("paid_at", sa.String(length=27), nullable=True),
        sa.CheckConstraint(
            "state IN ('awarded', 'notified', 'collected', 'in_batch', 'paid', 'paid_in_hand',"
            " 'forfeited', 'reinstated', 'cancelled', 'clawed_back')",
            name=op.f("ck_shares_state_known"),
        ),
        sa.CheckConstraint(
            "state IN ('in_batch', 'paid', 'clawed_back') OR batch_id IS NULL",
            name=op.f("ck_shares_batch_let_go"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('in_batch', 'paid') OR batch_id IS NOT NULL",
            name=op.f("ck_shares_batch_holds_it"),
        ),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_shares_amount_whole")),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_shares_batch_id")),
        sa.ForeignKeyConstraint(
            ["collected_by"], ["accounts.id"], name=op.f("fk_shares_collected_by")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_shares_person_id")),
        sa.ForeignKeyConstraint(["reward_id"], ["rewards.id"], name=op.f("fk_shares_reward_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shares")),
        sa.UniqueConstraint("reward_id", "person_id", name=op.f("uq_shares_reward_id_person_id")),
        sa.UniqueConstraint("reward_id", "position", name=op.f("uq_shares_reward_id_position")),
    )
    op.create_index(op.f("ix_shares_batch_id"), "shares", ["batch_id"], unique=False)
    op.create_index(op.f("ix_shares_person_id"), "shares", ["person_id"], unique=False)
    op.create_index(op.f("ix_shares_reward_id"), "shares", ["reward_id"], unique=False)
    op.create_index(op.f("ix_shares_state"), "shares", ["state"], unique=False)
    op.create_table(
        "batch_lines",
        sa.Column("batch_id", sa.String(length=32), nullable=False),
        sa.Column("line_number", sa.Integer(), nullable=False),
        sa.Column("share_id", sa.String(length=32), nullable=False),
        sa.Column("amount_fen", sa.Integer(), nullable=False),
        sa.Column("payee_enc", sa.LargeBinary(), nullable=True),
        sa.Column("result", sa.String(length=10), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "result IN ('paid', 'failed')", name=op.f("ck_batch_lines_result_known")
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_batch_lines_batch_id")),
        sa.ForeignKeyConstraint(["share_id"], ["shares.id"], name=op.f("fk_batch_lines_share_id")),
        sa.PrimaryKeyConstraint("batch_id", "line_number", name=op.f("pk_batch_lines")),
        sa.UniqueConstraint("batch_id", "share_id", name=op.f("uq_batch_lines_batch_id_share_id")),
    )
    op.create_index(op.f("ix_batch_lines_share_id"), "batch_lines", ["share_id"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("share_id", sa.String(length=32), nullable=True),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("created_at", sa.String(length=27), nullable=False),
        sa.Column("send_after", sa.String(length=27), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.String(length=27), nullable=True),
        sa.Column("delivered_at", sa.String(length=27), nullable=True),
        sa.Column("cancelled_at", sa.String(length=27), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_outbox_person_id")),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_outbox_report_id")),
        sa.ForeignKeyConstraint(["share_id"], ["shares.id"], name=op.f("fk_outbox_share_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index(op.f("ix_outbox_report_id"), "outbox", ["report_id"], unique=False)
    op.create_index(op.f("ix_outbox_send_after"), "outbox", ["send_after"], unique=False)
    op.create_table(
        "transfers",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.String(length=27), nullable=False),
        sa.Column("debit", sa.String(length=80), nullable=False),
        sa.Column("credit", sa.String(length=80), nullable=False),
        sa.Column("amount_fen", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("share_id", sa.String(length=32), nullable=True),
        sa.Column("batch_id", sa.String(length=32), nullable=True),
        sa.Column("reverses", sa.String(length=100), nullable=True),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_transfers_amount_positive")),
        sa.CheckConstraint("debit <> credit", name=op.f("ck_transfers_two_accounts")),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_transfers_batch_id")),
        sa.ForeignKeyConstraint(["reverses"], ["transfers.id"], name=op.f("fk_transfers_reverses")),
        sa.ForeignKeyConstraint(["share_id"], ["shares.id"], name=op.f("fk_transfers_share_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfers")),
        sa.UniqueConstraint("reverses", name=op.f("uq_transfers_reverses")),
        sa.UniqueConstraint("seq", name=op.f("uq_transfers_seq")),
    )
    op.create_index(op.f("ix_transfers_credit"), "transfers", ["credit"], unique=False)
    op.create_index(op.f("ix_transfers_debit"), "transfers", ["debit"], unique=False)
    op.create_index(op.f("ix_transfers_share_id"), "transfers", ["share_id"], unique=False)
