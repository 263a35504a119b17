"""Every refusal has its text: whatever a stage can raise is told in words, in both languages."""

import inspect
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from typer.testing import CliRunner

from api.errors import REFUSALS
from api.texts import LOCALE, catalogue
from pipeline import spreadsheets
from pipeline.doors.cli import main
from pipeline.doors.cli.refusals import AT_THE_MACHINE, sentences
from pipeline.languages import LANGUAGES
from pipeline.staff.accounts import PasswordTooShort
from pipeline.verifying import roster_files
from scheme import naming

ROOMS = ("scheme", "rewards", "verifiers", "pipeline")
NEVER_SAID = {
    # told by another name where a person could meet it
    "verifiers.media.formats.EmptyFile": "the refusal of receiving that has the same name",
    "verifiers.media.formats.FileTooLarge": "the same",
    "pipeline.verifying.roster_files.RosterUnreadable": "fleet.RosterInvalid",
    "pipeline.spreadsheets.TableUnreadable": "fleet.RosterInvalid, returned_lists.ListUnreadable",
    "rewards.returned_list.NoHeadings": "returned_lists.ListUnreadable",
    # a finding or a row, not a refusal
    "verifiers.media.protocol.MediaError": "a finding",
    "pipeline.answering.providers.NotSent": "the notice waits for its next try",
    # inside the decoder's cell
    "verifiers.media.cell.CellBroken": "the child dies, which is a finding",
    "verifiers.media.wire.ChannelBroken": "the child dies, which is a finding",
    # bugs keep their trace
    "pipeline.languages.NoLanguage": "whoever adds a folder of texts meets it at once",
    "pipeline.store.person_keys.NoSuchPerson": "a bug",
    "verifiers.media.layout.NoSuchWalk": "a format without its layout: a bug",
    "pipeline.store.transfers.AlreadyPosted": "a bug",
    "pipeline.store.ledger.AlreadyRewarded": "a bug",
}


def exceptions() -> Iterator[type[Exception]]:
    """Every public exception that the rooms below the counter define."""
    for room in ROOMS:
        package = import_module(room)
        for module in pkgutil.walk_packages(package.__path__, f"{room}."):
            if ".migrations" in module.name:
                continue
            for name, thing in vars(import_module(module.name)).items():
                ours = inspect.isclass(thing) and thing.__module__ == module.name
                if ours and issubclass(thing, Exception) and not name.startswith("_"):
                    yield thing


def name_of(refusal: type[Exception]) -> str:
    return f"{refusal.__module__}.{refusal.__name__}"


def test_every_refusal_has_its_text() -> None:
    told = {*REFUSALS, *AT_THE_MACHINE}
    silent = {
        name_of(refusal)
        for refusal in exceptions()
        if told.isdisjoint(refusal.__mro__) and not refusal.__subclasses__()
    }
    assert silent - set(NEVER_SAID) == set()


def test_no_row_is_for_an_exception_that_is_gone() -> None:
    names = {name_of(refusal) for refusal in exceptions()}
    assert set(NEVER_SAID) <= names


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_the_terminal_shows_what_its_refusal_has(language: str) -> None:
    known = catalogue(language)
    for kind, words in AT_THE_MACHINE.items():
        places = {name: name for name in words.shown}
        assert known[f"error.{words.code}"].format_map(places), kind


def test_no_text_of_the_terminal_is_left_over() -> None:
    with (LOCALE / "en" / "LC_MESSAGES" / "terminal.po").open("rb") as stream:
        keys = {str(message.id) for message in read_po(stream) if message.id}
    errors = {f"error.{words.code}" for words in AT_THE_MACHINE.values()}
    reading = "".join(inspect.getsource(module) for module in (roster_files, naming, spreadsheets))
    left_over = [
        key
        for key in keys - errors - {"roster.problem.twice"}
        if f'"{key.removeprefix("roster.problem.")}"' not in reading
    ]
    assert left_over == []


def test_a_refusal_is_said_in_both_languages() -> None:
    refusal = PasswordTooShort(10)
    assert sentences(refusal, "en") == ("A pass word takes at least 10 signs, and 200 at most.",)
    assert sentences(refusal, "zh") == ("密码至少需要 10 个字符，最多 200 个。",)
    assert sentences(KeyError("a bug"), "en") == ()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    file = tmp_path / "photo.jpg"
    file.write_bytes(b"\xff\xd8\xff\xe0 no photo, and never looked at")
    return file


def taken_in(photo: Path, reporter: str, at: str = "2026-06-10T08:41", *more: str) -> str:
    report = ["--category", "wrong_way", "--at", at, "--plate", "沪A12345", "--reporter", reporter]
    environment = {"BUSREPORT_HOME": str(photo.parent / "home"), "COLUMNS": "200"}
    result = CliRunner().invoke(main.app, ["intake", str(photo), *report, *more], env=environment)
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code != 0
    return result.output


def test_a_reporter_without_a_phone_is_refused_in_words(photo: Path) -> None:
    agreed = taken_in(photo, "王小明", "2026-06-10T08:41", "--consent")
    assert "Traceback" not in agreed
    assert "phone number" in agreed


def test_a_time_or_postmark_that_is_none_is_refused_in_words(photo: Path) -> None:
    assert "'yesterday' is no day or time" in taken_in(photo, "王小明,13800000000", "yesterday")
    late = taken_in(photo, "王小明,13800000000", "2026-06-10", "--postmark", "June")
    assert "'June' is no day" in late
