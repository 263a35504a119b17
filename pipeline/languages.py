"""The languages that are served: one list for pages, messages and policies.

A language is a folder of ``api/locale`` (what pages say), a folder of ``pipeline/notice_texts``
(what messages say), or both. The two complete ones lack nothing; what another one lacks is said in
English.
"""

import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Final

WHOLE: Final = ("zh", "en")
"""The languages that tests hold complete; a stranger gets the first one, and so do records."""

FALLBACK: Final = "en"
"""What is said where another language has no text."""

_FOLDER: Final = re.compile(r"(?P<language>[a-z]{2,3})(_[A-Z]{2})?")


class NoLanguage(Exception):
    """A folder among the languages whose name is none: ``fr`` or ``zh_CN`` would be one."""


def _served() -> tuple[str, ...]:
    beside = sorted(set(_found()).difference(WHOLE))
    return (*WHOLE, *beside)


def _found() -> Iterator[str]:
    # By name: what stands in the counter's folder is data here, none of its code is asked.
    for texts in (files("api") / "locale", files("pipeline") / "notice_texts"):
        for folder in texts.iterdir():
            if not folder.is_dir() or folder.name.startswith("__"):
                continue
            named = _FOLDER.fullmatch(folder.name)
            if named is None:
                raise NoLanguage(folder.name)
            yield named["language"]


LANGUAGES: Final = _served()
"""Every language served, the complete ones first. The same keys as in a policy's names."""


def named(names: Mapping[str, str], language: str) -> str:
    """The name in ``language`` out of a policy's ``{"zh": …, "en": …}``, else the English one."""
    return names.get(language, names[FALLBACK])


def of_record(chosen: str | None) -> tuple[str, str]:
    """The two languages of a message: the first one, for the record, and what its reader chose.

    Who chose none, or one that is no longer served, is told in both complete ones.
    """
    first = WHOLE[0]
    if chosen in LANGUAGES and chosen != first:
        return first, chosen
    return WHOLE
