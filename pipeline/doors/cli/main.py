"""The command line ``busreport``.

Start the product, feed it, look into it, and do what has no page yet.

Commands that act for a person ask for that person's log-in and password: the rules about who may do
what, and that two people must do it, hold here as on the pages.
"""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date, datetime
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Annotated, NoReturn

import structlog
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from pipeline import clock
from pipeline.calendar import published_workdays
from pipeline.containment import opening
from pipeline.deciding import decisions, waiting
from pipeline.doors import health, supervisor, tasks
from pipeline.doors.cli.calendar import calendar_app
from pipeline.doors.cli.identities import identity_app
from pipeline.doors.cli.policies import policy_app
from pipeline.doors.cli.terminal import (
    ZONE,
    Login,
    Password,
    account_of,
    err,
    local_time,
    new_table,
    open_installation,
    out,
    stop,
)
from pipeline.doors.cli.users import user_app
from pipeline.paying import audit, payment
from pipeline.paying.audit import FAULTS, Head
from pipeline.policies import load_policies
from pipeline.receiving import intake, letters
from pipeline.receiving.intake import Receipt, ReporterInput
from pipeline.runtime import Runtime, Work
from pipeline.settings import Settings
from pipeline.staff import accounts
from pipeline.staff.accounts import Account, Role
from pipeline.store import evidence_files, reports, roster
from pipeline.verifying import rereading, verification
from pipeline.verifying.fleet import RosterInvalid, import_roster
from scheme.decision import Verdict
from scheme.dossier import Dossier
from scheme.finding import Finding, Outcome
from scheme.naming import canonical_badge, canonical_plate, canonical_route
from scheme.reading import Flag, Readings, Sha256
from scheme.report import Channel, Claim, Evidence, Report
from verifiers import READER_VERSION, judge, read
from verifiers.media import MediaError

OURS = ("pipeline", "rewards", "scheme", "verifiers")
"""Rooms whose exceptions are refusals with a name, to be said in one line; all others are bugs and
keep their trace.
"""

log = structlog.get_logger()
app = typer.Typer(
    help="Paid reports of bus drivers' violations: evidence in, checked, decided, first reporter paid.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
roster_app = typer.Typer(
    help="The fleet roster: which vehicles and drivers are ours, from which day.",
    no_args_is_help=True,
)
review_app = typer.Typer(help="Reports that wait for an officer.", no_args_is_help=True)
batch_app = typer.Typer(
    help="Payout batches: build, freeze, approve, export, settle.", no_args_is_help=True
)
for name, group in (
    ("user", user_app),
    ("calendar", calendar_app),
    ("roster", roster_app),
    ("policy", policy_app),
    ("review", review_app),
    ("batch", batch_app),
    ("identity", identity_app),
):
    app.add_typer(group, name=name)


def main() -> NoReturn:
    """Run the command line; a refusal is one line and exit code 1, a bug keeps its trace."""
    try:
        app()
    except Exception as refusal:
        if type(refusal).__module__.partition(".")[0] not in OURS:
            raise
        err.print(f"[red]{type(refusal).__name__}[/red]: {refusal}", highlight=False)
        sys.exit(1)
    sys.exit(0)


# -- what all commands share -----------------------------------------------------------------------


def _open_and_say(settings: Settings) -> Runtime:
    """Open the product for a start, and say what is wrong with the place where it runs."""
    runtime = open_installation(settings)
    for problem in health.standing(runtime):
        colour = "red" if problem.severity is health.Severity.BROKEN else "yellow"
        err.print(str(problem), style=colour, highlight=False)
    _say_what_is_open(runtime)
    return runtime


def _say_what_is_open(runtime: Runtime) -> None:
    """Say which settings leave something open, and that accounts with known pass words are still there."""
    for doubt in runtime.settings.doubts:
        err.print(f"busreport: {doubt}.", style="yellow", highlight=False)
    names = _demo_accounts(runtime)
    if names:
        err.print(
            f"busreport: demo accounts are left: {names}. They open nothing here; close them: busreport close-demo",
            style="yellow",
            highlight=False,
        )


def _demo_accounts(runtime: Runtime) -> str:
    """The log-ins of demo accounts that have no business here; empty in a demo."""
    if runtime.settings.demo_alone:
        return ""
    with runtime.read() as work:
        return ", ".join(account.login for account in accounts.demo_accounts(work))


def _instant(text: str) -> datetime:
    """Read an instant as people write it: without offset it is Shanghai's time."""
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=ZONE)


@contextmanager
def _bar(what: str, total: int | None) -> Iterator[Callable[[int, int | None], None]]:
    """Show a progress bar; the value is a function (done, total) that moves it."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err) as progress:
        task = progress.add_task(what, total=total)

        def move(done: int, whole: int | None = None) -> None:
            progress.update(task, completed=done, total=whole or total)

        yield move


# -- start -----------------------------------------------------------------------------------------


@app.command()
def run() -> None:
    """Start everything: web server, two workers, beat. Ctrl-C stops it, nothing is lost.

    With BUSREPORT_DEMO=yes a new installation first gets demo accounts, a roster and sample
    reports.
    """
    settings = Settings.from_environment()
    if not supervisor.free(settings.host, settings.port):
        stop(
            f"Port {settings.port} is in use. Stop what uses it, or set BUSREPORT_PORT to another one."
        )
    if settings.health_port and not supervisor.free("127.0.0.1", settings.health_port):
        stop(
            f"Port {settings.health_port} is in use: set BUSREPORT_HEALTH_PORT to another one, or to 0 for none."
        )
    _start_decoders(settings)
    demo = import_module("samples.demo") if settings.demo else None
    settings = _with_clock(settings, demo)
    _open_and_say(settings).close()
    opening.shut_down()  # this process opens no file
    if demo:  # in a process of its own: drawing takes memory that this one would keep
        subprocess.run([sys.executable, "-m", "samples.demo"], check=True)
    url = f"http://{settings.host}:{settings.port}/"

    def announce() -> None:
        out.print(
            f"\n[bold]busreport is running:[/bold] {url}\n  operations and finance: {url}login"
        )
        for line in demo.log_ins() if demo else ():
            out.print(f"  {line}", highlight=False)
        out.print("Ctrl-C stops it.\n")

    supervisor.supervise(
        supervisor.parts(),
        say=lambda line: err.print(f"busreport: {line}", highlight=False),
        ready=lambda: supervisor.listens(settings.host, settings.port),
        announce=announce,
    )


def _start_decoders(settings: Settings) -> None:
    """Start them before anything else.

    Raises CellIncomplete where the settings ask for all layers of their cell.
    """
    if settings.require_sandbox:
        opening.require_whole_cell()
    opening.start_decoders()


def _with_clock(settings: Settings, demo: ModuleType | None) -> Settings:
    """Return the settings with the clock of this installation, which every process of it finds in a file of its home.

    A setting moves it; a demo moves it once, where no calendar covers the present.
    """
    ahead_file, now = settings.home / tasks.CLOCK_AHEAD, clock.now()
    start = settings.clock or (
        demo.start(now, published_workdays()) if demo and not ahead_file.is_file() else now
    )
    if start != now:
        tasks.keep_clock_ahead(settings.home, start - now)
    return tasks.current_settings()


@app.command()
def serve() -> None:
    """Start the web server alone (workers and beat are started apart)."""
    settings = tasks.current_settings()
    _start_decoders(settings)
    runtime = _open_and_say(settings)
    import_module("api.server").serve(runtime)  # by name: the pipeline does not lean on the counter


@app.command()
def worker(queue: Annotated[str, typer.Argument(help="photos or videos")]) -> None:
    """Start one worker on one queue."""
    if queue not in tasks.QUEUES:
        stop(f"There is no queue {queue!r}; there are: {', '.join(tasks.QUEUES)}.")
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # Celery would start itself anew on it
    settings = tasks.current_settings()
    _start_decoders(settings)
    if missing := opening.missing_layers():
        log.warning(
            "cell_layers_missing", layers={str(layer): reason for layer, reason in missing.items()}
        )
    tasks.work_on(settings, queue)


@app.command()
def beat() -> None:
    """Start the clockwork that sweeps every few seconds.

    What is due is told, forfeited, rung for again.
    """
    tasks.beat(tasks.current_settings())


# -- set up ----------------------------------------------------------------------------------------


@app.command()
def init() -> None:
    """Prepare an installation: folders, database, master key.

    Safe to run again; run it after every upgrade.
    """
    settings = tasks.current_settings()
    runtime = _open_and_say(settings)
    out.print(
        f"home      {settings.home}\ndatabase  ready\nkey file  {settings.key_file} (back it up apart)"
    )
    if (
        _demo_accounts(runtime)
        and sys.stdin.isatty()
        and typer.confirm("Close the demo accounts now?")
    ):
        _close_demo(runtime)
    out.print("Next: busreport create-user, busreport roster import, busreport serve.")


@app.command()
def close_demo() -> None:
    """Close the accounts of a demo that this installation once held.

    What they did stays on record.
    """
    _close_demo(open_installation())


def _close_demo(runtime: Runtime) -> None:
    with runtime.write() as work:
        closed = accounts.close_demo_accounts(work, actor="cli")
    out.print(
        f"Closed: {', '.join(account.login for account in closed) or 'none, no demo account was open'}."
    )


@app.command()
def create_user(
    login: Annotated[str, typer.Argument(help="what the person types to log in")],
    name: Annotated[str, typer.Option(help="how the person is called on pages")],
    role: Annotated[str, typer.Option(help="operations, counter, finance, auditor or admin")],
    password: Annotated[
        str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True, help="asked for")
    ],
) -> None:
    """Create an account of somebody who works with the product."""
    if role not in [*Role]:
        stop(f"There is no role {role!r}; there are: {', '.join(Role)}.")
    with open_installation().write() as work:
        accounts.create_account(
            work, login=login, display_name=name, role=Role(role), password=password
        )
    out.print(f"{login} can log in now.")


@roster_app.command("import")
def roster_import(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, help="CSV: plate,fleet_number,badge,route,unit"
        ),
    ],
    start: Annotated[
        datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="first day it is in force")
    ],
) -> None:
    """Take a roster file into force, whole or not at all."""
    try:
        with open_installation().write() as work:
            taken = import_roster(
                work, actor="cli", effective_from=start.date(), content=file.read_bytes()
            )
    except RosterInvalid as refusal:
        for problem in refusal.problems[:20]:
            err.print(f"line {problem.line}, {problem.column}: {problem.reason}", highlight=False)
        raise
    out.print(
        f"{len(taken.vehicles)} vehicles and {len(taken.drivers)} drivers, in force from {start.date()} on."
    )


@roster_app.command("list")
def roster_list() -> None:
    """List the rosters that were imported."""
    table = new_table("Rosters", "from", "vehicles", "drivers", "imported", "by")
    with open_installation().read() as work:
        for row in roster.imports(work.connection):
            counts = (str(row.vehicles), str(row.badges))
            table.add_row(
                row.effective_from.isoformat(),
                *counts,
                local_time(row.imported_at),
                row.imported_by,
            )
    out.print(table)


# -- evidence and reports --------------------------------------------------------------------------

Files = Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="photos or videos")]
Category = Annotated[str, typer.Option(help="red_light, wrong_way or smoking_or_phone")]
At = Annotated[str, typer.Option(help="when it happened, e.g. 2026-06-10T08:41 (Shanghai's time)")]
RouteName = Annotated[str, typer.Option(help="line, e.g. 49")]
Plate = Annotated[str, typer.Option(help="plate, e.g. 沪A12345")]
Badge = Annotated[str, typer.Option(help="the driver's badge number")]
Kind = Annotated[str, typer.Option(help="with smoking_or_phone: smoking or phone")]
PlaceName = Annotated[str, typer.Option(help="where it happened")]


def _claim(  # noqa: PLR0913, PLR0917 - a claim
    category: str, at: str, route: str, plate: str, badge: str, place: str, kind: str
) -> Claim:
    return Claim(
        category=category,
        violated_at=_instant(at) if at else None,
        route=canonical_route(route) if route else None,
        plate=canonical_plate(plate) if plate else None,
        badge=canonical_badge(badge) if badge else None,
        place=place or None,
        kind=kind or None,
    )


@app.command("intake")
def take_in(  # noqa: PLR0913, PLR0917 - what a report consists of
    files: Files,
    category: Category,
    at: At,
    reporter: Annotated[
        list[str], typer.Option(help="'name,phone'; once per joint reporter, first named first")
    ],
    route: RouteName = "",
    plate: Plate = "",
    badge: Badge = "",
    place: PlaceName = "",
    kind: Kind = "",
    postmark: Annotated[
        str, typer.Option(help="day of the postmark of material sent by post, 2026-06-10")
    ] = "",
    address: Annotated[
        str, typer.Option(help="with --postmark: where the sender is written to")
    ] = "",
    consent: Annotated[
        bool, typer.Option("--consent", help="the reporter agreed to the privacy text in force")
    ] = False,
) -> None:
    """Hand in a report with its files, as the web form does; prints the receipt."""
    runtime = open_installation()
    people = [ReporterInput(*(part.strip() for part in entry.split(",", 1))) for entry in reporter]
    claim = _claim(category, at, route, plate, badge, place, kind)
    if postmark:
        receipt = _register_letter(
            runtime, claim, people, files, date.fromisoformat(postmark), address, consent=consent
        )
    else:
        receipt = _hand_in(runtime, claim, people, files, consent=consent)
    out.print(
        f"[bold]Report {receipt.report_number}[/bold], received {local_time(receipt.received_at)}"
    )
    for file_name, sha256 in receipt.files:
        out.print(f"  {sha256}  {file_name}", highlight=False)
    out.print(f"Secret code, shown only now: [bold]{receipt.secret_code}[/bold]")
    if receipt.late:
        out.print(
            "Later than the rules allow: it is handled and answered, but not rewarded.",
            style="yellow",
        )


def _hand_in(
    runtime: Runtime,
    claim: Claim,
    people: Sequence[ReporterInput],
    files: Sequence[Path],
    *,
    consent: bool,
) -> Receipt:
    with runtime.write() as work:
        draft = intake.open_draft(work, channel=Channel.CLI)
        intake.save_claim(work, report_id=draft.report_id, claim=claim)
        intake.save_reporters(work, report_id=draft.report_id, reporters=people)
    with _bar("storing", len(files)) as moved:
        for count, file in enumerate(files, start=1):
            with file.open("rb") as stream:
                intake.store_file(
                    runtime, report_id=draft.report_id, file_name=file.name, stream=stream
                )
            moved(count, None)
    with runtime.write() as work:
        return intake.submit(work, report_id=draft.report_id, consent=consent)


def _register_letter(  # noqa: PLR0913, PLR0917 - what lies in an envelope
    runtime: Runtime,
    claim: Claim,
    people: Sequence[ReporterInput],
    files: Sequence[Path],
    postmarked_on: date,
    address: str,
    *,
    consent: bool,
) -> Receipt:
    with ExitStack() as opened:
        return letters.register(
            runtime,
            registered_by="cli",
            claim=claim,
            senders=people,
            files=[(file.name, opened.enter_context(file.open("rb"))) for file in files],
            postmarked_on=postmarked_on,
            address=address,
            consent=consent,
        )


@app.command()
def check(  # noqa: PLR0913, PLR0917 - what a claim consists of
    files: Files,
    category: Category = "",
    at: At = "",
    route: RouteName = "",
    plate: Plate = "",
    badge: Badge = "",
    place: PlaceName = "",
    kind: Kind = "",
) -> None:
    """Read files here and now and print what is seen in them; with --category also judge them.

    Stores nothing.
    """
    _start_decoders(Settings.from_environment())
    readings: dict[Sha256, Readings] = {}
    evidence: list[Evidence] = []
    with _bar("reading", len(files)) as moved:
        for position, file in enumerate(files):
            sha256 = evidence_files.hash_of(file)
            readings[sha256] = _read_contained(file)
            facts = readings[sha256].facts
            if facts:
                evidence.append(
                    Evidence(sha256, facts.kind, file.stat().st_size, file.name, position)
                )
            moved(position + 1, None)
    for file, seen in zip(files, readings.values(), strict=False):
        _print_readings(file, seen)
    if not category:
        return
    now = clock.now()
    claim = _claim(category, at, route, plate, badge, place, kind)
    report = Report("local", claim, tuple(evidence), Channel.CLI, now, now)
    dossier = Dossier(report=report, readings=readings, workdays=published_workdays(), now=now)
    _print_findings(
        judge(
            dossier,
            load_policies(tasks.current_settings().policies).substance_at(claim.violated_at or now),
        )
    )


def _read_contained(file: Path) -> Readings:
    try:
        with opening.open_contained(file, file.name) as media:
            return read(media)
    except MediaError as problem:
        return Readings(READER_VERSION, None, failures=(Flag(problem.code, problem.detail),))


def _print_readings(file: Path, seen: Readings) -> None:
    table = new_table(str(file), "what", "seen", "sure", "at ms")
    if seen.facts:
        facts = seen.facts
        length = f", {facts.duration_ms / 1000:.1f} s" if facts.duration_ms else ""
        table.add_row(
            "file",
            f"{facts.format} {facts.width}x{facts.height}{length} {facts.make or ''} {facts.model or ''}",
        )
        for moment in facts.clocks:
            table.add_row("clock", f"{moment.source}: {moment.raw}")
        if facts.place:
            table.add_row(
                "place",
                f"{facts.place.latitude:.5f}, {facts.place.longitude:.5f} ({facts.place.source})",
            )
    for bus in seen.plates:
        table.add_row(
            "plate",
            bus.number,
            f"{bus.probability:.2f}{' certain' if bus.certain else ''}",
            str(bus.frame_ms or ""),
        )
    for what, labels in (
        ("line", seen.routes),
        ("badge", seen.badges),
        ("fleet number", seen.fleet_numbers),
    ):
        for label in labels:
            table.add_row(what, label.text, f"{label.probability:.2f}", str(label.frame_ms or ""))
    for shown in seen.clocks:
        table.add_row(
            "clock in the picture",
            shown.text,
            f"{shown.probability:.2f}",
            str(shown.frame_ms or ""),
        )
    for flag in (*(seen.facts.flags if seen.facts else ()), *seen.failures):
        table.add_row("[red]finding[/red]", f"{flag.code} {flag.detail}")
    out.print(table)


MARKS = {
    Outcome.PASS: "[green]pass[/green]",
    Outcome.REVIEW: "[yellow]review[/yellow]",
    Outcome.FAIL: "[red]fail[/red]",
}


def _print_findings(findings: tuple[Finding, ...]) -> None:
    table = new_table("Findings", "outcome", "code", "sight", "confidence", "details")
    for finding in findings:
        details = ", ".join(f"{key}={value}" for key, value in finding.details.items())
        mark = MARKS.get(finding.outcome, "not applicable")
        table.add_row(mark, finding.code, finding.sight or "", f"{finding.confidence:.2f}", details)
    out.print(table)


@app.command()
def recheck(
    since: Annotated[
        str, typer.Option(help="only reports received from this day on, 2026-06-01")
    ] = "",
) -> None:
    """Judge stored reports again by today's checks, without decoding a file again."""
    runtime = open_installation()
    with _bar("judging", None) as moved:
        result = verification.recheck(
            runtime, since=_instant(since) if since else None, progress=moved
        )
    out.print(f"{result.total} reports judged again, {result.changed} with another result.")


@app.command()
def reread(
    since: Annotated[
        str, typer.Option(help="only files of reports received from this day on, 2026-06-01")
    ] = "",
    limit: Annotated[int, typer.Option(min=0, help="so many files at most; 0: all")] = 0,
    dry_run: Annotated[bool, typer.Option(help="only say what would be read")] = False,
) -> None:
    """Read stored files again that an older reader has read, and judge again the reports that are undecided."""
    runtime = open_installation()
    begin = _instant(since) if since else None
    with _bar("reading", None) as moved:
        done = rereading.reread(
            runtime, since=begin, limit=limit or None, dry_run=dry_run, progress=moved
        )
    if dry_run:
        out.print(f"{len(done.found)} files would be read by reader {READER_VERSION}; nothing was.")
        return
    _print_reread(done)


def _print_reread(done: rereading.Reread) -> None:
    if done.changed:
        table = new_table("What changed", "report", "appeared", "vanished")
        for report in done.changed:
            table.add_row(
                report.report_number, " ".join(report.appeared), " ".join(report.vanished)
            )
        out.print(table)
        appeared, vanished = done.by_code()
        summary = new_table("In how many reports", "finding", "appeared", "vanished")
        for code in sorted(appeared.keys() | vanished.keys()):
            summary.add_row(code, str(appeared[code]), str(vanished[code]))
        out.print(summary)
    for sha256 in done.left:
        out.print(f"not read now, busy or failed: {sha256}", highlight=False)
    if done.decided:
        out.print(f"Decided, and left as they are: {', '.join(done.decided)}", highlight=False)
    out.print(
        f"{done.read} of {len(done.found)} files read by reader {READER_VERSION}; "
        f"{done.judged} reports judged again, {len(done.changed)} with another result.",
        soft_wrap=True,
    )


# -- review ----------------------------------------------------------------------------------------


@review_app.command("queue")
def review_queue(
    login: Login,
    password: Password,
    page: Annotated[int, typer.Option(min=1, help="which page of the list")] = 1,
) -> None:
    """List the reports that wait, the one due first on top."""
    runtime = open_installation()
    account_of(runtime, login, password, Role.OPERATIONS)
    with runtime.read() as work:
        shown = waiting.queue(work, page=page)
    table = new_table(
        f"{shown.total} reports",
        "number",
        "state",
        "category",
        "line",
        "plate",
        "due",
        "recommendation",
    )
    for row in shown.rows:
        due = local_time(row.answer_due_at) + (" overdue" if row.overdue else "")
        table.add_row(
            row.report_number,
            row.state,
            row.category,
            row.route or "",
            row.plate or "",
            due,
            row.recommendation or "",
        )
    out.print(table)


@review_app.command("decide")
def review_decide(  # noqa: PLR0913, PLR0917 - what a decision consists of
    report_number: Annotated[str, typer.Argument(help="the report's number")],
    verdict: Annotated[str, typer.Option(help="substantiated, unsubstantiated or assisted")],
    reason: Annotated[
        list[str], typer.Option(help="reason code, e.g. VIOLATION_SEEN; may be given several times")
    ],
    login: Login,
    password: Password,
    note: Annotated[str, typer.Option(help="for the record")] = "",
) -> None:
    """Decide one report. Look at its evidence first: the pages show it."""
    runtime = open_installation()
    officer = account_of(runtime, login, password, Role.OPERATIONS)
    with runtime.write() as work:
        row = reports.by_number(work.connection, report_number)
        decisions.decide(
            work,
            report_id=row.id,
            officer=officer,
            row_version=row.row_version,
            verdict=Verdict(verdict),
            reasons=reason,
            note=note,
        )
    out.print(f"{report_number}: {verdict}. The notice leaves after the time for undoing.")


# -- payout batches --------------------------------------------------------------------------------

BatchNumber = Annotated[str, typer.Argument(help="the batch's number")]


@contextmanager
def _as_finance(login: str, password: str) -> Iterator[tuple[Work, Account]]:
    runtime = open_installation()
    officer = account_of(runtime, login, password, Role.FINANCE)
    with runtime.write() as work:
        yield work, officer


def _batch_id(work: Work, number: str) -> str:
    known = {row.number: row.batch_id for row in payment.batches(work)}
    if number not in known:
        stop(f"There is no batch {number}; busreport batch list shows them.")
    return known[number]


@batch_app.command("list")
def batch_list(login: Login, password: Password) -> None:
    """List the payout batches, newest first."""
    table = new_table("Batches", "number", "state", "lines", "total fen", "built")
    with _as_finance(login, password) as (work, _officer):
        for row in payment.batches(work):
            lines, total = str(row.line_count or ""), str(row.total_fen or "")
            table.add_row(row.number, row.state, lines, total, local_time(row.built_at))
    out.print(table)


@batch_app.command("build")
def batch_build(login: Login, password: Password) -> None:
    """Put everything that was collected and is not yet paid into a new batch."""
    with _as_finance(login, password) as (work, officer):
        batch_id = payment.build_batch(work, officer)
        number = payment.batch_view(work, batch_id).number
    out.print(f"Batch {number} is open. Next: busreport batch freeze {number}")


@batch_app.command("freeze")
def batch_freeze(number: BatchNumber, login: Login, password: Password) -> None:
    """Close the list: lines are never edited after this."""
    with _as_finance(login, password) as (work, officer):
        payment.freeze(work, _batch_id(work, number), officer)
    out.print(
        f"Batch {number} is frozen. Next, by a second person: busreport batch approve {number}"
    )


@batch_app.command("approve")
def batch_approve(number: BatchNumber, login: Login, password: Password) -> None:
    """Approve a frozen batch; not by who froze it."""
    with _as_finance(login, password) as (work, officer):
        payment.approve(work, _batch_id(work, number), officer)
    out.print(
        f"Batch {number} is approved. Next, not by who approved: busreport batch export {number} --to FILE.csv"
    )


@batch_app.command("export")
def batch_export(
    number: BatchNumber,
    to: Annotated[Path, typer.Option(dir_okay=False, help="file to write, .csv or .xlsx")],
    login: Login,
    password: Password,
) -> None:
    """Write the payout list that goes to the bank or the card company."""
    kind = to.suffix.removeprefix(".").lower()
    if kind not in ("csv", "xlsx"):
        stop("The file's name must end in .csv or .xlsx.")
    with _as_finance(login, password) as (work, officer):
        _name, content = payment.export(work, _batch_id(work, number), officer, kind)
    to.write_bytes(content)
    out.print(
        f"Batch {number}: {to}, {len(content)} bytes. Next: busreport batch result {number} RESULT.csv"
    )


@batch_app.command("result")
def batch_result(
    number: BatchNumber,
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="the list that came back")
    ],
    login: Login,
    password: Password,
) -> None:
    """Load the list of what was paid and what failed; failed lines go into the next batch."""
    with _as_finance(login, password) as (work, officer):
        batch_id = _batch_id(work, number)
        payment.load_result(work, batch_id, officer, file.read_bytes())
        state = payment.batch_view(work, batch_id).state
    out.print(f"Batch {number} is {state}.")


@batch_app.command("close")
def batch_close(number: BatchNumber, login: Login, password: Password) -> None:
    """Close a settled batch."""
    with _as_finance(login, password) as (work, officer):
        payment.close(work, _batch_id(work, number), officer)
    out.print(f"Batch {number} is closed.")


@batch_app.command("cancel")
def batch_cancel(number: BatchNumber, login: Login, password: Password) -> None:
    """Cancel an open or frozen batch; its lines go back to what is collected."""
    with _as_finance(login, password) as (work, officer):
        payment.cancel(work, _batch_id(work, number), officer)
    out.print(f"Batch {number} is cancelled.")


# -- looking after it ------------------------------------------------------------------------------


@app.command()
def verify_audit(
    head: Annotated[
        str, typer.Option(help="a head that was noted down before, as this command prints it")
    ] = "",
) -> None:
    """Walk the audit log, hold ledger, shares and batches against it, and compare it with a head kept apart."""
    kept = Head.parse(head) if head else None
    with open_installation().read() as work:
        found = audit.verify(work, kept)
    if found.broken:
        err.print(
            f"The audit log is broken at entry {found.broken.seq}: {found.broken.reason}.",
            style="red",
        )
    if found.kept_holds is False:
        err.print(
            "The audit log does not go on from that head: it was cut off or rewritten since.",
            style="red",
        )
    for fault in found.faults:
        err.print(
            f"{fault.what}: {FAULTS[fault.code]} ({fault.code}, {fault.found})",
            style="red",
            highlight=False,
        )
    if not found.sound:
        stop(
            "Something was changed beside the product. Leave everything as it is, and keep a copy of it."
        )
    out.print(f"{found.head.count} entries, unbroken, and every fen is on record.")
    if kept is None:
        out.print(
            "Without a head kept apart, a log that was cut off or rewritten as a whole looks the same."
        )
    out.print(f"Head, to note outside this machine: {found.head}", highlight=False)


@app.command()
def fsck() -> None:
    """Compare every stored file with its row, reading every byte.

    Names what is missing, damaged or left over.
    """
    with open_installation().read() as work, err.status("reading every file"):
        found = evidence_files.fsck(work.connection, work.files)
    for sha256 in found.rows_without_file:
        err.print(f"missing  {sha256}", style="red", highlight=False)
    for sha256 in found.damaged:
        err.print(f"damaged  {sha256}", style="red", highlight=False)
    for sha256 in found.orphans:
        out.print(f"left over from a broken-off upload  {sha256}", highlight=False)
    if not found.whole:
        stop("Files are missing or damaged: restore them from the backup.")
    out.print(f"Every file is there, byte for byte; {len(found.orphans) + found.pieces} left over.")


if __name__ == "__main__":
    main()
