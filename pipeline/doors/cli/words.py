"""What the catalogues say at a terminal: in its language where it is served, else in English."""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any, Final

from pipeline.languages import LANGUAGES
from pipeline.settings import languages_wanted
from scheme.finding import Finding
from scheme.reading import Flag

LANGUAGE: Final = "en"
"""What the command line itself speaks; a terminal set to another language that is served has it."""


def language_of_terminal() -> str:
    """The first language wanted here that is served, else English like the commands themselves."""
    wanted = (language for language in languages_wanted() if language in LANGUAGES)
    return next(wanted, LANGUAGE)


@cache
def texts_in(language: str) -> Any:  # noqa: ANN401 - by name: the pipeline does not lean on the counter
    """The catalogue of ``language``, as pages have it."""
    return import_module("api.texts").Texts(language)


def text(key: str, **values: object) -> str:
    """The text of ``key`` in the terminal's language."""
    sentence: str = texts_in(language_of_terminal()).t(key, **values)
    return sentence


def flag_said(flag: Flag) -> str:
    """A mark of a file in words, and what to do where the counter would refuse such a file."""
    texts = texts_in(language_of_terminal())
    reason = f"error.{flag.detail.partition(':')[0]}"
    said: str = texts.t(f"finding.{flag.code}")
    return f"{said}\n{texts.t(reason)}" if texts.has(reason) else said


def source_said(source: str) -> str:
    """A field of a file in words: ``exif.DateTimeOriginal`` is the camera's time of capture."""
    texts = texts_in(language_of_terminal())
    named: str = import_module("api.operations.spoken").spoken("source", source, texts)
    return named


def details_said(finding: Finding) -> Iterator[str]:
    """What stands behind a finding, each ``name: value`` in the words of the case page."""
    texts = texts_in(language_of_terminal())
    spoken = import_module("api.operations.spoken")
    for name, value in spoken.details(finding, texts):
        yield f"{texts.t(f'detail.{name}')}{texts.t('list.colon')}{value}"
