"""Pages: one way to render a template, with all that every template may use.

In every template: ``t(key, **values)``, ``named(names)``, ``when(instant, style)``,
``day_before(instant)``, ``size(bytes)``, ``yuan(fen)``, ``lang``, ``path``, ``other_languages``
(their names, and this page's address in each), ``csrf`` (the form token), ``account`` (staff or
None), ``asset(name)``, ``company`` (its name, or empty), ``again`` (the refused form, if any),
``did`` (the key of what was done just before), ``asked(page=2)`` (this page's query with changes).
Templates are ``layout.html`` (shared),
``passengers/…``, ``operations/…``, ``finance/…``.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined

from api.auth import form_token, runtime_of
from api.forms import Again
from api.problems import Problem
from api.texts import Texts, tag_of
from pipeline.languages import LANGUAGES
from scheme.money import yuan
from scheme.policy import Policy

ROOM = Path(__file__).parent
STATIC = ROOM / "static"
AUDIENCES = ("passengers", "operations", "finance")
NOTHING_REFUSED: Final = Again()
PAGE_DIGITS: Final = 6
"""Nobody turns to a page beyond the millionth."""


def texts_of(request: Request) -> Texts:
    """The texts in the visitor's language."""
    return Texts(request.state.language)


def render(
    request: Request,
    template: str,
    *,
    status: int | None = None,
    problems: Sequence[Problem] = (),
    again: Again = NOTHING_REFUSED,
    **context: object,
) -> HTMLResponse:
    """One page.

    ``problems``, or those of the form that is shown ``again``, fill the linked error summary, put
    "error" in front of the title and give the page its status.
    """
    texts = texts_of(request)
    problems = [*problems, *again.problems]
    page = environment().get_template(template)
    body = page.render(
        t=texts.t,
        has_text=texts.has,
        named=texts.named,
        when=texts.when,
        day=texts.day,
        day_before=texts.day_before,
        size=texts.size,
        yuan=yuan,
        asset=asset,
        lang=texts.language,
        path=request.url.path,
        language_tag=texts.tag,
        other_languages=_other_languages(request),
        csrf=form_token(request),
        account=getattr(request.state, "account", None),
        company=runtime_of(request).settings.company,
        again=again,
        did="" if problems else _done_before(request),
        asked=partial(_asked, request),
        problems=[(problem, problem.text(texts)) for problem in problems],
        errors={
            problem.field: problem.text(texts) for problem in reversed(problems) if problem.field
        },
        **context,
    )
    headers = {name: value for problem in problems for name, value in problem.headers.items()}
    return HTMLResponse(
        body,
        status_code=status or (problems[0].status if problems else HTTPStatus.OK),
        headers={"Cache-Control": "no-store", **headers},
    )


def see_other(path: str, did: str = "") -> RedirectResponse:
    """After a POST that did its work: the page to look at, by GET.

    ``did``: what was done, which that page says once, in the words of ``did.<what>``.
    """
    page, hash_sign, place = path.partition("#")
    if did:
        page = f"{page}{'&' if '?' in page else '?'}{urlencode({'did': did})}"
    return RedirectResponse(f"{page}{hash_sign}{place}", status_code=HTTPStatus.SEE_OTHER)


def page_asked(request: Request, name: str = "page") -> int:
    """The page of a list that the address asks for; the first where it says nothing of sense.

    ``name`` tells lists of one page apart.
    """
    number = request.query_params.get(name, "")
    sensible = number.isascii() and number.isdigit() and len(number) <= PAGE_DIGITS
    return int(number) if sensible else 1


def _asked(request: Request, **changes: object) -> str:
    """What this page's address asks for, with ``changes``: filters stay, other lists too."""
    left_out = {*changes, "did", "lang"}
    fields = [(key, value) for key, value in request.query_params.multi_items()]
    kept = [(key, value) for key, value in fields if key not in left_out]
    return urlencode([*kept, *((key, str(value)) for key, value in changes.items())])


def _done_before(request: Request) -> str:
    """The key of the text that says what was done just before; empty where nothing was."""
    key = f"did.{request.query_params.get('did', '')}"
    return key if request.method == "GET" and texts_of(request).has(key) else ""


def policy_now(request: Request) -> Policy:
    """The policy in force at this instant."""
    runtime = runtime_of(request)
    return runtime.policies.procedure_at(runtime.now())


@dataclass(frozen=True, slots=True)
class OtherLanguage:
    """A language that this page could be read in: its name in itself, and where that leads."""

    tag: str
    name: str
    this_page: str
    front_page: str


def _other_languages(request: Request) -> Sequence[OtherLanguage]:
    """This very page in each other language, what was asked in its address included."""
    asked = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    return [
        OtherLanguage(
            tag=tag_of(language),
            name=Texts(language).t("language.name"),
            this_page=f"{request.url.path}?{urlencode([*asked, ('lang', language)])}",
            front_page=f"/?lang={language}",
        )
        for language in LANGUAGES
        if language != request.state.language
    ]


@cache
def environment() -> Environment:
    """The templates of all audiences; everything is escaped, a missing value is an error."""
    folders = {name: FileSystemLoader(ROOM / name / "templates") for name in AUDIENCES}
    return Environment(
        loader=ChoiceLoader([FileSystemLoader(ROOM / "templates"), PrefixLoader(folders)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def asset(name: str) -> str:
    """The address of a file of ``api/static`` with its content's hash; empty when it is missing."""
    path = STATIC / name
    if not path.is_file():
        return ""
    return f"/static/{name}?v={hashlib.sha256(path.read_bytes()).hexdigest()[:10]}"
