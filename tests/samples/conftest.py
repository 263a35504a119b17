"""Each sample is drawn once for all tests of this room, when the first of them asks for it."""

from collections.abc import Callable
from datetime import date
from functools import cache

import pytest

import samples


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], samples.DrawnSample]:
    folder = tmp_path_factory.mktemp("samples")

    @cache
    def draw(name: str) -> samples.DrawnSample:
        return samples.draw_all(folder, date(2026, 6, 10), [name])[0]

    return draw
