"""What stands behind a finding, spoken: sources, reasons, spans of time, instants.

Checks keep values as texts with the codes of the fields they come from; people are told in words.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from api.texts import Texts
from scheme.finding import Finding

SPANS_OF_TIME: Final = frozenset({"seconds", "seconds_apart", "seconds_ahead"})
"""Details that count whole seconds."""

FIELDS: Final = frozenset({"source", "sources"})
"""Details that name fields of a file."""

CONTRADICTIONS, READ_AS = "contradictions", "read_as"
"""Details of ``field:reason``: what speaks against a field, and how one was read."""

UNITS: Final = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
"""Unit -> its seconds, largest first."""

UNITS_SAID: Final = 2
"""A span is said in so many units: three years apart, nobody asks for the seconds."""


def details(finding: Finding, texts: Texts) -> Iterator[tuple[str, str]]:
    """``(name, value in words)`` of each detail for which pages have a name."""
    for key, value in finding.details.items():
        names = (f"{finding.check}.{key}", key)
        name = next((name for name in names if texts.has(f"detail.{name}")), "")
        if name:
            yield name, spoken(name, value, texts)


def spoken(name: str, value: str, texts: Texts) -> str:
    """One value in the language of the page; what is a stranger's own text stays as it is."""
    words = value.split()
    if name in SPANS_OF_TIME and value.isdecimal():
        return span_of_time(int(value), texts)
    if name in FIELDS:
        return _listed([_field(word, texts) for word in words], texts)
    if name in (CONTRADICTIONS, READ_AS):
        clauses = dict.fromkeys(_reason(name, word, texts) for word in words)
        return texts.t("list.clauses").join(clauses)
    if words and all(texts.has(f"sight.{word}") for word in words):
        return _listed([texts.t(f"sight.{word}") for word in words], texts)
    if words and all(texts.has(f"word.{word}") for word in words):
        return _listed([texts.t(f"word.{word}") for word in words], texts)
    return _instant(value, texts)


def span_of_time(seconds: int, texts: Texts) -> str:
    """``1,066 days 4 hours``, ``71 minutes``, ``0 seconds``: the two largest units that count."""
    said: list[str] = []
    left = seconds
    for unit, length in UNITS:
        count, left = divmod(left, length)
        if count:
            said.append(_counted(count, unit, texts))
        elif said:
            break  # after "3 days" without hours, minutes are too small to matter
    if not said:
        return _counted(0, "second", texts)
    return texts.t("span.joined").join(said[:UNITS_SAID])


def _counted(count: int, unit: str, texts: Texts) -> str:
    key = f"span.one_{unit}" if count == 1 else f"span.{unit}s"
    return texts.t(key, count=f"{count:,}")


def _field(source: str, texts: Texts) -> str:
    key = f"source.{source}"
    return texts.t(key) if texts.has(key) else texts.t("source.other")


def _reason(name: str, named: str, texts: Texts) -> str:
    source, _, reason = named.rpartition(":")
    key = f"doubt.{reason}" if name == CONTRADICTIONS else f"read_as.{reason}"
    return _field(source, texts) + texts.t("list.colon") + texts.t(key)


def _listed(words: list[str], texts: Texts) -> str:
    return texts.t("list.separator").join(dict.fromkeys(words))


def _instant(value: str, texts: Texts) -> str:
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        return value
    return texts.when(instant, "second") if instant.tzinfo else value
