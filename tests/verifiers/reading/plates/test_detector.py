"""Corners of plates, as the detector's landmarks come."""

import numpy as np
import pytest

from verifiers.reading.plates.detector import in_order


@pytest.mark.parametrize("degrees", [-40, -12, 0, 12, 40])
def test_corners_are_sorted_however_steep(degrees: float) -> None:
    turn = np.deg2rad(degrees)
    flat = np.array([[-70, -20], [70, -20], [70, 20], [-70, 20]], np.float32)
    turned = (
        flat @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]], np.float32)
        + 300
    )
    shuffled = turned[[2, 0, 3, 1]].astype(np.float32)
    assert np.allclose(in_order(shuffled), turned, atol=1e-3)
