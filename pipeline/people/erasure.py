"""Erasing a person (P22): once the key is destroyed, every trace in our own files.

A row of the database that is emptied still stands in the write-ahead log, and messages that went
into the sink stand in files; ``clear`` removes both and says whether it could. The sweep tries
again until it could.
"""

import contextlib

from pipeline.runtime import Runtime
from pipeline.store import identity_changes, notices
from pipeline.store.engine.opening import kind_of


def clear(runtime: Runtime) -> bool:
    """Remove what erased persons left in our own files; whether nothing is left. Safe to repeat.

    It fails while somebody reads an older state of the database: the log can't be emptied under
    them.
    """
    with runtime.read() as work:
        waiting = identity_changes.erased_and_not_cleared(work.connection)
        messages = [
            one
            for person_id in waiting
            for one in notices.ids_of_person(work.connection, person_id)
        ]
    if not waiting:
        return True
    for message in messages:
        for suffix in ("txt", "json"):
            with contextlib.suppress(FileNotFoundError):
                (runtime.settings.home / "outbox" / f"{message}.{suffix}").unlink()
    if not kind_of(runtime.engine).empty_log(runtime.engine):
        return False
    with runtime.write() as work:
        identity_changes.mark_cleared(work.connection, waiting, work.now)
    return True
