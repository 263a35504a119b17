"""Texts of notices: one template a kind and language, and the words they are filled with.

No code holds a text. A language is a folder here; of the complete ones nothing may lack, another
one may begin with one template: whole messages that it lacks are said in English, and so is each
word.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from pipeline.languages import FALLBACK, WHOLE

KINDS = ("receipt", "answer", "reward", "ask", "explanation", "forfeited")

_templates = Environment(
    loader=PackageLoader("pipeline", "notice_texts"),
    undefined=StrictUndefined,
    autoescape=False,  # noqa: S701 - plain text for SMS and mail; escaping would put &amp; into it
    trim_blocks=False,
    keep_trailing_newline=False,
)


@cache
def words(language: str) -> Mapping[str, Mapping[str, str]]:
    """Section -> code -> word."""
    own = _own_words(language)
    if language in WHOLE:
        return own
    english = words(FALLBACK)
    return MappingProxyType(
        {section: {**english[section], **own.get(section, {})} for section in english}
    )


def _own_words(language: str) -> Mapping[str, Mapping[str, str]]:
    file = files(__package__).joinpath(language, "words.toml")
    if language not in WHOLE and not file.is_file():
        return {}
    return tomllib.loads(file.read_text(encoding="utf-8"))


def said_in(kind: str, language: str) -> str:
    """The language in which such a notice is said: ``language`` itself where it has a text."""
    own = files(__package__).joinpath(language, f"{kind}.txt")
    return language if language in WHOLE or own.is_file() else FALLBACK


def rendered(kind: str, language: str, values: Mapping[str, Any]) -> str:
    """The text of one notice in one language.

    Raises jinja2.UndefinedError for a value that is missing.
    """
    return _templates.get_template(f"{language}/{kind}.txt").render(values).strip()
