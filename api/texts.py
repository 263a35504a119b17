"""Texts for people: gettext catalogues, keys as message ids, one domain an audience.

Code knows keys only (``error.EMPTY_FILE``, ``finding.PLATE_SEEN``). A language is a folder of
``api/locale`` and nothing else: its name, how it writes days and all that pages say stand in its
catalogue. In the two languages that are held complete a key that lacks is a bug and raises; what
any other one lacks is said in English, names that a policy does not have in it included.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.messages.pofile import read_po

from pipeline.languages import FALLBACK, LANGUAGES, WHOLE, named

LOCALE = Path(__file__).parent / "locale"
DOMAINS = ("messages", "operations", "calendar", "counter", "persons", "finance", "terminal")


def _locales() -> Mapping[str, str]:
    """Language -> its folder; one that has messages only is its own locale."""
    folders = sorted(folder.name for folder in LOCALE.iterdir() if folder.is_dir())
    by_language = {name.partition("_")[0]: name for name in folders}
    return MappingProxyType(
        {language: by_language.get(language, language) for language in LANGUAGES}
    )


LOCALES: Final = _locales()
ZONE = ZoneInfo("Asia/Shanghai")


class MissingText(LookupError):
    """The catalogue of a language has no text for ``key``."""

    def __init__(self, language: str, key: str) -> None:
        super().__init__(f"{language}: {key}")
        self.language, self.key = language, key


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Every text of one language by key, all domains merged; empty translations are left out."""
    texts = {} if language in WHOLE else _begun(language)
    for domain in DOMAINS:
        path = LOCALE / LOCALES[language] / "LC_MESSAGES" / f"{domain}.po"
        if path.is_file():
            with path.open("rb") as stream:
                messages = read_po(stream, locale=LOCALES[language], domain=domain)
            texts.update({str(m.id): str(m.string) for m in messages if m.id and m.string})
    return MappingProxyType(texts)


def _begun(language: str) -> dict[str, str]:
    """All that a catalogue need not say: English, but for the language's own name."""
    called = Locale.parse(LOCALES[language]).get_display_name() or language
    return {**catalogue(FALLBACK), "language.name": called}


@dataclass(frozen=True, slots=True)
class Texts:
    """All that a page says in one language. ``language`` is one of LANGUAGES."""

    language: str

    @property
    def tag(self) -> str:
        """The language as HTML names it: ``zh-CN``."""
        return tag_of(self.language)

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
        """This language's name out of a policy's ``{"zh": …, "en": …}``, or the English one."""
        return named(names, self.language)

    def when(self, instant: datetime, style: str = "moment") -> str:
        """An aware instant as wall-clock time in Asia/Shanghai; ``style``.

        Moment, second, day or short.
        """
        if instant.tzinfo is None:
            raise ValueError("an instant must be aware")
        pattern = self.t(f"date.{style}")
        return format_datetime(instant, pattern, tzinfo=ZONE, locale=LOCALES[self.language])

    def day(self, day: date) -> str:
        """A calendar day with its weekday."""
        return format_date(day, self.t("date.day"), locale=LOCALES[self.language])

    def day_before(self, instant: datetime) -> str:
        """The last day before an exclusive end: 24:00 of a day is shown as that day."""
        return self.day((instant - timedelta(microseconds=1)).astimezone(ZONE).date())

    def size(self, size_bytes: int) -> str:
        """A file size for people: ``3.4 MB``, ``50 MB``."""
        for unit, power in (("GB", 30), ("MB", 20), ("kB", 10)):
            if size_bytes >= 2**power:
                return f"{size_bytes / 2**power:.1f}".removesuffix(".0") + f" {unit}"
        return f"{size_bytes} B"


def tag_of(language: str) -> str:
    """A language as HTML names it: ``zh-CN``."""
    return LOCALES[language].replace("_", "-")


def language_or_default(wanted: str | None) -> str:
    """``wanted`` when it is served, else the first language."""
    return wanted if wanted in LANGUAGES else LANGUAGES[0]


def grouped_code(code: str) -> str:
    """Sixteen digits in groups of four, to be read out, copied and typed by people."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))
