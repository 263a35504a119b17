"""Each sample is drawn once for all tests of this room, when the first of them asks for it."""

from collections.abc import Callable
from datetime import date
from functools import cache

import pytest

from samples import drawing
from tests.drawings import Drawings


@pytest.fixture(scope="session")
def drawn(
    drawings: Drawings, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], drawing.DrawnSample]:
    folder = tmp_path_factory.mktemp("samples")

    @cache
    def draw(name: str) -> drawing.DrawnSample:
        return drawings.draw_on(date(2026, 6, 10), name, folder)

    return draw
