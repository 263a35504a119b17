"""Policy files: what this version can't do is refused by name; every parameter has a reader.

What was used is kept.
"""

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from pipeline.policies import WITH_FLOOR, load_policies, read_policy
from pipeline.runtime import Runtime
from pipeline.settings import Settings
from pipeline.store import migrations
from pipeline.store.engine.opening import open_engine
from pipeline.store.unit_of_work import writing
from rewards.known_channels import CHANNELS
from scheme.finding import Sight
from scheme.policy import Category, Counter, Policy, PolicyRef, Procedure, SecondLook, Substance
from scheme.policy_reading import parse_policy
from scheme.policy_text import PolicyError
from tests.policies import SHIPPED, changed

ROOT = Path(__file__).parents[2]
TEXT = SHIPPED
FIRST_SHIPPED = PolicyRef("shanghai-bus-2012@1#0e287a8d1bae")
"""How rows of an installation of the first schema name the policy it was shipped with."""


# -- what can't be done is refused by name ---------------------------------------------------------


def test_the_shipped_policy_can_be_done() -> None:
    assert read_policy(TEXT).policy_id == "shanghai-bus-2012"


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ('"card_top_up"', '"pigeon"', "policy.procedure.payout.default_channel"),
        ('"card_in_hand"', '"pigeon"', "policy.procedure.payout.on_the_spot_channel"),
        ('"card_in_hand"', '"card_top_up"', "policy.procedure.payout.on_the_spot_channel"),
        ('"Asia/Shanghai"', '"Asia/Urumqi"', "policy.zone"),
        ("plate = 0.80", "time = 0.80", "policy.substance.confidence.time"),
        ('en = "Running a red light" }', 'en = "Running a red light", fr = "Feu" }',
         "policy.substance.categories.red_light.names.fr"),
        ("[substance.categories.red_light]", '[substance.categories."red light"]',
         "policy.substance.categories.red light"),
        ('sights.photo = { all = ["violation", "route", "plate", "place", "time"] }',
         'sights.photo = { all = ["violation", "process"] }',
         "policy.substance.categories.wrong_way.sights.photo"),
        ('{ any = ["badge", "plate"] }', "{ any = [] }",
         "policy.substance.categories.smoking_or_phone.sights"),
        ("closes = 17:00:00", "closes = 08:00:00", "policy.procedure.counter.closes"),
        ("draft_days = 7", "draft_days = 0", "policy.procedure.draft_days"),
        ("hold_minutes = 15", "hold_minutes = 0", "policy.procedure.hold_minutes"),
        ('"2012-10"', f'"{"v" * 41}"', "policy.procedure.consent_version"),
        ('version = "2"', 'version = "2#"', "policy.version"),
        ('id = "shanghai', 'id = "shang@hai', "policy.id"),
    ],
)  # fmt: skip
def test_what_the_product_cannot_do_is_refused_by_name(old: str, new: str, path: str) -> None:
    assert old in TEXT
    text = TEXT.replace(old, new)
    parse_policy(text)  # the scheme can read it: it is the product that can't do it
    with pytest.raises(PolicyError) as refusal:
        read_policy(text)
    assert refusal.value.path.startswith(path)


@pytest.mark.parametrize(
    ("row", "old", "new", "path"),
    [
        (
            1,
            "sights.video = {",
            "min_items = 2\nsights.video = {",
            "categories.red_light.min_items",
        ),
        (
            2,
            '{ all = ["violation", "process"',
            '{ least = 2, all = ["violation", "process"',
            "categories.red_light.sights",
        ),
        (3, 'unit = "working_days"', 'unit = "hours"', "substance.window.unit"),
        (
            3,
            'unit = "working_days"',
            'unit = "working_days"\nanchor = "next_day"',
            "substance.window.anchor",
        ),
        (
            13,
            "minutes = 10\n",
            "minutes = 10\njunctions = 1\n",
            "substance.same_incident.junctions",
        ),
        (
            14,
            "[substance.joint]",
            '[substance.repeat]\nsame_person = "once"\n[substance.joint]',
            "substance.repeat",
        ),
        (15, 'order_by = "receipt"', 'order_by = "first_valid"', "substance.order_by"),
        (
            15,
            'rank_on_supplement = "keep"',
            'rank_on_supplement = "lose"',
            "substance.rank_on_supplement",
        ),
        (
            16,
            "amount_fen = 5000",
            "amount_fen = 5000\nby_rank_fen = [5000, 2000]",
            "substance.reward.by_rank_fen",
        ),
        (17, 'collector = "first_named"', 'collector = "delegate"', "substance.joint.collector"),
        (17, 'rounding = "first_named"', 'rounding = "fund"', "substance.joint.rounding"),
        (
            19,
            "amount_fen = 5000",
            "amount_fen = 5000\npercent_of_fine = 10",
            "substance.reward.percent_of_fine",
        ),
        (
            20,
            "[substance.joint]",
            "[substance.caps]\nfen_per_month = 100000\n[substance.joint]",
            "substance.caps",
        ),
        (
            26,
            "[procedure.claim]",
            "[procedure.notify]\nwithin_days = 3\n[procedure.claim]",
            "procedure.notify",
        ),
        (27, 'unit = "days"', 'unit = "working_days"', "procedure.claim.unit"),
        (27, "days = 15", "days = 15\ndelegate = true", "procedure.claim.delegate"),
        (28, '"card_top_up"', '"bank"', "procedure.payout.default_channel"),
        (
            30,
            "[procedure.claim]",
            "[procedure.claw_back]\nban_days = 365\n[procedure.claim]",
            "procedure.claw_back",
        ),
        (34, 'version = "2"', 'version = "2"\nsupersedes = "1"', "policy.supersedes"),
    ],
)
def test_a_rule_of_other_programmes_that_is_not_built_is_refused_not_ignored(
    row: int, old: str, new: str, path: str
) -> None:
    assert old in TEXT
    with pytest.raises(PolicyError) as refusal:
        read_policy(TEXT.replace(old, new, 1))
    assert path in refusal.value.path


# -- every parameter has a reader ------------------------------------------------------------------

OWNERS: Mapping[type, frozenset[str]] = {
    Policy: frozenset(
        {"policy", "procedure", "substance", "procedure_at", "substance_at", "judged_by"}
    ),
    Substance: frozenset({"substance"}),
    Procedure: frozenset({"procedure"}),
    Counter: frozenset({"counter"}),
    SecondLook: frozenset({"second_look"}),
    Category: frozenset({"category"}),
}
"""What an expression is called that holds one of them: ``counter.phone`` reads a parameter,
``reporter.phone`` none.
"""


def reads() -> set[tuple[str, str]]:
    """Every (owner, attribute) read in code and templates, outside the policy's own module."""
    found: set[tuple[str, str]] = set()
    for room in ("scheme", "verifiers", "rewards", "pipeline", "api"):
        for path in (ROOT / room).rglob("*.py"):
            if path not in (
                ROOT / "scheme" / "policy.py",
                ROOT / "pipeline" / "policies.py",
            ):  # parsing is not reading
                found |= set(_attributes(ast.parse(path.read_text(encoding="utf-8"))))
    for path in (ROOT / "api").rglob("*.html"):
        found |= set(re.findall(r"\b(\w+)\.(\w+)", path.read_text(encoding="utf-8")))
    return found


def _attributes(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            owner = node.value.func if isinstance(node.value, ast.Call) else node.value
            if isinstance(owner, ast.Name | ast.Attribute):
                yield owner.id if isinstance(owner, ast.Name) else owner.attr, node.attr


def unread(kind: type, names: list[str], found: set[tuple[str, str]]) -> list[str]:
    return [name for name in names if not any((owner, name) in found for owner in OWNERS[kind])]


@pytest.mark.parametrize("kind", OWNERS, ids=lambda kind: kind.__name__)
def test_every_parameter_has_a_reader(kind: type) -> None:
    own = {"effective_to": "in_force"}  # the end is read by the policy itself, for whoever asks
    # how a policy is called is no rule
    names = [
        own.get(field.name, field.name)
        for field in fields(kind)
        if field.name not in ("policy_id", "version", "key")
    ]
    assert unread(kind, names, reads()) == []


def test_a_parameter_without_a_reader_would_be_found() -> None:
    found = reads()
    assert unread(Counter, ["phone", "telex"], found) == ["telex"]
    assert unread(Counter, ["phone"], found - {("counter", "phone")}) == [
        "phone"
    ]  # reporters' phones do not count
    assert ("reporter", "phone") in found


def test_a_floor_of_confidence_is_compared_where_the_product_says_so() -> None:
    compared = set()
    for path in (ROOT / "verifiers").rglob("*.py"):
        compared |= set(
            re.findall(r"confidence\.get\(Sight\.([A-Z]+)", path.read_text(encoding="utf-8"))
        )
    assert {Sight[name] for name in compared} == WITH_FLOOR


# Whatever TOML holds
def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:  # noqa: ANN401
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    else:
        yield path, value


def written(value: Any) -> str:  # noqa: ANN401 - whatever TOML holds
    match value:
        case dict():
            return (
                "{" + ", ".join(f"{key} = {written(inner)}" for key, inner in value.items()) + "}"
            )
        case list():
            return "[" + ", ".join(map(written, value)) + "]"
        case bool():
            return str(value).lower()
        case str():
            return '"' + value + '"'
        case date() | time():
            return value.isoformat()
        case _:
            return repr(value)


def otherwise(value: Any) -> Any:  # noqa: ANN401 - whatever TOML holds
    """Another value of the same kind."""
    if isinstance(value, list):
        return value[:-1]
    if isinstance(value, datetime):
        return value + timedelta(days=1)
    if isinstance(value, time):
        return value.replace(minute=value.minute + 1)
    if isinstance(value, bool):
        return not value
    return (
        value + "x"
        if isinstance(value, str)
        else value + 1
        if isinstance(value, int)
        else value / 2
    )


# Whatever TOML holds
def with_leaf(table: dict[str, Any], path: tuple[str, ...], value: Any) -> str:  # noqa: ANN401
    changed: dict[str, Any] = tomllib.loads(written_table(table))
    inside = changed
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = value
    return written_table(changed)


def written_table(table: Mapping[str, Any]) -> str:
    return "".join(f"{key} = {written(value)}\n" for key, value in table.items())


def rules_of(policy: Policy) -> Policy:
    return replace(policy, ref=PolicyRef(""), text="")


def outcome(text: str) -> Policy | str:
    """The rules that a text gives, or the entry that it is refused for."""
    try:
        return rules_of(parse_policy(text))
    except PolicyError as refusal:
        return refusal.path


LEAVES = tuple(leaves(tomllib.loads(TEXT)))


@pytest.mark.parametrize(
    ("path", "value"), LEAVES, ids=lambda part: ".".join(part) if isinstance(part, tuple) else ""
)
# Whatever TOML holds
def test_no_entry_of_the_file_is_dropped_on_the_way(path: tuple[str, ...], value: Any) -> None:  # noqa: ANN401
    """Another value is another policy, or it is refused by this entry's path."""
    table = tomllib.loads(TEXT)
    assert outcome(written_table(table)) == outcome(TEXT)
    changed = outcome(with_leaf(table, path, otherwise(value)))
    assert changed != outcome(TEXT)
    assert isinstance(changed, Policy) or changed.startswith("policy." + ".".join(path[:3]))


def test_every_channel_that_exists_can_be_chosen() -> None:
    for key in CHANNELS:
        assert (
            read_policy(TEXT.replace('"card_top_up"', f'"{key}"')).procedure.default_channel == key
        )


# -- what was used is kept -------------------------------------------------------------------------


def test_a_version_stays_whatever_becomes_of_its_file(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    folder.mkdir()
    file = folder / "next.toml"
    settings = replace(settings, policies=folder)
    refs = []
    for amount in ("6000", "6100"):  # used, then edited in place
        file.write_text(
            changed("next", "2027-01-01T00:00:00+08:00", amount_fen=amount), encoding="utf-8"
        )
        runtime = Runtime.open(settings)
        refs.append(runtime.policies.policies[-1].ref)
        assert [runtime.policies.by_ref(ref).substance.amount_fen for ref in refs] == [6000, 6100][
            : len(refs)
        ]
        runtime.close()
    assert len(set(refs)) == 2
    file.unlink()
    runtime = Runtime.open(settings)
    assert [runtime.policies.by_ref(ref).substance.amount_fen for ref in refs] == [6000, 6100]
    assert [policy.version for policy in runtime.policies.policies] == ["2"]
    runtime.close()


def test_a_process_that_was_started_before_finds_what_a_later_one_was_started_with(
    runtime: Runtime, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "next.toml").write_text(
        changed("next", "2027-01-01T00:00:00+08:00", amount_fen="6000"), encoding="utf-8"
    )
    later = Runtime.open(replace(settings, policies=tmp_path))
    ref = later.policies.policies[-1].ref
    later.close()
    assert runtime.policies.by_ref(ref).substance.amount_fen == 6000


def test_rows_of_the_first_schema_find_the_policy_that_was_shipped_with_it(tmp_path: Path) -> None:
    """The shipped file has changed since; what an old row names is still there, word for word."""
    settings = Settings.under(tmp_path / "home")
    settings.home.mkdir()
    engine = open_engine(settings.database)
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        connection.execute(
            text(
                "INSERT INTO reports (id, state, row_version, channel, created_at, code_failures,"
                " excluded, tied_by_officer, attempts, substance_policy)"
                " VALUES ('r', 'draft', 0, 'web', '2026-03-11T02:00:00.000000Z',"
                " 0, 0, 0, 0, :policy)"
            ),
            {"policy": FIRST_SHIPPED},
        )
    engine.dispose()
    runtime = Runtime.open(settings)
    first = runtime.policies.by_ref(FIRST_SHIPPED)
    assert (first.version, first.substance.amount_fen, first.procedure.claim_days) == (
        "1",
        5000,
        15,
    )
    assert first.procedure.second_look.on_the_spot_sample_percent is None
    assert first.former_ref == FIRST_SHIPPED
    assert first not in runtime.policies.policies
    runtime.close()


def test_policies_of_a_folder_join_the_shipped_one(tmp_path: Path) -> None:
    (shipped,) = load_policies(None).policies
    (tmp_path / "next.toml").write_text(changed("3", "2027-01-01T00:00:00+08:00"), encoding="utf-8")
    book = load_policies(tmp_path)
    assert [policy.version for policy in book.policies] == ["2", "3"]
    assert book.ends(book.policies[0]) == book.policies[1].effective_from
    assert shipped.effective_to is None
    (tmp_path / "next.toml").write_text("id = 3", encoding="utf-8")
    with pytest.raises(PolicyError):
        load_policies(tmp_path)
