"""Each sample is drawn once a run and read once, in whichever process asks for it first.

A recording takes seconds to draw and seconds to read, and the same arguments give the same bytes
(``tests/samples/test_samples.py`` draws anew to prove it), the same bytes the same readings
(``tests/verifiers/reading/test_read.py``).
"""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from samples import drawing
from samples.drawing import DrawnSample
from samples.manifest import Sample
from scheme.reading import Readings
from verifiers import read
from verifiers.media import open_media


@dataclass(frozen=True)
class Drawings:
    """What this run has drawn and read, in a folder that its processes share."""

    folder: Path

    def draw(self, name: str, folder: Path, taken_at: datetime, **changes: Any) -> DrawnSample:  # noqa: ANN401 - as samples.draw
        """A file of the caller's own, as ``samples.draw`` makes it."""
        return self._copy(drawing.variant(name, **changes), folder, taken_at)

    def draw_on(self, day: date, name: str, folder: Path) -> DrawnSample:
        """The same at the sample's own time of that day, as ``samples.draw_all`` makes it."""
        sample = drawing.sample(name)
        return self._copy(sample, folder, sample.taken_at(day))

    def readings_of(self, drawn: DrawnSample) -> Readings:
        """What the real reader reads in it, under the name that it has."""
        key = sha256(f"{drawn.path.name} {drawn.sha256}".encode()).hexdigest()
        kept = self.folder / f"{key}.json"
        with self._alone(key):
            if not kept.exists():
                with closing(open_media(drawn.path, drawn.path.name)) as media:
                    kept.write_text(read(media).to_json(), encoding="utf-8")
        return Readings.from_json(kept.read_text(encoding="utf-8"))

    def _copy(self, sample: Sample, folder: Path, taken_at: datetime) -> DrawnSample:
        key = sha256(f"{sample!r} {taken_at.isoformat()}".encode()).hexdigest()
        kept = self.folder / key / sample.file_name
        with self._alone(key):
            if not kept.exists():
                made = drawing.draw_sample(sample, self.folder / f"{key}.part", taken_at)
                made.path.parent.rename(kept.parent)
        folder.mkdir(parents=True, exist_ok=True)
        return DrawnSample(Path(shutil.copy(kept, folder)), sample, taken_at)

    @contextmanager
    def _alone(self, key: str) -> Iterator[None]:
        with (self.folder / f"{key}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


@pytest.fixture(scope="session")
def drawings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Drawings:
    """The drawings of this run."""
    own = tmp_path_factory.getbasetemp()
    one_of_several = hasattr(request.config, "workerinput")
    folder = (own.parent if one_of_several else own) / "drawings"
    folder.mkdir(exist_ok=True)
    return Drawings(folder)
