"""Texts for people: gettext catalogues, keys as message ids, one domain an audience.

Code knows keys only (``error.EMPTY_FILE``, ``finding.PLATE_SEEN``). A key that a language lacks is
a bug and raises: the tests hold every catalogue complete, so no page ever shows a key or falls back
to another language.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.messages.pofile import read_po

LOCALE = Path(__file__).parent / "locale"
DOMAINS = ("messages", "operations", "calendar", "counter", "persons", "finance", "terminal")
LANGUAGES = ("zh", "en")
"""The languages served, the first one is what a stranger gets. The same keys as in a policy's
names.
"""

LOCALES: Mapping[str, str] = MappingProxyType({"zh": "zh_CN", "en": "en"})
ZONE = ZoneInfo("Asia/Shanghai")

_PATTERNS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "zh": {
            "moment": "y年M月d日 HH:mm",
            "second": "y年M月d日 HH:mm:ss",
            "day": "y年M月d日 EEEE",
            "short": "M月d日 HH:mm",
        },
        "en": {
            "moment": "d MMM y, HH:mm",
            "second": "d MMM y, HH:mm:ss",
            "day": "EEEE d MMMM y",
            "short": "d MMM HH:mm",
        },
    }
)


class MissingText(LookupError):
    """The catalogue of a language has no text for ``key``."""

    def __init__(self, language: str, key: str) -> None:
        super().__init__(f"{language}: {key}")
        self.language, self.key = language, key


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Every text of one language by key, all domains merged; empty translations are left out."""
    texts: dict[str, str] = {}
    for domain in DOMAINS:
        path = LOCALE / LOCALES[language] / "LC_MESSAGES" / f"{domain}.po"
        if path.is_file():
            with path.open("rb") as stream:
                messages = read_po(stream, locale=LOCALES[language], domain=domain)
            texts.update({str(m.id): str(m.string) for m in messages if m.id and m.string})
    return MappingProxyType(texts)


@dataclass(frozen=True, slots=True)
class Texts:
    """All that a page says in one language. ``language`` is one of LANGUAGES."""

    language: str

    def t(self, key: str, **values: object) -> str:
        """The text of ``key`` with ``{name}`` places filled from ``values``. Raises MissingText."""
        text = catalogue(self.language).get(key)
        if text is None:
            raise MissingText(self.language, key)
        return text.format_map(values) if values else text

    def has(self, key: str) -> bool:
        """Whether the catalogue knows ``key``.

        For optional texts (a fix that exists for some findings only).
        """
        return key in catalogue(self.language)

    def named(self, names: Mapping[str, str]) -> str:
        """This language's name out of a policy's ``{"zh": …, "en": …}``."""
        return names[self.language]

    def when(self, instant: datetime, style: str = "moment") -> str:
        """An aware instant as wall-clock time in Asia/Shanghai; ``style``.

        Moment, second, day or short.
        """
        if instant.tzinfo is None:
            raise ValueError("an instant must be aware")
        pattern = _PATTERNS[self.language][style]
        return format_datetime(instant, pattern, tzinfo=ZONE, locale=LOCALES[self.language])

    def day(self, day: date) -> str:
        """A calendar day with its weekday."""
        return format_date(day, _PATTERNS[self.language]["day"], locale=LOCALES[self.language])

    def day_before(self, instant: datetime) -> str:
        """The last day before an exclusive end: 24:00 of a day is shown as that day."""
        return self.day((instant - timedelta(microseconds=1)).astimezone(ZONE).date())

    def size(self, size_bytes: int) -> str:
        """A file size for people: ``3.4 MB``, ``50 MB``."""
        for unit, power in (("GB", 30), ("MB", 20), ("kB", 10)):
            if size_bytes >= 2**power:
                return f"{size_bytes / 2**power:.1f}".removesuffix(".0") + f" {unit}"
        return f"{size_bytes} B"


def language_or_default(wanted: str | None) -> str:
    """``wanted`` when it is served, else the first language."""
    return wanted if wanted in LANGUAGES else LANGUAGES[0]
