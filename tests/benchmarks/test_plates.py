"""What counts as a sure and wrong plate: all that is neither labelled nor known to be in view."""

from dataclasses import replace

import pytest

from benchmarks import _in_view
from benchmarks.plates import sure_and_wrong
from samples.plates import PlateKind
from scheme.naming import canonical_plate
from tests.verifiers.reading.plates.test_find import scene
from verifiers.reading.plates.find import find_plates
from verifiers.reading.plates.seen import plates_seen

ROW = {"file": "drawn/car.png", "plate": "沪C2K816", "also": "沪D41926 沪C2K876"}


def test_every_sure_reading_that_nobody_knows_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (label,) = plates_seen(find_plates(scene("沪C2K816", PlateKind.BLUE)))
    assert label.certain
    also = replace(label, number=canonical_plate("沪D41926"))
    strange = replace(label, number=canonical_plate("浙C2K816"))
    unsure = replace(strange, number=canonical_plate("浙A11111"), certain=False)
    assert sure_and_wrong([label, also], ROW) == set()
    assert sure_and_wrong([label, also, strange, unsure], ROW) == {"浙C2K816"}
    assert "drawn/car.png: 浙C2K816" in capsys.readouterr().err
    digest = _in_view.digest_of("drawn/car.png", "浙C2K816")
    monkeypatch.setattr(_in_view, "_SEEN_BY_EYE", frozenset({digest}))
    assert sure_and_wrong([label, strange], ROW) == set()
