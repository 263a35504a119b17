"""The only reader of the environment: every setting, its default, and what it is for."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import NamedTuple, Self


class Setting(NamedTuple):
    """One environment variable. ``default`` is how the documentation writes it."""

    name: str
    default: str
    what: str


SETTINGS = (
    Setting(
        "BUSREPORT_HOME",
        "./var",
        "Folder of everything the installation keeps: database, evidence, outbox.",
    ),
    Setting(
        "BUSREPORT_DATABASE",
        "sqlite:///<home>/busreport.sqlite3",
        "The database: an SQLite file, or postgresql://… (docs/databases.md).",
    ),
    Setting(
        "BUSREPORT_BROKER", "folder://<home>/broker", "Celery broker URL; the default is embedded."
    ),
    Setting("BUSREPORT_COMPANY", "", "Name of the bus company, as its passengers know it."),
    Setting("BUSREPORT_HOST", "127.0.0.1", "Address that the web server listens on."),
    Setting("BUSREPORT_PORT", "8000", "Port that the web server listens on."),
    Setting(
        "BUSREPORT_PROXY",
        "",
        "Address or network of the reverse proxy in front (several: by commas)."
        " It alone is believed about who asks.",
    ),
    Setting(
        "BUSREPORT_HEALTH_PORT",
        "<port> + 1",
        "Port for /health alone, on this machine only; 0: none.",
    ),
    Setting(
        "BUSREPORT_POLICIES", "", "Folder of further policy files (*.toml) beside the one shipped."
    ),
    Setting(
        "BUSREPORT_KEY_FILE",
        "<home>-keys/master.key",
        "Master key of the identities; back it up apart.",
    ),
    Setting(
        "BUSREPORT_SMTP",
        "",
        "smtp://user:password@host:port for notices to e-mail addresses; empty: none.",
    ),
    Setting(
        "BUSREPORT_SECURE_COOKIES",
        "no",
        "yes: cookies over HTTPS only. Set it on every public installation.",
    ),
    Setting(
        "BUSREPORT_REQUIRE_SANDBOX",
        "no",
        "yes: open no file while a layer of the decoder's cell is missing.",
    ),
    Setting(
        "BUSREPORT_LIMIT_FACTOR",
        "1",
        "Multiplies what one client and all together may send of drafts, files, wrong codes"
        " and log-ins; 0: no limit.",
    ),
    Setting(
        "BUSREPORT_CLOCK",
        "",
        "Instant with zone at which the clock starts, for demos and tests; empty: now.",
    ),
    Setting(
        "BUSREPORT_DEMO",
        "no",
        "yes: demo accounts and samples; only for this machine itself, without a proxy.",
    ),
)
"""Every setting that there is; the documentation lists the same."""

LARGEST_PORT = 65535
MOST_FACTOR = 1000
LONGEST_COMPANY = 60


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
    company: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    health_port: int = 0
    policies: Path | None = None
    smtp: str = ""
    secure_cookies: bool = False
    require_sandbox: bool = False
    clock: datetime | None = None
    demo: bool = False
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    limit_factor: float = 1.0

    @property
    def demo_alone(self) -> bool:
        """Whether this is a demo that listens to this machine alone.

        Only then do demo accounts open anything.
        """
        return self.demo and is_this_machine(self.host) and not self.proxies

    @property
    def doubts(self) -> tuple[str, ...]:
        """What these settings cannot all mean, or leave open to others.

        Said at start, one line each.
        """
        here = is_this_machine(self.host)
        found = []
        if not here and not self.proxies:
            found.append(
                "BUSREPORT_HOST lets everybody reach the server itself: put a reverse proxy"
                " with time-outs in front, and name its address in BUSREPORT_PROXY"
            )
        if here and self.secure_cookies and not self.proxies:
            found.append(
                "BUSREPORT_SECURE_COOKIES needs HTTPS, so a proxy is in front: name its address in"
                " BUSREPORT_PROXY (127.0.0.1 on this machine), or all visitors count as one"
            )
        if not self.secure_cookies and not (here and not self.proxies):
            found.append(
                "BUSREPORT_SECURE_COOKIES is not yes:"
                " cookies travel in the open, and others can use them"
            )
        return tuple(found)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Read the settings.

        Raises SettingInvalid, also for a BUSREPORT_ variable that nobody knows.
        """
        given = {
            name: value
            for name, value in (environment or os.environ).items()
            if name.startswith("BUSREPORT_")
        }
        unknown = (
            given.keys() - {setting.name for setting in SETTINGS} - {"BUSREPORT_DATA"}
        )  # the tests' own
        if unknown:
            raise SettingInvalid(min(unknown), "is not known")
        home = Path(given.get("BUSREPORT_HOME") or "var").resolve()
        port = _port("BUSREPORT_PORT", given.get("BUSREPORT_PORT") or "8000")
        policies, clock = given.get("BUSREPORT_POLICIES"), given.get("BUSREPORT_CLOCK")
        settings = cls(
            home=home,
            database=given.get("BUSREPORT_DATABASE") or f"sqlite:///{home / 'busreport.sqlite3'}",
            broker=given.get("BUSREPORT_BROKER") or f"folder://{home / 'broker'}",
            key_file=Path(
                given.get("BUSREPORT_KEY_FILE")
                or home.with_name(f"{home.name}-keys") / "master.key"
            ),
            company=_company(given.get("BUSREPORT_COMPANY", "")),
            host=given.get("BUSREPORT_HOST") or "127.0.0.1",
            port=port,
            health_port=_port(
                "BUSREPORT_HEALTH_PORT", given.get("BUSREPORT_HEALTH_PORT") or _next_port(port)
            ),
            policies=Path(policies).resolve() if policies else None,
            smtp=given.get("BUSREPORT_SMTP", ""),
            secure_cookies=_yes_or_no("BUSREPORT_SECURE_COOKIES", given),
            require_sandbox=_yes_or_no("BUSREPORT_REQUIRE_SANDBOX", given),
            clock=_instant("BUSREPORT_CLOCK", clock) if clock else None,
            demo=_yes_or_no("BUSREPORT_DEMO", given),
            proxies=_networks("BUSREPORT_PROXY", given.get("BUSREPORT_PROXY", "")),
            limit_factor=_factor(
                "BUSREPORT_LIMIT_FACTOR", given.get("BUSREPORT_LIMIT_FACTOR") or "1"
            ),
        )
        if settings.demo and not settings.demo_alone:
            raise SettingInvalid("BUSREPORT_DEMO", _demo_in_the_open(settings))
        return settings

    @classmethod
    def under(cls, home: Path) -> Self:
        """The defaults for an installation in ``home``, whatever the environment says."""
        return cls.from_environment({"BUSREPORT_HOME": str(home)})


def languages_wanted(environment: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """What languages the terminal asks for, the first choice first: ``zh_CN.UTF-8`` is ``zh``.

    As gettext reads them. Whether the C library has such a locale does not matter: texts are ours.
    """
    given = os.environ if environment is None else environment
    names = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    chosen = next((given[name] for name in names if given.get(name)), "")
    return tuple(re.split(r"[_.@]", wanted, maxsplit=1)[0] for wanted in chosen.split(":"))


def is_this_machine(host: str) -> bool:
    """Whether ``host`` is a name or address that only this machine itself can reach."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _company(name: str) -> str:
    if len(name) > LONGEST_COMPANY or not name.isprintable():
        raise SettingInvalid("BUSREPORT_COMPANY", f"is not a name of up to {LONGEST_COMPANY} signs")
    return name.strip()


def _demo_in_the_open(settings: Settings) -> str:
    """Why a demo is refused, and what to do.

    Never to unset the setting and go on with the same accounts.
    """
    reached = "behind a proxy" if settings.proxies else f"while listening on {settings.host}"
    return (
        f"its accounts have known passwords, so no demo {reached}."
        " Unset BUSREPORT_HOST and BUSREPORT_PROXY for a demo; for others to use,"
        " begin an installation of its own in an empty BUSREPORT_HOME, without BUSREPORT_DEMO"
    )


def _networks(name: str, text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError as problem:
        raise SettingInvalid(name, f"{text!r} names no address or network") from problem


def _port(name: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 <= int(text) <= LARGEST_PORT:
        raise SettingInvalid(name, f"{text!r} is no port")
    return int(text)


def _next_port(port: int) -> str:
    """The one after it; none after the last, and none after one that the system chooses."""
    return str(port + 1) if 0 < port < LARGEST_PORT else "0"


def _yes_or_no(name: str, given: Mapping[str, str]) -> bool:
    text = given.get(name, "").lower()
    if text in ("yes", "true", "1"):
        return True
    if text in ("", "no", "false", "0"):
        return False
    raise SettingInvalid(name, f"{text!r} is neither yes nor no")


def _factor(name: str, text: str) -> float:
    try:
        factor = float(text)
    except ValueError as problem:
        raise SettingInvalid(name, f"{text!r} is no number") from problem
    if not 0 <= factor <= MOST_FACTOR:
        raise SettingInvalid(name, f"{text!r} is not between 0 and {MOST_FACTOR}")
    return factor


def _instant(name: str, text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as problem:
        raise SettingInvalid(name, f"{text!r} is no instant") from problem
    if instant.tzinfo is None:
        raise SettingInvalid(name, f"{text!r} lacks its offset")
    return instant
