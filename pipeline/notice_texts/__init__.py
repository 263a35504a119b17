"""Texts of notices: one template a kind and language, and the words they are filled with.

No code holds a text.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

LANGUAGES = ("zh", "en")
"""In the order in which a notice has them."""

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
    return tomllib.loads(
        files(__package__).joinpath(language, "words.toml").read_text(encoding="utf-8")
    )


def rendered(kind: str, language: str, values: Mapping[str, Any]) -> str:
    """The text of one notice in one language.

    Raises jinja2.UndefinedError for a value that is missing.
    """
    return _templates.get_template(f"{language}/{kind}.txt").render(values).strip()
