"""Trial: a language is its folders of texts; what it lacks, policies included, is English."""

from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

from fastapi.testclient import TestClient

from api.app import create_app
from api.texts import Texts
from pipeline.answering import messages, notices
from pipeline.languages import LANGUAGES
from pipeline.runtime import Runtime
from pipeline.settings import Settings
from pipeline.store.notices import ANSWER, REWARD, of_report
from tests.api.visitor import Visitor, number_and_code
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

RECEIPT = "Nous avons reçu votre signalement {{ report_number }}, {{ files }} fichier(s)."
TO_COLLECT = "{{ total }} yuans, à retirer avec {{ documents }} : {{ address }}."
WORDS = """
[subject]
receipt = "Signalement {number} reçu"

[reason]
VIOLATION_SEEN = "l’infraction est visible"
"""
NAMED = (
    ('en = "Driving against traffic"', 'en = "Driving against traffic", fr = "À contresens"'),
    (
        'en = "your valid ID document"',
        'en = "your valid ID document", fr = "votre pièce d’identité"',
    ),
    ('version = "2"', 'version = "3"'),
    ("effective_from = 2012-10-18T00", "effective_from = 2026-01-01T00"),
)
"""What a policy that joins says in the new language, beside what every policy says."""


def test_a_language_is_its_folders(tmp_path: Path) -> None:
    copied(tmp_path, "api", "pipeline")
    pages = tmp_path / "api" / "locale" / "fr" / "LC_MESSAGES"
    pages.mkdir(parents=True)
    (pages / "messages.po").write_text(CATALOGUE, "utf-8")
    messages = tmp_path / "pipeline" / "notice_texts" / "fr"
    messages.mkdir()
    (messages / "receipt.txt").write_text(RECEIPT, "utf-8")
    (messages / "reward.txt").write_text(TO_COLLECT, "utf-8")
    (messages / "words.toml").write_text(WORDS, "utf-8")
    policies = tmp_path / "policies"
    policies.mkdir()
    (policies / "2026.toml").write_text(policy_with_names(), "utf-8")
    tried(tmp_path, passengers_and_staff_read_it)
    tried(tmp_path, messages_are_in_it)


def policy_with_names() -> str:
    (shipped,) = files("scheme").joinpath("policies").glob("*.toml")  # type: ignore[attr-defined]
    text: str = shipped.read_text("utf-8")
    for english, also in NAMED:
        assert text.count(english) == 1, english
        text = text.replace(english, also)
    return text


def opened(home: str) -> Runtime:
    """An installation whose second policy has names in French; the shipped one has none."""
    here = Path.cwd()
    environment = {"BUSREPORT_HOME": str(here / home), "BUSREPORT_POLICIES": str(here / "policies")}
    settings = Settings.from_environment(environment)
    return Runtime.open(settings, now=lambda: datetime(2026, 3, 11, 2, tzinfo=UTC))


def passengers_and_staff_read_it() -> None:
    assert LANGUAGES == ("zh", "en", "fr")
    texts = Texts("fr")
    assert texts.day(datetime(2026, 6, 10, tzinfo=UTC).date()) == "mercredi 10 juin 2026"
    assert texts.named({"zh": "逆行", "en": "Wrong way"}) == "Wrong way"
    runtime = opened("pages")
    visitor = TestClient(create_app(runtime))
    page = visitor.get("/?lang=fr").text
    assert '<html lang="fr">' in page
    assert "Signaler une infraction" in page
    assert "English</a>" in page
    assert "中文</a>" in page
    kinds = visitor.get("/r").text
    assert "À contresens" in kinds
    assert "Running a red light" in kinds
    assert '<html lang="fr">' in visitor.get("/login").text
    assert "Français</a>" in visitor.get("/?lang=zh").text
    runtime.close()


def messages_are_in_it() -> None:
    runtime = opened("messages")
    app = create_app(runtime)
    visitor = Visitor(app)
    visitor.get("/?lang=fr")
    receipt = visitor.begin().fill().submit()
    assert '<html lang="fr">' in receipt.text
    number, code = number_and_code(receipt)
    with runtime.write() as work:
        notices.write_receipt(work, visitor.report_id)
        notices.write(work, ANSWER, visitor.report_id, facts=DECIDED)
        notices.write(work, REWARD, visitor.report_id, facts=REWARDED)
        rows = of_report(work.connection, visitor.report_id)
        kept = {row.kind: messages.composed(work, row) for row in rows}
    first, answer, reward = kept["receipt"], kept["answer"], kept["reward"]
    assert first is not None
    assert answer is not None
    assert first.subject == f"投诉 {number} 已收到 / Signalement {number} reçu"
    assert first.text.endswith(f"Nous avons reçu votre signalement {number}, 1 fichier(s).")
    assert first.text.startswith(f"您的投诉 {number} 已于")
    # no template of its own: the whole message is English, words and all
    assert "substantiated. Reason: the violation can be seen" in answer.text
    assert "属实" in answer.text
    assert reward is not None
    assert "avec votre pièce d’identité : Operations Department" in reward.text
    elsewhere = Visitor(app)
    elsewhere.post("/s", report_number=number, secret_code=code)
    assert '<html lang="fr">' in elsewhere.get("/s/report").text
    runtime.close()


DECIDED = {
    "verdict": "substantiated",
    "reasons": ["VIOLATION_SEEN"],
    "entitlement": "first",
    "changed": False,
}
REWARDED = {"amount_fen": 5000, "total_fen": 5000, "slip_fen": [5000], "collects": True}
