"""Words of engines never reach people: every source, reason and span of time is spoken."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.operations.spoken import details, span_of_time, spoken
from api.texts import Texts
from pipeline.languages import LANGUAGES
from scheme.finding import Finding, Outcome, Scope
from verifiers.dossiers.times.picture import PICTURE
from verifiers.dossiers.times.statements import Doubt, ReadAs
from verifiers.media.metadata import CLOCK_SOURCES, PLACE_SOURCES

ENGINES_WORD = re.compile(r"[a-z]+[._:][a-zA-Z]|[a-z]_[a-z]|exif|xmp|mvhd|quicktime", re.IGNORECASE)
TIMES = (*CLOCK_SOURCES, PICTURE)


def is_spoken(text: str) -> bool:
    return bool(text) and ENGINES_WORD.search(text) is None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("source", [*TIMES, *PLACE_SOURCES])
def test_every_source_is_spoken(source: str, language: str) -> None:
    texts = Texts(language)
    assert texts.has(f"source.{source}")
    assert is_spoken(spoken("source", source, texts))
    assert is_spoken(spoken("sources", f"{source} {PICTURE}", texts))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", [*Doubt, *ReadAs])
def test_every_reason_is_spoken_of_every_source(reason: Doubt | ReadAs, language: str) -> None:
    texts = Texts(language)
    detail = "contradictions" if isinstance(reason, Doubt) else "read_as"
    for source in TIMES:
        assert is_spoken(spoken(detail, f"{source}:{reason}", texts))
    several = " ".join(f"{source}:{reason}" for source in TIMES)
    assert is_spoken(spoken(detail, several, texts))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_field_of_an_older_reader_is_not_shown_by_its_code(language: str) -> None:
    texts = Texts(language)
    assert is_spoken(spoken("source", "quicktime.com.apple.quicktime.location.ISO6709", texts))


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        (0, "0 秒", "0 seconds"),
        (1, "1 秒", "1 second"),
        (60, "1 分钟", "1 minute"),
        (4260, "1 小时 11 分钟", "1 hour 11 minutes"),
        (86_399, "23 小时 59 分钟", "23 hours 59 minutes"),
        (86_460, "1 天", "1 day"),
        (92_117_156, "1,066 天 4 小时", "1,066 days 4 hours"),
    ],
)
def test_spans_of_time_are_said_in_days_hours_and_minutes(seconds: int, zh: str, en: str) -> None:
    assert span_of_time(seconds, Texts("zh")) == zh
    assert spoken("seconds_apart", str(seconds), Texts("en")) == en


@given(st.integers(0, 10**12))
def test_no_span_of_time_is_said_in_more_than_two_units(seconds: int) -> None:
    assert len(span_of_time(seconds, Texts("en")).split()) in (2, 4)


def test_a_findings_details_are_named_and_spoken() -> None:
    finding = Finding(
        "capture_time",
        "TIME_MISMATCH",
        Outcome.REVIEW,
        Scope.EVIDENCE,
        details={
            "seconds_apart": "92117156",
            "contradictions": "mvhd.creation_time:no_date",
            "sources": "exif.DateTimeOriginal",
            "stated": "2026-11-27T08:41:20+08:00",
            "detail": "never shown",
        },
    )
    said = dict(details(finding, Texts("en")))
    assert said.pop("stated").endswith("08:41:20")
    assert said == {
        "seconds_apart": "1,066 days 4 hours",
        "contradictions": "the recording's header: holds no date",
        "sources": "the camera's time of capture",
    }
