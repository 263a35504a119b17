"""Who asks, as far as it can be known.

The peer of the connection, or whom the proxy in front names.

A header is a claim of whoever sent it. Only a proxy named in BUSREPORT_PROXY is believed, and only
about ``X-Forwarded-For``; a request that came through any proxy is never one from this machine,
whatever it says.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

import structlog
from fastapi import Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from pipeline.settings import is_this_machine

FORWARDED_FOR: Final = "x-forwarded-for"
PROXIES_SAY: Final = (
    "forwarded",
    FORWARDED_FOR,
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
    "via",
)
"""Headers that only a proxy has a reason to send."""

HOUSEHOLD_BITS: Final = 64
"""A subscriber of IPv6 has at least so much of an address to choose from."""

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

log = structlog.get_logger("api")


@dataclass(frozen=True, slots=True)
class Caller:
    """One client. ``address`` is canonical, and empty where the connection has none."""

    address: str
    on_this_machine: bool
    """Whether somebody at this very machine asks, directly: what demo accounts and the demo's
    messages need.
    """

    @property
    def household(self) -> str:
        """What a limit per client counts by.

        The IPv4 address, or the /64 network of an IPv6 one.
        """
        if ":" not in self.address:
            return self.address
        return str(ip_network((self.address, HOUSEHOLD_BITS), strict=False))


class Callers:
    """Finds out once per request who asks; ``caller_of`` tells it."""

    def __init__(self, app: ASGIApp, *, proxies: Sequence[Network]) -> None:
        self.app, self.proxies = app, proxies
        self._warned: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Set ``request.state.caller`` and pass on."""
        if scope["type"] == "http":
            scope.setdefault("state", {})["caller"] = self._caller(scope, Headers(scope=scope))
        await self.app(scope, receive, send)

    def _caller(self, scope: Scope, headers: Headers) -> Caller:
        peer = (scope.get("client") or ("", 0))[0]
        known = _address(peer)
        through_proxy = any(name in headers for name in PROXIES_SAY)
        if known is None:
            return Caller("", on_this_machine=False)
        if not self._is_proxy(known):
            if through_proxy:
                self._warn("proxy_not_named", peer=str(known))
            return Caller(
                str(known), on_this_machine=not through_proxy and _all_here(scope, headers)
            )
        return Caller(self._named_by_proxy(known, headers), on_this_machine=False)

    def _named_by_proxy(self, peer: Address, headers: Headers) -> str:
        """The last address in the list that is no proxy of ours.

        What stands before it, its sender may have made up.
        """
        listed = ",".join(headers.getlist(FORWARDED_FOR)).split(",")
        for entry in reversed(listed):
            named = _address(entry)
            if named is None:
                self._warn("proxy_names_nobody", peer=str(peer), header=FORWARDED_FOR)
                return str(peer)
            if not self._is_proxy(named):
                return str(named)
        return str(peer)

    def _is_proxy(self, address: Address) -> bool:
        return any(address in network for network in self.proxies)

    def _warn(self, event: str, **facts: str) -> None:
        """Say it once a process: it is a fault of the set-up, and comes with every request."""
        if event not in self._warned:
            self._warned.add(event)
            log.warning(event, **facts)


def caller_of(request: Request) -> Caller:
    """Who sent this request."""
    caller: Caller = request.state.caller
    return caller


def _all_here(scope: Scope, headers: Headers) -> bool:
    """Whether both ends of the connection and the name in the address bar are this machine's own.

    The name too: a page elsewhere can make its own name lead to this machine, and speak to us
    through the browser.
    """
    ends = ((scope.get(end) or ("", 0))[0] for end in ("client", "server"))
    return all(is_this_machine(end) for end in ends) and is_this_machine(_host_named(headers))


def _host_named(headers: Headers) -> str:
    try:
        return urlsplit(f"//{headers.get('host', '')}").hostname or ""
    except ValueError:
        return ""


def _address(text: str) -> Address | None:
    """The address in one entry: plain, or with a port, or IPv4 in an IPv6 coat."""
    entry = text.strip()
    host = entry.partition("]")[0].removeprefix("[") if entry.startswith("[") else entry
    if host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
