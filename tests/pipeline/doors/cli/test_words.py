"""The terminal says what pages say: no code of an engine, in the language that the terminal has."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.texts import Texts
from pipeline.doors.cli import main
from pipeline.settings import languages_wanted
from samples.drawing import DrawnSample, draw

CODE = re.compile(r"[A-Z]{3,}_[A-Z_]+|[a-z]+\.[A-Z][A-Za-z]+|[a-z_]+=")
"""``PLATE_OTHER``, ``exif.DateTimeOriginal``, ``signs_apart=``: words of engines."""


@pytest.fixture(scope="module")
def bus(tmp_path_factory: pytest.TempPathFactory) -> DrawnSample:
    day = datetime(2026, 6, 10, 0, 41, tzinfo=UTC)
    return draw("bus_front_2099", tmp_path_factory.mktemp("drawn"), day)


def checked(tmp_path: Path, file: Path, language: str, *claim: str) -> str:
    environment = {
        "BUSREPORT_HOME": str(tmp_path / "home"),
        "COLUMNS": "240",
        "NO_COLOR": "1",
        "LANGUAGE": language,
    }
    shown = CliRunner().invoke(main.app, ["check", str(file), *claim], env=environment)
    assert shown.exit_code == 0, shown.output
    return shown.stdout


@pytest.mark.parametrize("language", ["zh", "en"])
def test_findings_are_spoken_as_on_pages(tmp_path: Path, bus: DrawnSample, language: str) -> None:
    claim = ("--category", "wrong_way", "--plate", "沪A12345", "--at", "2026-06-10T08:41")
    shown = checked(tmp_path, bus.path, language, *claim)
    t = Texts(language).t
    assert t("finding.PLATE_OTHER") in shown
    assert t("doubt.impossible") in shown
    assert t("source.exif.DateTimeOriginal") in shown
    assert "沪A05127D" in shown
    assert CODE.findall(shown) == []


def test_a_file_of_another_kind_is_told_which_kinds_there_are(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text('{"no": "picture"}\n' * 20, "utf-8")
    shown = checked(tmp_path, file, "en")
    assert Texts("en").t("finding.UNREADABLE") in shown
    assert "JPEG, PNG, HEIC, WebP" in shown


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, ("",)),
        ({"LANG": "zh_CN.UTF-8"}, ("zh",)),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "zh_CN"}, ("zh",)),
        ({"LANG": "zh_CN.UTF-8", "LANGUAGE": "fr:zh_CN:en"}, ("fr", "zh", "en")),
        ({"LANG": "C.UTF-8"}, ("C",)),
    ],
)
def test_the_terminals_language_is_the_one_asked_for(
    environment: dict[str, str], wanted: tuple[str, ...]
) -> None:
    assert languages_wanted(environment) == wanted
