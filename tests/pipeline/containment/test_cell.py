"""The decoder's cell, tried from inside the real child.

What it needs is its descriptor, and nothing else is there.

Every probe is tried three times: in the cell as the product has it (refused), without any layer (it
works, so that the refusal means something), and with each layer alone that claims to stop it.
"""

import ctypes
import os
import platform
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import verifiers
from pipeline.containment import bubblewrap
from pipeline.containment.nursery import DEFAULT_LIMITS, Limits, Nursery
from pipeline.containment.opening import ContainedMedia, open_contained
from pipeline.runtime import Runtime
from pipeline.settings import Settings
from tests.pipeline.containment.probing_child import NOT_THERE, PROBES, SYSTEM_CALLS
from tests.verifiers.media import made_files as made
from verifiers.media import open_media, render
from verifiers.media.cell import ALL, Layer
from verifiers.media.protocol import Media, MediaError

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="elsewhere the kernel takes next to nothing away"
)

ROOT = os.geteuid() == 0
PROBING = "tests.pipeline.containment.probing_child"
DATA = (
    Path(os.environ.get("BUSREPORT_DATA", Path(__file__).parents[4] / "shared" / "data")) / "media"
)
SAMPLE_EVERY = 9
SECRET = ctypes.create_string_buffer(b"what only the service knows")
NAMES = {Layer.USER, Layer.FILES, Layer.LANDLOCK, Layer.CALLS}
"""What stops whoever opens a file by its name; a folder of the service's own, that is."""
KERNEL = tuple(int(part) for part in platform.release().split("-", maxsplit=1)[0].split(".")[:2])
TCP = {Layer.LANDLOCK} if KERNEL >= (6, 7) else set()
SCOPE = {Layer.LANDLOCK} if KERNEL >= (6, 12) else set()

STOPPED_BY: Mapping[str, set[Layer]] = {
    "read the master key": NAMES,
    "read the database": NAMES,
    "list the evidence": NAMES,
    "read the evidence": NAMES,
    "ask for a file's size": NAMES - {Layer.LANDLOCK},
    "cut the evidence": NAMES,
    "delete the evidence": NAMES,
    "move the evidence": NAMES,
    "write beside the evidence": NAMES,
    "write into a folder of everybody's": NAMES - {Layer.USER},
    "make a folder": NAMES - {Layer.USER},
    "open what it holds for writing": NAMES,
    "read a library": {Layer.FILES, Layer.LANDLOCK, Layer.CALLS},
    "start a shell": NAMES - {Layer.USER},
    "become a shell": NAMES - {Layer.USER},
    "fork": {Layer.CALLS},
    "connect to loopback": {Layer.NETWORK, Layer.CALLS} | TCP,
    "listen": {Layer.CALLS} | TCP,
    "send a datagram": {Layer.NETWORK, Layer.CALLS},
    "connect to a socket file": NAMES - {Layer.LANDLOCK},
    "connect to an abstract socket": {Layer.NETWORK, Layer.CALLS} | SCOPE,
    "make a pair of sockets": {Layer.CALLS},
    "read about another process": NAMES,
    "list the processes": {Layer.FILES, Layer.LANDLOCK, Layer.CALLS},
    "signal the service": {Layer.USER, Layer.CALLS} | SCOPE,
    "signal the nursery": {Layer.CALLS} | SCOPE,
    "signal another user's process": {Layer.USER, Layer.CALLS} | SCOPE,
    "watch a process": {Layer.CALLS},
    "trace a process": {Layer.USER, Layer.LANDLOCK, Layer.CALLS},
    "look into a process": {Layer.USER, Layer.LANDLOCK, Layer.CALLS},
    "make a program in memory": {Layer.CALLS},
    "run what it wrote": {Layer.CALLS},
    "take a key from the kernel": {Layer.CALLS},
}
BY_A_BUBBLE = {probe for probe, layers in STOPPED_BY.items() if layers & {*bubblewrap.LAYERS}} - {
    "read a library", "start a shell", "become a shell", "send a datagram"}  # fmt: skip
"""Libraries and programs stand in a bubble, to read, and a loopback of its own: the other layers
forbid them.
"""
ALONE = [(probe, layer) for probe, layers in STOPPED_BY.items() for layer in sorted(layers)]


class Started(dict[frozenset[Layer], Nursery]):
    """A nursery for each set of layers that a test asks for."""

    def __missing__(self, layers: frozenset[Layer]) -> Nursery:
        self[layers] = Nursery(PROBING, *layers)
        return self[layers]


@pytest.fixture(scope="module")
def nurseries() -> Iterator[Started]:
    """They start when they are asked for, and end with the module."""
    started = Started()
    yield started
    for nursery in started.values():
        nursery.close()


@pytest.fixture
def targets(settings: Settings, tmp_path: Path, bystander: int) -> Iterator[dict[str, Any]]:
    """A real installation, a folder open to anybody, listening sockets, and a process."""
    Runtime.open(settings).close()
    file = settings.home / "evidence" / "held.jpg"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(made.jpeg())
    everybodys = tmp_path / "everybodys"
    everybodys.mkdir()
    everybodys.chmod(0o777)
    for private in (settings.home, settings.key_file.parent):
        private.chmod(0o700)
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        socket.socket(socket.AF_UNIX) as named,
        socket.socket(socket.AF_UNIX) as abstract,
    ):
        udp.bind(("127.0.0.1", 0))
        named.bind(str(settings.home / "socket"))
        abstract.bind(f"\0busreport-{os.getpid()}")
        named.listen()
        abstract.listen()
        yield {
            "key": str(settings.key_file),
            "database": settings.database.removeprefix("sqlite:///"),
            "evidence": str(file.parent),
            "file": str(file),
            "everybodys": str(everybodys),
            "tcp_port": tcp.getsockname()[1],
            "udp_port": udp.getsockname()[1],
            "socket_file": str(settings.home / "socket"),
            "abstract": f"busreport-{os.getpid()}",
            "service": os.getpid(),
            "bystander": bystander,
            "address": ctypes.addressof(SECRET),
            "size": len(SECRET),
        }


@pytest.fixture
def bystander() -> Iterator[int]:
    """A process of the service's."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process.pid
        process.communicate(b"\n")


def refusal(nursery: Nursery, probe: str, targets: Mapping[str, Any]) -> str | None:
    """The name of the error that the child got, ``None`` if it did it."""
    with held(nursery, Path(targets["file"])) as media:
        media._ask({"ask": "probe", "name": probe, "targets": dict(targets)})
        answer, _ = media._answer()
    told = answer["refused"]
    assert told is None or isinstance(told, str)
    return told


@contextmanager
def held(nursery: Nursery, file: Path, limits: Limits = DEFAULT_LIMITS) -> Iterator[ContainedMedia]:
    """A child that holds ``file`` and was asked nothing yet."""
    media = ContainedMedia(nursery, nursery.start(file, limits), limits)
    try:
        yield media
    finally:
        media.close()


def state(targets: Mapping[str, Any]) -> list[tuple[str, int]]:
    folders = [Path(targets["evidence"]), Path(targets["everybodys"])]
    return sorted(
        (str(path), path.stat().st_size) for folder in folders for path in folder.rglob("*")
    )


def can_be_tried(probe: str) -> None:
    if probe == "take a key from the kernel" and not SYSTEM_CALLS:
        pytest.skip("the number of the call is not known for this processor")


def test_every_probe_has_its_layers() -> None:
    assert STOPPED_BY.keys() == PROBES.keys()
    assert set().union(*STOPPED_BY.values()) == ALL - {
        Layer.PRIVILEGES,
        Layer.MEMORY,
        Layer.PROCESSES,
    }


@pytest.mark.parametrize("probe", PROBES)
def test_the_cell_refuses(probe: str, nurseries: Started, targets: dict[str, Any]) -> None:
    can_be_tried(probe)
    nursery = nurseries[ALL]
    if STOPPED_BY[probe] <= nursery.missing.keys() | (set() if ROOT else {Layer.USER}):
        pytest.skip(f"this machine lacks {', '.join(sorted(STOPPED_BY[probe]))}")
    before = state(targets)
    assert refusal(nursery, probe, targets) is not None
    assert state(targets) == before


@pytest.mark.parametrize("probe", [probe for probe in PROBES if probe != "become a shell"])
def test_without_the_cell_it_works(probe: str, nurseries: Started, targets: dict[str, Any]) -> None:
    can_be_tried(probe)
    if probe in ("trace a process", "look into a process") and not ROOT and not _may_trace():
        pytest.skip("this machine lets nobody but root look into processes")
    assert refusal(nurseries[frozenset()], probe, targets) is None


def test_without_the_cell_it_becomes_a_shell(nurseries: Started, targets: dict[str, Any]) -> None:
    with held(nurseries[frozenset()], Path(targets["file"])) as media:
        media._ask({"ask": "probe", "name": "become a shell", "targets": targets})
        with pytest.raises(MediaError):
            media._answer()
    assert media.usage is not None
    assert media.usage.code == 77


@pytest.mark.parametrize(("probe", "layer"), ALONE)
def test_each_layer_alone_refuses_what_it_is_there_for(
    probe: str, layer: Layer, nurseries: Started, targets: dict[str, Any]
) -> None:
    can_be_tried(probe)
    if layer is Layer.USER and not ROOT:
        pytest.skip("only root can become another user")
    if layer in nurseries[ALL].missing:
        pytest.skip(f"this machine lacks it: {nurseries[ALL].missing[layer]}")
    nursery = nurseries[frozenset({layer, Layer.PRIVILEGES})]
    assert refusal(nursery, probe, targets) is not None


@pytest.fixture(scope="module")
def in_a_bubble() -> Iterator[Nursery]:
    """A nursery without a layer of its own, in a bubble that shows it the tests too."""
    given = [f"given:{layer}" for layer in bubblewrap.LAYERS]
    with closing(
        Nursery(PROBING, *given, before=bubblewrap.command(("scheme", "verifiers", "tests")))
    ) as nursery:
        yield nursery


@pytest.mark.skipif(not shutil.which("bwrap"), reason="needs service: bubblewrap (make services)")
@pytest.mark.parametrize("probe", sorted(BY_A_BUBBLE))
def test_a_bubble_stands_in_for_network_and_files(
    probe: str, in_a_bubble: Nursery, targets: dict[str, Any]
) -> None:
    before = state(targets)
    assert refusal(in_a_bubble, probe, targets) is not None
    assert state(targets) == before


def _may_trace() -> bool:
    scope = Path("/proc/sys/kernel/yama/ptrace_scope")
    return not scope.exists() or scope.read_text().strip() == "0"


def test_a_child_has_its_file_its_channel_its_limits_and_nothing_of_ours(
    targets: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUSREPORT_CANARY", "secret")
    with closing(Nursery(PROBING, *ALL)) as nursery:
        limits = Limits(memory_bytes=900 << 20, photo_s=5)
        with held(nursery, Path(targets["file"]), limits) as media:
            media._ask({"ask": "itself"})
            answer, _ = media._answer()
    assert answer["environment"] == [
        "LC_ALL",
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "PYTHONPATH",
    ]
    assert len(answer["held"]) == 5, "nowhere three times, the channel, the file"
    assert answer["limits"]["AS"] == 900 << 20
    assert {name: answer["limits"][name] for name in ("CPU", "FSIZE", "NOFILE", "CORE")} == {
        "CPU": 8, "FSIZE": 0, "NOFILE": 32, "CORE": 0}  # fmt: skip
    if Layer.PROCESSES not in nursery.missing:
        assert answer["limits"]["NPROC"] == 256


# -- what is read stays what it was ----------------------------------------------------------------


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    sink = BytesIO()
    picture.save(sink, kind, **options)
    return sink.getvalue()


EXIF = made.tiff([made.text_entry(0x010F, "小米"), made.text_entry(0x0132, "2024:01:01 12:00:00")])
FILES: Mapping[str, Callable[[], bytes]] = {
    "photo.jpg": lambda: made.jpeg(1600, 1200, EXIF),
    "progressive.jpg": lambda: made.jpeg(640, 480, progressive=True),
    "four inks.jpg": lambda: saved(made.texture(64, 48).convert("CMYK"), "JPEG"),
    "two views.jpg": lambda: saved(
        made.texture(64, 48), "MPO", save_all=True, append_images=[made.texture(64, 48, 8)]
    ),
    "cut.jpg": lambda: made.jpeg()[:-400],
    "palette.png": lambda: saved(made.texture(64, 48).convert("P"), "PNG", transparency=3),
    "deep.png": lambda: saved(made.texture(64, 48).convert("I;16"), "PNG"),
    "noted.png": lambda: made.picture("PNG", exif=b"Exif\0\0" + EXIF),
    "photo.webp": lambda: made.picture("WEBP", exif=b"Exif\0\0" + EXIF),
    "photo.heic": lambda: made.picture("HEIF", 640, 480, exif=b"Exif\0\0" + EXIF),
    "motion.heic": lambda: made.pixel_motion_heic(made.picture("HEIF"), made.movie(3)),
    "clip.mp4": lambda: made.movie(20),
    "clip.mov": lambda: made.movie(20, codec="libx265", container="mov"),
    "old.mp4": lambda: made.movie(20, codec="mpeg4"),
    "sound.mp4": made.sound,
    "cut.mp4": lambda: made.movie(20)[:2000],
}


def seen(media: Media | ContainedMedia) -> list[object]:
    """All that the product asks of a file."""
    poster = media.poster(320) if isinstance(media, ContainedMedia) else render.poster(media, 320)
    frames = [(frame.ms, frame.scale, frame.pixels.tobytes()) for frame in media.frames(None, 640)]
    return [media.facts, media.timeline(), poster, frames]


def seen_here(path: Path) -> list[object]:
    try:
        with closing(open_media(path, path.name)) as media:
            return seen(media)
    except MediaError as error:
        return [error.code, error.detail]


def seen_there(nursery: Nursery, path: Path) -> tuple[list[object], object]:
    """What is seen from the cell, and what its child asked to be loaded meanwhile."""
    with held(nursery, path) as media:
        try:
            media.open(path.name)
            found = seen(media)
        except MediaError as error:
            found = [error.code, error.detail]
        media._ask({"ask": "late"})
        return found, media._answer()[0]["late"]


@pytest.fixture(scope="module")
def noting() -> Iterator[Nursery]:
    with closing(Nursery(PROBING, "noting", *ALL)) as nursery:
        yield nursery


@pytest.mark.parametrize("name", FILES)
def test_from_the_cell_every_format_looks_as_it_does_here(
    name: str, noting: Nursery, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(FILES[name]())
    there, late = seen_there(noting, path)
    assert there == seen_here(path)
    assert late == [NOT_THERE]


@pytest.mark.skipif(
    not DATA.is_dir(), reason="no folder of real files beside the checkout (BUSREPORT_DATA)"
)
def test_from_the_cell_real_files_look_as_they_do_here(noting: Nursery) -> None:
    paths = sorted(path for path in DATA.rglob("*") if path.is_file())
    assert paths
    for path in paths[::SAMPLE_EVERY]:
        there, late = seen_there(noting, path)
        assert there == seen_here(path), path
        assert late == [NOT_THERE], path


def test_what_is_read_of_a_photo_is_what_is_read_without_the_cell(tmp_path: Path) -> None:
    path = tmp_path / "bus.jpg"
    path.write_bytes(made.jpeg(1600, 1200, EXIF))
    with open_contained(path, path.name) as there, closing(open_media(path, path.name)) as here:
        assert verifiers.read(there).to_json() == verifiers.read(here).to_json()
