"""Settings: every one is listed, used, and refused with its name when it cannot be."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.settings import SETTINGS, SettingInvalid, Settings


def test_the_defaults_need_no_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings.from_environment({"HOME": "/root"})
    assert settings.home == tmp_path / "var"
    assert settings.database == f"sqlite:///{tmp_path}/var/busreport.sqlite3"
    assert settings.broker == f"folder://{tmp_path}/var/broker"
    assert settings.key_file == tmp_path / "var-keys" / "master.key"
    assert (settings.host, settings.port, settings.secure_cookies, settings.demo) == (
        "127.0.0.1",
        8000,
        False,
        False,
    )
    assert settings.clock is None


def test_every_listed_setting_changes_something(tmp_path: Path) -> None:
    values = {
        "BUSREPORT_HOME": str(tmp_path / "home"),
        "BUSREPORT_DATABASE": "sqlite:////elsewhere/db",
        "BUSREPORT_BROKER": "redis://localhost",
        "BUSREPORT_COMPANY": "示范公交",
        "BUSREPORT_HOST": "0.0.0.0",  # noqa: S104 - only a text here
        "BUSREPORT_PORT": "9000",
        "BUSREPORT_PROXY": "10.0.0.0/8, ::1",
        "BUSREPORT_HEALTH_PORT": "9100",
        "BUSREPORT_POLICIES": str(tmp_path),
        "BUSREPORT_KEY_FILE": "/keys/key",
        "BUSREPORT_SMTP": "smtp://localhost:25",
        "BUSREPORT_SECURE_COOKIES": "yes",
        "BUSREPORT_REQUIRE_SANDBOX": "yes",
        "BUSREPORT_LIMIT_FACTOR": "2",
        "BUSREPORT_CLOCK": "2026-03-11T10:00:00+08:00",
        "BUSREPORT_DEMO": "yes",
    }
    assert list(values) == [setting.name for setting in SETTINGS]
    plain = Settings.from_environment({"BUSREPORT_HOME": "var"})
    for name, value in values.items():
        assert Settings.from_environment({"BUSREPORT_HOME": "var", name: value}) != plain, name
    assert Settings.from_environment(values | {"BUSREPORT_DEMO": "no"}).clock == datetime(
        2026, 3, 11, 2, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BUSREPORT_PORT", "eight"),
        ("BUSREPORT_PORT", "70000"),
        ("BUSREPORT_PORT", "-1"),
        ("BUSREPORT_DEMO", "maybe"),
        ("BUSREPORT_PROXY", "the proxy"),
        ("BUSREPORT_PROXY", "10.0.0.1/8"),
        ("BUSREPORT_CLOCK", "2026-03-11T10:00:00"),
        ("BUSREPORT_CLOCK", "tomorrow"),
        ("BUSREPORT_PROT", "8000"),
    ],
)
def test_what_cannot_be_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingInvalid) as told:
        Settings.from_environment({name: value})
    assert told.value.name == name


@pytest.mark.parametrize(
    "reached",
    [
        {"BUSREPORT_HOST": "0.0.0.0"},  # noqa: S104 - only a text here
        {"BUSREPORT_HOST": "bus.example.org"},
        {"BUSREPORT_PROXY": "127.0.0.1"},
    ],
)
def test_a_demo_that_others_could_reach_is_refused_and_the_advice_is_not_to_go_on_without_the_word(
    reached: dict[str, str],
) -> None:
    with pytest.raises(SettingInvalid) as told:
        Settings.from_environment({"BUSREPORT_DEMO": "yes", **reached})
    assert told.value.name == "BUSREPORT_DEMO"
    assert "known passwords" in str(told.value)
    assert "an empty BUSREPORT_HOME" in str(told.value)


@pytest.mark.parametrize(
    ("given", "doubted"),
    [
        ({}, ()),
        ({"BUSREPORT_HOST": "localhost", "BUSREPORT_DEMO": "yes"}, ()),
        # Only a text here
        ({"BUSREPORT_HOST": "0.0.0.0"}, ("BUSREPORT_HOST", "BUSREPORT_SECURE_COOKIES")),  # noqa: S104
        # The same
        ({"BUSREPORT_HOST": "0.0.0.0", "BUSREPORT_SECURE_COOKIES": "yes"}, ("BUSREPORT_HOST",)),  # noqa: S104
        ({"BUSREPORT_SECURE_COOKIES": "yes"}, ("BUSREPORT_SECURE_COOKIES",)),
        ({"BUSREPORT_PROXY": "127.0.0.1"}, ("BUSREPORT_SECURE_COOKIES",)),
        ({"BUSREPORT_PROXY": "127.0.0.1", "BUSREPORT_SECURE_COOKIES": "yes"}, ()),
        (
            {
                "BUSREPORT_PROXY": "10.0.0.0/8",
                "BUSREPORT_HOST": "::",
                "BUSREPORT_SECURE_COOKIES": "yes",
            },
            (),
        ),
    ],
)
def test_settings_that_leave_something_open_are_named(
    given: dict[str, str], doubted: tuple[str, ...]
) -> None:
    doubts = Settings.from_environment({"BUSREPORT_HOME": "var", **given}).doubts
    assert tuple(doubt.split()[0] for doubt in doubts) == doubted
