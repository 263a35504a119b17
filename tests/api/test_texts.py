"""The catalogue: complete in every language, nothing missing, nothing left over."""

import re
import string
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from api import texts
from api.errors import REFUSALS
from api.texts import DOMAINS, LOCALE, LOCALES, MissingText, Texts, catalogue
from pipeline.doors.health import CODES as HEALTH_CODES
from pipeline.languages import LANGUAGES, WHOLE
from pipeline.people import history
from pipeline.store.actions import Action
from scheme.case import ReportState, ShareState
from scheme.decision import REASONS, Verdict
from scheme.entitlement import Entitlement
from scheme.finding import CODES, Sight

API = Path(texts.__file__).parent
FAMILY = re.compile(r"""["']([a-z_.]+[._])["']\s*~|f["']([a-z_.]+[._])\{""")
KEY = re.compile(r"""["']([a-z_]+(?:\.\w+)+)["']""")


def sources() -> Iterator[str]:
    """Every template and module of the room."""
    for pattern in ("**/*.html", "**/*.py"):
        for path in API.glob(pattern):
            yield path.read_text(encoding="utf-8")


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_domain_has_the_same_keys_in_every_language_and_each_is_translated(
    domain: str,
) -> None:
    keys: list[set[str]] = []
    for language in WHOLE:
        with (LOCALE / LOCALES[language] / "LC_MESSAGES" / f"{domain}.po").open("rb") as stream:
            messages = [message for message in read_po(stream, abort_invalid=True) if message.id]
        assert [message.id for message in messages if not message.string or message.fuzzy] == []
        keys.append({str(message.id) for message in messages})
    assert keys[0] == keys[1]


def test_no_key_stands_in_two_domains() -> None:
    seen: dict[str, str] = {}
    for domain in DOMAINS:
        with (LOCALE / "en" / "LC_MESSAGES" / f"{domain}.po").open("rb") as stream:
            for message in read_po(stream):
                if message.id:
                    assert str(message.id) not in seen, (
                        f"{message.id}: {domain} and {seen[str(message.id)]}"
                    )
                    seen[str(message.id)] = domain


def test_both_languages_have_the_same_places_to_fill() -> None:
    def places(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    zh, en = catalogue("zh"), catalogue("en")
    assert {key: places(zh[key]) for key in zh} == {key: places(en[key]) for key in en}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_of_the_scheme_can_be_said(language: str) -> None:
    known = catalogue(language)
    wanted = [
        *(f"finding.{code}" for code in CODES),
        *(f"reason.{code}" for code in REASONS),
        *(f"sight.{sight}" for sight in Sight),
        *(f"state.report.{state}" for state in ReportState),
        *(f"state.share.{state}" for state in ShareState),
        *(f"verdict.{verdict}" for verdict in Verdict),
        *(f"report.entitlement_{entitlement}" for entitlement in Entitlement),
        *(f"health.{code}" for code in HEALTH_CODES),
        *(f"event.{action}" for action in Action),
        *(f"persons.action.{action}" for action in history.ON_RECORD),
        *(
            f"error.{row.code}"
            for row in REFUSALS.values()
            if not row.variant and row.code != "CLAIM_INCOMPLETE"
        ),
    ]
    assert [key for key in wanted if key not in known] == []


def test_no_text_speaks_of_a_code_the_scheme_no_longer_has() -> None:
    known = catalogue("zh")
    told = {key.partition(".")[2] for key in known if key.startswith(("finding.", "fix."))}
    assert told - set(CODES) == set()
    assert {key.partition(".")[2] for key in known if key.startswith("reason.")} - set(
        REASONS
    ) == set()
    assert {key.partition(".")[2] for key in known if key.startswith("health.")} - set(
        HEALTH_CODES
    ) == set()
    actions = {key.removeprefix("event.") for key in known if key.startswith("event.")}
    parts_of_a_line = {"appeared", "vanished", "reason.collection"}
    assert actions - set(Action) == parts_of_a_line
    on_persons = {key for key in known if key.startswith("persons.action.")}
    assert on_persons == {f"persons.action.{action}" for action in history.ON_RECORD}


def test_every_key_that_is_written_down_exists() -> None:
    known = catalogue("zh")
    families = {key.split(".")[0] for key in known}
    written = {
        key
        for source in sources()
        for key in KEY.findall(source)
        if key.split(".")[0] in families
        and not key.endswith((".html", ".js", ".css", ".svg", ".po", "_"))
    }
    missing = {
        key
        for key in written
        if key not in known and key.split(".")[0] not in ("api", "passengers")
    }
    assert missing == set()


def test_no_text_is_left_over() -> None:
    everything = "\n".join(sources())
    families = tuple({one or other for one, other in FAMILY.findall(everything)})
    assert families
    errors = set(re.findall(r"""["']([A-Z][A-Z_]+)["']""", everything))
    with (LOCALE / "en" / "LC_MESSAGES" / "terminal.po").open("rb") as stream:
        terminal = {message.id for message in read_po(stream)}
    unused = [
        key
        for key in catalogue("zh")
        if not re.search(rf"""["']{re.escape(key)}["']""", everything)
        and not key.startswith(families)
        and not key.startswith("health.")  # held to the pipeline's own table above
        and key not in terminal  # held to the command line's own table
        and not (key.startswith("error.") and key.split(".")[1] in errors)
    ]
    assert unused == []


def test_whatever_was_done_is_said_in_words() -> None:
    """Every ``did=…`` of a redirect and every form on a report has its text, and none is left."""
    everything = "\n".join(sources())
    done = set(
        re.findall(r'see_other\([^()]*(?:\([^()]*\)[^()]*)*, (?:did=)?"(\w+)"\)', everything)
    )
    on_reports = set(re.findall(r'form\.do\(\s*"(\w+)"', everything))
    entered = set(re.findall(r'_entered\(\s*request,\s*form,\s*"(\w+)"', everything))
    ruled = set(re.findall(r'_ruled\([^"]*?"(\w+)"', everything))
    batch_steps = set(re.findall(r'_step\([^"]*?"(\w+)"', everything))
    told = {key.removeprefix("did.") for key in catalogue("zh") if key.startswith("did.")}
    assert told == done | on_reports | entered | ruled | batch_steps


def test_a_missing_key_is_an_error_and_never_shown() -> None:
    with pytest.raises(MissingText):
        Texts("zh").t("no.such.key")


def test_instants_are_shown_in_shanghai() -> None:
    late = datetime(2026, 3, 11, 16, 30, tzinfo=UTC)
    assert Texts("zh").when(late) == "2026年3月12日 00:30"
    assert Texts("en").when(late, "second") == "12 Mar 2026, 00:30:00"
    with pytest.raises(ValueError, match="aware"):
        Texts("zh").when(datetime(2026, 3, 11))  # noqa: DTZ001 - a naive one is the point


def test_the_end_of_a_day_is_told_as_that_day() -> None:
    assert Texts("en").day_before(datetime(2026, 3, 11, 16, 0, tzinfo=UTC)) == Texts("en").day(
        date(2026, 3, 11)
    )


def test_sizes() -> None:
    texts_ = Texts("en")
    assert [texts_.size(number) for number in (0, 1023, 50 * 2**20, 3 * 2**30 // 2)] == [
        "0 B",
        "1023 B",
        "50 MB",
        "1.5 GB",
    ]
