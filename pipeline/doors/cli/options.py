"""Options and arguments that several commands have, and what their help says of them."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from pipeline.doors.cli.terminal import day_of, deadline_of, instant, role_of, verdict_of
from scheme.deadlines import DateKind
from scheme.decision import Verdict
from scheme.staff import Role

# who does it

Login = Annotated[str, typer.Option("--as", help="your log-in; the password is asked for")]
Password = Annotated[
    str, typer.Option(prompt=True, hide_input=True, help="asked for when not given")
]
Second = Annotated[str, typer.Option("--with", help="log-in of the second person, who agrees")]
SecondPassword = Annotated[
    str, typer.Option(prompt="Password of the second person", hide_input=True, help="asked for")
]
NewPassword = Annotated[
    str,
    typer.Option(
        prompt=True, hide_input=True, confirmation_prompt=True, help="asked for when not given"
    ),
]
Whose = Annotated[str, typer.Argument(help="the log-in of the account")]
_ROLES = "operations, counter, finance, auditor or admin"
RoleGiven = Annotated[Role, typer.Argument(parser=role_of, metavar="ROLE", help=_ROLES)]
RoleNamed = Annotated[Role, typer.Option("--role", parser=role_of, metavar="ROLE", help=_ROLES)]

# what it is done to

ReportNumber = Annotated[str, typer.Argument(help="the report's number")]
BatchNumber = Annotated[str, typer.Argument(help="the batch's number")]
ByChannel = Annotated[
    str, typer.Option(help="how it is paid; without it what has to be paid first")
]
Position = Annotated[int, typer.Option(min=1, help="which of the reporters, the first named is 1")]
Deadline = Annotated[
    DateKind, typer.Option(parser=deadline_of, metavar="WHAT", help="what of it is settled")
]
ListFile = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, help="what came back, CSV or XLSX")
]
ListColumns = Annotated[
    list[str] | None, typer.Option(help="MEANING=HEADING, e.g. account=收款账号; once a column")
]
ListWords = Annotated[
    list[str] | None, typer.Option(help="WORD=paid, failed or open: what a word of the bank means")
]
ListUnit = Annotated[str, typer.Option(help="yuan or fen, where the amounts do not tell")]
CalendarFile = Annotated[
    Path,
    typer.Argument(
        exists=True,
        dir_okay=False,
        help="CSV (day,working,note; or 2027,whole), or holiday-cn's JSON",
    ),
]
RosterTable = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, help="CSV (UTF-8 or GBK) or XLSX")
]
Written = Annotated[Path, typer.Option(dir_okay=False, help="file to write, .csv or .xlsx")]

# how and why

VerdictGiven = Annotated[
    Verdict,
    typer.Option(
        parser=verdict_of, metavar="VERDICT", help="substantiated, unsubstantiated or assisted"
    ),
]
ReasonCodes = Annotated[
    list[str],
    typer.Option(help="reason code, e.g. VIOLATION_SEEN; may be given several times"),
]
Reason = Annotated[str, typer.Option(help="for the record")]
Note = Annotated[str, typer.Option(help="for the record")]
Since = Annotated[
    datetime | None,
    typer.Option(parser=instant, metavar="DAY", help="received from this day on, 2026-06-01"),
]
FirstDay = Annotated[
    date,
    typer.Option("--from", parser=day_of, metavar="DAY", help="first day it is in force"),
]
DryRun = Annotated[bool, typer.Option(help="only say what it would do")]
Yes = Annotated[bool, typer.Option("--yes", help="do not ask before it counts")]
Page = Annotated[int, typer.Option(min=1, help="which page of the list")]

# what a reporter says

Files = Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="photos or videos")]
Category = Annotated[str, typer.Option(help="red_light, wrong_way or smoking_or_phone")]
At = Annotated[
    datetime | None,
    typer.Option(
        parser=instant,
        metavar="TIME",
        help="when it happened, e.g. 2026-06-10T08:41 (Shanghai's time)",
    ),
]
RouteName = Annotated[str, typer.Option(help="line, e.g. 49")]
Plate = Annotated[str, typer.Option(help="plate, e.g. 沪A12345")]
Badge = Annotated[str, typer.Option(help="the driver's badge number")]
Kind = Annotated[str, typer.Option(help="with smoking_or_phone: smoking or phone")]
PlaceName = Annotated[str, typer.Option(help="where it happened")]
Reporters = Annotated[
    list[str], typer.Option(help="'name,phone'; once per joint reporter, first named first")
]
Postmark = Annotated[
    date | None,
    typer.Option(
        parser=day_of,
        metavar="DAY",
        help="day of the postmark of material sent by post, 2026-06-10",
    ),
]
Address = Annotated[str, typer.Option(help="with --postmark: where the sender is written to")]
Consent = Annotated[
    bool, typer.Option("--consent", help="the reporter agreed to the privacy text in force")
]
