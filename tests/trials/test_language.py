"""Trial: a language is one catalogue. What it lacks, policies included, is said in English."""

from datetime import UTC, datetime
from pathlib import Path

from fastapi.testclient import TestClient

from api.app import create_app
from api.texts import LANGUAGES, Texts
from pipeline.runtime import Runtime
from pipeline.settings import Settings
from tests.trials.copied import copied, tried

CATALOGUE = """
msgid ""
msgstr ""
"Language: fr\\n"
"Content-Type: text/plain; charset=utf-8\\n"

msgid "language.name"
msgstr "Français"

msgid "service.name"
msgstr "Signaler une infraction"

msgid "date.day"
msgstr "EEEE d MMMM y"
"""


def test_a_language_is_one_catalogue(tmp_path: Path) -> None:
    folder = copied(tmp_path, "api") / "api" / "locale" / "fr" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").write_text(CATALOGUE, "utf-8")
    tried(tmp_path, passengers_and_staff_read_it)


def passengers_and_staff_read_it() -> None:
    assert LANGUAGES == ("zh", "en", "fr")
    texts = Texts("fr")
    assert texts.day(datetime(2026, 6, 10, tzinfo=UTC).date()) == "mercredi 10 juin 2026"
    assert texts.named({"zh": "逆行", "en": "Wrong way"}) == "Wrong way"
    runtime = Runtime.open(Settings.under(Path("home").resolve()))
    visitor = TestClient(create_app(runtime))
    page = visitor.get("/?lang=fr").text
    assert '<html lang="fr">' in page
    assert "Signaler une infraction" in page
    assert "English</a>" in page
    assert "中文</a>" in page
    assert "Running a red light" in visitor.get("/r").text or "red light" in page
    assert '<html lang="fr">' in visitor.get("/login").text
    assert "Français</a>" in visitor.get("/?lang=zh").text
    runtime.close()
