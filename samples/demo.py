"""Fills a new installation with accounts, a roster and a few reports, once.

``python -m samples.demo``.

``busreport run`` does it where BUSREPORT_DEMO=yes, and asks this module for the log-ins and the
demo's clock. The pass words are known to everybody: the product refuses to start with demo accounts
where others can reach it.
"""

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from pipeline.doors.tasks import current_settings, open_runtime
from pipeline.receiving.claims import save_claim
from pipeline.receiving.drafts import ReporterInput, open_draft
from pipeline.receiving.incoming import store_file
from pipeline.receiving.reporters import save_reporters
from pipeline.receiving.submitting import submit
from pipeline.runtime import Runtime, Work
from pipeline.staff.accounts import create_account
from pipeline.store.accounts import NoSuchAccount, credentials
from pipeline.verifying.fleet import import_roster
from samples.roster import roster_csv
from scheme.report import Channel
from scheme.staff import Role
from scheme.workdays import CalendarGap, Workdays

if TYPE_CHECKING:
    from samples.drawing import DrawnSample

PASSWORD: Final = "demo"  # noqa: S105 - known to everybody, that is what a demo account is
ACCOUNTS: Final = (
    ("ops", "吴敏", Role.OPERATIONS),
    ("ops2", "郑洁", Role.OPERATIONS),
    ("counter", "周岚", Role.COUNTER),
    ("fin", "孙怡", Role.FINANCE),
    ("fin2", "钱立", Role.FINANCE),
    ("fin3", "冯悦", Role.FINANCE),
)
SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
FIXED_START: Final = datetime(2026, 6, 11, 10, 0, tzinfo=SHANGHAI)
"""Where the demo's clock begins when no calendar covers the present: the day after the samples'
own.
"""

LOOK_AHEAD: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class DemoReport:
    """One report of the demo: which samples, by whom. The claim is that of the first sample."""

    samples: tuple[str, ...]
    people: tuple[tuple[str, str], ...]


REPORTS: Final = (
    DemoReport(("bus_front",), (("陈安", "13800000001"),)),
    DemoReport(("red_light",), (("林一", "13800000002"),)),
    DemoReport(("smoking",), (("高远", "13800000003"),)),
    DemoReport(
        ("bus_front_recompressed",), (("何静", "13800000004"),)
    ),  # the first one's picture, sent by another
    DemoReport(
        ("bus_front_yellow",),
        (("马可", "13800000005"), ("朱明", "13800000006"), ("胡月", "13800000007")),
    ),
)


def log_ins() -> tuple[str, ...]:
    """One line for each demo account: what to type, and who it is."""
    width = max(len(login) for login, _, _ in ACCOUNTS)
    return tuple(f"{login:<{width}}  password {PASSWORD}  {role}" for login, _, role in ACCOUNTS)


def start(now: datetime, workdays: Workdays) -> datetime:
    """The instant at which a demo begins.

    ``now`` where the calendar covers the weeks to come, else ``FIXED_START``.
    """
    covered = {now.year, (now + LOOK_AHEAD).year} <= workdays.years
    return now if covered else FIXED_START


def is_loaded(work: Work) -> bool:
    """Whether this installation has the demo's accounts already."""
    try:
        credentials(work.connection, ACCOUNTS[0][0])
    except NoSuchAccount:
        return False
    return True


def main() -> None:
    """Load the demo into the installation that the settings name, with a progress line."""
    runtime = open_runtime(current_settings())
    for done, total in load(runtime):
        sys.stderr.write(
            f"\rdrawing the demo's samples: {done} of {total}{'' if done < total else chr(10)}"
        )
        sys.stderr.flush()
    runtime.close()


def load(runtime: Runtime) -> Iterator[tuple[int, int]]:
    """Load the demo into a new installation, yielding (done, of how many) after each report.

    Nothing where loaded.

    The accounts come last: a demo that was broken off is begun anew.
    """
    # Who asks for log-ins needs no painter
    from samples.drawing import drawn_one_by_one  # noqa: PLC0415

    with runtime.read() as work:
        if is_loaded(work):
            return
        day = _last_working_day(work)
    with runtime.write() as work:
        import_roster(
            work,
            actor="demo",
            effective_from=day - timedelta(days=365),
            content=roster_csv().encode(),
        )
    names = [name for report in REPORTS for name in report.samples]
    with tempfile.TemporaryDirectory() as folder:
        drawn: dict[str, DrawnSample] = {}
        for one in drawn_one_by_one(Path(folder), day, names):
            drawn[one.sample.name] = one
            yield len(drawn), len(names)
        for report in REPORTS:
            _hand_in(runtime, report, [drawn[name] for name in report.samples])
    with runtime.write() as work:
        for login, name, role in ACCOUNTS:
            create_account(work, login, name, role, PASSWORD, demo=True, actor="demo")


def _last_working_day(work: Work) -> date:
    """The working day before today: what happened on it is inside the days allowed."""
    day = work.now.astimezone(SHANGHAI).date() - timedelta(days=1)
    try:
        while not work.workdays.is_working(day):
            day -= timedelta(days=1)
    except CalendarGap:
        return work.now.astimezone(SHANGHAI).date() - timedelta(days=1)
    return day


def _hand_in(runtime: Runtime, report: DemoReport, files: "list[DrawnSample]") -> None:
    with runtime.write() as work:
        draft = open_draft(work, channel=Channel.WEB)
        save_claim(work, report_id=draft.report_id, claim=files[0].claim)
        people = [ReporterInput(name, phone) for name, phone in report.people]
        save_reporters(work, report_id=draft.report_id, reporters=people)
    for file in files:
        with file.path.open("rb") as stream:
            store_file(runtime, report_id=draft.report_id, file_name=file.path.name, stream=stream)
    with runtime.write() as work:
        submit(work, report_id=draft.report_id, consent=True)


if __name__ == "__main__":
    main()
