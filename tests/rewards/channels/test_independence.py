"""Channels know nothing of each other: by the pattern of their room, whatever is added to it."""

import tomllib
from pathlib import Path

import grimp
import pytest
from grimp import ImportGraph
from importlinter.contracts.independence import IndependenceContract

from rewards.known_channels import CHANNELS

ROOT = Path(__file__).resolve().parents[3]
NEWCOMER = "rewards.channels.newcomer"


@pytest.fixture
def imports() -> ImportGraph:
    """Who imports whom in the purse, as the build sees it."""
    return grimp.build_graph("rewards", cache_dir=None)


def independent(imports: ImportGraph) -> bool:
    """Whether the build's own contract about the room of channels is kept."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (contract,) = (
        contract
        for contract in tomllib.loads(text)["tool"]["importlinter"]["contracts"]
        if contract.get("modules") == ["rewards.channels.*"]
    )
    rule = IndependenceContract(contract["name"], {}, {"modules": contract["modules"]})
    return rule.check(imports, verbose=False).kept


def test_no_channel_knows_another_today(imports: ImportGraph) -> None:
    assert independent(imports)


def test_a_new_channel_that_imports_another_is_refused(imports: ImportGraph) -> None:
    imports.add_module(NEWCOMER)
    imports.add_import(importer=NEWCOMER, imported="rewards.accounts")
    assert independent(imports)
    imports.add_import(importer=NEWCOMER, imported="rewards.channels.card_top_up")
    assert not independent(imports)


def test_every_module_of_the_room_is_a_channel(imports: ImportGraph) -> None:
    modules = {name.rpartition(".")[2] for name in imports.find_children("rewards.channels")}
    assert modules == {*CHANNELS}
