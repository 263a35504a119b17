"""Trial: a stage is one module, one line in the log's table of actions, and its page.

The page brings its line among the room's routes and its texts. No import contract changes.
"""

import subprocess
import sys
from pathlib import Path

from fastapi.testclient import TestClient

from api.app import create_app
from pipeline.runtime import Runtime
from pipeline.settings import Settings
from pipeline.staff import accounts
from scheme.staff import Role
from tests.api.staff import Browser
from tests.staffed import PASSWORD
from tests.trials.copied import ROOT, copied, put_after, tried

STAGE = '''"""Thanking: whoever helped is thanked, on record."""

from pipeline.runtime import Work
from scheme.staff import Account
from pipeline.store.actions import Action


def thank(work: Work, *, officer: Account, whom: str) -> None:
    """Put on record that somebody was thanked."""
    work.record(officer.account_id, Action.THANKED, f"thanks/{whom}")
'''

PAGE = '''"""Thanks: the page of the stage."""

from fastapi import APIRouter, Request, Response

from api.auth import runtime_of
from api.forms import PostedForm
from api.operations.people import Officer
from api.pages import render, see_other
from pipeline.answering.thanking import thank

router = APIRouter(include_in_schema=False)


@router.get("/ops/thanks")
def thanks(request: Request, account: Officer) -> Response:
    """Whom to thank."""
    return render(request, "operations/thanks.html")


@router.post("/ops/thanks")
def say_thanks(request: Request, account: Officer, form: PostedForm) -> Response:
    """Thank somebody."""
    with runtime_of(request).write() as work:
        thank(work, officer=account, whom=form.line("whom"))
    return see_other("/ops/thanks")
'''

TEMPLATE = """{% extends "staff.html" %}
{% block title %}{{ t('thanks.title') }}{% endblock %}
{% block content %}<h1>{{ t('thanks.title') }}</h1>{% endblock %}
"""


def test_a_stage_is_a_module_a_line_and_its_page(tmp_path: Path) -> None:
    folder = copied(tmp_path, "api", "pipeline", "rewards", "samples", "scheme", "verifiers")
    (folder / "pipeline" / "answering" / "thanking.py").write_text(STAGE, "utf-8")
    action = '    THANKED = "thanked", "somebody was thanked"'
    withdrawn = '    WITHDRAWN = "withdrawn", "the reporter took the report back"'
    put_after(folder / "pipeline" / "store" / "actions.py", withdrawn, action)
    room = folder / "api" / "operations"
    (room / "thanks.py").write_text(PAGE, "utf-8")
    (room / "templates" / "thanks.html").write_text(TEMPLATE, "utf-8")
    routes = room / "routes.py"
    put_after(routes, "from api.operations import (", "    thanks,")
    put_after(routes, "PARTS = (", "    thanks,")
    for locale, title in (("en", "Thanks"), ("zh_CN", "致谢")):
        catalogue = folder / "api" / "locale" / locale / "LC_MESSAGES" / "operations.po"
        with catalogue.open("a", encoding="utf-8") as texts:
            texts.write(f'\nmsgid "thanks.title"\nmsgstr "{title}"\n')
            texts.write(f'\nmsgid "event.thanked"\nmsgstr "{title}"\n')
    tried(tmp_path, it_is_worked_with)
    (folder / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text("utf-8"), "utf-8")
    linter = Path(sys.executable).with_name("lint-imports")
    kept = subprocess.run(
        [linter, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert kept.returncode == 0, kept.stdout


def it_is_worked_with() -> None:
    runtime = Runtime.open(Settings.under(Path("home").resolve()))
    with runtime.write() as work:
        accounts.create_account(work, "officer", "李", Role.OPERATIONS, PASSWORD)
    officer = Browser(TestClient(create_app(runtime))).sign_in("officer")
    assert "Thanks" in officer.page("/ops/thanks")
    assert officer.done("/ops/thanks", whom="a clerk") == "/ops/thanks"
    with runtime.read() as work:
        assert (
            work.connection.exec_driver_sql(
                "SELECT count(*) FROM events WHERE action = 'thanked'"
            ).scalar()
            == 1
        )
    runtime.close()
