"""Checks know nothing of each other: by the pattern of their room, whatever is added to it."""

import tomllib
from pathlib import Path

import grimp
import pytest
from grimp import ImportGraph
from importlinter.contracts.independence import IndependenceContract

from verifiers.judging.judge import CHECKS

ROOT = Path(__file__).resolve().parents[3]
NEWCOMER = "verifiers.checks.newcomer"


@pytest.fixture
def imports() -> ImportGraph:
    """Who imports whom in the eyes, as the build sees it."""
    return grimp.build_graph("verifiers", cache_dir=None)


def independent(imports: ImportGraph) -> bool:
    """Whether the build's own contract about the room of checks is kept."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (contract,) = (
        contract
        for contract in tomllib.loads(text)["tool"]["importlinter"]["contracts"]
        if contract.get("modules") == ["verifiers.checks.*"]
    )
    rule = IndependenceContract(contract["name"], {}, {"modules": contract["modules"]})
    return rule.check(imports, verbose=False).kept


def test_no_check_knows_another_today(imports: ImportGraph) -> None:
    assert independent(imports)


def test_a_new_check_that_imports_another_is_refused(imports: ImportGraph) -> None:
    imports.add_module(NEWCOMER)
    imports.add_import(importer=NEWCOMER, imported="verifiers.dossiers.seen")
    assert independent(imports)
    imports.add_import(importer=NEWCOMER, imported="verifiers.checks.plate")
    assert not independent(imports)


def test_a_new_check_that_asks_the_table_of_checks_is_refused(imports: ImportGraph) -> None:
    imports.add_module(NEWCOMER)
    imports.add_import(importer=NEWCOMER, imported="verifiers.judging.judge")
    assert not independent(imports)


def test_every_module_of_the_room_is_a_check(imports: ImportGraph) -> None:
    modules = {name.rpartition(".")[2] for name in imports.find_children("verifiers.checks")}
    assert modules == {*CHECKS, "sights"}
