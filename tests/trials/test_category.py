"""Trial: a category of violation is a table in a policy file, on the form and in judging."""

import io
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from api.app import create_app
from api.errors import REFUSED
from api.problems import problem_of
from pipeline.receiving.claims import save_claim
from pipeline.receiving.drafts import ReporterInput, open_draft
from pipeline.receiving.incoming import store_file
from pipeline.receiving.reporters import save_reporters
from scheme.reading import PlateNumber
from scheme.report import Channel, Claim
from tests.pipeline.desk import VIOLATED_AT, Desk
from tests.policies import changed, started

CATEGORY = """
[substance.categories.doors_open]
names = { zh = "开门行车", en = "Driving with open doors" }
describes = { zh = "车门未关好即起步行驶", en = "The bus drives off before its doors are shut" }
sights.video = { all = ["violation", "route", "plate", "time"] }
"""


@pytest.fixture
def desk_with_it(desk: Desk, tmp_path: Path) -> Desk:
    folder = tmp_path / "policies"
    folder.mkdir()
    policy = changed("trial", "2026-01-01T00:00:00+08:00")
    before = "[substance.categories.smoking_or_phone]"
    assert policy.count(before) == 1
    (folder / "trial.toml").write_text(policy.replace(before, f"{CATEGORY}\n{before}"), "utf-8")
    return started(desk, folder)


def test_a_category_is_a_table_in_a_policy_file(desk_with_it: Desk) -> None:
    runtime = desk_with_it.runtime
    visitor = TestClient(create_app(runtime))
    for language, name in (("en", "Driving with open doors"), ("zh", "开门行车")):
        first_page = visitor.get(f"/?lang={language}").text
        assert name in first_page + visitor.get("/r").text
    claim = Claim("doors_open", violated_at=VIOLATED_AT, route="49", plate=PlateNumber("沪A12345"))
    picture = io.BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "JPEG")
    picture.seek(0)
    with runtime.write() as work:
        report_id = open_draft(work, channel=Channel.WEB).report_id
        save_claim(work, report_id=report_id, claim=claim)
        save_reporters(work, report_id=report_id, reporters=[ReporterInput("王", "13800000001")])
    with pytest.raises(REFUSED) as refusal:
        store_file(runtime, report_id=report_id, file_name="bus.jpg", stream=picture)
    assert problem_of(refusal.value).code == "MEDIUM_NOT_ADMITTED"  # R4: its table has no photo
