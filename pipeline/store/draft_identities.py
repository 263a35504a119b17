"""Who reports, as typed into a draft: sealed under the draft's key, and gone with it (R7, R17).

Nobody becomes a person here; that is ``identities.remember``, when the report is submitted.
"""

import json
from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, select

from pipeline.store.tables import draft_reporters
from pipeline.store.vault import Vault
from scheme.reporter import Identity


def save(
    connection: Connection, vault: Vault, report_id: str, reporters: Sequence[Identity]
) -> None:
    """What reporters typed, in place of what they typed before."""
    forget(connection, report_id)
    for position, reporter in enumerate(reporters):
        body = json.dumps([reporter.name, reporter.phone, reporter.email], ensure_ascii=False)
        sealed = vault.seal_draft(body, f"drafts/{report_id}/{position}")
        connection.execute(
            insert(draft_reporters).values(report_id=report_id, position=position, body_enc=sealed)
        )


def of_report(connection: Connection, vault: Vault, report_id: str) -> tuple[Identity, ...]:
    """What reporters typed in this draft, first named first."""
    rows = connection.execute(
        select(draft_reporters)
        .where(draft_reporters.c.report_id == report_id)
        .order_by(draft_reporters.c.position)
    )
    return tuple(
        Identity(*json.loads(vault.open_draft(row.body_enc, f"drafts/{report_id}/{row.position}")))
        for row in rows
    )


def forget(connection: Connection, report_id: str) -> None:
    """The draft became a report, or expired: what was typed goes."""
    connection.execute(delete(draft_reporters).where(draft_reporters.c.report_id == report_id))
