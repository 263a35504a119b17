"""What every page has to keep to.

It fits its window, can be read by a machine, and nothing in it fails.
"""

from dataclasses import dataclass
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.pipeline.desk import Desk

WANTED = {"runOnly": ["wcag2a", "wcag2aa", "wcag22aa"], "resultTypes": ["violations"]}
"""Which rules axe tries; what passes is not described in full."""


@dataclass(frozen=True, slots=True)
class Site:
    """A served installation: ``desk`` does what a worker would, ``url`` is where it listens."""

    desk: Desk
    url: str


def fits(page: Page) -> None:
    """Nothing sticks out sideways, once the page is there with its style."""
    page.wait_for_load_state()
    over: int = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert over <= 0, f"{page.url} is {over} px too wide"


def readable(page: Page) -> None:
    """No violation of WCAG 2.2 A and AA that axe can find."""
    page.wait_for_load_state()
    found = Axe().run(page, options=WANTED)
    violations: list[dict[str, Any]] = found.response["violations"]
    told = [(one["id"], [node["html"][:160] for node in one["nodes"]][:3]) for one in violations]
    assert not told, f"{page.url}: {told}"


def tall_enough(page: Page, *, least: int = 24) -> None:
    """Whatever is tapped is at least that high (2.5.8).

    On a phone our own measure is 44 px for buttons.
    """
    small: list[str] = page.evaluate(
        """least => [...document.querySelectorAll(
                'main :is(button, .button, select, input:not([type=hidden]))')]
            .filter(one => one.offsetParent && one.getBoundingClientRect().height < least)
            .map(one => one.outerHTML.slice(0, 120))""",
        least,
    )
    assert not small, small
