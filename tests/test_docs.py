"""The documentation says what the code does.

Every setting, rule, finding code, parameter, module and command.

The tables between ``<!-- table: … -->`` and ``<!-- end -->`` are drawn from the code. ``python -m
tests.test_docs`` draws them anew; the tests fail while they are behind.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import typer
from babel.messages.pofile import read_po

from pipeline.settings import SETTINGS
from scheme.case import BatchState, ReportState, ShareState
from scheme.decision import REASONS, Recommendation, Verdict
from scheme.entitlement import Entitlement
from scheme.finding import CODES, Outcome, Scope, Sight
from scheme.report import Channel
from verifiers.judging.judge import CHECKS
from verifiers.media.cell import LAYERS

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
ROOMS = ("scheme", "verifiers", "rewards", "pipeline", "api", "samples")
TABLE = re.compile(r"(<!-- table: ([a-z]+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
RULES = [f"R{number}" for number in range(1, 24)]


# -- tables drawn from the code --------------------------------------------------------------------


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |\n"


def _table(columns: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    return _row(*columns) + _row(*("---" for _ in columns)) + "".join(_row(*row) for row in rows)


def _texts(language: str) -> Mapping[str, str]:
    catalogue = ROOT / "api" / "locale" / language / "LC_MESSAGES" / "messages.po"
    with catalogue.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id}


def findings() -> str:
    english, chinese = _texts("en"), _texts("zh_CN")
    rows = (
        (
            f"`{code}`",
            rule,
            meaning,
            english.get(f"fix.{code}") or "–",
            chinese.get(f"finding.{code}", "–"),
        )
        for code, (rule, meaning) in CODES.items()
    )
    return _table(("code", "rule", "meaning", "what the reporter can do", "中文"), rows)


def settings() -> str:
    rows = ((f"`{s.name}`", f"`{s.default}`" if s.default else "empty", s.what) for s in SETTINGS)
    return _table(("setting", "default", "what for"), rows)


def commands() -> str:
    # It loads the whole product, which the other tables do not need
    from pipeline.doors.cli.main import app  # noqa: PLC0415

    return _table(("command", "what it does"), _commands("busreport", typer.main.get_command(app)))


# Typer carries its own click
def _commands(path: str, command: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    inside = getattr(command, "commands", None)
    if inside is None:
        arguments = [
            (parameter.metavar or parameter.name.upper()) + ("…" if parameter.nargs != 1 else "")
            if parameter.param_type_name == "argument"
            else parameter.opts[0]
            for parameter in command.params
            if parameter.name != "help" and not parameter.hidden
        ]
        yield f"`{' '.join([path, *arguments])}`", (command.help or "").strip().split("\n\n")[0]
        return
    for name, part in inside.items():
        yield from _commands(f"{path} {name}", part)


def layers() -> str:
    rows = ((f"`{layer}`", *about) for layer, about in LAYERS.items())
    return _table(("layer", "by what", "what it stops", "what it needs"), rows)


def parameters() -> str:
    text = (ROOT / "scheme" / "policies" / "shanghai-bus-2012.toml").read_text(encoding="utf-8")
    rows = ((f"`{path}`", f"`{value}`") for path, value in _leaves("", tomllib.loads(text)))
    return _table(("parameter", "shipped value"), rows)


# Whatever TOML holds
def _leaves(path: str, value: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    if isinstance(value, dict) and set(value) != {"zh", "en"} and not {"all", "any"} & set(value):
        for key, inner in value.items():
            yield from _leaves(f"{path}.{key}" if path else key, inner)
    else:
        yield path, str(value["zh"] if isinstance(value, dict) and "zh" in value else value)


def modules() -> str:
    rows = (
        (f"`{path.relative_to(ROOT)}`", _first_line(path))
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
        if "versions" not in path.parts
    )
    return _table(("module", "what for"), rows)


def _first_line(path: Path) -> str:
    said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    return (said or "–").split("\n\n")[0].split("\n")[0]


TABLES: Mapping[str, Callable[[], str]] = {
    "findings": findings,
    "settings": settings,
    "commands": commands,
    "layers": layers,
    "parameters": parameters,
    "modules": modules,
}


def pages() -> list[Path]:
    return sorted(DOCS.rglob("*.md"))


def redraw() -> None:
    """Write every table anew."""
    for page in pages():
        text = page.read_text(encoding="utf-8")
        drawn = TABLE.sub(lambda match: match[1] + TABLES[match[2]]() + match[4], text)
        if drawn != text:
            page.write_text(drawn, encoding="utf-8")
            sys.stdout.write(f"{page.relative_to(ROOT)}\n")


# -- tests -----------------------------------------------------------------------------------------


def stored_tables() -> dict[str, str]:
    return {
        match[2]: match[3]
        for page in pages()
        for match in TABLE.finditer(page.read_text(encoding="utf-8"))
    }


@pytest.mark.parametrize("name", TABLES)
def test_the_table_is_what_the_code_says(name: str) -> None:
    assert stored_tables().get(name) == TABLES[name](), "draw it anew: python -m tests.test_docs"


def test_every_rule_has_a_row_that_names_modules_and_parameters_that_exist() -> None:
    rows = dict(
        re.findall(
            r"^\| (R\d+) \|(.*)$", (DOCS / "rules.md").read_text(encoding="utf-8"), re.MULTILINE
        )
    )
    assert list(rows) == RULES
    known = {
        path
        for path, _ in _leaves(
            "",
            tomllib.loads(
                (ROOT / "scheme" / "policies" / "shanghai-bus-2012.toml").read_text(
                    encoding="utf-8"
                )
            ),
        )
    }
    for rule, row in rows.items():
        for named in re.findall(r"`([^`]+)`", row):
            if "/" in named:
                assert (ROOT / named).exists(), f"{rule}: {named}"
            else:
                assert any(path == named or path.startswith(f"{named}.") for path in known), (
                    f"{rule}: {named}"
                )


def test_every_code_belongs_to_a_rule_of_the_scheme() -> None:
    assert {rule for rule, _ in CODES.values()} <= set(RULES)


def test_every_word_of_the_scheme_stands_in_the_glossary() -> None:
    glossary = (DOCS / "glossary.md").read_text(encoding="utf-8")
    words: list[str] = [*REASONS, *CHECKS]
    for kind in (
        Verdict,
        Recommendation,
        Entitlement,
        Outcome,
        Scope,
        Sight,
        Channel,
        ReportState,
        ShareState,
        BatchState,
    ):
        words.extend(kind)
    assert [word for word in words if f"`{word}`" not in glossary] == []


def test_decisions_are_numbered_in_a_row_and_say_what_they_weighed() -> None:
    records = sorted((DOCS / "decisions").glob("[0-9]*.md"))
    assert [int(record.name[:4]) for record in records] == list(range(1, len(records) + 1))
    for record in records:
        text = record.read_text(encoding="utf-8")
        assert re.match(r"# \d{4} .+\n", text), record.name
        assert {"## Decision", "## Alternatives considered"} <= set(
            re.findall(r"^## .+$", text, re.MULTILINE)
        )


def test_every_link_leads_somewhere() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in [*pages(), *ROOT.glob("*.md")]
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if "://" not in target
        and not target.startswith("mailto:")
        and not (page.parent / target).exists()
    ]
    assert broken == []


if __name__ == "__main__":
    redraw()
