"""The only reader of the environment: every setting, its default, and what it is for."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Self


class Setting(NamedTuple):
    """One environment variable. ``default`` is how the documentation writes it."""

    name: str
    default: str
    what: str


SETTINGS = (
    Setting("BUSREPORT_HOME", "./var", "Folder of everything the installation keeps: database, evidence, outbox."),
    Setting("BUSREPORT_DATABASE", "sqlite:///<home>/busreport.sqlite3", "SQLAlchemy URL of the database."),
    Setting("BUSREPORT_BROKER", "folder://<home>/broker", "Celery broker URL; the default is embedded."),
    Setting("BUSREPORT_HOST", "127.0.0.1", "Address that the web server listens on."),
    Setting("BUSREPORT_PORT", "8000", "Port that the web server listens on."),
    Setting("BUSREPORT_POLICIES", "", "Folder of further policy files (*.toml) beside the one shipped."),
    Setting("BUSREPORT_KEY_FILE", "<home>-keys/master.key", "Master key of the identities; back it up apart."),
    Setting("BUSREPORT_SMTP", "", "smtp://user:password@host:port for notices to e-mail addresses; empty: none."),
    Setting("BUSREPORT_SECURE_COOKIES", "no", "yes: cookies over HTTPS only. Set it on every public installation."),
    Setting("BUSREPORT_CLOCK", "", "Instant with zone at which the clock starts, for demos and tests; empty: now."),
    Setting("BUSREPORT_DEMO", "no", "yes: demo accounts and samples may be loaded; refused beyond loopback."),
)
"""Every setting that there is; the documentation lists the same."""

LARGEST_PORT = 65535


class SettingInvalid(Exception):
    """A setting that cannot be used: ``name`` is the variable."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name}: {problem}")
        self.name, self.problem = name, problem


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one process. Paths are absolute; ``clock`` is aware or ``None``."""

    home: Path
    database: str
    broker: str
    key_file: Path
    host: str = "127.0.0.1"
    port: int = 8000
    policies: Path | None = None
    smtp: str = ""
    secure_cookies: bool = False
    clock: datetime | None = None
    demo: bool = False

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Read the settings. Raises SettingInvalid, also for a BUSREPORT_ variable that nobody knows."""
        given = {name: value for name, value in (environment or os.environ).items() if name.startswith("BUSREPORT_")}
        unknown = given.keys() - {setting.name for setting in SETTINGS} - {"BUSREPORT_DATA"}  # the tests' own
        if unknown:
            raise SettingInvalid(min(unknown), "is not known")
        home = Path(given.get("BUSREPORT_HOME") or "var").resolve()
        policies, clock = given.get("BUSREPORT_POLICIES"), given.get("BUSREPORT_CLOCK")
        return cls(
            home=home,
            database=given.get("BUSREPORT_DATABASE") or f"sqlite:///{home / 'busreport.sqlite3'}",
            broker=given.get("BUSREPORT_BROKER") or f"folder://{home / 'broker'}",
            key_file=Path(given.get("BUSREPORT_KEY_FILE") or home.with_name(f"{home.name}-keys") / "master.key"),
            host=given.get("BUSREPORT_HOST") or "127.0.0.1",
            port=_port(given.get("BUSREPORT_PORT") or "8000"),
            policies=Path(policies).resolve() if policies else None,
            smtp=given.get("BUSREPORT_SMTP", ""),
            secure_cookies=_yes_or_no("BUSREPORT_SECURE_COOKIES", given),
            clock=_instant("BUSREPORT_CLOCK", clock) if clock else None,
            demo=_yes_or_no("BUSREPORT_DEMO", given),
        )

    @classmethod
    def under(cls, home: Path) -> Self:
        """The defaults for an installation in ``home``, whatever the environment says."""
        return cls.from_environment({"BUSREPORT_HOME": str(home)})


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 <= int(text) <= LARGEST_PORT:
        raise SettingInvalid("BUSREPORT_PORT", f"{text!r} is no port")
    return int(text)


def _yes_or_no(name: str, given: Mapping[str, str]) -> bool:
    text = given.get(name, "").lower()
    if text in ("yes", "true", "1"):
        return True
    if text in ("", "no", "false", "0"):
        return False
    raise SettingInvalid(name, f"{text!r} is neither yes nor no")


def _instant(name: str, text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as problem:
        raise SettingInvalid(name, f"{text!r} is no instant") from problem
    if instant.tzinfo is None:
        raise SettingInvalid(name, f"{text!r} lacks its offset")
    return instant
