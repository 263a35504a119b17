"""Files at and over their limit over a real connection.

Nobody ever holds one whole (TRUST.md section 6 A26, P8).
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from api.app import create_app
from api.limits import PHOTO_MAX_BYTES
from pipeline.runtime import Runtime
from tests.served import served

PIECE = 256 * 1024
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00"
MP4 = bytes.fromhex("00000018") + b"ftypmp42" + bytes(4) + b"mp42isom"
ROOT = Path(__file__).parents[2]


@contextmanager
def draft_at_a_server(runtime: Runtime) -> Iterator[httpx2.Client]:
    """A real server on a port of its own; the client's address and key are those of a new draft."""
    with served(create_app(runtime)) as address:
        opened = httpx2.post(f"{address}/api/v1/drafts").json()
        key = {
            "authorization": f"Bearer {opened['draft_key']}",
            "content-type": "multipart/form-data; boundary=x",
        }
        base = f"{address}/api/v1/drafts/{opened['report_id']}"
        with httpx2.Client(base_url=base, headers=key, timeout=120) as client:
            yield client


def body(head: bytes, size: int, name: str) -> Iterator[bytes]:
    """A form with one file of ``size`` bytes, made piece by piece."""
    yield (
        f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
        + head
    )
    left = size - len(head)
    while left:
        piece = bytes(min(left, PIECE))
        left -= len(piece)
        yield piece
    yield b"\r\n--x--\r\n"


def kept(runtime: Runtime) -> list[int]:
    """The sizes of all files below the installation's evidence, half written ones too."""
    return [
        path.stat().st_size
        for path in (runtime.settings.home / "evidence").rglob("*")
        if path.is_file()
    ]


def test_a_photo_of_exactly_the_limit_is_taken_and_one_byte_more_is_not(runtime: Runtime) -> None:
    with draft_at_a_server(runtime) as client:
        over = client.post("/files", content=body(JPEG, PHOTO_MAX_BYTES + 1, "bus.jpg"))
        assert (over.status_code, over.json()["code"]) == (413, "FILE_TOO_LARGE")
        assert over.json()["values"] == {"limit_bytes": PHOTO_MAX_BYTES}
        assert kept(runtime) == []
        assert (
            client.post("/files", content=body(JPEG, PHOTO_MAX_BYTES, "bus.jpg")).status_code == 201
        )
        assert kept(runtime) == [PHOTO_MAX_BYTES]


def test_what_never_ends_is_cut_off_although_no_length_was_declared(runtime: Runtime) -> None:
    with draft_at_a_server(runtime) as client:
        answer = client.post("/files", content=body(JPEG, 2**40, "bus.jpg"))
        assert (answer.status_code, answer.json()["code"]) == (413, "FILE_TOO_LARGE")
        assert answer.headers["connection"] == "close"
        declared = {"content-length": str(2**40)}
        at_once = client.post("/files", content=body(JPEG, 2**40, "bus.jpg"), headers=declared)
        assert (at_once.status_code, at_once.json()["code"]) == (413, "BODY_TOO_LARGE")
        assert at_once.headers["connection"] == "close"
        short = client.post("/files", content=b"no form")
        assert (short.status_code, "connection" in short.headers) == (400, False)
    assert kept(runtime) == []


STREAMED = """
import resource, sys
from pathlib import Path
from pipeline.runtime import Runtime
from pipeline.settings import Settings
from tests.api.test_large_uploads import MP4, body, draft_at_a_server

def peak_kib():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

runtime = Runtime.open(Settings.under(Path(sys.argv[1]) / "home"))
with draft_at_a_server(runtime) as client:
    assert client.post("/files", content=body(MP4, 4 * 2**20, "warm.mp4")).status_code == 201
    before = peak_kib()
    answer = client.post("/files", content=body(MP4, 200 * 2**20, "long.mp4"))
    assert answer.status_code == 201, answer.text
    print(peak_kib() - before)
runtime.close()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the unit of ru_maxrss is the kernel's own")
def test_a_recording_of_200_mib_passes_through_without_being_held(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", STREAMED, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 32 * 1024, f"{done.stdout} KiB more"
